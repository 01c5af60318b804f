//! A token as it comes in: taken apart within bounds (RFC 7515 §3.1, §7.1), believed in nothing. It
//! tells only what is needed to find its key; its claims can't be had without verifying.

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::header::{self, Header};
use crate::key_id::KeyId;
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

    /// The key that the token claims to be signed with.
    pub fn kid(&self) -> &KeyId {
        &self.header.kid
    }

    /// The algorithm that the token claims to be signed with.
    pub fn algorithm(&self) -> Algorithm {
        self.header.algorithm
    }
}
