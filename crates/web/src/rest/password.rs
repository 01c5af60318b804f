//! `/v1/me/password` and `/v1/users/{id}/password`: changing one's own password, and setting
//! somebody's.

use axum::Json;
use axum::extract::State;
use countersign_app::admin::{Admin, SetPasswordOutcome};
use countersign_app::change_password::PasswordChange;
use countersign_domain::id::UserId;
use countersign_domain::password::Password;
use http::StatusCode;

use super::path::Named;
use super::shapes::Ended;
use super::weak;
use crate::WebState;
use crate::input::Fields;
use crate::kernel::Known;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// `POST /v1/me/password`.
pub(super) async fn change(
    State(web): State<WebState>,
    known: Known,
    body: Fields,
) -> Result<Json<Ended>, Problem> {
    let (current, new) = body.read(both)?;
    let principal = &known.caller.principal;
    match web
        .app
        .change_password(principal, current, new, &known.call.origin)
        .await?
    {
        PasswordChange::Changed { ended_sessions } => Ok(Json(Ended { ended_sessions })),
        PasswordChange::WrongPassword => {
            Err(Problem::new(Code::WrongPassword).at("/current_password"))
        }
        PasswordChange::Weak(reason) => Err(weak::problem(&reason, "/new_password")),
    }
}

/// `PUT /v1/users/{id}/password`.
pub(super) async fn set(
    State(web): State<WebState>,
    known: Known,
    Named(id): Named<UserId>,
    body: Fields,
) -> Result<Json<Ended>, Problem> {
    let password = body.read(one)?;
    let by = Admin::Caller(&known.caller.principal);
    match web
        .app
        .set_password(by, id, password, &known.call.origin)
        .await?
    {
        SetPasswordOutcome::Changed { ended_sessions } => Ok(Json(Ended { ended_sessions })),
        SetPasswordOutcome::Weak(reason) => Err(weak::problem(&reason, "/password")),
        SetPasswordOutcome::NotYours => Err(Problem::new(Code::NotYours)),
        SetPasswordOutcome::NotFound => Err(Problem::new(Code::NotFound)),
    }
}

fn both(body: &mut Fields) -> Option<(Password, Password)> {
    let current = body.required("current_password", "The password until now.");
    let new = body.required("new_password", "The password from now on.");
    Some((current?, new?))
}

fn one(body: &mut Fields) -> Option<Password> {
    body.required("password", "The password from now on.")
}

pub(super) fn change_doc() -> Doc {
    Doc::new("change_password", Tag::Account, "Change one's own password")
        .about("All other sessions are ended.")
        .body(both)
        .gives::<Ended>(StatusCode::OK, "It is changed.")
        .problems(&[
            Code::WrongPassword,
            Code::WeakPassword,
            Code::Throttled,
            Code::Busy,
        ])
}

pub(super) fn set_doc() -> Doc {
    Doc::new("set_password", Tag::Users, "Set a user's password")
        .about("All sessions of the user are ended.")
        .body(one)
        .gives::<Ended>(StatusCode::OK, "It is set.")
        .problems(&[
            Code::WeakPassword,
            Code::NotYours,
            Code::NotFound,
            Code::Busy,
        ])
}
