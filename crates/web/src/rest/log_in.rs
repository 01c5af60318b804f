//! `POST /v1/login`: a session for whoever proves to be the user.

use axum::Json;
use axum::extract::State;
use countersign_app::log_in::{LogIn, LoggedIn};
use http::StatusCode;

use super::shapes::SignedIn;
use crate::input::{Fields, Text};
use crate::openapi::{Doc, Tag};
use crate::problem::{Challenge, Code, Problem};
use crate::{Call, WebState};

pub(super) async fn handle(
    State(web): State<WebState>,
    call: Call,
    body: Fields,
) -> Result<Json<SignedIn>, Problem> {
    let command = body.read(command)?;
    match web.app.log_in(command, &call.origin).await? {
        LoggedIn::LoggedIn { account, tokens } => Ok(Json(SignedIn::new(&account, &tokens))),
        // A 401 has a challenge (RFC 9110 §15.5.2): `Bearer` names what the address gives out, and
        // unlike `Basic` makes no browser ask.
        LoggedIn::Refused => {
            Err(Problem::new(Code::InvalidCredentials).challenge(Challenge::Plain))
        }
        LoggedIn::UnknownAudience => Err(Problem::new(Code::InvalidTarget).at("/audience")),
    }
}

fn command(body: &mut Fields) -> Option<LogIn> {
    let identifier = body.required::<Text>("identifier", "An e-mail address or a username.");
    body.called(&["email", "username"], "identifier");
    let password = body.required("password", "The password.");
    let device = body.optional(
        "device",
        "What the device is called; else its `User-Agent`.",
    );
    let scopes = body.optional("scope", "Narrows what the tokens may do.");
    let audience = body.optional("audience", "Which API the tokens are for.");
    Some(LogIn {
        identifier: identifier?.0,
        password: password?,
        device,
        scopes,
        audience,
    })
}

pub(super) fn doc() -> Doc {
    Doc::new("log_in", Tag::Sessions, "Open a session")
        .about(
            "Unknown user, wrong password, disabled and locked are one answer. A login never makes \
             an account.",
        )
        .body(command)
        .gives::<SignedIn>(StatusCode::OK, "The session is open.")
        .problems(&[
            Code::InvalidCredentials,
            Code::InvalidTarget,
            Code::Throttled,
            Code::Busy,
        ])
}
