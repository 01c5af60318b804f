//! Whether strangers may make an account.

use crate::config::group::group;
use crate::config::setting::given;

group! {
    /// Whether strangers may make an account.
    SignUp at "sign_up" {
        /// Whether strangers may. If not, only `users create` and `users import` make accounts.
        pub enabled: bool = given("true")
            .because("the first person to try the server can; it listens on this machine only").example("false");
    }
}
