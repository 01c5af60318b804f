//! Input: strict JSON bodies and queries to typed values, with every fault told at once.
//!
//! A handler says what it takes by a function over [`Fields`]; the same function, run without
//! input, describes itself for `OpenAPI`, so the two can't tell different stories. What a client sent
//! is never repeated in an answer, except the names of members and parameters nobody asked for.

mod body;
mod fields;
mod header;
mod kinds;
mod query;
mod readable;
mod refused;
mod strict;
pub(crate) mod tag;

pub(crate) use body::JSON;
pub(crate) use fields::{Asked, Fields};
pub(crate) use header::idempotency_key;
pub(crate) use kinds::{Flag, Limit, Seconds, Text, Token};
pub(crate) use query::Query;
pub(crate) use readable::Input;
pub(crate) use refused::Refused;
