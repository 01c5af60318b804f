//! What REST answers with: domain values in their JSON form. Names are as in OAuth; scopes are one
//! string with spaces, moments RFC 3339.

mod audit_event;
mod ended;
mod personal_token;
mod role;
mod session;
mod tokens;
mod user;

pub(crate) use audit_event::{AuditEvent, AuditEvents};
pub(crate) use ended::Ended;
pub(crate) use personal_token::{NewPersonalToken, PersonalTokens};
pub(crate) use role::{Role, Roles};
pub(crate) use session::Sessions;
pub(crate) use tokens::{SignedIn, Tokens};
pub(crate) use user::{User, Users};
