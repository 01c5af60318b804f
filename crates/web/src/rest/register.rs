//! `POST /v1/register`: a stranger makes an account and is logged in to it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_app::sign_up::{SignUp, SignUpOutcome};
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};

use super::shapes::SignedIn;
use super::weak;
use crate::input::{Fields, idempotency_key};
use crate::kernel::base_path::link;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};
use crate::{Call, WebState};

pub(super) async fn handle(
    State(web): State<WebState>,
    call: Call,
    headers: HeaderMap,
    body: Fields,
) -> Result<Response, Problem> {
    let mut command = body.read(command)?;
    command.idempotency_key = idempotency_key(&headers)?;
    let no = |code| Err(Problem::new(code));
    match web.app.sign_up(command, &call.origin).await? {
        SignUpOutcome::SignedUp { account, tokens } => {
            let location = link(&format!("/v1/users/{}", account.user.id));
            let body = Json(SignedIn::new(&account, &tokens));
            Ok((StatusCode::CREATED, [(LOCATION, location)], body).into_response())
        }
        SignUpOutcome::NoIdentifier => Err(no_identifier()),
        SignUpOutcome::Weak(reason) => Err(weak::problem(&reason, "/password")),
        SignUpOutcome::EmailTaken => Err(Problem::new(Code::EmailTaken).at("/email")),
        SignUpOutcome::UsernameTaken => Err(Problem::new(Code::UsernameTaken).at("/username")),
        SignUpOutcome::Closed => no(Code::SignUpClosed),
        SignUpOutcome::UnknownAudience => Err(Problem::new(Code::InvalidTarget).at("/audience")),
        SignUpOutcome::IdempotencyKeyReused => no(Code::IdempotencyKeyReused),
    }
}

/// Neither a username nor an e-mail address is there, or would be left.
pub(super) fn no_identifier() -> Problem {
    Problem::new(Code::InvalidInput)
        .detail("an account has a username, an e-mail address, or both")
        .at("/username")
}

fn command(body: &mut Fields) -> Option<SignUp> {
    let username = body.optional("username", "A name to log in with: this, `email`, or both.");
    let email = body.optional("email", "An e-mail address to log in with.");
    let display_name = body.optional("display_name", "What other people see.");
    let password = body.required("password", "The password. Long beats complicated.");
    let device = body.optional(
        "device",
        "What the device is called; else its `User-Agent`.",
    );
    let scopes = body.optional("scope", "Narrows what the tokens may do.");
    let audience = body.optional("audience", "Which API the tokens are for.");
    Some(SignUp {
        username,
        email,
        display_name,
        password: password?,
        device,
        scopes,
        audience,
        idempotency_key: None,
    })
}

pub(super) fn doc() -> Doc {
    Doc::new(
        "register",
        Tag::Sessions,
        "Make an account and log in to it",
    )
    .body(command)
    .header(
        "Idempotency-Key",
        "Makes a repeated call harmless: the same key with the same body logs in to the \
             account that the first call made.",
    )
    .gives::<SignedIn>(
        StatusCode::CREATED,
        "The account is made, and its first session open.",
    )
    .with_header("Location", "The address of the user.")
    .problems(&[
        Code::WeakPassword,
        Code::EmailTaken,
        Code::UsernameTaken,
        Code::SignUpClosed,
        Code::InvalidTarget,
        Code::IdempotencyKeyReused,
        Code::InvalidHeader,
        Code::Throttled,
        Code::Busy,
    ])
}
