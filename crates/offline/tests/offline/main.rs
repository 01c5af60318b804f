//! Real requests to real functions: Node.js, Python and an executable, behind authorizers of every
//! kind. Statuses, bodies and events are those that AWS documents.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod closed;
mod events;
mod functions;
mod http_api;
mod rest_api;
mod rest_authorizers;
mod serverless;
mod start_and_stop;
mod support;
