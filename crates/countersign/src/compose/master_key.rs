//! Finds the master key, or makes it at the first start. Several processes may start at once: the
//! file appears whole or not at all, and whoever comes second takes what is there.

use std::io::ErrorKind;
use std::path::Path;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use countersign_app::KeyRingError;
use countersign_app::ports::{MasterKeyError, Store};
use secrecy::{ExposeSecretMut as _, SecretBox};

use super::{ComposeError, LocalMasterKey, kept_secret};
use crate::config::secret_file::{self, SecretFileFault};
use crate::config::{MasterKey, Mode, SecretReference, Settings, master_key};

type Key = SecretBox<[u8; 32]>;

/// The master key that is there; makes none.
pub async fn find(settings: &Settings) -> Result<LocalMasterKey, ComposeError> {
    match &settings.secrets.master_key {
        MasterKey::Given(key) => ready(key),
        MasterKey::Kept(reference) => fetch(reference).await,
        MasterKey::ToCreate(path) => match read(path)? {
            Some(key) => ready(&key),
            None => Err(ComposeError::MasterKeyMissing(path.clone())),
        },
    }
}

/// The master key that is there, or a new one if the store holds nothing sealed under another. In
/// production none is made for a store that other machines share: each would make its own.
pub(super) async fn find_or_create(
    settings: &Settings,
    store: &dyn Store,
    is_shared: bool,
) -> Result<LocalMasterKey, ComposeError> {
    let path = match &settings.secrets.master_key {
        MasterKey::Given(key) => return ready(key),
        MasterKey::Kept(reference) => return fetch(reference).await,
        MasterKey::ToCreate(path) => path,
    };
    let holds_keys = !store
        .keys()
        .await
        .map_err(KeyRingError::from)?
        .keys
        .is_empty();
    // Read after the store was asked: a process that makes both makes the file first.
    if let Some(key) = read(path)? {
        return ready(&key);
    }
    if holds_keys {
        return Err(ComposeError::MasterKeyLost(path.clone()));
    }
    if is_shared && settings.mode == Mode::Production {
        return Err(ComposeError::MasterKeyRequired);
    }
    let key = create(path)?;
    if is_shared {
        tracing::warn!(
            path = %path.display(),
            "made the master key; every other instance of the database needs a copy of it"
        );
    }
    ready(&key)
}

async fn fetch(reference: &SecretReference) -> Result<LocalMasterKey, ComposeError> {
    // The SDK below makes a large future, which whoever starts without AWS need not carry.
    let secret = Box::pin(kept_secret::fetch(reference)).await?;
    let unfit = || ComposeError::MasterKeyUnfit(reference.to_string());
    ready(&master_key::decode(&secret).ok_or_else(unfit)?)
}

fn create(path: &Path) -> Result<Key, ComposeError> {
    let mut key: Key = SecretBox::new(Box::new([0; 32]));
    SystemRandom::new()
        .fill(key.expose_secret_mut())
        .map_err(|_| {
            KeyRingError::from(MasterKeyError::Unavailable("no random bytes".to_owned()))
        })?;
    match secret_file::create(path, &master_key::encode(&key)) {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let missing = || ComposeError::MasterKeyMissing(path.to_owned());
            read(path)?.ok_or_else(missing)
        }
        Err(source) => Err(ComposeError::MasterKeyWrite {
            path: path.to_owned(),
            source,
        }),
    }
}

fn read(path: &Path) -> Result<Option<Key>, ComposeError> {
    let refused = |fault| ComposeError::MasterKeyFile {
        path: path.to_owned(),
        fault,
    };
    match secret_file::read(path) {
        Ok(file) => {
            let unfit = || refused(SecretFileFault::Unfit("content is not 32 bytes as base64"));
            master_key::decode(&file.secret).ok_or_else(unfit).map(Some)
        }
        Err(SecretFileFault::Missing) => Ok(None),
        Err(fault) => Err(refused(fault)),
    }
}

fn ready(key: &Key) -> Result<LocalMasterKey, ComposeError> {
    Ok(LocalMasterKey::new(key).map_err(KeyRingError::from)?)
}
