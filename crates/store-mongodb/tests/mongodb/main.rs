//! The `MongoDB` store before a server: the promises of the port, and what only this engine knows.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is test code: it ends at the first surprise, by panicking"
)]

mod addresses;
mod clocks;
mod common;
mod conformance;
mod connections;
mod faults;
mod plans;
mod refusals;
mod schema;
mod tls;
