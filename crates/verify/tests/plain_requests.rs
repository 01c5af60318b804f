//! Requests without a framework: those of the `http` crate, and those of `lambda_http`.

#![expect(clippy::unwrap_used, reason = "a test that can't set up has failed")]

mod common;

use axum::body::Body;
use countersign_token::{Keys, Rejection};
use countersign_verify::{Authentication, BearerError, Challenge, Refusal, Verifier};
use http::{Request, header};

use common::{TestClock, expected, key, token};

fn request<B>(uri: &str, authorization: Option<&str>, body: B) -> Request<B> {
    let mut request = Request::builder().uri(uri);
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    request.body(body).unwrap()
}

#[tokio::test]
async fn a_request_of_any_body_is_judged_by_its_headers_and_its_query() {
    let key = key();
    let keys = Keys::from_private_key(&key).unwrap();
    let verifier = Verifier::new(expected(), keys).with_clock(TestClock::new());
    let good = format!("Bearer {}", token(&key));
    let stranger = format!("Bearer {}", token(&common::key()));

    let caller = verifier.require(&request("/", Some(&good), ())).await;
    assert_eq!(caller.unwrap().subject(), "user-1");

    // A streaming body can't be shared between threads; the wait for keys can still be handed on.
    let streaming = request("/", Some(&good), Body::from("x"));
    let judging = async move { verifier.require(&streaming).await.map(|_| verifier) };
    let verifier = tokio::spawn(judging).await.unwrap().unwrap();

    let lambda = request("/prod/hello", Some(&good), lambda_http::Body::Empty);
    assert!(verifier.require(&lambda).await.is_ok());

    for (uri, authorization, refusal) in [
        ("/", None, Challenge::TokenRequired),
        (
            "/",
            Some(stranger.as_str()),
            Refusal::Token(Rejection::UnknownKey).into(),
        ),
        (
            "/",
            Some("Bearer"),
            Refusal::Bearer(BearerError::Empty).into(),
        ),
        (
            "/?access_token=x",
            None,
            Refusal::Bearer(BearerError::InParameter).into(),
        ),
    ] {
        let request = request(uri, authorization, String::new());
        assert_eq!(verifier.require(&request).await.unwrap_err(), refusal);
    }
    let nobody = request("/", None, String::new());
    assert_eq!(
        verifier.authenticate_request(&nobody).await,
        Authentication::Absent
    );
}
