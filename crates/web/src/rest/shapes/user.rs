//! The JSON form of users.

use countersign_domain::user;
use serde::Serialize;
use utoipa::ToSchema;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    /// Names the user for ever.
    #[schema(format = "uuid", example = "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55")]
    id: String,
    /// Unique when there is one.
    #[schema(required, example = "ada")]
    username: Option<String>,
    /// Unique when there is one, whatever its case.
    #[schema(required, format = "email", example = "ada@example.com")]
    email: Option<String>,
    /// Whether somebody proved that mail to the address reaches the user.
    email_verified: bool,
    /// What other people see.
    #[schema(required, example = "Ada Lovelace")]
    display_name: Option<String>,
    /// `active`, `disabled` or `locked`.
    #[schema(example = "active")]
    state: &'static str,
    /// The roles granted; everybody has `user` besides.
    roles: Vec<String>,
    /// The scopes granted directly, beside those of the roles.
    #[schema(example = "reports:read")]
    scope: String,
    /// When the account was made.
    #[schema(format = "date-time", example = "2026-01-31T12:00:00.000Z")]
    created_at: String,
    /// When any of this last changed.
    #[schema(format = "date-time", example = "2026-01-31T12:00:00.000Z")]
    updated_at: String,
}

/// A page of users, in the order of their making.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "the name of the member in the answer"
)]
pub(crate) struct Users {
    /// The users.
    pub(crate) users: Vec<User>,
    /// What `after` takes for the next page; `null` if there is none.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
    /// What `before` takes for the page before; `null` if there is none.
    #[schema(required)]
    pub(crate) prev_cursor: Option<String>,
}

impl From<&user::User> for User {
    fn from(user: &user::User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.as_ref().map(ToString::to_string),
            email: user.email.as_ref().map(ToString::to_string),
            email_verified: user.email_verified,
            display_name: user.display_name.as_ref().map(ToString::to_string),
            state: user.state.as_str(),
            roles: user.roles.iter().map(ToString::to_string).collect(),
            scope: user.scopes.to_string(),
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
        }
    }
}
