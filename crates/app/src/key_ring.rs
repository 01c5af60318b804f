//! The keys of an instance, opened and ready: signers, the refresh keys, and what verifiers need.
//!
//! The ring is a snapshot of the store's keys; which of them is in use is decided by the time at
//! each use, so a key begins on its moment without a reload. Another instance may change the keys:
//! so the ring is reloaded on a schedule, when a token comes that no key here made, and, if the last
//! reload is a second ago, before the key set is given out.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use countersign_domain::keys::{KeyPurpose, KeyRecord, KeySet, KeyStage};
use countersign_domain::opaque::RefreshKey;
use countersign_domain::time::Timestamp;
use countersign_token::{
    AccessTokenClaims, Algorithm, Audience, Expected, Jwk, JwkSet, JwkSetError, KeyError, Keys,
    PrivateKey, Rejection, SignError, Signer, Verified, verify,
};

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout};

use crate::ports::{MasterKey, MasterKeyError, Store, StoreError};
use crate::settings::{AudienceSettings, Settings};
use crate::token_cache::TokenCache;

/// The least time between two reloads that calls ask for, so that made-up tokens are no load.
const CATCH_UP_PAUSE: Duration = Duration::from_millis(100);
/// How old the key set that is given out may be.
const PUBLISHED_AGE: Duration = Duration::from_secs(1);
/// How long giving out the key set waits for the store.
const PUBLISHED_PATIENCE: Duration = Duration::from_millis(250);

