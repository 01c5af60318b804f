//! Ways to prove who you are, each a module that implements a port of `countersign_app`.
//!
//! A method proves or refuses. It knows no users, sessions or stores, and speaks no transport.

pub mod password;
