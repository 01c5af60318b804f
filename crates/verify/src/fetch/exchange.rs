//! What every request of this crate to an issuer has in common: where it may go, how long it may take and
//! how much may come back. No redirects: where to ask was decided by whoever configured the address.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the whole answer may take, where nothing else is said.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection is kept for the next request: less than servers do, and than a frozen function sleeps.
const KEEP_CONNECTION: Duration = Duration::from_secs(10);
/// Largest body, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Why an issuer can't be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Not an absolute `https` URL.
    #[error("the address to ask is not an absolute https URL")]
    InvalidUrl,
    /// `http` to a host that is not this one.
    #[error("the issuer has to be asked over https, or at a loopback address")]
    NotHttps,
}

impl SourceError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidUrl => "invalid_url",
            Self::NotHttps => "not_https",
        }
    }
}

/// Why a request brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// TLS could not be set up, most likely for want of root certificates.
    Tls,
    Unreachable,
    Status(StatusCode),
    TooLarge,
    Refused,
    NoKeys,
    OtherIssuer,
    BadAddress,
}

impl Failure {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Tls => "tls_unavailable",
            Self::Unreachable => "unreachable",
            Self::Status(_) => "unexpected_status",
            Self::TooLarge => "too_large",
            Self::Refused => "refused_document",
            Self::NoKeys => "no_keys",
            Self::OtherIssuer => "metadata_of_another_issuer",
            Self::BadAddress => "bad_jwks_uri",
        }
    }
}

/// Reads an address: `https`, or `http` on this machine.
pub(crate) fn address(url: &str) -> Result<Url, SourceError> {
    let url = Url::parse(url).map_err(|_| SourceError::InvalidUrl)?;
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) {
        Ok(url)
    } else {
        Err(SourceError::NotHttps)
    }
}

/// A client that is made when it is first needed: reading the root certificates is no part of a cold start.
pub(crate) struct LazyClient {
    is_local: bool,
    idle: usize,
    client: OnceLock<Client>,
}

impl LazyClient {
    /// For requests to the host of `url`. Up to `idle` connections are kept for later.
    pub(crate) fn new(url: &Url, idle: usize) -> Self {
        Self {
            is_local: is_loopback(url),
            idle,
            client: OnceLock::new(),
        }
    }

    /// The client, with its limits of time. The environment's proxies are used for all but this machine.
    pub(crate) fn ready(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .pool_idle_timeout(KEEP_CONNECTION)
            .pool_max_idle_per_host(self.idle);
        if self.is_local {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|_| Failure::Tls)?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// The trace that a function of Lambda works for, as its runtime says it for each invocation: requests of it
/// carry it on (AWS X-Ray).
#[expect(
    clippy::disallowed_methods,
    reason = "the runtime has no other place for it that reaches whoever sends a request"
)]
fn trace() -> Option<HeaderValue> {
    let trace = std::env::var("_X_AMZN_TRACE_ID").ok()?;
    HeaderValue::try_from(trace).ok()
}

/// Sends `request`, and insists on the status 200.
pub(crate) async fn send(mut request: RequestBuilder) -> Result<Response, Failure> {
    if let Some(trace) = trace() {
        request = request.header("x-amzn-trace-id", trace);
    }
    let response = request.send().await.map_err(|_| Failure::Unreachable)?;
    if response.status() == StatusCode::OK {
        Ok(response)
    } else {
        Err(Failure::Status(response.status()))
    }
}

/// The body of an answer, up to the limit.
pub(crate) async fn body(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Failure::Unreachable)? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether the host of `url` is this machine, by its address or as `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
