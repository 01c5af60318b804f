//! `/v1/users` and `/v1/users/{id}`: users, as administrators see them.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_app::admin::{Admin, CreateUser, CreateUserOutcome, DeleteOutcome, StateOutcome};
use countersign_app::ports::store::UserFilter;
use countersign_domain::id::UserId;
use countersign_domain::names::NamePrefix;
use countersign_domain::page::{Cursor, PageRequest};
use countersign_domain::user::UserState;
use http::header::{LINK, LOCATION};
use http::{HeaderMap, StatusCode};

use super::path::Named;
use super::register::no_identifier;
use super::shapes::{User, Users};
use super::{page, weak};
use crate::WebState;
use crate::input::{Fields, Query};
use crate::kernel::Known;
use crate::kernel::base_path::link;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// `GET /v1/users`.
pub(super) async fn list(State(web): State<WebState>, query: Query) -> Result<Response, Problem> {
    let (filter, request) = query.read(filter)?;
    let users = web.app.users(&filter, &request).await?;
    let beside = page::beside(&users, &request, |user| Cursor::after(user.id.as_uuid()));
    let beside_link = page::link("/v1/users", &query, &beside);
    let headers: HeaderMap = beside_link.into_iter().map(|link| (LINK, link)).collect();
    let users = users.items.iter().map(User::from).collect();
    let body = Users {
        users,
        next_cursor: beside.next,
        prev_cursor: beside.prev,
    };
    Ok((headers, Json(body)).into_response())
}

/// `POST /v1/users`.
pub(super) async fn create(
    State(web): State<WebState>,
    known: Known,
    body: Fields,
) -> Result<Response, Problem> {
    let command = body.read(new_user)?;
    let by = Admin::Caller(&known.caller.principal);
    match web.app.create_user(by, command, &known.call.origin).await? {
        CreateUserOutcome::Created(account) => {
            let location = link(&format!("/v1/users/{}", account.user.id));
            let body = Json(User::from(&account.user));
            Ok((StatusCode::CREATED, [(LOCATION, location)], body).into_response())
        }
        CreateUserOutcome::NoIdentifier => Err(no_identifier()),
        CreateUserOutcome::Weak(reason) => Err(weak::problem(&reason, "/password")),
        CreateUserOutcome::EmailTaken => Err(Problem::new(Code::EmailTaken).at("/email")),
        CreateUserOutcome::UsernameTaken => Err(Problem::new(Code::UsernameTaken).at("/username")),
        CreateUserOutcome::UnknownRole(name) => Err(unknown_role(&name, "/roles")),
        CreateUserOutcome::NotYours => Err(Problem::new(Code::NotYours)),
    }
}

/// `GET /v1/users/{id}`.
pub(super) async fn read(
    State(web): State<WebState>,
    Named(id): Named<UserId>,
) -> Result<Json<User>, Problem> {
    let account = web
        .app
        .user(id)
        .await?
        .ok_or(Problem::new(Code::NotFound))?;
    Ok(Json((&account.user).into()))
}

/// `DELETE /v1/users/{id}`.
pub(super) async fn delete(
    State(web): State<WebState>,
    known: Known,
    Named(id): Named<UserId>,
) -> Result<StatusCode, Problem> {
    let by = Admin::Caller(&known.caller.principal);
    match web.app.delete_user(by, id, &known.call.origin).await? {
        DeleteOutcome::Deleted => Ok(StatusCode::NO_CONTENT),
        DeleteOutcome::LastAdmin => Err(Problem::new(Code::LastAdmin)),
        DeleteOutcome::NotYours => Err(Problem::new(Code::NotYours)),
        DeleteOutcome::NotFound => Err(Problem::new(Code::NotFound)),
    }
}

/// `PUT /v1/users/{id}/state`.
pub(super) async fn set_state(
    State(web): State<WebState>,
    known: Known,
    Named(id): Named<UserId>,
    body: Fields,
) -> Result<Json<User>, Problem> {
    let state = body.read(state)?;
    let by = Admin::Caller(&known.caller.principal);
    match web
        .app
        .set_user_state(by, id, state, &known.call.origin)
        .await?
    {
        StateOutcome::Changed(account) => Ok(Json((&account.user).into())),
        StateOutcome::LastAdmin => Err(Problem::new(Code::LastAdmin)),
        StateOutcome::NotYours => Err(Problem::new(Code::NotYours)),
        StateOutcome::NotFound => Err(Problem::new(Code::NotFound)),
    }
}

/// A role that is not there.
pub(super) fn unknown_role(name: &str, pointer: &str) -> Problem {
    Problem::new(Code::UnknownRole)
        .detail(format!("there is no role {name}"))
        .at(pointer)
}

fn filter(query: &mut Fields) -> Option<(UserFilter, PageRequest)> {
    let state = query.optional("state", "Only users in this state.");
    let role = query.optional("role", "Only users who were granted this role.");
    let prefix = query.optional::<NamePrefix>(
        "prefix",
        "Only users whose username or e-mail address begins so.",
    );
    let filter = UserFilter {
        state,
        role,
        prefix: prefix.map(NamePrefix::into_string),
    };
    Some((filter, page::request(query)?))
}

#[expect(clippy::unnecessary_wraps, reason = "the form of all readers")]
fn new_user(body: &mut Fields) -> Option<CreateUser> {
    let username = body.optional("username", "A name to log in with: this, `email`, or both.");
    let email = body.optional("email", "An e-mail address to log in with.");
    let display_name = body.optional("display_name", "What other people see.");
    let password = body.optional(
        "password",
        "Without one, there is no login until one is set.",
    );
    let roles = body
        .optional("roles", "Roles to grant.")
        .unwrap_or_default();
    Some(CreateUser {
        username,
        email,
        display_name,
        password,
        roles,
    })
}

fn state(body: &mut Fields) -> Option<UserState> {
    body.required(
        "state",
        "The new state. A user who is not active is logged out everywhere.",
    )
}

pub(super) fn list_doc() -> Doc {
    Doc::new("users", Tag::Users, "List users")
        .query(filter)
        .gives::<Users>(
            StatusCode::OK,
            "A page of users, in the order of their making.",
        )
        .with_header("Link", "The pages beside (RFC 8288): `next` and `prev`.")
}

pub(super) fn create_doc() -> Doc {
    Doc::new("create_user", Tag::Users, "Make a user")
        .body(new_user)
        .gives::<User>(StatusCode::CREATED, "The user is made.")
        .with_header("Location", "The address of the user.")
        .problems(&[
            Code::WeakPassword,
            Code::EmailTaken,
            Code::UsernameTaken,
            Code::UnknownRole,
            Code::NotYours,
            Code::Busy,
        ])
}

pub(super) fn read_doc() -> Doc {
    Doc::new("user", Tag::Users, "Read a user")
        .gives::<User>(StatusCode::OK, "The user.")
        .problems(&[Code::NotFound])
}

pub(super) fn delete_doc() -> Doc {
    Doc::new("delete_user", Tag::Users, "Delete a user")
        .about("With their sessions and tokens. What the audit log says of them stays.")
        .gives_nothing(StatusCode::NO_CONTENT, "The user is gone.")
        .problems(&[Code::LastAdmin, Code::NotYours, Code::NotFound])
}

pub(super) fn set_state_doc() -> Doc {
    Doc::new(
        "set_user_state",
        Tag::Users,
        "Enable, disable or lock a user",
    )
    .body(state)
    .gives::<User>(StatusCode::OK, "The user as they are now.")
    .problems(&[Code::LastAdmin, Code::NotYours, Code::NotFound])
}
