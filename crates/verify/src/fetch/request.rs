//! One fetch of a key set: from an address that was given, or from the one that the issuer's metadata
//! names (OpenID Connect Discovery 1.0 §4, RFC 8414 §3), whose `issuer` must be exactly the expected one.

use std::sync::{Mutex, PoisonError};

use countersign_token::{Issuer, JwkSet, Keys};
use http::header::ACCEPT;
use reqwest::Url;
use serde::Deserialize;

use super::exchange::{self, Failure, LazyClient, SourceError};
use super::lifetime;

/// How long a discovered address is used before it is looked up again, in seconds.
const REDISCOVER_AFTER: i64 = 24 * 3_600;

/// Where a key set is.
pub(super) struct Endpoint {
    client: LazyClient,
    place: Place,
}

enum Place {
    Known(Url),
    Discovered {
        issuer: Issuer,
        metadata: Url,
        /// The address that was found, and when.
        found: Mutex<Option<(Url, i64)>>,
    },
}

/// Which document tells where the keys are.
#[derive(Clone, Copy)]
pub(super) enum Metadata {
    /// `<issuer>/.well-known/openid-configuration`.
    OpenId,
    /// `<host>/.well-known/oauth-authorization-server<path>`.
    OAuth,
}

/// What is used of the metadata.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}

impl Endpoint {
    pub(super) fn at(url: Url) -> Self {
        Self {
            // Fetches are far apart: a connection kept for the next one would be found dead.
            client: LazyClient::new(&url, 0),
            place: Place::Known(url),
        }
    }

    pub(super) fn of(issuer: &Issuer, metadata: Metadata) -> Result<Self, SourceError> {
        let mut url = exchange::address(issuer.as_str())?;
        let path = url.path().trim_end_matches('/');
        let path = match metadata {
            Metadata::OpenId => format!("{path}/.well-known/openid-configuration"),
            Metadata::OAuth => format!("/.well-known/oauth-authorization-server{path}"),
        };
        url.set_path(&path);
        Ok(Self {
            client: LazyClient::new(&url, 0),
            place: Place::Discovered {
                issuer: issuer.clone(),
                metadata: url,
                found: Mutex::new(None),
            },
        })
    }

    /// The address that was configured: of the keys, or of the metadata.
    pub(super) fn url(&self) -> &Url {
        match &self.place {
            Place::Known(url) | Place::Discovered { metadata: url, .. } => url,
        }
    }

    /// The keys, at least one, and how long they stay fresh in seconds.
    pub(super) async fn fetch(&self, now: i64) -> Result<(Keys, i64), Failure> {
        match &self.place {
            Place::Known(url) => self.keys_at(url).await,
            Place::Discovered {
                issuer,
                metadata,
                found,
            } => {
                let last = found.lock().unwrap_or_else(PoisonError::into_inner).take();
                let (url, since) = match last {
                    Some((url, at)) if (0..REDISCOVER_AFTER).contains(&(now - at)) => (url, at),
                    _ => (self.discover(metadata, issuer).await?, now),
                };
                let keys = self.keys_at(&url).await?;
                // An address that failed is looked up again: the issuer may have moved.
                *found.lock().unwrap_or_else(PoisonError::into_inner) = Some((url, since));
                Ok(keys)
            }
        }
    }

    async fn discover(&self, metadata: &Url, issuer: &Issuer) -> Result<Url, Failure> {
        let request = self.client.ready()?.get(metadata.clone());
        let response = exchange::send(request.header(ACCEPT, "application/json")).await?;
        let body = exchange::body(response).await?;
        let document: Document = serde_json::from_slice(&body).map_err(|_| Failure::Refused)?;
        if document.issuer != issuer.as_str() {
            return Err(Failure::OtherIssuer);
        }
        let url = exchange::address(&document.jwks_uri).map_err(|_| Failure::BadAddress)?;
        // An issuer elsewhere has no business on this machine.
        if url.scheme() == metadata.scheme()
            && exchange::is_loopback(&url) == exchange::is_loopback(metadata)
        {
            Ok(url)
        } else {
            Err(Failure::BadAddress)
        }
    }

    async fn keys_at(&self, url: &Url) -> Result<(Keys, i64), Failure> {
        let request = self.client.ready()?.get(url.clone());
        let request = request.header(ACCEPT, "application/jwk-set+json, application/json");
        let response = exchange::send(request).await?;
        let lifetime = lifetime::of(response.headers());
        let body = exchange::body(response).await?;
        let set = JwkSet::parse(&body).map_err(|_| Failure::Refused)?;
        let keys = Keys::from_jwk_set(&set).map_err(|_| Failure::Refused)?;
        if keys.is_empty() {
            Err(Failure::NoKeys)
        } else {
            Ok((keys, lifetime))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_stands_where_each_standard_puts_it() {
        for (issuer, openid, oauth) in [
            (
                "https://id.example.com",
                "https://id.example.com/.well-known/openid-configuration",
                "https://id.example.com/.well-known/oauth-authorization-server",
            ),
            (
                "https://example.eu.auth0.com/",
                "https://example.eu.auth0.com/.well-known/openid-configuration",
                "https://example.eu.auth0.com/.well-known/oauth-authorization-server",
            ),
            (
                "https://id.example.com/realms/one",
                "https://id.example.com/realms/one/.well-known/openid-configuration",
                "https://id.example.com/.well-known/oauth-authorization-server/realms/one",
            ),
        ] {
            let issuer = issuer.parse().unwrap();
            for (kind, url) in [(Metadata::OpenId, openid), (Metadata::OAuth, oauth)] {
                assert_eq!(
                    Endpoint::of(&issuer, kind).unwrap().url().as_str(),
                    url,
                    "{issuer}"
                );
            }
        }
    }
}
