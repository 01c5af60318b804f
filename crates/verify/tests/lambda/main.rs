//! The Lambda authorizer as a gateway sees it: real events in, whole answers out, and what the gateway then does with
//! them while it keeps them.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that can't set up has failed"
)]

mod answers;
mod caches;
#[path = "../common/mod.rs"]
mod common;
mod iam;
mod maps;
mod places;
mod setting;
