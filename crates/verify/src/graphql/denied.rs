//! How a field is denied: an error with `extensions.code`, `UNAUTHENTICATED` or `FORBIDDEN`, as clients of
//! Apollo's servers and of Countersign itself know them.

use async_graphql::{Error, ErrorExtensionValues};

use crate::principal::MissingScopes;

/// Why a field is denied. It becomes an [`async_graphql::Error`] by `?`, with its code in `extensions`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// It takes a caller, and there is none: `UNAUTHENTICATED`.
    Unauthenticated,
    /// The caller may not: `FORBIDDEN`.
    Forbidden,
    /// The caller lacks scopes: `FORBIDDEN`, with the alternatives in `requiredScopes`.
    InsufficientScope(Vec<Vec<String>>),
}

impl Denied {
    /// The value of `extensions.code`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden | Self::InsufficientScope(_) => "FORBIDDEN",
        }
    }
}

// INVARIANT: no `Display`: the engine turns whatever has one into an error without extensions.
impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        let mut error = Self::new(match &denied {
            Denied::Unauthenticated => "log in first",
            Denied::Forbidden => "you may not do this",
            Denied::InsufficientScope(_) => "your token does not allow this",
        });
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", denied.code());
        if let Denied::InsufficientScope(alternatives) = denied {
            extensions.set("requiredScopes", alternatives);
        }
        error.extensions = Some(extensions);
        error
    }
}

impl From<MissingScopes> for Denied {
    fn from(error: MissingScopes) -> Self {
        let required = error.required.iter().map(ToString::to_string).collect();
        Self::InsufficientScope(vec![required])
    }
}
