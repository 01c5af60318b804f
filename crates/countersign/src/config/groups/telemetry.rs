//! Traces.

use crate::config::group::group;
use crate::config::setting::unset;
use crate::config::value::HttpUrl;

group! {
    /// Traces for OpenTelemetry.
    Telemetry at "telemetry" {
        /// Where traces are sent (OTLP).
        pub otlp_endpoint: Option<HttpUrl> = unset("no traces").example("http://127.0.0.1:4318");
    }
}
