//! A token as it comes in: taken apart within bounds (RFC 7515 §3.1, §7.1), believed in nothing. It
//! tells only what is needed to find its key: its other claims can't be had without verifying.

use aws_lc_rs::digest;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::claim_value::ClaimValue;
use crate::header::{self, Header, TokenType};
use crate::key_id::KeyId;
use crate::payload;
use crate::rejection::Rejection;

/// Largest token, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Largest header, in bytes of base64url.
const MAX_HEADER_BYTES: usize = 1024;

/// A token that nobody has verified yet.
#[derive(Clone, Debug)]
pub struct UnverifiedToken<'a> {
    header: Header,
    /// Header and payload with the dot between: what is signed.
    pub(crate) message: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: &'a str,
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a token apart and reads its header.
    ///
    /// Errors: the reasons of [`Rejection`] that need no key.
    pub fn parse(token: &'a str) -> Result<Self, Rejection> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejection::TooLarge);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Rejection::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(Rejection::Malformed)?;
        if payload.contains('.') {
            return Err(Rejection::Malformed);
        }
        if header.len() > MAX_HEADER_BYTES {
            return Err(Rejection::TooLarge);
        }
        let header = base64url::decode(header).ok_or(Rejection::Malformed)?;
        let header = header::parse(&header)?;
        Ok(Self {
            header,
            message,
            payload,
            signature,
        })
    }

    /// The key that the token claims to be signed with; `None` if it names none.
    pub fn kid(&self) -> Option<&KeyId> {
        self.header.kid.as_ref()
    }

    /// The algorithm that the token claims to be signed with.
    pub fn algorithm(&self) -> Algorithm {
        self.header.algorithm
    }

    pub(crate) fn token_type(&self) -> TokenType {
        self.header.token_type
    }

    /// The issuer that the token claims to come from; `None` if it names none. It may choose among
    /// issuers that are trusted anyway; verifying then insists on that very issuer.
    ///
    /// Errors: [`Rejection::Malformed`] and the other reasons for claims that can't be read.
    ///
    /// ```
    /// use countersign_token::UnverifiedToken;
    ///
    /// // {"alg":"ES256"} . {"iss":"https://id.example.com"} . (no signature)
    /// let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUuY29tIn0.";
    /// let token = UnverifiedToken::parse(token)?;
    /// assert_eq!(token.issuer()?.as_deref(), Some("https://id.example.com"));
    /// # Ok::<(), countersign_token::Rejection>(())
    /// ```
    pub fn issuer(&self) -> Result<Option<String>, Rejection> {
        let payload = base64url::decode(self.payload).ok_or(Rejection::Malformed)?;
        match payload::parse(&payload)?.iss {
            Some(ClaimValue::Text(issuer)) => Ok(Some(issuer.into_owned())),
            Some(_) => Err(Rejection::MalformedClaim("iss")),
            None => Ok(None),
        }
    }
}

/// The SHA-256 of a whole token: what a cache of tokens is keyed by, so that it holds no token.
pub fn token_hash(token: &str) -> [u8; 32] {
    let hash = digest::digest(&digest::SHA256, token.as_bytes());
    // INVARIANT: SHA-256 has 32 bytes.
    hash.as_ref().try_into().unwrap_or_default()
}
