//! The command line from outside: the real binary, each test with a directory of its own.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::format_collect,
    reason = "helpers of tests fail the test; files are built where their lines are read"
)]

mod authority;
mod backup;
mod config;
mod doctor;
mod export;
mod help;
mod import;
mod import_files;
mod import_hashes;
mod keys;
mod last_admin;
mod migrate;
mod monitor;
#[cfg(feature = "offline")]
mod offline;
mod pipes;
mod sessions;
mod store_check;
mod store_copy;
mod support;
mod tokens;
mod users;
