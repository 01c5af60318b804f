//! The program as Lambda runs it: a process of its own, before a runtime API that is a real server.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that can't set up has failed"
)]

mod configuring;
mod fetching;
mod gateway;
mod invoking;
mod process;
