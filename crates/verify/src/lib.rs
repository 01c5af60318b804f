#![doc = include_str!("../README.md")]

mod authentication;
#[cfg(feature = "axum")]
mod axum;
pub mod bearer;
mod cache;
mod challenge;
mod clock;
#[cfg(feature = "fetch")]
mod fetch;
#[cfg(feature = "graphql")]
pub mod graphql;
#[cfg(feature = "introspection")]
mod introspection;
mod key_source;
#[cfg(feature = "lambda")]
pub mod lambda;
mod layer;
mod plain_request;
mod principal;
mod revocation;
mod scope_guard;
mod verifier;
#[cfg(feature = "websocket")]
pub mod websocket;

pub use authentication::{Authentication, Refusal};
pub use bearer::{Bearer, BearerError};
pub use challenge::Challenge;
pub use clock::{Clock, SystemClock};
pub use countersign_token::{
    AccessTokenClaims, Algorithm, Audience, Expected, ExpectedError, InvalidName, Issuer, Jwk,
    JwkError, JwkSet, JwkSetError, KeyError, KeyId, Keys, Profile, Rejection, Scope, Scopes,
};
#[cfg(feature = "fetch")]
pub use fetch::{JwksSource, SourceError};
#[cfg(feature = "introspection")]
pub use introspection::{ClientAuthentication, Introspection};
pub use key_source::{KeySetError, KeySource};
pub use layer::{Authenticate, AuthenticateLayer};
pub use principal::{MissingScopes, Principal};
pub use revocation::{Revocation, Standing, StandingUnknown};
pub use scope_guard::{RequireScopes, RequireScopesLayer};
pub use verifier::{IssuerTwice, Verifier};
