//! One question about one token. The token goes into the body, never into an address that somebody logs.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use reqwest::Url;

use super::answer::Answer;
use super::client_authentication::ClientAuthentication;
use crate::fetch::exchange::{self, Failure, LazyClient};

/// Connections that are kept for later questions.
const IDLE_CONNECTIONS: usize = 8;

/// How the question is put.
#[derive(Clone)]
pub(super) enum Dialect {
    /// A form (RFC 7662 §2.1).
    Rfc7662(ClientAuthentication),
    /// The JSON of Countersign's `POST /v1/verify`.
    Countersign,
}

/// Where to ask.
#[derive(Clone)]
pub(super) struct Endpoint {
    url: Url,
    dialect: Dialect,
    client: Arc<LazyClient>,
}

impl Endpoint {
    pub(super) fn new(url: Url, dialect: Dialect) -> Self {
        Self {
            client: Arc::new(LazyClient::new(&url, IDLE_CONNECTIONS)),
            url,
            dialect,
        }
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) async fn ask(&self, token: &str, timeout: Duration) -> Result<Answer, Failure> {
        let request = self.client.ready()?.post(self.url.clone()).timeout(timeout);
        let request = request.header(ACCEPT, "application/json");
        let request = match &self.dialect {
            Dialect::Rfc7662(client) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                form.append_pair("token", token);
                form.append_pair("token_type_hint", "access_token");
                client
                    .sign(request)
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(form.finish())
            }
            Dialect::Countersign => request
                .header(CONTENT_TYPE, "application/json")
                .body(serde_json::json!({ "token": token }).to_string()),
        };
        let body = exchange::body(exchange::send(request).await?).await?;
        serde_json::from_slice(&body).map_err(|_| Failure::Refused)
    }
}
