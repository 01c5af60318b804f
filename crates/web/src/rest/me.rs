//! `/v1/me`: one's own profile.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_app::update_profile::{ProfileUpdate, UpdateProfile};
use countersign_domain::user;
use http::header::{CACHE_CONTROL, ETAG};
use http::{HeaderMap, StatusCode};

use super::register::no_identifier;
use super::shapes::User;
use crate::WebState;
use crate::input::Fields;
use crate::input::tag::{IfMatch, Tag as EntityTag};
use crate::kernel::Known;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// `GET /v1/me`.
pub(super) async fn read(known: Known, headers: HeaderMap) -> Response {
    let user = &known.caller.account.user;
    if entity_tag(user).is_known(&headers) {
        return (StatusCode::NOT_MODIFIED, tagged(user)).into_response();
    }
    (tagged(user), Json(User::from(user))).into_response()
}

/// `PATCH /v1/me` (RFC 7396).
pub(super) async fn change(
    State(web): State<WebState>,
    known: Known,
    headers: HeaderMap,
    body: Fields,
) -> Result<Response, Problem> {
    let mut command = body.read(command)?;
    let seen = &known.caller.account.user;
    command.expected_version = match entity_tag(seen).if_match(&headers) {
        IfMatch::Unconditional => None,
        IfMatch::Matches => Some(seen.version),
        IfMatch::Fails => return Err(Problem::new(Code::VersionConflict)),
    };
    let principal = &known.caller.principal;
    match web
        .app
        .update_profile(principal, command, &known.call.origin)
        .await?
    {
        ProfileUpdate::Updated(account) => {
            Ok((tagged(&account.user), Json(User::from(&account.user))).into_response())
        }
        ProfileUpdate::WrongPassword => {
            Err(Problem::new(Code::WrongPassword).at("/current_password"))
        }
        ProfileUpdate::VersionConflict => Err(Problem::new(Code::VersionConflict)),
        ProfileUpdate::EmailTaken => Err(Problem::new(Code::EmailTaken).at("/email")),
        ProfileUpdate::UsernameTaken => Err(Problem::new(Code::UsernameTaken).at("/username")),
        ProfileUpdate::NoIdentifierLeft => Err(no_identifier()),
        ProfileUpdate::NotFound => Err(Problem::new(Code::NotFound)),
    }
}

/// The id stands in the tag because the address is the same for everybody: another user's tag at the
/// same version must not match (CVE-2026-33496).
fn entity_tag(user: &user::User) -> EntityTag {
    EntityTag::new(&format!("{}.{}", user.id, user.version))
}

fn tagged(user: &user::User) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ETAG, entity_tag(user).header());
    headers.insert(
        CACHE_CONTROL,
        http::HeaderValue::from_static("private, no-cache"),
    );
    headers
}

#[expect(clippy::unnecessary_wraps, reason = "the form of all readers")]
fn command(body: &mut Fields) -> Option<UpdateProfile> {
    Some(UpdateProfile {
        username: body.patch("username", "The new username; `null` clears it."),
        email: body.patch("email", "The new e-mail address; `null` clears it."),
        display_name: body.patch("display_name", "What other people see; `null` clears it."),
        current_password: body.optional(
            "current_password",
            "Asked for when `username` or `email` changes.",
        ),
        expected_version: None,
    })
}

pub(super) fn read_doc() -> Doc {
    Doc::new("me", Tag::Account, "Read one's own profile")
        .header(
            "If-None-Match",
            "An `ETag` from before: if nothing has changed, 304.",
        )
        .gives::<User>(StatusCode::OK, "The user who calls.")
        .with_header("ETag", "Changes with the user.")
        .gives_nothing(StatusCode::NOT_MODIFIED, "Nothing has changed since.")
}

pub(super) fn change_doc() -> Doc {
    Doc::new("update_profile", Tag::Account, "Change one's own profile")
        .about(
            "A merge patch (RFC 7396): what is left out stays, `null` clears. `username` and \
             `email`, which one logs in with, change only with `current_password`.",
        )
        .body(command)
        .header(
            "If-Match",
            "The `ETag` that was read: if the user has changed since, 412.",
        )
        .gives::<User>(StatusCode::OK, "The user as they are now.")
        .with_header("ETag", "Changes with the user.")
        .problems(&[
            Code::WrongPassword,
            Code::EmailTaken,
            Code::UsernameTaken,
            Code::VersionConflict,
            Code::Throttled,
            Code::Busy,
        ])
}
