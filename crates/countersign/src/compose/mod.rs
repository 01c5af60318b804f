//! Composition: the one place that names concrete stores, a method, clock and master key, and puts
//! the use cases on top of them as the configuration says. It decides nothing itself.

mod ambient;
mod data_dir;
mod error;
mod hex;
mod instance;
mod kept_secret;
mod late_master_key;
mod local_master_key;
mod master_key;
mod measured_store;
mod settings;
mod stores;

#[cfg(test)]
mod tests;

pub use ambient::{SystemClock, SystemEntropy};
pub use error::ComposeError;
pub use instance::{Instance, begin, open, open_existing, open_without_keys};
pub use kept_secret::{KeptSecretError, fetch_now};
pub use local_master_key::LocalMasterKey;
pub use master_key::find as find_master_key;
pub(crate) use measured_store::{LOGINS, REFRESHES, SESSIONS_OPENED, SIGN_UPS, WRITE_SECONDS};
#[cfg(feature = "lambda")]
pub(crate) use settings::RELOAD_KEYS_WITHIN;
pub use settings::{app_settings, password_settings, sqlite_options, web_settings};
pub use stores::{IfMissing, OpenStore, open_store};
