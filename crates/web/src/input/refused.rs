//! Why one value can't be taken.

/// Why one value can't be taken: a code for programs and words for people, without the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

impl Refused {
    /// The value is of another JSON type.
    pub(crate) fn wrong_type(expected: &str) -> Self {
        Self {
            code: "wrong_type",
            detail: format!("must be {expected}"),
        }
    }

    /// The value is of the right type and still can't be taken.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "errors and texts alike go in as they come"
    )]
    pub(crate) fn invalid(why: impl ToString) -> Self {
        Self {
            code: "invalid",
            detail: why.to_string(),
        }
    }

    pub(super) fn missing() -> Self {
        Self {
            code: "missing",
            detail: "is required".to_owned(),
        }
    }

    pub(super) fn unknown(what: &str) -> Self {
        Self {
            code: "unknown",
            detail: format!("there is no such {what}: leave it out"),
        }
    }

    pub(super) fn called(name: &str) -> Self {
        Self {
            code: "unknown",
            detail: format!("is called `{name}` here"),
        }
    }

    pub(super) fn twice() -> Self {
        Self {
            code: "twice",
            detail: "comes more than once".to_owned(),
        }
    }
}
