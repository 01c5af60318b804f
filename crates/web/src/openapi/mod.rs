//! `OpenAPI` 3.1, made from the route table: each route carries its own description, its input
//! describes itself, and who may call it is its rule.

mod doc;
mod document;
mod operation;

pub(crate) use doc::{Doc, Tag};
pub use document::document;
pub(crate) use document::document_below;
