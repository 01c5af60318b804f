//! Making, rotating, retiring and clearing away keys: on schedule and by command.

use countersign_domain::audit::{Action, Actor};
use countersign_domain::keys::{KeyPurpose, KeyRecord, KeySet, KeyStep, plan, rotation};
use countersign_domain::time::Timestamp;
use countersign_token::{Algorithm, KeyId, PrivateKey};
use zeroize::Zeroizing;

use crate::key_ring::{KeyRingError, seal_context};
use crate::ports::store::{ChangeKeys, KeysChanged};
use crate::{App, Origin};

/// How often a change is planned anew because another instance changed the keys first.
const ATTEMPTS: u32 = 8;

impl App {
    /// Brings the keys to where the schedule wants them: makes those that are missing, publishes
    /// successors, retires and removes. Many instances may do so at once; each step happens once.
    /// Gives the steps taken.
    pub async fn keep_keys(&self) -> Result<Vec<KeyStep>, KeyRingError> {
        self.change_keys(Actor::System, |set, now| {
            plan(set, &self.settings.key_purposes(), now, &self.settings.keys)
        })
        .await
    }

    /// Rotates the signing keys now: successors are published, and used from the schedule's
    /// `publish_ahead` on, or at once if `immediately` (for a key that leaked; verifiers that have
    /// not fetched the new key yet will ask for it).
    pub async fn rotate_keys(
        &self,
        actor: Actor,
        algorithm: Option<Algorithm>,
        immediately: bool,
    ) -> Result<Vec<KeyStep>, KeyRingError> {
        let purposes: Vec<KeyPurpose> = self
            .settings
            .key_purposes()
            .into_iter()
            .filter(|purpose| match purpose {
                KeyPurpose::Sign(signs) => algorithm.is_none_or(|wanted| wanted == *signs),
                KeyPurpose::MarkRefresh => false,
            })
            .collect();
        let mut steps = self
            .change_keys(actor, |_, now| {
                rotation(&purposes, now, &self.settings.keys, immediately)
            })
            .await?;
        steps.extend(self.keep_keys().await?);
        Ok(steps)
    }

    /// Retires a key and has nothing that it signed verify any more, at once. `None` if there is
    /// no such key. What it was needed for gets a new key.
    pub async fn retire_key(
        &self,
        actor: Actor,
        id: &KeyId,
    ) -> Result<Option<Vec<KeyStep>>, KeyRingError> {
        self.keys.reload(self.now()).await?;
        if !self.keys.records().iter().any(|key| key.id == *id) {
            return Ok(None);
        }
        let retire = |_: &KeySet, now| {
            vec![KeyStep::Retire {
                id: id.clone(),
                at: now,
                dead_from: now,
            }]
        };
        let mut steps = self.change_keys(actor, retire).await?;
        steps.extend(self.keep_keys().await?);
        Ok(Some(steps))
    }

    async fn change_keys(
        &self,
        actor: Actor,
        wanted: impl Fn(&KeySet, Timestamp) -> Vec<KeyStep>,
    ) -> Result<Vec<KeyStep>, KeyRingError> {
        for _ in 0..ATTEMPTS {
            self.keys.reload(self.now()).await?;
            // One snapshot for the plan and for the version that it is made on: another task may
            // bring a newer one in between.
            let ring = self.keys.snapshot();
            let steps = wanted(&ring.set, self.now());
            if steps.is_empty() {
                return Ok(steps);
            }
            let change = self.prepare(actor, &steps, ring.set.version).await?;
            if self.keys.store.change_keys(change).await? == KeysChanged::Changed {
                self.keys.reload(self.now()).await?;
                return Ok(steps);
            }
        }
        Err(KeyRingError::Contended)
    }

    async fn prepare(
        &self,
        actor: Actor,
        steps: &[KeyStep],
        expected_version: u64,
    ) -> Result<ChangeKeys, KeyRingError> {
        let event = self.event(&Origin::default(), actor, Action::KeysChanged, None, None);
        let mut change = ChangeKeys {
            expected_version,
            add: Vec::new(),
            retire: Vec::new(),
            remove: Vec::new(),
            event,
        };
        let mut made = Vec::new();
        for step in steps {
            match step {
                KeyStep::Make {
                    purpose,
                    active_from,
                } => {
                    let key = self.make_key(*purpose, *active_from).await?;
                    made.push(key.id.to_string());
                    change.add.push(key);
                }
                KeyStep::Retire { id, at, dead_from } => {
                    change.retire.push((id.clone(), *at, *dead_from));
                }
                KeyStep::Remove { id } => change.remove.push(id.clone()),
            }
        }
        let retired = change.retire.iter().map(|(id, ..)| id.to_string());
        let details = [
            ("made", made),
            ("retired", retired.collect()),
            (
                "removed",
                change
                    .remove
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
            ),
        ];
        for (name, ids) in details {
            if !ids.is_empty() {
                change.event = change.event.with(name, ids.join(" "));
            }
        }
        Ok(change)
    }

    async fn make_key(
        &self,
        purpose: KeyPurpose,
        active_from: Timestamp,
    ) -> Result<KeyRecord, KeyRingError> {
        let (id, secret, public) = match purpose {
            KeyPurpose::Sign(algorithm) => {
                let key = PrivateKey::generate(algorithm)?;
                (key.key_id().clone(), key.to_bytes(), key.public_jwk())
            }
            KeyPurpose::MarkRefresh => {
                let secret = Zeroizing::new(self.ports.entropy.bytes::<32>());
                let key = PrivateKey::hs256(secret.as_slice())?;
                (key.key_id().clone(), Zeroizing::new(secret.to_vec()), None)
            }
        };
        let sealed = self
            .keys
            .master
            .seal(&secret, &seal_context(id.as_ref()))
            .await?;
        Ok(KeyRecord {
            id,
            purpose,
            sealed,
            public,
            created_at: self.now(),
            active_from,
            retired_at: None,
            dead_from: None,
        })
    }
}
