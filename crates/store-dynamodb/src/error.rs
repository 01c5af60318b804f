//! What can be wrong with an address, and how the service's failures reach the port: what may pass
//! by itself is `Unavailable`, the rest `Corrupt`. No message carries a credential or what an item
//! holds: the service's own texts, which may quote a request, are left out.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use aws_sdk_dynamodb::error::{ConnectorError, ProvideErrorMetadata, SdkError};
use countersign_app::ports::StoreError;

/// The address or the authority file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DynamoDbError {
    /// It is not an address.
    #[error(
        "the address of the store can't be read: write it as dynamodb://REGION/TABLE, or \
         dynamodb:///TABLE to take the region from the environment"
    )]
    Address,
    /// Credentials stand in it.
    #[error(
        "the address of a DynamoDB store has no user and no password: credentials come from the \
         environment, a profile, the container or the machine"
    )]
    Credentials,
    /// The name of the table can't be one.
    #[error("a DynamoDB table's name has 3 to 255 of a-z, A-Z, 0-9, '_', '-' and '.'")]
    Table,
    /// An option is not known.
    #[error(
        "the option {0} is not known: there are endpoint, billing, read, write and \
         deletion-protection"
    )]
    UnknownOption(String),
    /// An option has a value that it can't have.
    #[error("the option {name} must be {expected}")]
    Option {
        /// Its name.
        name: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// The authority file can't be read.
    #[error("the file of certificate authorities {} can't be read: {source}", .path.display())]
    CaFile {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The authority file holds no certificate.
    #[error("the file of certificate authorities {} holds no certificate in PEM", .0.display())]
    NoCertificate(PathBuf),
}

impl DynamoDbError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address
            | Self::Credentials
            | Self::Table
            | Self::UnknownOption(_)
            | Self::Option { .. } => "store_address",
            Self::CaFile { .. } | Self::NoCertificate(_) => "store_ca_file",
        }
    }
}

/// What a failed request means for the call that made it.
pub(crate) enum Verdict {
    /// The service refused for now and did nothing: try again in a moment.
    Busy,
    /// It is not known whether the service got the request or carried it out.
    Lost,
    /// The service answered something that the caller has to read.
    Answer,
    /// It makes no sense to try again.
    Over(StoreError),
}

/// Judges a failed request, by what became of it and whether it was sent at all.
pub(crate) fn judge<E, R>(error: &SdkError<E, R>, was_sent: bool) -> Verdict
where
    E: ProvideErrorMetadata,
{
    let over = |text: &str| Verdict::Over(StoreError::Unavailable(text.to_owned()));
    match error {
        SdkError::ServiceError(service) => by_code(service.err().code().unwrap_or_default()),
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) if !was_sent => {
            over("a request to DynamoDB could not be made: look for the credentials and the region")
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            over("a request to DynamoDB could not be sent: look at the endpoint")
        }
        SdkError::DispatchFailure(failure)
            if failure.as_connector_error().is_some_and(is_distrust) =>
        {
            over(
                "the server at DynamoDB's endpoint could not prove who it is: its certificate is \
                 by an authority that is not trusted (see store.ca_file), or for another name",
            )
        }
        // Whether it was carried out is not known: the connection may have ended before or after.
        _ => Verdict::Lost,
    }
}

/// Whether a connection failed over what the server's certificate is.
fn is_distrust(error: &ConnectorError) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return true;
        }
        // What an error of the system was made of is not its source, but itself.
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

fn by_code(code: &str) -> Verdict {
    match code {
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        // The first of two requests with one token is still being carried out.
        | "TransactionInProgressException"
        | "TransactionConflictException" => Verdict::Busy,
        "InternalServerError"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        // A front of the service that does not speak its language.
        | "" => Verdict::Lost,
        "TransactionCanceledException"
        | "ConditionalCheckFailedException"
        | "ResourceNotFoundException"
        | "ResourceInUseException" => Verdict::Answer,
        "AccessDeniedException"
        | "UnrecognizedClientException"
        | "ExpiredTokenException"
        | "ExpiredToken"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignatureException"
        | "KMSAccessDeniedException" => Verdict::Over(StoreError::Unavailable(format!(
            "DynamoDB refused the credentials or the permission ({code}): see the policy in \
             docs/stores/dynamodb.md"
        ))),
        code => Verdict::Over(StoreError::Corrupt(format!(
            "DynamoDB refused a request ({code}): an item may be larger than 400 KB, or the table \
             is not as `countersign migrate` makes it"
        ))),
    }
}

/// The answer when the table is not there.
pub(crate) fn no_table() -> StoreError {
    StoreError::Unavailable("the table is not there: run `countersign migrate`".to_owned())
}

/// The answer when the service was out of reach.
pub(crate) fn lost() -> StoreError {
    StoreError::Unavailable(
        "DynamoDB is out of reach: there was no connection, or it ended without an answer"
            .to_owned(),
    )
}

/// The answer when a call took too long.
pub(crate) fn too_slow() -> StoreError {
    StoreError::Unavailable("DynamoDB did not answer in time".to_owned())
}
