//! A server in a process of its own, and a client that sees every byte.

pub mod account;
pub mod server;
pub mod wire;

pub use account::Account;
pub use server::Server;
pub use wire::{Answer, Wire};
