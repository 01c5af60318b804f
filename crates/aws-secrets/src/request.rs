//! The request: to which service, signed by whom, and what its answer holds.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use url::{Host, Url};
use zeroize::{Zeroize as _, Zeroizing};

use crate::{AwsSecretError, Place};

/// How long finding credentials, connecting and the answer may take in all.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);
/// The largest answer that is read: a secret has 64 KiB at the most.
const MAX_ANSWER: usize = 128 * 1024;

/// A service's name in signatures and addresses, its operation, and what the operation is told.
struct Operation {
    service: &'static str,
    target: &'static str,
    body: serde_json::Value,
    /// The region that the secret's ARN names.
    region: Option<String>,
}

impl Place<'_> {
    fn operation(self) -> Operation {
        let (service, target, body, name) = match self {
            Self::Secret(id) => (
                "secretsmanager",
                "secretsmanager.GetSecretValue",
                json!({ "SecretId": id }),
                id,
            ),
            Self::Parameter(name) => (
                "ssm",
                "AmazonSSM.GetParameter",
                json!({ "Name": name, "WithDecryption": true }),
                name,
            ),
            Self::Ciphertext(blob) => (
                "kms",
                "TrentService.Decrypt",
                json!({ "CiphertextBlob": blob }),
                "",
            ),
        };
        // arn:PARTITION:SERVICE:REGION:ACCOUNT:…
        let is_arn = name.starts_with("arn:");
        let region = name
            .split(':')
            .nth(3)
            .filter(|region| is_arn && !region.is_empty());
        Operation {
            service,
            target,
            body,
            region: region.map(str::to_owned),
        }
    }
}

/// What the three answer; each has one of the members.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    secret_string: Option<SecretString>,
    parameter: Option<Parameter>,
    plaintext: Option<SecretString>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    value: Option<SecretString>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    name: String,
}

pub(crate) async fn send(place: Place<'_>) -> Result<SecretString, AwsSecretError> {
    if let Place::Ciphertext(blob) = place {
        STANDARD
            .decode(blob)
            .map_err(|_| AwsSecretError::NotBase64)?;
    }
    let operation = place.operation();
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let region = match (&operation.region, config.region()) {
        (Some(region), _) => region.clone(),
        (None, Some(region)) => region.to_string(),
        (None, None) => return Err(AwsSecretError::NoRegion),
    };
    let url = endpoint(&config, operation.service, &region)?;
    let request = signed(&config, &operation, &url, &region).await?;
    let answer = client()?.execute(request).await;
    let mut answer = answer.map_err(|_| AwsSecretError::NoAnswer)?;
    let is_good = answer.status().is_success();
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = answer.chunk().await.map_err(|_| AwsSecretError::NoAnswer)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(AwsSecretError::NotText);
        }
        body.extend_from_slice(&chunk);
    }
    if is_good {
        read(&body)
    } else {
        Err(refusal(&body))
    }
}

/// The endpoint of the region, or the one that the environment names.
fn endpoint(config: &SdkConfig, service: &str, region: &str) -> Result<Url, AwsSecretError> {
    let Some(other) = config.endpoint_url() else {
        let suffix = if region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        let url = format!("https://{service}.{region}.{suffix}/");
        return Url::parse(&url).map_err(|_| AwsSecretError::NoRegion);
    };
    let url = Url::parse(other).map_err(|_| AwsSecretError::BadEndpoint)?;
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback) {
        Ok(url)
    } else {
        Err(AwsSecretError::BadEndpoint)
    }
}

fn client() -> Result<reqwest::Client, AwsSecretError> {
    // No redirect: the signature, and the secret, are for this endpoint alone.
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|_| AwsSecretError::NoAnswer)
}

async fn signed(
    config: &SdkConfig,
    operation: &Operation,
    url: &Url,
    region: &str,
) -> Result<reqwest::Request, AwsSecretError> {
    let missing = |why: String| AwsSecretError::NoCredentials(why);
    let provider = config
        .credentials_provider()
        .ok_or_else(|| missing("nothing provides them".to_owned()))?;
    let credentials = provider.provide_credentials().await;
    let identity = credentials
        .map_err(|error| missing(error.to_string()))?
        .into();

    let body = operation.body.to_string().into_bytes();
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", operation.target),
    ];
    let to_sign = SignableRequest::new(
        "POST",
        url.as_str(),
        headers.into_iter(),
        SignableBody::Bytes(&body),
    )
    .map_err(|_| AwsSecretError::NotSigned)?;
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(operation.service)
        .time(now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| AwsSecretError::NotSigned)?
        .into();
    let (signature, _) = sign(to_sign, &params)
        .map_err(|_| AwsSecretError::NotSigned)?
        .into_parts();

    let mut request = http::Request::post(url.as_str());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let mut request = request.body(body).map_err(|_| AwsSecretError::NotSigned)?;
    signature.apply_to_request_http1x(&mut request);
    request.try_into().map_err(|_| AwsSecretError::NotSigned)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a signature names its time, and AWS's clock judges it"
)]
fn now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

fn read(body: &[u8]) -> Result<SecretString, AwsSecretError> {
    use secrecy::ExposeSecret as _;
    let answer: Answer = serde_json::from_slice(body).map_err(|_| AwsSecretError::NotText)?;
    if let Some(plaintext) = answer.plaintext {
        let bytes = STANDARD.decode(plaintext.expose_secret());
        let bytes = bytes.map_err(|_| AwsSecretError::NotText)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            error.into_bytes().zeroize();
            AwsSecretError::NotText
        })?;
        return Ok(text.into());
    }
    answer
        .secret_string
        .or(answer.parameter.and_then(|parameter| parameter.value))
        .ok_or(AwsSecretError::NotText)
}

/// The name of the error, without what may stand before it (`namespace#Name`).
fn refusal(body: &[u8]) -> AwsSecretError {
    let refusal: Result<Refusal, _> = serde_json::from_slice(body);
    let name = refusal.map_or_else(|_| "an unknown error".to_owned(), |refusal| refusal.name);
    let name = name.rsplit('#').next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    AwsSecretError::Refused(name.chars().filter(|c| is_name(*c)).take(80).collect())
}
