//! The parts of the `countersign` binary that tests and its command line share.

pub mod cli;
pub mod compose;
pub mod config;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod serve;
