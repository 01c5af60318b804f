//! How an API proves to the introspection endpoint that it may ask (RFC 7662 §2.1). The secrets can't be
//! printed.

use std::fmt;
use std::sync::Arc;

use form_urlencoded::byte_serialize;
use reqwest::RequestBuilder;

/// The credentials of the API that asks.
#[derive(Clone)]
pub struct ClientAuthentication(Kind);

#[derive(Clone)]
enum Kind {
    None,
    Basic(Arc<(String, String)>),
    Bearer(Arc<str>),
}

impl ClientAuthentication {
    /// A client id and its secret, as `Authorization: Basic` (RFC 6749 §2.3.1).
    pub fn basic(client_id: &str, secret: &str) -> Self {
        // Each is form-encoded first, so that a colon in an id does not move the border.
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        Self(Kind::Basic(Arc::new((encoded(client_id), encoded(secret)))))
    }

    /// An access token of the API itself.
    pub fn bearer(token: &str) -> Self {
        Self(Kind::Bearer(token.into()))
    }

    /// Nothing: the endpoint answers everybody, as that of Countersign does.
    pub const fn none() -> Self {
        Self(Kind::None)
    }

    pub(super) fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.0 {
            Kind::None => request,
            Kind::Basic(pair) => request.basic_auth(&pair.0, Some(&pair.1)),
            Kind::Bearer(token) => request.bearer_auth(token),
        }
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::None => "None",
            Kind::Basic(_) => "Basic(…)",
            Kind::Bearer(_) => "Bearer(…)",
        })
    }
}
