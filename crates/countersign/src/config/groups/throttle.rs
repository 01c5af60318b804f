//! How often things may be tried.

use crate::config::group::group;
use crate::config::setting::given;
use crate::config::value::Rate;

group! {
    /// How often things may be tried. A network is one IPv4 address, or one IPv6 /64.
    Throttle at "throttle" {
        /// Whether anything is throttled at all.
        pub enabled: bool = given("true")
            .because("without it a password is guessed at full speed").example("false");
        /// Failed logins at one account from one network. From all networks together, except those that
        /// the account is known to use, ten times as many.
        pub login_per_account: Rate = given("10/10m")
            .because("a person mistypes a few times; a guesser needs thousands")
            .example("5/15m");
        /// Logins from one network.
        pub login_per_network: Rate = given("60/1m")
            .because("an office behind one address still logs in on Monday morning")
            .example("30/1m");
        /// Sign-ups from one network.
        pub sign_up_per_network: Rate = given("20/1h")
            .because("a class or an office can join together, a script can not make thousands").example("5/1h");
        /// Refreshes from one network.
        pub refresh_per_network: Rate = given("600/1m")
            .because("a client refreshes every ten minutes, so this is an office of thousands").example("120/1m");
        /// Tokens checked by the `verify` endpoint for one network.
        pub verify_per_network: Rate = given("6000/1m")
            .because("callers are APIs that ask once for each of their own requests")
            .example("600/1m");
    }
}
