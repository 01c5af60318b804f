//! `POST /v1/refresh`: a refresh token to new tokens (RFC 6749 §6). An access token sent along is not
//! looked at: it is most often the one that has just expired.

use axum::Json;
use axum::extract::State;
use countersign_app::refresh::{Refresh, Refreshed};
use http::StatusCode;

use super::shapes::Tokens;
use crate::input::{Fields, Token};
use crate::openapi::{Doc, Tag};
use crate::problem::{Challenge, Code, Problem};
use crate::{Call, WebState};

pub(super) async fn handle(
    State(web): State<WebState>,
    call: Call,
    body: Fields,
) -> Result<Json<Tokens>, Problem> {
    let command = body.read(command)?;
    match web.app.refresh(command, &call.origin).await? {
        Refreshed::Refreshed { tokens, .. } => Ok(Json((&tokens).into())),
        Refreshed::Refused => Err(Problem::new(Code::InvalidGrant).challenge(Challenge::Plain)),
        Refreshed::UnknownAudience => Err(Problem::new(Code::InvalidTarget).at("/audience")),
    }
}

fn command(body: &mut Fields) -> Option<Refresh> {
    let refresh_token = body.required::<Token>("refresh_token", "The refresh token. It is spent.");
    let scopes = body.optional("scope", "Narrows what the new access token may do.");
    let audience = body.optional("audience", "Which API the access token is for.");
    Some(Refresh {
        refresh_token: refresh_token?.0,
        scopes,
        audience,
    })
}

pub(super) fn doc() -> Doc {
    Doc::new(
        "refresh",
        Tag::Sessions,
        "Spend a refresh token for new tokens",
    )
    .about(
        "Each refresh token is good once. An identical retry within seconds gets the identical \
             refresh token; a later one ends the session, since somebody else may have the token.",
    )
    .body(command)
    .gives::<Tokens>(StatusCode::OK, "The new tokens.")
    .problems(&[Code::InvalidGrant, Code::InvalidTarget, Code::Throttled])
}
