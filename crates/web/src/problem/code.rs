//! The codes of all problems: what programs go by, and what `GET /problems/{code}` explains.

use http::StatusCode;

macro_rules! codes {
    ($($variant:ident = $name:literal, $status:ident, $title:literal, $meaning:literal;)*) => {
        /// What kind of problem it is. The name is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The status of the answer.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// A short name for people, the same each time.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What it means and what to do.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    InvalidRequest = "invalid_request", BAD_REQUEST, "Invalid request",
        "send one access token at most, in one authorization header and nowhere else";
    InvalidJson = "invalid_json", BAD_REQUEST, "Invalid JSON",
        "the body is not one JSON object that names each of its members once";
    InvalidQuery = "invalid_query", BAD_REQUEST, "Invalid query",
        "the query has parameters that can't be taken; `errors` says which and why";
    InvalidHeader = "invalid_header", BAD_REQUEST, "Invalid header",
        "a header can't be taken; `errors` says which and why";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Authentication required",
        "this takes an access token: log in and send it as `Authorization: Bearer …`";
    InvalidToken = "invalid_token", UNAUTHORIZED, "Invalid token",
        "the access token is not good, or not any more: refresh it or log in again";
    InvalidCredentials = "invalid_credentials", UNAUTHORIZED, "Invalid credentials",
        "there is no account with this identifier and password that may log in";
    InvalidGrant = "invalid_grant", UNAUTHORIZED, "Invalid refresh token",
        "the refresh token is not good, or not any more: log in again";
    InsufficientScope = "insufficient_scope", FORBIDDEN, "Insufficient scope",
        "the access token lacks the scope that this takes";
    SessionRequired = "session_required", FORBIDDEN, "Session required",
        "this takes an access token from a login; a personal access token can't do it";
    NotYours = "not_yours", FORBIDDEN, "Beyond your authority",
        "nobody grants what they do not have, or acts on a user who may do more than they";
    WrongPassword = "wrong_password", FORBIDDEN, "Wrong password",
        "the current password is needed for this, and is missing or not right";
    SignUpClosed = "sign_up_closed", FORBIDDEN, "Sign-up closed",
        "this instance takes no sign-ups: ask its administrator for an account";
    NotFound = "not_found", NOT_FOUND, "Not found",
        "there is nothing here, or nothing that is yours";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed",
        "this address does not take this method; `Allow` says which it takes";
    EmailTaken = "email_taken", CONFLICT, "E-mail address taken",
        "somebody has an account with this e-mail address";
    UsernameTaken = "username_taken", CONFLICT, "Username taken",
        "somebody has an account with this username";
    LastAdmin = "last_admin", CONFLICT, "Last administrator",
        "it would leave no active user with the role `admin`: make another one first";
    BuiltInRole = "built_in_role", CONFLICT, "Built-in role",
        "a built-in role can't be defined anew or deleted";
    TooManyTokens = "too_many_tokens", CONFLICT, "Too many tokens",
        "the account has the most personal access tokens that are allowed: revoke one first";
    VersionConflict = "version_conflict", PRECONDITION_FAILED, "Changed meanwhile",
        "it is not any more what `If-Match` names: read it again";
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "Body too large",
        "the body is larger than this instance takes";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE,
        "Unsupported media type", "send the body as application/json in UTF-8";
    InvalidInput = "invalid_input", UNPROCESSABLE_ENTITY, "Invalid input",
        "the body has members that can't be taken; `errors` says which and why";
    WeakPassword = "weak_password", UNPROCESSABLE_ENTITY, "Weak password",
        "the password is too easy to guess";
    InvalidTarget = "invalid_target", UNPROCESSABLE_ENTITY, "Unknown audience",
        "no tokens are made for this audience";
    UnknownRole = "unknown_role", UNPROCESSABLE_ENTITY, "Unknown role",
        "there is no such role: define it first";
    TooManyScopes = "too_many_scopes", UNPROCESSABLE_ENTITY, "Too many scopes",
        "it would come to more scopes than fit into a token";
    ScopesNotHeld = "scopes_not_held", UNPROCESSABLE_ENTITY, "Scopes not held",
        "a personal access token can't have scopes that the caller's own token lacks";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY,
        "Idempotency key reused", "this `Idempotency-Key` came with another request before";
    Throttled = "throttled", TOO_MANY_REQUESTS, "Too many attempts",
        "too many attempts: wait as long as `Retry-After` says";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Internal error",
        "something is broken here; the log has it under the request's id";
    Busy = "busy", SERVICE_UNAVAILABLE, "Busy",
        "too many logins at once: try again after `Retry-After`";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Unavailable",
        "the store can't answer now: try again after `Retry-After`";
    Timeout = "timeout", SERVICE_UNAVAILABLE, "Timeout",
        "it took too long and was given up; a change may have been made all the same";
}

impl Code {
    /// Reads the stable name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}