/// The keys could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// The store did not give them or take them.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The master key did not open or seal them.
    #[error(transparent)]
    Master(#[from] MasterKeyError),
    /// A key is damaged or can't be made.
    #[error("a signing key can't be used: {0}")]
    Key(#[from] KeyError),
    /// The public keys don't make a set.
    #[error("the public keys can't be published: {0}")]
    Set(#[from] JwkSetError),
    /// A token could not be signed.
    #[error("a token could not be signed: {0}")]
    Sign(#[from] SignError),
    /// There is no key in use for what is needed.
    #[error("there is no active key to {0}: run `countersign keys rotate --now`")]
    Missing(&'static str),
    /// Other instances changed the keys all the time.
    #[error("the keys were changed by others at the same time, again and again; try once more")]
    Contended,
}

/// The keys of an instance.
pub struct KeyRing {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) master: Arc<dyn MasterKey>,
    shared_secrets: HashMap<Audience, Signer>,
    shared_secret_keys: Vec<PrivateKey>,
    ring: RwLock<Arc<Ring>>,
    caught_up: Mutex<Option<CaughtUp>>,
}

/// The last reload that a call asked for.
#[derive(Clone, Copy)]
struct CaughtUp {
    begun: Instant,
    is_good: bool,
}

/// A snapshot.
pub(crate) struct Ring {
    pub(crate) set: KeySet,
    signers: HashMap<String, Signer>,
    refresh: Vec<(String, RefreshKey)>,
    verifying: Keys,
    verified: TokenCache,
}

impl KeyRing {
    /// A ring over the store's keys; empty until [`KeyRing::reload`].
    pub fn new(
        store: Arc<dyn Store>,
        master: Arc<dyn MasterKey>,
        settings: &Settings,
    ) -> Result<Self, KeyRingError> {
        let mut shared_secrets = HashMap::new();
        let mut shared_secret_keys = Vec::new();
        for AudienceSettings {
            name,
            shared_secret,
            ..
        } in settings.audiences()
        {
            if let Some(key) = shared_secret {
                shared_secrets.insert(name.clone(), Signer::new(key.clone())?);
                shared_secret_keys.push(key.clone());
            }
        }
        let empty = Ring {
            set: KeySet::default(),
            signers: HashMap::new(),
            refresh: Vec::new(),
            verifying: Keys::default(),
            verified: TokenCache::new(),
        };
        let ring = RwLock::new(Arc::new(empty));
        Ok(Self {
            store,
            master,
            shared_secrets,
            shared_secret_keys,
            ring,
            caught_up: Mutex::new(None),
        })
    }

    /// Reloads the keys for a caller who met a key that is not here: another instance may have made
    /// it a moment ago. One reload, begun after they asked, serves all who ask meanwhile.
    pub(crate) async fn catch_up(&self, now: Timestamp) -> Result<(), KeyRingError> {
        let asked = Instant::now();
        let mut last = self.caught_up.lock().await;
        if let Some(CaughtUp { begun, is_good }) = *last {
            if begun >= asked {
                return if is_good {
                    Ok(())
                } else {
                    let why = "the keys could not be read".to_owned();
                    Err(StoreError::Unavailable(why).into())
                };
            }
            sleep_until(begun + CATCH_UP_PAUSE).await;
        }
        let begun = Instant::now();
        let reloaded = self.reload(now).await;
        *last = Some(CaughtUp {
            begun,
            is_good: reloaded.is_ok(),
        });
        reloaded
    }

    /// The public keys, no older than a second as long as the store answers: another instance may
    /// give out tokens by a new key already.
    pub async fn published(&self, now: Timestamp) -> Result<JwkSet, KeyRingError> {
        let is_due = match self.caught_up.try_lock() {
            Ok(last) => last.is_none_or(|last| last.begun.elapsed() >= PUBLISHED_AGE),
            // Somebody is at it.
            Err(_) => false,
        };
        if is_due {
            match timeout(PUBLISHED_PATIENCE, self.catch_up(now)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the keys given out may be old"),
                Err(_) => tracing::warn!("the keys given out may be old: the store is slow"),
            }
        }
        self.jwks(now)
    }

    /// Reads the keys from the store and opens those that are still used.
    pub async fn reload(&self, now: Timestamp) -> Result<(), KeyRingError> {
        let set = self.store.keys().await?;
        if set.version == self.snapshot().set.version && set.version != 0 {
            return Ok(());
        }
        let mut signers = HashMap::new();
        let mut refresh = Vec::new();
        let mut verifying = Keys::default();
        for record in set.published(now) {
            match record.purpose {
                KeyPurpose::Sign(algorithm) => {
                    if let Some(public) = &record.public {
                        verifying.add_jwk(public)?;
                    }
                    // One that no longer signs need not be opened.
                    if record.stage(now) != KeyStage::Retiring {
                        let key = self.open_signing(record, algorithm).await?;
                        signers.insert(record.id.to_string(), Signer::new(key)?);
                    }
                }
                KeyPurpose::MarkRefresh => {
                    refresh.push((record.id.to_string(), self.open_refresh(record).await?));
                }
            }
        }
        for key in &self.shared_secret_keys {
            verifying.add_private_key(key)?;
        }
        let verified = TokenCache::new();
        let ring = Ring {
            set,
            signers,
            refresh,
            verifying,
            verified,
        };
        let mut present = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        // Two reloads at once may come to their ends in the other order.
        if ring.set.version >= present.set.version {
            *present = Arc::new(ring);
        }
        Ok(())
    }

    async fn open_signing(
        &self,
        record: &KeyRecord,
        algorithm: Algorithm,
    ) -> Result<PrivateKey, KeyRingError> {
        let bytes = self
            .master
            .open(&record.sealed, &seal_context(record.id.as_ref()))
            .await?;
        Ok(PrivateKey::from_bytes(algorithm, bytes.to_vec())?)
    }

    async fn open_refresh(&self, record: &KeyRecord) -> Result<RefreshKey, KeyRingError> {
        let bytes = self
            .master
            .open(&record.sealed, &seal_context(record.id.as_ref()))
            .await?;
        let bytes = bytes
            .as_slice()
            .try_into()
            .map_err(|_| MasterKeyError::CannotOpen)?;
        Ok(RefreshKey::from_bytes(bytes))
    }

    pub(crate) fn snapshot(&self) -> Arc<Ring> {
        self.ring
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Signs claims with the key in use for the audience.
    pub(crate) fn sign(
        &self,
        audience: &AudienceSettings,
        claims: &AccessTokenClaims,
        now: Timestamp,
    ) -> Result<String, KeyRingError> {
        if audience.shared_secret.is_some() {
            let signer = self.shared_secrets.get(&audience.name);
            return Ok(signer
                .ok_or(KeyRingError::Missing("sign with"))?
                .sign(claims)?);
        }
        let ring = self.snapshot();
        let active = ring.set.active(KeyPurpose::Sign(audience.algorithm), now);
        let signer = active.and_then(|record| ring.signers.get(record.id.as_ref()));
        Ok(signer
            .ok_or(KeyRingError::Missing("sign with"))?
            .sign(claims)?)
    }

    /// The refresh keys, the one in use first.
    pub(crate) fn refresh_keys(&self, now: Timestamp) -> Result<Vec<RefreshKey>, KeyRingError> {
        let ring = self.snapshot();
        let active = ring.set.active(KeyPurpose::MarkRefresh, now);
        let active = active.ok_or(KeyRingError::Missing("mark refresh tokens with"))?;
        let (mut first, rest): (Vec<_>, Vec<_>) = ring
            .refresh
            .iter()
            .cloned()
            .partition(|(id, _)| id == active.id.as_ref());
        first.extend(rest);
        Ok(first.into_iter().map(|(_, key)| key).collect())
    }

    /// The public keys as of the last reload, for `/.well-known/jwks.json` (RFC 7517 §5): those in
    /// use, those to come, and those whose tokens still live.
    pub fn jwks(&self, now: Timestamp) -> Result<JwkSet, KeyRingError> {
        let ring = self.snapshot();
        let public: Vec<Jwk> = ring
            .set
            .published(now)
            .filter_map(|k| k.public.clone())
            .collect();
        Ok(JwkSet::new(public)?)
    }

    /// The store's keys as of the last reload, for a listing.
    pub fn records(&self) -> Vec<KeyRecord> {
        self.snapshot().set.keys.clone()
    }
}

impl Ring {
    /// Verifies a token, with a look at those verified before. Neither life nor audience of one
    /// found there are looked at again: that is the caller's.
    pub(crate) fn verify(
        &self,
        token: &str,
        expected: impl FnOnce() -> Result<Expected, Rejection>,
        now: Timestamp,
    ) -> Result<Arc<Verified>, Rejection> {
        let key = TokenCache::key(token);
        if let Some(found) = self.verified.find(&key) {
            return self.unless_dead(found, now);
        }
        let verified = Arc::new(verify(
            token,
            &self.verifying,
            &expected()?,
            now.as_seconds(),
        )?);
        self.verified.keep(key, verified.clone());
        self.unless_dead(verified, now)
    }

    /// A key dies on its moment, not at the next reload.
    fn unless_dead(
        &self,
        token: Arc<Verified>,
        now: Timestamp,
    ) -> Result<Arc<Verified>, Rejection> {
        let mut records = self
            .set
            .keys
            .iter()
            .filter(|record| record.id == *token.key_id());
        if records.any(|record| record.stage(now) == KeyStage::Dead) {
            return Err(Rejection::UnknownKey);
        }
        Ok(token)
    }
}

/// What a sealed key is bound to.
pub(crate) fn seal_context(key_id: &str) -> String {
    format!("countersign key {key_id}")
}
