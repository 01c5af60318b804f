//! GraphQL over HTTP, after the draft of 2025 (<https://graphql.github.io/graphql-over-http/draft/>).
//!
//! POST with `application/json` runs anything; GET runs queries alone. A page of another origin can
//! make a browser send neither with an effect: a JSON body takes a preflight, and a GET changes
//! nothing. Batches are not taken.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use http::header::{ALLOW, HeaderValue};
use http::{HeaderMap, StatusCode};

use super::accept::{Media, is_json};
use super::answer;
use super::errors::{Code, Fault};
use super::execute::{Engine, bad_request};
use super::params::Parameters;
use crate::kernel::identify;
use crate::{Call, WebState};

/// What the handlers work with.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) web: WebState,
    pub(super) engine: Arc<Engine>,
}

/// POST: any operation, in a JSON body.
pub(super) async fn post(State(endpoint): State<Endpoint>, mut request: Request) -> Response {
    let headers = std::mem::take(request.headers_mut());
    let call = request
        .extensions()
        .get::<Call>()
        .cloned()
        .unwrap_or_default();
    let Some(media) = Media::negotiate(&headers) else {
        return not_acceptable();
    };
    if !is_json(&headers) {
        let fault = bad_request("send the request as application/json in UTF-8");
        return answer::answer(fault, StatusCode::UNSUPPORTED_MEDIA_TYPE, media);
    }
    let body = match read(request).await {
        Ok(body) => body,
        Err((status, fault)) => return answer::answer(fault, status, media),
    };
    endpoint
        .answer(Parameters::from_json(&body), &headers, call, media, true)
        .await
}

/// GET: a query, in the address.
pub(super) async fn get(State(endpoint): State<Endpoint>, request: Request) -> Response {
    let Some(media) = Media::negotiate(request.headers()) else {
        return not_acceptable();
    };
    let parameters = Parameters::from_address(request.uri().query().unwrap_or_default());
    let call = request
        .extensions()
        .get::<Call>()
        .cloned()
        .unwrap_or_default();
    endpoint
        .answer(parameters, request.headers(), call, media, false)
        .await
}

impl Endpoint {
    async fn answer(
        &self,
        parameters: Result<Parameters, Fault>,
        headers: &HeaderMap,
        mut call: Call,
        media: Media,
        may_change: bool,
    ) -> Response {
        let parameters = match parameters {
            Ok(parameters) => parameters,
            Err(fault) => return answer::answer(fault, StatusCode::BAD_REQUEST, media),
        };
        let prepared = match self.engine.prepare(parameters) {
            Ok(prepared) => prepared,
            Err(fault) => return answer::refused(fault, media),
        };
        if !prepared.is_safe && !may_change {
            let fault = bad_request("only queries can be sent by GET; send this by POST");
            let mut response = answer::answer(fault, StatusCode::METHOD_NOT_ALLOWED, media);
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        // A request for public mutations alone does not look at the token: a client that sends its
        // stale one everywhere can still refresh it.
        if !prepared.is_public {
            match identify::caller(&self.web, headers, &call.origin).await {
                Ok(caller) => call.caller = caller,
                Err(problem) => return answer::not_identified(problem, media),
            }
        }
        // The kernel's deadline would end it too, in a form that no GraphQL client reads.
        let run = self.engine.run(prepared, call);
        let time = self.web.settings.request_timeout.mul_f32(0.95);
        if let Ok(response) = tokio::time::timeout(time, run).await {
            return answer::executed(response, media);
        }
        let fault = Fault::new(Code::Timeout, "it took too long, and was given up").wait(1);
        answer::answer(fault, StatusCode::SERVICE_UNAVAILABLE, media)
    }
}

/// The whole body, as far as the kernel's limit lets it.
async fn read(request: Request) -> Result<Bytes, (StatusCode, Fault)> {
    Bytes::from_request(request, &())
        .await
        .map_err(|rejection| {
            let status = rejection.status();
            let fault = if status == StatusCode::PAYLOAD_TOO_LARGE {
                Fault::new(Code::TooLarge, "the body is too long")
            } else {
                bad_request("the body did not arrive whole")
            };
            (status, fault)
        })
}

fn not_acceptable() -> Response {
    let why = "answers are application/graphql-response+json or application/json";
    answer::answer(bad_request(why), StatusCode::NOT_ACCEPTABLE, Media::Json)
}
