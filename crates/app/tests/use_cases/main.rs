//! The use cases over the real store and the real password method.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::match_same_arms,
    reason = "a test that can't go on has failed"
)]

mod administration;
mod issuance_matrix;
mod keys;
mod log_in;
mod refresh;
mod shared_work;
#[path = "../support/mod.rs"]
mod support;
mod thrown_out;
