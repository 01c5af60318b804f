//! `sha256(username + password + salt)`, as tutorials teach it, with one salt for all users.
//!
//! `$sha256-username-password-salt$<username>$<salt>$<hash>`: username and salt in base64, so that
//! they may hold anything, and the hash as its usual 64 hexadecimal digits or in base64. The
//! username is the one that was hashed, letter for letter; it stays so when the user is renamed.

use aws_lc_rs::digest::{Context, SHA256};
use subtle::ConstantTimeEq;

use super::Unreadable;
use super::fields::base64;

pub(in super::super) struct TutorialHash {
    username: Vec<u8>,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl TutorialHash {
    pub(super) fn parse(fields: &[&str]) -> Result<Self, Unreadable> {
        let part = |part| Unreadable::Part {
            kind: "sha256-username-password-salt",
            part,
        };
        let [username, salt, hash] = fields else {
            return Err(part("username, salt or hash"));
        };
        Ok(Self {
            username: base64(username, 0..=512).ok_or_else(|| part("username"))?,
            salt: base64(salt, 0..=512).ok_or_else(|| part("salt"))?,
            hash: hex(hash)
                .or_else(|| base64(hash, 32..=32))
                .ok_or_else(|| part("hash"))?,
        })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let mut context = Context::new(&SHA256);
        for text in [&self.username, password, &self.salt] {
            context.update(text);
        }
        context.finish().as_ref().ct_eq(&self.hash).into()
    }
}

/// 32 bytes from 64 hexadecimal digits.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    if text.len() != 64 {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}
