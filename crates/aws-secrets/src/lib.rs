//! Secrets that AWS keeps: Secrets Manager, the Parameter Store of Systems Manager, and what KMS
//! encrypted. A deployment names the secret, and the process fetches it when it is needed, so that it
//! stands in no template, no variable and no image.
//!
//! Each of the three is one signed request (AWS JSON 1.1, Signature Version 4). AWS's own crates find
//! the credentials and sign; their clients for these services would be by far the largest part of a
//! function that starts cold. Nothing is looked for or connected before [`fetch`] is called.

mod error;
mod request;

pub use error::AwsSecretError;
use secrecy::SecretString;

/// Where a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// A secret of Secrets Manager, by its ARN or its name. Its current version, which must be text.
    Secret(&'a str),
    /// A parameter of the Parameter Store, by its ARN or its name: a `SecureString` or a `String`.
    Parameter(&'a str),
    /// What KMS encrypted under a symmetric key, in base64 as `aws kms encrypt` prints it.
    Ciphertext(&'a str),
}

/// Fetches a secret, within five seconds. The credentials and the region come from the environment,
/// the profile, the container or the machine, as for every program of AWS's; an ARN names its region
/// itself. `AWS_ENDPOINT_URL` names another endpoint, such as that of a VPC.
///
/// Errors: [`AwsSecretError`]; none carries the secret.
pub async fn fetch(place: Place<'_>) -> Result<SecretString, AwsSecretError> {
    tokio::time::timeout(request::DEADLINE, request::send(place))
        .await
        .map_err(|_| AwsSecretError::NoAnswer)?
}
