//! `POST /v1/verify`: whether a token is good, for an API that does not check it itself. The names in
//! the answer are those of RFC 7662 §2.2.

use axum::Json;
use axum::extract::State;
use countersign_app::verify_token::TokenCheck;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::input::{Fields, Token};
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};
use crate::{Call, WebState};

/// Whether a token is good now. Everything but `active` is there only if it is.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct TokenState {
    /// Whether it is.
    active: bool,
    /// Whose it is: the id of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    sub: Option<String>,
    /// Its session; none for a personal access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    sid: Option<String>,
    /// What it may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "account:read account:write")]
    scope: Option<String>,
    /// The roles of its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<String>>,
    /// Which APIs it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Vec<String>>,
    /// When it stops being good, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1_769_860_800)]
    exp: Option<i64>,
    /// Always `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Bearer")]
    token_type: Option<&'static str>,
}

pub(super) async fn handle(
    State(web): State<WebState>,
    call: Call,
    body: Fields,
) -> Result<Json<TokenState>, Problem> {
    let Token(token) = body.read(token)?;
    let state = match web.app.verify_token(&token, &call.origin).await? {
        TokenCheck::Inactive => TokenState::default(),
        TokenCheck::Active(token) => TokenState {
            active: true,
            sub: Some(token.user_id.to_string()),
            sid: token.session_id.map(|id| id.to_string()),
            scope: Some(token.scopes.to_string()),
            roles: Some(token.roles),
            aud: Some(token.audiences),
            exp: Some(token.expires_at.as_seconds()),
            token_type: Some("Bearer"),
        },
    };
    Ok(Json(state))
}

fn token(body: &mut Fields) -> Option<Token> {
    body.required("token", "An access token or a personal access token.")
}

pub(super) fn doc() -> Doc {
    Doc::new(
        "verify_token",
        Tag::Tokens,
        "Tell whether a token is good now",
    )
    .about("The token in the body is the credential; a token that is not good says no more.")
    .body(token)
    .gives::<TokenState>(StatusCode::OK, "Whether it is, and what it may do.")
    .problems(&[Code::Throttled])
}
