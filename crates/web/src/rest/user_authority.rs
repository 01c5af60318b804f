//! `PATCH /v1/users/{id}/authority`: granting and revoking roles and scopes.

use axum::Json;
use axum::extract::State;
use countersign_app::admin::{Admin, AuthorityChange, AuthorityOutcome};
use countersign_domain::id::UserId;
use http::StatusCode;

use super::admin_users::unknown_role;
use super::path::Named;
use super::shapes::User;
use crate::WebState;
use crate::input::Fields;
use crate::kernel::Known;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

pub(super) async fn change(
    State(web): State<WebState>,
    known: Known,
    Named(id): Named<UserId>,
    body: Fields,
) -> Result<Json<User>, Problem> {
    let change = body.read(authority)?;
    let by = Admin::Caller(&known.caller.principal);
    match web
        .app
        .change_authority(by, id, change, &known.call.origin)
        .await?
    {
        AuthorityOutcome::Changed(account) => Ok(Json((&account.user).into())),
        AuthorityOutcome::LastAdmin => Err(Problem::new(Code::LastAdmin)),
        AuthorityOutcome::UnknownRole(name) => Err(unknown_role(&name, "/grant_roles")),
        AuthorityOutcome::TooManyScopes => {
            Err(Problem::new(Code::TooManyScopes).at("/grant_scope"))
        }
        AuthorityOutcome::NotYours => Err(Problem::new(Code::NotYours)),
        AuthorityOutcome::NotFound => Err(Problem::new(Code::NotFound)),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the form of all readers")]
fn authority(body: &mut Fields) -> Option<AuthorityChange> {
    let grant_roles = body.optional("grant_roles", "Roles to grant.");
    let revoke_roles = body.optional("revoke_roles", "Roles to revoke.");
    let grant_scopes = body.optional("grant_scope", "Scopes to grant directly.");
    let revoke_scopes = body.optional("revoke_scope", "Scopes to take back, of those granted so.");
    Some(AuthorityChange {
        grant_roles: grant_roles.unwrap_or_default(),
        revoke_roles: revoke_roles.unwrap_or_default(),
        grant_scopes: grant_scopes.unwrap_or_default(),
        revoke_scopes: revoke_scopes.unwrap_or_default(),
    })
}

pub(super) fn change_doc() -> Doc {
    Doc::new(
        "change_authority",
        Tag::Users,
        "Grant and revoke roles and scopes",
    )
    .about("Nobody grants what they do not have.")
    .body(authority)
    .gives::<User>(StatusCode::OK, "The user as they are now.")
    .problems(&[
        Code::LastAdmin,
        Code::UnknownRole,
        Code::TooManyScopes,
        Code::NotYours,
        Code::NotFound,
    ])
}
