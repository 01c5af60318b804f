//! The settings themselves, a group to a file. This is the one table that the parser, the
//! reference, the example file and the environment variables' names are read from.

mod audiences;
mod audit;
mod general;
mod graphql;
mod http;
mod keys;
mod log;
mod monitor;
mod ops;
mod passwords;
mod personal_tokens;
mod sessions;
mod sign_up;
mod store;
mod telemetry;
mod throttle;
mod tokens;

pub(in crate::config) use audiences::{AudienceAlgorithm, AudienceTable};
pub use audit::Audit;
pub use general::{General, Mode};
pub use graphql::Graphql;
pub use http::{Http, Tls};
pub use keys::{Keys, SigningAlgorithm};
pub use log::{Log, LogFormat};
pub use monitor::Monitor;
pub use ops::Ops;
pub use passwords::{Argon2, Hashing, Passwords};
pub use personal_tokens::PersonalTokens;
pub use sessions::Sessions;
pub use sign_up::SignUp;
pub use store::Store;
pub use telemetry::Telemetry;
pub use throttle::Throttle;
pub use tokens::Tokens;

use super::setting::Group;

/// Every group, in the order of the reference.
pub const GROUPS: &[Group] = &[
    General::GROUP,
    Http::GROUP,
    Tls::GROUP,
    Ops::GROUP,
    Store::GROUP,
    Keys::GROUP,
    Tokens::GROUP,
    AudienceTable::GROUP.repeated(),
    Sessions::GROUP,
    PersonalTokens::GROUP,
    Passwords::GROUP,
    Argon2::GROUP,
    Hashing::GROUP,
    SignUp::GROUP,
    Graphql::GROUP,
    Throttle::GROUP,
    Audit::GROUP,
    Log::GROUP,
    Monitor::GROUP,
    Telemetry::GROUP,
];
