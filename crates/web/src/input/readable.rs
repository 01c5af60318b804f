//! What a type needs to be read from input.

use serde_json::Value;
use utoipa::openapi::schema::Object;

use super::Refused;

/// A type that can be read from a JSON value, or, if it reads strings, from a query parameter.
pub(crate) trait Input: Sized {
    /// Reads a value. The refusal does not repeat it.
    fn read(value: &Value) -> Result<Self, Refused>;

    /// What `OpenAPI` says of it, without a description.
    fn schema() -> Object;

    /// A value that can be read.
    fn example() -> Value;
}

/// The text of a value.
pub(super) fn text(value: &Value) -> Result<&str, Refused> {
    value
        .as_str()
        .ok_or_else(|| Refused::wrong_type("a string"))
}
