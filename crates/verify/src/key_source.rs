//! Where a verifier has its keys from: a set that is given once, as keys, as text, in a file or in the
//! environment; or one that is fetched and kept fresh.

use std::path::Path;
use std::sync::Arc;

use countersign_token::{JwkSet, JwkSetError, KeyError, Keys};

use crate::authentication::Refusal;
#[cfg(feature = "fetch")]
use crate::fetch::JwksSource;

/// The keys of a verifier. Cheap to clone; clones share what was fetched.
#[derive(Clone, Debug)]
pub struct KeySource(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Fixed(Arc<Keys>),
    #[cfg(feature = "fetch")]
    Fetched(JwksSource),
}

/// Why a key set that was given can't be used. It says which, and never what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// There is no file here, or it can't be read.
    #[error("the key set can't be read from the file {0}")]
    Unreadable(String),
    /// The environment has no such variable, or one that is not text.
    #[error("the environment variable {0} holds no key set")]
    NotInEnvironment(String),
    /// It is refused as a whole.
    #[error(transparent)]
    Set(#[from] JwkSetError),
    /// One of its keys is unusable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It holds no key that signs tokens, so that nothing could ever be verified.
    #[error("the key set holds no key that verifies signatures")]
    NoKeys,
}

impl KeySetError {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable_key_set",
            Self::NotInEnvironment(_) => "key_set_not_in_environment",
            Self::Set(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::NoKeys => "no_keys",
        }
    }
}

impl KeySource {
    /// The keys of a JWK set, given as the JSON that an issuer publishes (RFC 7517 §5). They never change.
    ///
    /// ```
    /// use countersign_verify::{KeySetError, KeySource};
    ///
    /// let empty = KeySource::from_json(r#"{"keys":[]}"#);
    /// assert_eq!(empty.unwrap_err(), KeySetError::NoKeys);
    /// ```
    pub fn from_json(set: &str) -> Result<Self, KeySetError> {
        let keys = Keys::from_jwk_set(&JwkSet::parse(set.as_bytes())?)?;
        if keys.is_empty() {
            Err(KeySetError::NoKeys)
        } else {
            Ok(keys.into())
        }
    }

    /// Like [`KeySource::from_json`], with the set in a file that is shipped with the program. It is read
    /// now, once.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeySetError> {
        let path = path.as_ref();
        match std::fs::read_to_string(path) {
            Ok(set) => Self::from_json(&set),
            Err(_) => Err(KeySetError::Unreadable(path.display().to_string())),
        }
    }

    /// Like [`KeySource::from_json`], with the set in this variable of the environment. It is read now, once.
    #[expect(
        clippy::disallowed_methods,
        reason = "the caller says that the set is there, and which variable holds it"
    )]
    pub fn from_environment(variable: &str) -> Result<Self, KeySetError> {
        match std::env::var(variable) {
            Ok(set) => Self::from_json(&set),
            Err(_) => Err(KeySetError::NotInEnvironment(variable.to_owned())),
        }
    }

    /// The keys to look for `kid` in, at `now`; without a `kid`, the keys as they are known.
    #[cfg_attr(
        not(feature = "fetch"),
        expect(clippy::unused_async, reason = "fetching waits, and is a feature")
    )]
    pub(crate) async fn keys_for(&self, kid: Option<&str>, now: i64) -> Result<Arc<Keys>, Refusal> {
        #[cfg(not(feature = "fetch"))]
        let _ = (kid, now);
        match &self.0 {
            Kind::Fixed(keys) => Ok(Arc::clone(keys)),
            #[cfg(feature = "fetch")]
            Kind::Fetched(source) => source
                .keys_for(kid, now)
                .await
                .ok_or(Refusal::KeysUnavailable),
        }
    }
}

impl From<Keys> for KeySource {
    fn from(keys: Keys) -> Self {
        Self(Kind::Fixed(Arc::new(keys)))
    }
}

#[cfg(feature = "fetch")]
impl From<JwksSource> for KeySource {
    fn from(source: JwksSource) -> Self {
        Self(Kind::Fetched(source))
    }
}
