//! One HTTP request for a key set, with a deadline and a limit. No redirects: where the keys come from was
//! decided by whoever configured the address.

use std::net::IpAddr;
use std::time::Duration;

use countersign_token::{JwkSet, Keys};
use http::StatusCode;
use http::header::ACCEPT;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use super::lifetime;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the whole answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Largest body, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Why there is no source of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Not an absolute `https` URL.
    #[error("the address of the key set is not an absolute https URL")]
    InvalidUrl,
    /// `http` to a host that is not this one.
    #[error("the key set has to come over https, or from a loopback address")]
    NotHttps,
    /// TLS could not be set up, most likely for want of root certificates.
    #[error("TLS can't be set up: are root certificates installed?")]
    Tls,
}

impl SourceError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidUrl => "invalid_url",
            Self::NotHttps => "not_https",
            Self::Tls => "tls_unavailable",
        }
    }
}

/// Why a fetch brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Unreachable,
    Status,
    TooLarge,
    Refused,
    NoKeys,
}

impl Failure {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Status => "unexpected_status",
            Self::TooLarge => "too_large",
            Self::Refused => "refused_key_set",
            Self::NoKeys => "no_keys",
        }
    }
}

/// Where a key set is.
pub(super) struct Endpoint {
    client: Client,
    url: Url,
}

impl Endpoint {
    pub(super) fn new(url: Url) -> Result<Self, SourceError> {
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(Policy::none());
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        Ok(Self {
            client: builder.build().map_err(|_| SourceError::Tls)?,
            url,
        })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The keys, at least one, and how long they stay fresh in seconds.
    pub(super) async fn fetch(&self) -> Result<(Keys, i64), Failure> {
        let request = self.client.get(self.url.clone());
        let request = request.header(ACCEPT, "application/jwk-set+json, application/json");
        let mut response = request.send().await.map_err(|_| Failure::Unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(Failure::Status);
        }
        let lifetime = lifetime::of(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| Failure::Unreachable)? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let set = JwkSet::parse(&body).map_err(|_| Failure::Refused)?;
        let keys = Keys::from_jwk_set(&set).map_err(|_| Failure::Refused)?;
        if keys.is_empty() {
            Err(Failure::NoKeys)
        } else {
            Ok((keys, lifetime))
        }
    }
}

/// Whether the host of `url` is this machine, by its address or as `localhost`.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
