//! The layers before an axum router: who gets through, and how the others are turned away.

#![expect(clippy::unwrap_used, reason = "a test that can't set up has failed")]

mod common;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use axum::routing::get;
use axum::{Extension, Router};
use countersign_token::{Keys, PrivateKey, Scope, Scopes};
use countersign_verify::{
    AuthenticateLayer, Authentication, Principal, RequireScopesLayer, Verifier,
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use common::{TestClock, claims, expected, key, token, token_of};

fn verifier(key: &PrivateKey) -> Verifier {
    Verifier::new(expected(), Keys::from_private_key(key).unwrap()).with_clock(TestClock::new())
}

async fn who(caller: Option<Extension<Principal>>) -> String {
    caller.map_or_else(
        || "nobody".into(),
        |Extension(caller)| caller.subject().to_owned(),
    )
}

fn app(layer: AuthenticateLayer) -> Router {
    Router::new().route("/", get(who)).layer(layer)
}

fn request(uri: &str, authorization: &[&str]) -> Request<Body> {
    let mut request = Request::builder().uri(uri);
    for value in authorization {
        request = request.header(header::AUTHORIZATION, *value);
    }
    request.body(Body::empty()).unwrap()
}

/// Status, `WWW-Authenticate` and body.
async fn shown(response: Response<Body>) -> (StatusCode, Option<String>, String) {
    let status = response.status();
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, challenge, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn three_answers_in_two_modes() {
    let key = key();
    let required = app(AuthenticateLayer::required(verifier(&key)));
    let optional = app(AuthenticateLayer::optional(verifier(&key)));
    let good = format!("Bearer {}", token(&key));
    let mut old = claims();
    (old.iat, old.exp) = (common::NOW - 700, common::NOW - 100);
    let expired = format!("Bearer {}", token_of(&key, &old));
    let stranger = format!("bearer {}", token(&common::key()));

    let invalid = |text: &str| {
        Some(format!(
            r#"Bearer error="invalid_token", error_description="{text}""#
        ))
    };
    let two = "send exactly one access token, in one authorization header";
    let parameter = "send the access token in the authorization header, not as a parameter";
    for (uri, authorization, in_required, in_optional) in [
        ("/", vec![], (401, Some("Bearer".to_owned())), (200, None)),
        (
            "/",
            vec!["Basic eDp5"],
            (401, Some("Bearer".to_owned())),
            (200, None),
        ),
        ("/", vec![good.as_str()], (200, None), (200, None)),
        (
            "/",
            vec![expired.as_str()],
            (401, invalid("the token has expired")),
            (401, invalid("the token has expired")),
        ),
        (
            "/",
            vec![stranger.as_str()],
            (401, invalid("the token is signed with an unknown key")),
            (401, invalid("the token is signed with an unknown key")),
        ),
        (
            "/",
            vec!["Bearer"],
            (401, invalid("the authorization header holds no token")),
            (401, invalid("the authorization header holds no token")),
        ),
        (
            "/",
            vec![&good, &good],
            (401, invalid(two)),
            (401, invalid(two)),
        ),
        (
            "/?access_token=x",
            vec![&good],
            (401, invalid(two)),
            (401, invalid(two)),
        ),
        (
            "/?access_token=x",
            vec![],
            (401, invalid(parameter)),
            (401, invalid(parameter)),
        ),
    ] {
        for (app, (status, challenge)) in [(&required, &in_required), (&optional, &in_optional)] {
            let response = app
                .clone()
                .oneshot(request(uri, &authorization))
                .await
                .unwrap();
            let (got, shown_challenge, body) = shown(response).await;
            assert_eq!(got.as_u16(), *status, "{uri} {authorization:?}: {body}");
            assert_eq!(&shown_challenge, challenge);
            if got == StatusCode::OK {
                let caller = if authorization.contains(&good.as_str()) {
                    "user-1"
                } else {
                    "nobody"
                };
                assert_eq!(body, caller);
            }
        }
    }
}

#[tokio::test]
async fn the_answer_is_a_problem_that_repeats_nothing_of_the_token() {
    let key = key();
    let app = app(AuthenticateLayer::optional(verifier(&key)));
    let response = app
        .oneshot(request("/", &["Bearer SECRET.SECRET.SECRET"]))
        .await
        .unwrap();
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let (status, challenge, body) = shown(response).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(!challenge.unwrap().contains("SECRET"));
    assert_eq!(
        body,
        concat!(
            r#"{"code":"malformed_token","detail":"the token is malformed","status":401,"#,
            r#""title":"invalid token","type":"about:blank"}"#
        )
    );
}

#[tokio::test]
async fn a_principal_that_something_else_left_is_taken_away() {
    let forged = Principal::dangerous_from_claims(claims(), "what a faulty layer before might do");
    let key = key();
    for layer in [
        AuthenticateLayer::optional(verifier(&key)),
        AuthenticateLayer::required(verifier(&key)),
    ] {
        let mut request = request("/", &[]);
        request.extensions_mut().insert(forged.clone());
        let (_, _, body) = shown(app(layer).oneshot(request).await.unwrap()).await;
        assert_ne!(body, "user-1");
    }
}

#[tokio::test]
async fn a_route_that_needs_scopes_says_which() {
    let key = key();
    let guarded = |scopes: &str| {
        let scopes = scopes.parse::<Scopes>().unwrap();
        Router::new()
            .route("/", get(who).layer(RequireScopesLayer::new(scopes)))
            .layer(AuthenticateLayer::optional(verifier(&key)))
    };
    let bearer = format!("Bearer {}", token(&key));
    for (scopes, authorization, status, challenge) in [
        ("users:read", Some(&bearer), 200, None),
        ("profile:read users:read", Some(&bearer), 200, None),
        ("", Some(&bearer), 200, None),
        (
            "users:read users:write",
            Some(&bearer),
            403,
            Some(r#"Bearer error="insufficient_scope", scope="users:read users:write""#),
        ),
        ("users:read", None, 401, Some("Bearer")),
        ("", None, 401, Some("Bearer")),
    ] {
        let authorization: Vec<_> = authorization.iter().map(|value| value.as_str()).collect();
        let response = guarded(scopes)
            .oneshot(request("/", &authorization))
            .await
            .unwrap();
        let (got, shown_challenge, _) = shown(response).await;
        assert_eq!(
            (got.as_u16(), shown_challenge.as_deref()),
            (status, challenge),
            "{scopes:?}"
        );
    }
}

#[tokio::test]
async fn the_scope_guard_alone_denies() {
    let app = Router::new()
        .route("/", get(who))
        .layer(RequireScopesLayer::new(Scope::from_static("users:read")));
    let response = app.oneshot(request("/", &["Bearer x"])).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_principal_tells_what_the_token_says() {
    let key = key();
    let request = request("/", &[&format!("BEARER {}", token(&key))]);
    let answer = verifier(&key).authenticate(request.headers(), None).await;
    let Authentication::Valid(caller) = answer else {
        unreachable!("{answer:?}");
    };
    assert_eq!(caller.claims(), &claims());
    assert_eq!(caller.subject(), "user-1");
    assert_eq!(caller.client_id(), "web");
    assert_eq!(caller.token_id(), "token-1");
    assert_eq!(caller.session_id(), Some("session-1"));
    assert_eq!(caller.expires_at(), claims().exp);
    assert_eq!(caller.auth_time(), Some(common::NOW));
    assert!(caller.has_role("editor") && !caller.has_role("admin"));
    let missing = caller
        .require(&"users:read users:write".parse().unwrap())
        .unwrap_err();
    assert_eq!(missing.missing.to_string(), "users:write");
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn a_handler_can_take_the_principal() {
    async fn named(caller: Principal) -> String {
        caller.subject().to_owned()
    }
    async fn perhaps(caller: Option<Principal>) -> String {
        caller.map_or_else(|| "nobody".into(), |caller| caller.subject().to_owned())
    }
    let key = key();
    let app = Router::new()
        .route("/named", get(named))
        .route("/perhaps", get(perhaps))
        .layer(AuthenticateLayer::optional(verifier(&key)));
    let bearer = format!("Bearer {}", token(&key));
    for (uri, authorization, status, body) in [
        ("/named", vec![bearer.as_str()], 200, Some("user-1")),
        ("/named", vec![], 401, None),
        ("/perhaps", vec![bearer.as_str()], 200, Some("user-1")),
        ("/perhaps", vec![], 200, Some("nobody")),
    ] {
        let response = app
            .clone()
            .oneshot(request(uri, &authorization))
            .await
            .unwrap();
        let (got, _, got_body) = shown(response).await;
        assert_eq!(got.as_u16(), status, "{uri}");
        assert!(body.is_none_or(|body| body == got_body));
    }
}
