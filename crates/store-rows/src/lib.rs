//! What the rows of the SQL stores say: which columns a thing of the domain is kept in, and how a row
//! is read back. Knows no driver, no query and no table's definition: those are each store's own.

mod accounts;
mod cells;
mod keys;
mod marks;
mod things;

pub use accounts::{
    AccountRows, add_role, first_with_account, password, user, user_and_role_names,
};
pub use cells::{Cells, Driver, Unreadable};
pub use keys::add_key;
pub use marks::{key_of, mark_of, not_a_mark};
pub use things::{event, idempotency, personal_token, role, session};

/// The columns of a user without their roles, from the table `u`, as [`user`] reads them.
#[macro_export]
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.email_key, u.email_verified, u.display_name, u.state, \
         u.scopes, u.created_at, u.updated_at, u.version"
    };
}

/// What follows the user's columns in a query for [`AccountRows`]: one row a role, with its definition
/// if it has a stored one.
#[macro_export]
macro_rules! role_columns {
    () => {
        "held.role, r.description, r.scopes"
    };
}

/// The tables that [`role_columns!`] come from.
#[macro_export]
macro_rules! role_tables {
    () => {
        "LEFT JOIN user_roles held ON held.user_id = u.id LEFT JOIN roles r ON r.name = held.role"
    };
}

/// The columns of a session, from the table `s`, as [`session`] reads them.
#[macro_export]
macro_rules! session_columns {
    () => {
        "s.id, s.user_id, s.device, s.address, s.asked_scopes, s.audience, s.amr, \
         s.authenticated_at, s.created_at, s.last_seen_at, s.idle_expires_at, s.expires_at, \
         s.ended_at, s.end_reason, s.generation, s.current_hash, s.previous_hash, s.nonce, \
         s.rotated_at"
    };
}

/// The columns of a personal access token, from the table `t`, as [`personal_token`] reads them.
#[macro_export]
macro_rules! token_columns {
    () => {
        "t.id, t.user_id, t.name, t.scopes, t.hash, t.created_at, t.expires_at, t.last_used_at, \
         t.revoked_at"
    };
}
