//! What Countersign knows about users, credentials, sessions, keys, roles and audit events.
//!
//! Everything here is a value or a decision. There is no IO, no clock and no await: the time and
//! random bytes are arguments, so each decision can be tested by a table.

pub mod access;
pub mod audit;
pub mod description;
pub mod email;
pub mod gate;
pub mod id;
pub mod keys;
pub mod names;
pub mod opaque;
pub mod page;
pub mod password;
pub mod personal_token;
pub mod refresh;
pub mod role;
pub mod session;
pub mod standing;
pub mod time;
pub mod user;
