//! The use cases of Countersign, one a file, and the ports they need.
//!
//! A use case takes a typed command, decides with `domain`, changes the store by one named intent,
//! and gives a typed outcome. It knows no transport and no backend. Whether the caller may call it
//! at all is [`countersign_domain::access::Rule`]'s to say, which each transport declares and
//! checks per route or field.

#[cfg(feature = "conformance")]
pub mod conformance;

pub mod admin;
mod assess;
pub mod authenticate;
pub mod change_password;
mod error;
mod issue;
mod keep_keys;
mod key_ring;
pub mod log_in;
pub mod log_out;
pub mod operate;
mod origin;
mod own_password;
pub mod personal_tokens;
pub mod ports;
pub mod prune;
pub mod refresh;
pub mod schema;
pub mod sessions;
mod settings;
pub mod sign_up;
pub mod throttle;
mod token_cache;
pub mod update_profile;
pub mod verify_token;

use std::sync::Arc;

pub use error::AppError;
pub use issue::Tokens;
pub use key_ring::{KeyRing, KeyRingError};
pub use origin::Origin;
pub use settings::{AudienceSettings, Settings};

use crate::ports::{Clock, Entropy, Passwords, Store};
use crate::throttle::Throttles;

/// What stands behind the ports.
#[derive(Clone)]
pub struct Ports {
    /// Where everything is remembered.
    pub store: Arc<dyn Store>,
    /// What hashes and judges passwords.
    pub passwords: Arc<dyn Passwords>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What gives random bytes.
    pub entropy: Arc<dyn Entropy>,
}

/// The product without its edges: every use case is a method of this.
pub struct App {
    ports: Ports,
    settings: Settings,
    keys: Arc<KeyRing>,
    throttles: Throttles,
}

impl App {
    /// Puts the use cases on top of the ports. `keys` must have been loaded.
    pub fn new(ports: Ports, settings: Settings, keys: Arc<KeyRing>) -> Self {
        let throttles = Throttles::new(settings.throttle.clone());
        Self {
            ports,
            settings,
            keys,
            throttles,
        }
    }

    /// The settings it runs with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The instance's keys.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// The present moment, by the port.
    pub fn now(&self) -> countersign_domain::time::Timestamp {
        self.ports.clock.now()
    }

    /// Whether the store can be read and written.
    pub async fn ready(&self) -> Result<(), AppError> {
        Ok(self.ports.store.ping().await?)
    }
}
