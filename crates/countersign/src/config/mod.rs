//! The configuration: one table of settings, read from built-in defaults, `countersign.toml`,
//! `.env`, the environment and flags, the later the stronger. Everything that is wrong is reported
//! at once, with its place and its fix. This is the only part that reads the environment, and it
//! knows nothing of what the settings are used for.

mod audience;
mod derive;
mod effective;
mod error;
mod example;
mod files;
mod findings;
mod fixes;
mod group;
mod groups;
mod layers;
mod load;
pub mod master_key;
mod on_lambda;
mod place;
mod raw;
mod reader;
mod reference;
mod rules;
pub mod secret_file;
mod secrets;
mod setting;
mod settings;
mod source;
mod spelling;
mod suggest;
pub mod table;
mod value;

#[cfg(test)]
mod tests;

pub use audience::{Audience, Signing};
pub use effective::Effective;
pub use error::{ConfigError, ConfigErrors, Fault};
pub use example::example;
pub use findings::{Caution, Warning};
pub use groups::{
    Argon2, Audit, GROUPS, General, Graphql, Hashing, Http, Keys, Log, LogFormat, Mode, Monitor,
    Ops, Passwords, PersonalTokens, Sessions, SignUp, SigningAlgorithm, Store, Telemetry, Throttle,
    Tls, Tokens,
};
pub use load::{Loaded, load};
pub use on_lambda::OnLambda;
pub use place::Place;
pub use reference::reference;
pub use secrets::{MasterKey, Secrets};
pub use setting::{Fallback, Group, Secrecy, Setting};
pub use settings::Settings;
pub use source::{FetchSecret, Flag, Sources};
pub use value::{
    BasePath, Engine, HttpUrl, Issuer, Keeper, Kind, LogFilter, OrOff, PublicUrl, Rate,
    SecretReference, Shape, StoreAddress, StoreUrl, WebOrigin, Wrong,
};
