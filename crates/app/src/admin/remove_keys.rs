//! Removing all keys without opening any: the way out when their master key is lost.

use countersign_domain::audit::Action;
use countersign_domain::keys::KeyRecord;

use super::Admin;
use crate::key_ring::KeyRingError;
use crate::ports::store::{ChangeKeys, KeysChanged};
use crate::{App, Origin};

/// How often it is tried anew because another process changed the keys first.
const ATTEMPTS: u32 = 8;

impl App {
    /// Removes every key. No access token and no refresh token is good any more, so everybody must
    /// log in anew. New keys are made by [`App::keep_keys`]. Gives the keys that were there.
    pub async fn remove_all_keys(&self, by: Admin<'_>) -> Result<Vec<KeyRecord>, KeyRingError> {
        for _ in 0..ATTEMPTS {
            let set = self.ports.store.keys().await?;
            if set.keys.is_empty() {
                return Ok(set.keys);
            }
            let remove: Vec<_> = set.keys.iter().map(|key| key.id.clone()).collect();
            let names: Vec<String> = remove.iter().map(ToString::to_string).collect();
            let action = Action::KeysChanged;
            let event = self
                .event(
                    &Origin::default(),
                    by.actor(),
                    action,
                    None,
                    by.session_id(),
                )
                .with("removed", names.join(" "));
            let change = ChangeKeys {
                expected_version: set.version,
                add: Vec::new(),
                retire: Vec::new(),
                remove,
                event,
            };
            if self.ports.store.change_keys(change).await? == KeysChanged::Changed {
                return Ok(set.keys);
            }
        }
        Err(KeyRingError::Contended)
    }
}
