//! Secrets that are kept elsewhere: fetched from AWS, if this program was built for that.

use secrecy::{ExposeSecret as _, SecretString};

use super::ComposeError;
use crate::config::SecretReference;

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeptSecretError {
    /// AWS did not give it.
    #[cfg(feature = "aws-secrets")]
    #[error("{reference} can't be fetched: {source}")]
    Aws {
        /// Which.
        reference: String,
        /// Why.
        source: countersign_aws_secrets::AwsSecretError,
    },
    /// It was asked for one member of a JSON object, and is none.
    #[error("{0} names a member, but the secret is no JSON object with a text of that name")]
    NoMember(String),
    /// This program has no way to AWS.
    #[error(
        "{0} can't be fetched: this program was built without aws-secrets; build it with `--features \
         aws-secrets`, or use a released program"
    )]
    NotBuilt(String),
}

impl KeptSecretError {
    /// Whether the same may go well in a moment.
    pub fn is_temporary(&self) -> bool {
        match self {
            #[cfg(feature = "aws-secrets")]
            Self::Aws { source, .. } => source.is_temporary(),
            Self::NoMember(_) | Self::NotBuilt(_) => false,
        }
    }
}

/// Fetches a secret.
pub(super) async fn fetch(reference: &SecretReference) -> Result<SecretString, ComposeError> {
    let whole = from_keeper(reference).await?;
    let Some(member) = &reference.member else {
        return Ok(whole);
    };
    let object: Result<std::collections::BTreeMap<String, serde_json::Value>, _> =
        serde_json::from_str(whole.expose_secret());
    let text = object
        .ok()
        .and_then(|mut object| match object.remove(member)? {
            serde_json::Value::String(text) => Some(SecretString::from(text)),
            _ => None,
        });
    Ok(text.ok_or_else(|| KeptSecretError::NoMember(reference.to_string()))?)
}

/// Fetches a secret while the configuration is read, and waits for it: [`crate::config::Sources`]
/// is given this.
pub fn fetch_now(reference: &SecretReference) -> Result<SecretString, String> {
    // On a thread of its own: whoever reads the configuration may be a task.
    std::thread::scope(|scope| {
        let fetching = scope.spawn(|| {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().map_err(|e| e.to_string())?;
            runtime
                .block_on(fetch(reference))
                .map_err(|e| e.to_string())
        });
        let gone = |_| Err("fetching it failed".to_owned());
        fetching.join().unwrap_or_else(gone)
    })
}

#[cfg(feature = "aws-secrets")]
async fn from_keeper(reference: &SecretReference) -> Result<SecretString, KeptSecretError> {
    use countersign_aws_secrets::{Place, fetch};

    use crate::config::Keeper;

    let name = &reference.name;
    let place = match reference.keeper {
        Keeper::SecretsManager => Place::Secret(name),
        Keeper::ParameterStore => Place::Parameter(name),
        Keeper::Kms => Place::Ciphertext(name),
    };
    fetch(place).await.map_err(|source| KeptSecretError::Aws {
        reference: reference.to_string(),
        source,
    })
}

#[cfg(not(feature = "aws-secrets"))]
#[expect(clippy::unused_async, reason = "with the feature it asks AWS")]
async fn from_keeper(reference: &SecretReference) -> Result<SecretString, KeptSecretError> {
    Err(KeptSecretError::NotBuilt(reference.to_string()))
}
