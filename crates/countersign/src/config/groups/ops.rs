//! The address for those who run the server.

use std::net::SocketAddr;

use crate::config::group::group;
use crate::config::setting::given;
use crate::config::value::OrOff;

group! {
    /// Metrics and health, on an address apart from the API.
    Ops at "ops" {
        /// Address and port of `/metrics`, `/healthz` and `/readyz`, or `"off"`. On AWS Lambda nothing
        /// listens.
        pub listen: OrOff<SocketAddr> = given("127.0.0.1:4456")
            .because("what they tell is not for users, so they share no port with the API")
            .example("127.0.0.1:9090");
    }
}
