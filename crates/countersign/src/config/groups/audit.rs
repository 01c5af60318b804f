//! The audit log.

use std::time::Duration;

use crate::config::group::group;
use crate::config::setting::given;
use crate::config::value::OrOff;

group! {
    /// The audit log.
    Audit at "audit" {
        /// How long audit events are kept; `off` for ever.
        pub retention: OrOff<Duration> = given("400d")
            .because("a year and a month to look back; refused logins are events too, and strangers make them")
            .example("off");
    }
}
