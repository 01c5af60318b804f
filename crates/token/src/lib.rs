//! Access tokens: their claims, scopes and audiences, the keys that sign them, and the one strict way to verify them.
//!
//! The format is the JWT profile for access tokens (RFC 9068) under the best current practices for
//! JWTs (RFC 8725 and its revision): compact JWS (RFC 7515), keys bound to their algorithms, a pinned
//! type, issuer and audience. Tokens of other issuers are read by a [`Profile`] of their own. Cryptography is AWS-LC's, through `aws-lc-rs`; keys are parsed once and kept
//! prepared. There is no clock and no IO in here: `now` is an argument, in seconds since 1970-01-01 UTC.
//!
//! ```
//! use countersign_token::{
//!     AccessTokenClaims, Algorithm, Expected, Keys, PrivateKey, Rejection, Signer, verify,
//! };
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = PrivateKey::generate(Algorithm::Es256)?;
//! let keys = Keys::from_private_key(&key)?;
//! let claims = AccessTokenClaims {
//!     iss: "https://id.example.com".parse()?,
//!     aud: vec!["https://api.example.com".parse()?],
//!     sub: "0198a5e2-7c1f-7000-8000-000000000001".into(),
//!     client_id: "web".into(),
//!     jti: "0198a5e2-7c1f-7000-8000-000000000002".into(),
//!     iat: 1_800_000_000,
//!     exp: 1_800_000_600,
//!     scope: "profile:read users:read".parse()?,
//!     roles: vec!["admin".into()],
//!     sid: None,
//!     auth_time: None,
//!     amr: vec!["pwd".into()],
//!     acr: None,
//! };
//! let token = Signer::new(key)?.sign(&claims)?;
//!
//! let expected = Expected::new(
//!     "https://id.example.com".parse()?,
//!     "https://api.example.com".parse()?,
//!     Algorithm::Es256,
//! );
//! assert_eq!(verify(&token, &keys, &expected, 1_800_000_100)?.claims(), &claims);
//! assert_eq!(verify(&token, &keys, &expected, 1_800_009_999), Err(Rejection::Expired));
//! # Ok(())
//! # }
//! ```

mod algorithm;
mod base64url;
mod claim_value;
mod claims;
mod expected;
mod header;
mod json;
mod jwk;
mod jwk_set;
mod key_id;
mod key_pair;
mod keys;
mod names;
mod payload;
mod private_key;
mod profile;
mod public_material;
mod reading;
mod rejection;
mod required_claims;
mod scope;
mod scopes;
mod signer;
mod thumbprint;
mod unverified;
mod verified;

#[cfg(test)]
mod tests;

pub use algorithm::Algorithm;
pub use claims::AccessTokenClaims;
pub use expected::{Expected, ExpectedError};
pub use jwk::{Jwk, JwkError};
pub use jwk_set::{JwkSet, JwkSetError};
pub use key_id::KeyId;
pub use keys::Keys;
pub use names::{Audience, InvalidName, Issuer};
pub use private_key::{KeyError, PrivateKey};
pub use profile::Profile;
pub use rejection::Rejection;
pub use scope::Scope;
pub use scopes::Scopes;
pub use signer::{SignError, Signer};
pub use unverified::{MAX_TOKEN_BYTES, UnverifiedToken, token_hash};
pub use verified::{Verified, verify};
