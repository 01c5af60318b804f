//! How long a login lasts.

use std::time::Duration;

use crate::config::group::group;
use crate::config::setting::given;

group! {
    /// How long a login lasts.
    Sessions at "sessions" {
        /// How long a session lives without being refreshed.
        pub idle_lifetime: Duration = given("14d").between("1m", "365d")
            .because("somebody who comes back every week stays logged in")
            .example("1h");
        /// How long a session lives at most, however much it is used.
        pub absolute_lifetime: Duration = given("90d").between("5m", "730d")
            .because("a device that was lost stops working some day; NIST SP 800-63B-4 recommends \
                      30 days or less at AAL1 and 24 hours at AAL2, so set it lower where that binds you")
            .example("30d");
        /// How many sessions a user may have; a further login ends the one unused for longest.
        pub max_per_user: u32 = given("20").between("1", "1000")
            .because("more devices than a person has, fewer than a leaked password could hide among").example("5");
    }
}
