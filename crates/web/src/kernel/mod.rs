//! What every request passes before its route or field: where it comes from, what it is called in
//! the logs, who calls, and the headers that every answer carries.
//!
//! Before all of it, [`base_path`] takes a stage or mapping off the address.
//!
//! From the outside in: [`observe`] (request id, client address, span, metrics), [`secure`]
//! (headers), CORS, panics, [`deadline`], [`credentials`] (one token at most, nowhere but in the
//! header). Who calls is found out per route, by [`identify`]: a route that takes a credential of
//! its own in the body, such as a refresh token, does not look at the `Authorization` header, so
//! that a client that sends its stale access token everywhere can still refresh it.

mod address;
pub(crate) mod base_path;
mod cors;
mod credentials;
mod deadline;
mod extract;
mod fallback;
mod forwarded;
pub mod identify;
mod invocation;
mod layers;
mod observe;
mod panics;
mod ready;
mod request_id;
mod secure;
mod trace;

pub(crate) use extract::Known;
pub use invocation::{Invocation, Observed, Start, Unready};
pub use layers::wrap;
