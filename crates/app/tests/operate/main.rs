//! Copying and checking whole stores, over real files.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod busy;
mod copy;
mod healing;
mod refusals;
mod resume;
mod sample;
