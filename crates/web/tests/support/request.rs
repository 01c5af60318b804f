//! A request through the router, as a peer at an address sends it.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::Answer;

/// A request that is being put together.
pub struct Request<'a> {
    router: &'a Router,
    builder: http::request::Builder,
    peer: IpAddr,
    body: Body,
}

impl<'a> Request<'a> {
    pub fn new(router: &'a Router, method: &str, path: &str) -> Self {
        let builder = http::Request::builder().method(method).uri(path);
        let peer = "198.51.100.7".parse().unwrap();
        Self {
            router,
            builder,
            peer,
            body: Body::empty(),
        }
    }

    /// From this address instead of `198.51.100.7`.
    pub fn from(mut self, peer: &str) -> Self {
        self.peer = peer.parse().unwrap();
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json")
            .body(body.to_string())
    }

    /// With any body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it and reads the answer to its end.
    pub async fn send(self) -> Answer {
        let mut request = self.builder.body(self.body).unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(self.peer, 40_000)));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}
