//! `POST /v1/logout`: the session ends, and every token of it with it. By the refresh token in the
//! body, which works when the access token has expired, or else by the access token.

use axum::extract::State;
use countersign_app::log_out::LoggedOut;
use countersign_domain::access::Denied;
use http::{HeaderMap, StatusCode};

use crate::input::{Fields, Token};
use crate::kernel::identify;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};
use crate::{Call, WebState};

pub(super) async fn handle(
    State(web): State<WebState>,
    call: Call,
    headers: HeaderMap,
    body: Option<Fields>,
) -> Result<StatusCode, Problem> {
    let refresh_token = body
        .map(|body| body.read(refresh_token))
        .transpose()?
        .flatten();
    let outcome = if let Some(Token(token)) = refresh_token {
        web.app
            .log_out_with_refresh_token(&token, &call.origin)
            .await?
    } else {
        let caller = identify::caller(&web, &headers, &call.origin).await?;
        let caller = caller.ok_or(Denied::Unauthenticated)?;
        web.app.log_out(&caller.principal, &call.origin).await?
    };
    match outcome {
        LoggedOut::LoggedOut => Ok(StatusCode::NO_CONTENT),
        LoggedOut::NotInSession => Err(Denied::NeedsSession.into()),
    }
}

#[expect(
    clippy::option_option,
    clippy::unnecessary_wraps,
    reason = "the form of all readers: the outer one says whether all that must be there is"
)]
fn refresh_token(body: &mut Fields) -> Option<Option<Token>> {
    Some(body.optional("refresh_token", "The session's refresh token."))
}

pub(super) fn doc() -> Doc {
    Doc::new("log_out", Tag::Sessions, "End the session")
        .about(
            "With a refresh token in the body, its session ends and the access token is not looked \
             at; a refresh token that is not good is answered alike (RFC 7009). Without one, the \
             session of the access token ends; that takes no scope.",
        )
        .body(refresh_token)
        .body_is_optional()
        .or_bearer()
        .gives_nothing(
            StatusCode::NO_CONTENT,
            "The session is ended, or was before.",
        )
        .problems(&[
            Code::Unauthenticated,
            Code::InvalidToken,
            Code::SessionRequired,
        ])
}
