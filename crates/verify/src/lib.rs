#![doc = include_str!("../README.md")]

mod authentication;
#[cfg(feature = "axum")]
mod axum;
pub mod bearer;
mod challenge;
mod clock;
#[cfg(feature = "fetch")]
mod fetch;
mod key_source;
mod layer;
mod principal;
mod scope_guard;
mod verifier;

pub use authentication::{Authentication, Refusal};
pub use bearer::{Bearer, BearerError};
pub use challenge::Challenge;
pub use clock::{Clock, SystemClock};
pub use countersign_token::{
    AccessTokenClaims, Algorithm, Audience, Expected, ExpectedError, InvalidName, Issuer, JwkSet,
    JwkSetError, KeyError, KeyId, Keys, Rejection, Scope, Scopes,
};
#[cfg(feature = "fetch")]
pub use fetch::{JwksSource, SourceError};
pub use key_source::KeySource;
pub use layer::{Authenticate, AuthenticateLayer};
pub use principal::{MissingScopes, Principal};
pub use scope_guard::{RequireScopes, RequireScopesLayer};
pub use verifier::Verifier;
