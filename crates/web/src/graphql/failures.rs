//! What a client should expect to go wrong, as types: members of the unions that mutations give.
//!
//! All of them implement `UserError`, so that one fragment (`... on UserError { message code }`)
//! serves a client that only wants to show what happened.

use async_graphql::{Interface, SimpleObject};
use countersign_domain::password;

/// Something that a client should expect to go wrong, in words for people and for programs.
#[derive(Interface)]
#[expect(
    clippy::duplicated_attributes,
    reason = "each `field` has a type of its own"
)]
#[graphql(
    field(
        name = "message",
        ty = "&String",
        desc = "What went wrong, for people to read."
    ),
    field(
        name = "code",
        ty = "&String",
        desc = "What went wrong, for programs; stable."
    )
)]
pub enum UserError {
    /// See the type.
    InvalidCredentials(InvalidCredentials),
    /// See the type.
    WeakPassword(WeakPassword),
    /// See the type.
    WrongPassword(WrongPassword),
    /// See the type.
    EmailTaken(EmailTaken),
    /// See the type.
    UsernameTaken(UsernameTaken),
    /// See the type.
    IdentifierMissing(IdentifierMissing),
    /// See the type.
    SignupClosed(SignupClosed),
    /// See the type.
    UnknownAudience(UnknownAudience),
    /// See the type.
    IdempotencyKeyReused(IdempotencyKeyReused),
    /// See the type.
    InvalidRefreshToken(InvalidRefreshToken),
    /// See the type.
    NotInSession(NotInSession),
    /// See the type.
    VersionConflict(VersionConflict),
    /// See the type.
    NotFound(NotFound),
    /// See the type.
    ScopesNotHeld(ScopesNotHeld),
    /// See the type.
    ScopesMissing(ScopesMissing),
    /// See the type.
    LifetimeTooLong(LifetimeTooLong),
    /// See the type.
    TooManyTokens(TooManyTokens),
    /// See the type.
    LastAdmin(LastAdmin),
    /// See the type.
    BeyondYourAuthority(BeyondYourAuthority),
    /// See the type.
    UnknownRole(UnknownRole),
    /// See the type.
    TooManyScopes(TooManyScopes),
    /// See the type.
    BuiltInRole(BuiltInRole),
}

macro_rules! failures {
    ($($(#[$doc:meta])* $name:ident $code:literal $message:literal
        $({ $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })?)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, SimpleObject)]
        pub struct $name {
            /// What went wrong, for people to read.
            pub message: String,
            /// What went wrong, for programs; stable.
            pub code: String,
            $($($(#[$field_doc])* pub $field: $type,)*)?
        }

        impl $name {
            pub(super) fn new($($($field: $type,)*)?) -> Self {
                Self {
                    message: $message.to_owned(),
                    code: $code.to_owned(),
                    $($($field,)*)?
                }
            }
        }
    )* };
}

failures! {
    /// There is no such account, the password is wrong, or the account may not be used. Which of
    /// them is not said.
    InvalidCredentials "invalid_credentials" "the name or the password is not right"
    /// The present password that was given is not right.
    WrongPassword "wrong_password" "the present password is not right"
    /// Somebody has the e-mail address already.
    EmailTaken "email_taken" "somebody has this e-mail address already"
    /// Somebody has the username already.
    UsernameTaken "username_taken" "somebody has this username already"
    /// An account needs a username or an e-mail address.
    IdentifierMissing "identifier_missing" "give a username, an e-mail address, or both"
    /// This server takes no sign-ups.
    SignupClosed "signup_closed" "this server takes no sign-ups"
    /// Tokens can't be made for this audience.
    UnknownAudience "unknown_audience" "there is no such audience"
    /// The idempotency key was used for another request before.
    IdempotencyKeyReused "idempotency_key_reused"
        "this idempotency key came with another request before"
    /// The refresh token is of no use: it is unknown, spent or expired, or its session has ended.
    InvalidRefreshToken "invalid_refresh_token" "the refresh token is of no use; log in again"
    /// The caller has a personal access token, which is not in a session.
    NotInSession "not_in_session" "a personal access token is not in a session; revoke it instead"
    /// Something changed since the client looked.
    VersionConflict "version_conflict" "it was changed meanwhile; read it again"
    /// There is none with this id, or none that the caller can see.
    NotFound "not_found" "there is none with this id"
    /// A token may not do what its maker may not do.
    ScopesNotHeld "scopes_not_held" "you don't have all of these scopes yourself" {
        /// The scopes that the caller lacks.
        missing: Vec<String>,
    }
    /// A token without scopes could do nothing.
    ScopesMissing "scopes_missing" "give at least one scope"
    /// The token would live longer than is allowed.
    LifetimeTooLong "lifetime_too_long" "the token would live longer than is allowed" {
        /// The longest life of a token, in seconds.
        max_seconds: i64,
    }
    /// The caller has the most tokens that are allowed.
    TooManyTokens "too_many_tokens" "you have the most tokens that are allowed; revoke one first" {
        /// The most tokens that one user may have.
        max: i32,
    }
    /// Nobody would be left to administer the server.
    LastAdmin "last_admin" "nobody would be left to administer this server"
    /// The user may do more than the caller, or the caller would give what they do not have.
    BeyondYourAuthority "beyond_your_authority"
        "this takes somebody who may do at least as much as is at stake"
    /// There is no such role.
    UnknownRole "unknown_role" "there is no such role" {
        /// The name that no role has.
        role: String,
    }
    /// It would be more scopes than fit into a token.
    TooManyScopes "too_many_scopes" "these are more scopes than fit into a token"
    /// The built-in roles can't be defined anew or deleted.
    BuiltInRole "built_in_role" "this role is built in and stays as it is"
}

/// The new password is too easy to guess, too short or too long.
#[derive(Clone, Debug, SimpleObject)]
pub struct WeakPassword {
    /// What went wrong, for people to read.
    pub message: String,
    /// What went wrong, for programs; stable.
    pub code: String,
    /// What would make it stronger, for people to read.
    pub suggestions: Vec<String>,
    /// The least number of characters, if it has too few.
    pub min_length: Option<i32>,
    /// The greatest number of characters, if it has too many.
    pub max_length: Option<i32>,
}

impl From<password::WeakPassword> for WeakPassword {
    fn from(weak: password::WeakPassword) -> Self {
        let length = |chars: usize| i32::try_from(chars).ok();
        let (message, code) = (weak.to_string(), weak.code().to_owned());
        let (suggestions, min_length, max_length) = match weak {
            password::WeakPassword::TooShort { min } => (Vec::new(), length(min), None),
            password::WeakPassword::TooLong { max } => (Vec::new(), None, length(max)),
            password::WeakPassword::Common | password::WeakPassword::Personal => {
                (Vec::new(), None, None)
            }
            password::WeakPassword::Guessable { suggestions, .. } => (suggestions, None, None),
        };
        Self {
            message,
            code,
            suggestions,
            min_length,
            max_length,
        }
    }
}
