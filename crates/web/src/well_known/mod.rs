//! What the instance says of itself: its keys, its metadata, its interfaces and its problems. Nothing
//! here depends on who asks, so caches may keep it.

pub(crate) mod authorization_server;
mod cached;
pub(crate) mod index;
pub(crate) mod jwks;
pub(crate) mod openapi;
pub(crate) mod problems;
