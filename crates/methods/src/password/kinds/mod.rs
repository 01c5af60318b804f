//! The kinds of password hash that can be verified.
//!
//! New hashes are Argon2id. All others come from elsewhere and are replaced at the next login. Each
//! kind is parsed strictly into a type before anything is computed: whatever an import or a
//! tampered store holds, a hash is understood whole and within [`Limits`], or not at all.

mod argon2;
mod bcrypt;
mod fields;
mod firebase;
mod limits;
mod pbkdf2;
mod scrypt;
mod tutorial;

use argon2::Variant;
pub(super) use argon2::{Argon2Cost, Argon2Hash, HASH_BYTES, SALT_BYTES};
pub(super) use limits::Limits;

use super::memory::Memory;
use super::peppers::Peppers;
use fields::fields;

/// Why a text is no hash that can be verified. Never repeats the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// Of no kind known here.
    #[error(
        "its kind is unknown; known are argon2id, argon2i, argon2d, bcrypt, scrypt, pbkdf2-sha256, \
         pbkdf2-sha512, firebase-scrypt and sha256-username-password-salt"
    )]
    Kind,
    /// Longer than any hash.
    #[error("it is too long for a password hash")]
    Length,
    /// Of a known kind, but some part is not as it must be.
    #[error("{kind}: {part} is missing or malformed")]
    Part {
        /// The kind.
        kind: &'static str,
        /// The part.
        part: &'static str,
    },
    /// It asks for more work than one login may cost.
    #[error("{kind}: {what} is over the limit")]
    TooCostly {
        /// The kind.
        kind: &'static str,
        /// What is too much.
        what: &'static str,
    },
    /// bcrypt's `$2x$`: made by a version of `crypt_blowfish` that mishandled 8-bit characters.
    #[error("bcrypt: $2x$ marks hashes of a broken implementation; reset this password instead")]
    BrokenBcrypt,
    /// Made under a pepper that is not configured.
    #[error("argon2: it was made under a pepper that is not configured here")]
    UnknownPepper,
}

/// A hash that was understood. Not printable, as it holds what to guess against.
pub(super) enum Stored {
    Argon2(Argon2Hash),
    Bcrypt(bcrypt::BcryptHash),
    Scrypt(scrypt::ScryptHash),
    Pbkdf2(pbkdf2::Pbkdf2Hash),
    Firebase(firebase::FirebaseHash),
    Tutorial(tutorial::TutorialHash),
}

/// No hash is longer: Firebase's with its signer key is about 250 bytes.
const MAX_TEXT_BYTES: usize = 2048;

impl Stored {
    /// Reads a hash of any kind.
    pub(super) fn parse(text: &str, limits: &Limits) -> Result<Self, Unreadable> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(Unreadable::Length);
        }
        let fields = fields(text);
        match fields.as_slice() {
            ["", kind, rest @ ..] => match *kind {
                "argon2id" => Argon2Hash::parse(Variant::Argon2id, rest, limits).map(Self::Argon2),
                "argon2i" => Argon2Hash::parse(Variant::Argon2i, rest, limits).map(Self::Argon2),
                "argon2d" => Argon2Hash::parse(Variant::Argon2d, rest, limits).map(Self::Argon2),
                "2a" | "2b" | "2y" => bcrypt::BcryptHash::parse(rest).map(Self::Bcrypt),
                "2x" => Err(Unreadable::BrokenBcrypt),
                "scrypt" => scrypt::ScryptHash::parse(rest, limits).map(Self::Scrypt),
                "pbkdf2-sha256" | "pbkdf2-sha512" => {
                    pbkdf2::Pbkdf2Hash::parse(kind, rest).map(Self::Pbkdf2)
                }
                "firebase-scrypt" => {
                    firebase::FirebaseHash::parse(rest, limits).map(Self::Firebase)
                }
                "sha256-username-password-salt" => {
                    tutorial::TutorialHash::parse(rest).map(Self::Tutorial)
                }
                _ => Err(Unreadable::Kind),
            },
            ["pbkdf2_sha256", rest @ ..] => {
                pbkdf2::Pbkdf2Hash::parse_django(rest).map(Self::Pbkdf2)
            }
            _ => Err(Unreadable::Kind),
        }
    }

    /// Whether `password` is the one that was hashed. Compares in constant time.
    pub(super) fn verify(
        &self,
        password: &[u8],
        peppers: &Peppers,
        memory: &mut Memory,
        keep_blocks: usize,
    ) -> Result<bool, Unreadable> {
        Ok(match self {
            Self::Argon2(hash) => return hash.verify(password, peppers, memory, keep_blocks),
            Self::Bcrypt(hash) => hash.verify(password),
            Self::Scrypt(hash) => hash.verify(password),
            Self::Pbkdf2(hash) => hash.verify(password),
            Self::Firebase(hash) => hash.verify(password),
            Self::Tutorial(hash) => hash.verify(password),
        })
    }
}
