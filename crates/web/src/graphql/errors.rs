//! Errors as GraphQL clients see them: a message for people and a stable `extensions.code` for
//! programs, never what goes on inside. What a client should expect to happen (a wrong password, a
//! name taken) is no error but a member of the field's union.

use std::borrow::Cow;
use std::time::Duration;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{ErrorExtensionValues, Pos, ServerError};
use countersign_app::AppError;
use countersign_domain::access::Denied;

/// What a resolver gives: the value, or a fault that knows how to be shown.
pub(super) type Result<T, E = Fault> = std::result::Result<T, E>;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The stable codes of errors, `extensions.code` in an answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

codes! {
    /// The field needs a caller who is logged in.
    Unauthenticated = "UNAUTHENTICATED",
    /// The caller may not; `requiredScope` or `requires` says what is missing.
    Forbidden = "FORBIDDEN",
    /// An argument is not usable; `field` points to it (RFC 6901).
    BadUserInput = "BAD_USER_INPUT",
    /// Too many attempts; `retryAfter` says how many seconds to wait.
    Throttled = "THROTTLED",
    /// Too much to do at the moment; `retryAfter` says how many seconds to wait.
    Busy = "BUSY",
    /// The store can't be reached at the moment; `retryAfter` says how many seconds to wait.
    Unavailable = "UNAVAILABLE",
    /// It took too long.
    Timeout = "TIMEOUT",
    /// Something is broken here; the log says what.
    Internal = "INTERNAL",
    /// The HTTP request is no GraphQL request.
    BadRequest = "BAD_REQUEST",
    /// Several requests came in one body.
    BatchRefused = "BATCH_REFUSED",
    /// The document can't be parsed.
    ParseFailed = "GRAPHQL_PARSE_FAILED",
    /// The document does not fit the schema.
    ValidationFailed = "GRAPHQL_VALIDATION_FAILED",
    /// It is not clear which operation to run.
    OperationUnclear = "OPERATION_RESOLUTION_FAILURE",
    /// The schema may not be asked for.
    IntrospectionDisabled = "INTROSPECTION_DISABLED",
    /// The document is too long.
    TooLarge = "QUERY_TOO_LARGE",
    /// Fields are nested too deeply.
    TooDeep = "QUERY_TOO_DEEP",
    /// The query costs too much.
    TooComplex = "QUERY_TOO_COMPLEX",
    /// There are too many aliases.
    TooManyAliases = "QUERY_TOO_MANY_ALIASES",
    /// There are too many fields at the root.
    TooManyRootFields = "QUERY_TOO_MANY_ROOT_FIELDS",
    /// There are too many directives on one place.
    TooManyDirectives = "QUERY_TOO_MANY_DIRECTIVES",
}

/// Something that stops a request or a field.
///
/// It has no `Display` on purpose: the engine would turn anything that has one into an error with
/// whatever text it prints.
#[derive(Clone, Debug)]
pub struct Fault {
    code: Code,
    message: Cow<'static, str>,
    detail: Detail,
    at: Option<Pos>,
}

/// What stands beside the code in `extensions`.
#[derive(Clone, Debug)]
enum Detail {
    None,
    Text(&'static str, String),
    Number(&'static str, u64),
}

impl Fault {
    /// A fault with a message for people.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            detail: Detail::None,
            at: None,
        }
    }

