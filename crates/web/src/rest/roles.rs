//! `/v1/roles`: the roles, and what they let their holders do.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_app::admin::{Admin, RoleDefinition, RoleDeletion};
use countersign_domain::description::Description;
use countersign_domain::role::{self, RoleName};
use countersign_token::Scopes;
use http::StatusCode;

use super::path::Named;
use super::shapes::{Role, Roles};
use crate::WebState;
use crate::input::Fields;
use crate::kernel::Known;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// `GET /v1/roles`.
pub(super) async fn list(State(web): State<WebState>) -> Result<Json<Roles>, Problem> {
    Ok(Json(Roles::new(&web.app.roles().await?)))
}

/// `PUT /v1/roles/{name}`.
pub(super) async fn define(
    State(web): State<WebState>,
    known: Known,
    Named(name): Named<RoleName>,
    body: Fields,
) -> Result<Response, Problem> {
    let (description, scopes) = body.read(definition)?;
    let role = role::Role {
        name,
        description,
        scopes,
    };
    let body = Json(Role::from(&role));
    let by = Admin::Caller(&known.caller.principal);
    match web.app.define_role(by, role, &known.call.origin).await? {
        RoleDefinition::Created => Ok((StatusCode::CREATED, body).into_response()),
        RoleDefinition::Changed => Ok(body.into_response()),
        RoleDefinition::BuiltIn => Err(Problem::new(Code::BuiltInRole)),
        RoleDefinition::TooManyScopes => Err(Problem::new(Code::TooManyScopes).at("/scope")),
        RoleDefinition::NotYours => Err(Problem::new(Code::NotYours)),
    }
}

/// `DELETE /v1/roles/{name}`.
pub(super) async fn delete(
    State(web): State<WebState>,
    known: Known,
    Named(name): Named<RoleName>,
) -> Result<StatusCode, Problem> {
    let by = Admin::Caller(&known.caller.principal);
    match web.app.delete_role(by, &name, &known.call.origin).await? {
        RoleDeletion::Deleted => Ok(StatusCode::NO_CONTENT),
        RoleDeletion::BuiltIn => Err(Problem::new(Code::BuiltInRole)),
        RoleDeletion::NotYours => Err(Problem::new(Code::NotYours)),
        RoleDeletion::NotFound => Err(Problem::new(Code::NotFound)),
    }
}

fn definition(body: &mut Fields) -> Option<(Description, Scopes)> {
    let description = body.optional("description", "What it is for.");
    let scopes = body.required("scope", "What it lets its holders do.");
    Some((description.unwrap_or_default(), scopes?))
}

pub(super) fn list_doc() -> Doc {
    Doc::new("roles", Tag::Roles, "List the roles")
        .gives::<Roles>(StatusCode::OK, "All of them, the built-in ones first.")
}

pub(super) fn define_doc() -> Doc {
    Doc::new("define_role", Tag::Roles, "Define a role, or change it")
        .body(definition)
        .gives::<Role>(StatusCode::CREATED, "The role is new.")
        .gives::<Role>(StatusCode::OK, "The role was there, and is changed.")
        .problems(&[
            Code::BuiltInRole,
            Code::TooManyScopes,
            Code::NotYours,
            Code::NotFound,
        ])
}

pub(super) fn delete_doc() -> Doc {
    Doc::new("delete_role", Tag::Roles, "Delete a role")
        .about("It is taken from everybody who holds it.")
        .gives_nothing(StatusCode::NO_CONTENT, "The role is gone.")
        .problems(&[Code::BuiltInRole, Code::NotYours, Code::NotFound])
}
