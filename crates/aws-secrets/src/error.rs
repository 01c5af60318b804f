//! Why a secret could not be fetched.

/// A secret could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AwsSecretError {
    /// There is no region.
    #[error("no region is known: set AWS_REGION, or name the secret by its ARN")]
    NoRegion,
    /// There are no credentials.
    #[error("no AWS credentials were found: {0}")]
    NoCredentials(String),
    /// The endpoint is not one to send a secret over.
    #[error("AWS_ENDPOINT_URL is neither https nor http on a loopback address")]
    BadEndpoint,
    /// The service did not answer in time, or could not be reached.
    #[error("AWS does not answer")]
    NoAnswer,
    /// The service said no. The text is the name of its error, such as `ResourceNotFoundException`.
    #[error("{}", advice(.0))]
    Refused(String),
    /// The service answered something else than a text.
    #[error("AWS answered, but without a secret that is text")]
    NotText,
    /// What was to be decrypted is not base64.
    #[error("the ciphertext is not base64")]
    NotBase64,
    /// The request could not be signed.
    #[error("the request could not be signed")]
    NotSigned,
}

impl AwsSecretError {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRegion => "no_region",
            Self::NoCredentials(_) => "no_credentials",
            Self::BadEndpoint => "bad_endpoint",
            Self::NoAnswer => "no_answer",
            Self::Refused(_) => "refused",
            Self::NotText => "not_text",
            Self::NotBase64 => "not_base64",
            Self::NotSigned => "not_signed",
        }
    }

    /// Whether the same may go well in a moment.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NoAnswer => true,
            Self::Refused(name) => {
                name.contains("Throttl") || name.contains("Internal") || name.contains("Limit")
            }
            _ => false,
        }
    }
}

fn advice(name: &str) -> String {
    let hint = match name {
        "ResourceNotFoundException" | "ParameterNotFound" => "there is none of that name",
        "AccessDeniedException" => {
            "the role may not read it, or not use the KMS key that encrypts it"
        }
        "InvalidCiphertextException" | "IncorrectKeyException" => {
            "it was not encrypted by KMS, or by a key that this role may not use"
        }
        "UnrecognizedClientException" | "InvalidSignatureException" | "ExpiredTokenException" => {
            "the AWS credentials are not good"
        }
        _ => "see the documentation of AWS",
    };
    format!("AWS refused with {name}: {hint}")
}