    /// An argument that is not usable. `pointer` says which (RFC 6901), from the field's arguments.
    pub fn input(pointer: &str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::BadUserInput, why).with("field", pointer)
    }

    /// The same, at a place in the document.
    #[must_use]
    pub fn at(mut self, at: Pos) -> Self {
        self.at = Some(at);
        self
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.detail = Detail::Text(name, value.to_owned());
        self
    }

    /// Says how many seconds to wait before trying again.
    #[must_use]
    pub(super) fn wait(mut self, seconds: u64) -> Self {
        self.detail = Detail::Number("retryAfter", seconds);
        self
    }

    fn retry_after(self, wait: Option<Duration>) -> Self {
        let seconds = wait
            .unwrap_or(Duration::from_secs(1))
            .as_millis()
            .div_ceil(1000)
            .max(1);
        self.wait(u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    fn extensions(self) -> (Cow<'static, str>, ErrorExtensionValues) {
        let mut values = ErrorExtensionValues::default();
        values.set("code", self.code.as_str());
        match self.detail {
            Detail::None => {}
            Detail::Text(name, value) => values.set(name, value),
            Detail::Number(name, value) => values.set(name, value),
        }
        (self.message, values)
    }
}

impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        let (message, extensions) = fault.extensions();
        Self {
            message: message.into_owned(),
            source: None,
            extensions: Some(extensions),
        }
    }
}

impl From<Fault> for ServerError {
    fn from(fault: Fault) -> Self {
        let at = fault.at;
        let (message, extensions) = fault.extensions();
        let mut error = ServerError::new(message, at);
        error.extensions = Some(extensions);
        error
    }
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        let wait = error.retry_after();
        match error {
            AppError::Throttled { .. } => {
                Self::new(Code::Throttled, "too many attempts; wait and try again")
                    .retry_after(wait)
            }
            AppError::CallerLost(_) => Self::new(
                Code::Unauthenticated,
                "the caller was logged out or shut out at the same time; log in again",
            ),
            AppError::Busy(_) => Self::new(
                Code::Busy,
                "too much to do at the moment; wait and try again",
            )
            .retry_after(wait),
            AppError::Store(countersign_app::ports::store::StoreError::Unavailable(_)) => {
                tracing::warn!(%error, "the store did not answer a GraphQL field");
                Self::new(
                    Code::Unavailable,
                    "not available at the moment; wait and try again",
                )
                .retry_after(wait)
            }
            AppError::Store(_) | AppError::Keys(_) => {
                tracing::error!(%error, "a GraphQL field broke");
                Self::internal()
            }
        }
    }
}

impl Fault {
    /// Something is broken here. What, only the log may say.
    pub fn internal() -> Self {
        Self::new(
            Code::Internal,
            "something went wrong here; the log says what",
        )
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => Self::new(
                Code::Unauthenticated,
                "log in first, and send the access token",
            ),
            Denied::MissingScope(scope) => Self::new(
                Code::Forbidden,
                format!("your token lacks the scope `{scope}`"),
            )
            .with("requiredScope", scope),
            Denied::NeedsSession => Self::new(
                Code::Forbidden,
                "a personal access token can't do this; log in with a password",
            )
            .with("requires", "session"),
        }
    }
}

impl From<async_graphql::parser::Error> for Fault {
    /// The parser's own text shows the line it stumbled over, which may hold a password.
    fn from(error: async_graphql::parser::Error) -> Self {
        let at = error.positions().next();
        let fault = Self::new(Code::ParseFailed, "the document can't be parsed");
        match at {
            Some(at) => fault.at(at),
            None => fault,
        }
    }
}

/// Gives an error of the engine's own a code. Those without a path stopped the request; those with
/// one come of an argument of the wrong type. The engine repeats values in its texts, and they may
/// be passwords.
pub(super) fn coded(mut error: ServerError) -> ServerError {
    let has_code = error
        .extensions
        .as_ref()
        .is_some_and(|values| values.get("code").is_some());
    if !has_code {
        let code = if error.path.is_empty() {
            if let Some((before, _)) = error.message.split_once(" does not contain the value ") {
                error.message = format!("{before} does not contain this value");
            }
            Code::ValidationFailed
        } else {
            "an argument is not of the type that the schema says".clone_into(&mut error.message);
            Code::BadUserInput
        };
        error
            .extensions
            .get_or_insert_default()
            .set("code", code.as_str());
    }
    error.source = None;
    error
}

/// The document parsed, or why not.
pub(super) fn parse(query: &str) -> Result<ExecutableDocument> {
    Ok(async_graphql::parser::parse_query(query)?)
}
