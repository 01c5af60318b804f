//! Access and refresh tokens.

use std::time::Duration;

use crate::config::group::group;
use crate::config::setting::{follows, given};
use crate::config::value::Issuer;

group! {
    /// Access tokens (RFC 9068) and refresh tokens.
    Tokens at "tokens" {
        /// The `iss` of every token. Verifiers compare it letter by letter.
        pub issuer: Issuer = follows("`http.public_url`, and `http.base_path` behind it").example("https://auth.example.com");
        /// The `aud` of tokens for which the client asks no other audience.
        pub audience: String = follows("`tokens.issuer`").example("https://api.example.com");
        /// How long an access token is good for.
        pub access_lifetime: Duration = given("10m").between("30s", "1h")
            .because("an API that checks offline believes a token until it ends, so an hour is \
                      the longest a stolen one may live; below 30 seconds clients do nothing but \
                      refresh")
            .example("5m");
        /// For how long the same refresh token, sent again, gets the same answer again. Later it
        /// counts as stolen and ends the session.
        pub refresh_retry_window: Duration = given("10s").between("0s", "1m")
            .because("a client whose network dropped the answer retries within seconds")
            .example("30s");
        /// How far the clocks of two machines may differ.
        pub leeway: Duration = given("5s").between("0s", "2m")
            .because("machines that keep time differ by less than a second")
            .example("30s");
    }
}
