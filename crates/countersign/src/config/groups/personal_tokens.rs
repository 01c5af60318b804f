//! Tokens that people make for their scripts.

use std::time::Duration;

use crate::config::group::group;
use crate::config::setting::given;

group! {
    /// Tokens that people make for their scripts.
    PersonalTokens at "personal_tokens" {
        /// The longest life that a user may ask for.
        pub max_lifetime: Duration = given("365d").between("1h", "1825d")
            .because("a script that nobody looks after for a year should stop")
            .example("90d");
        /// How many a user may have.
        pub max_per_user: u32 = given("50").between("0", "1000")
            .because("enough for every script, few enough to read through").example("10");
    }
}
