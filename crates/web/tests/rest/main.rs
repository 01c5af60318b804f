//! REST through the router, in a tree that mirrors the addresses.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that finds what it does not expect has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod attacks;
mod audit_events;
mod free_text;
mod kernel;
mod login;
mod logout;
mod me;
mod metrics;
mod monitor;
mod openapi;
mod problems;
mod refresh;
mod register;
mod roles;
mod rules;
mod sessions;
mod throttles;
mod tokens;
mod tour;
mod users;
mod verify;
mod well_known;
