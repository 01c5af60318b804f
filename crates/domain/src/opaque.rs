//! Opaque bearer values: refresh tokens and personal access tokens.
//!
//! Their form is `<prefix>_<body><checksum>`: the prefix says what the value is for, so that one
//! made for one purpose is never taken for another; the body is base62 and holds an id, what the
//! kind needs, and 256 random or derived bits; the checksum is CRC-32 in six base62 digits, so that
//! secret scanners can tell a real token from a look-alike without asking anybody. Stores see the
//! SHA-256 of the secret alone, compared in constant time.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::{Zeroize, Zeroizing};

use crate::id::{PersonalTokenId, SessionId};

const REFRESH_PREFIX: &str = "csr";
const PERSONAL_PREFIX: &str = "csp";
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM_DIGITS: usize = 6;

/// The text is not a token of the wanted kind, or not one that this instance made. It says no more:
/// whoever presents a wrong token learns nothing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid token")]
pub struct InvalidToken;

/// Why a refresh token is none of ours. For the instance alone: clients are told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid refresh token")]
pub enum InvalidRefreshToken {
    /// It does not even look like one.
    Malformed,
    /// None of the keys marked it.
    NotOurs,
}

impl From<InvalidToken> for InvalidRefreshToken {
    fn from(_: InvalidToken) -> Self {
        Self::Malformed
    }
}

/// The SHA-256 of a token's secret: what a store keeps. Compared in constant time.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    fn of(secret: &[u8; 32]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Wraps a hash read back from a store.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash, for the store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// The key under which this instance marks the refresh tokens that it made, and derives successors.
#[derive(Clone)]
pub struct RefreshKey(Zeroizing<[u8; 32]>);

impl RefreshKey {
    /// Wraps 256 secret bits.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn mac(&self, label: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        // INVARIANT: HMAC takes keys of any length, so there is no failure to report.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            return [0; 32];
        };
        mac.update(label);
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for RefreshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshKey(…)")
    }
}

/// A refresh token of this instance: which session it refreshes, which in the line it is, and the
/// secret. It carries a MAC, so that a made-up token is told from a spent one without a look into
/// the store, and nobody can end a stranger's session by inventing a "spent" token for it.
#[derive(Clone)]
pub struct RefreshToken {
    session_id: SessionId,
    generation: u32,
    secret: Zeroizing<[u8; 32]>,
}

const REFRESH_MAC_BYTES: usize = 16;
const REFRESH_BYTES: usize = 16 + 4 + 32 + REFRESH_MAC_BYTES;

impl RefreshToken {
    /// The first token of a session, with 256 random bits.
    pub fn first(session_id: SessionId, random: [u8; 32]) -> Self {
        Self {
            session_id,
            generation: 0,
            secret: Zeroizing::new(random),
        }
    }

    /// The successor of this token: derived from it, the nonce that the store kept, and the
    /// instance's key, so that whoever repeats a refresh gets the identical successor although
    /// nothing but hashes is stored. Neither the store alone nor a token alone gives it away.
    #[must_use]
    pub fn successor(&self, key: &RefreshKey, nonce: &[u8; 32]) -> Self {
        let generation = self.generation.saturating_add(1);
        let secret = key.mac(
            b"countersign refresh successor v1",
            &[
                self.session_id.as_uuid().as_bytes(),
                &generation.to_be_bytes(),
                nonce,
                self.secret.as_slice(),
            ],
        );
        Self {
            session_id: self.session_id,
            generation,
            secret: Zeroizing::new(secret),
        }
    }

    /// The session that it refreshes.
    pub fn session_id(&self) -> SessionId {
        self.session_id
    }

    /// Its place in the line, from 0.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// What the store keeps of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.secret)
    }

    fn mark(&self, key: &RefreshKey) -> [u8; 32] {
        key.mac(
            b"countersign refresh token v1",
            &[
                self.session_id.as_uuid().as_bytes(),
                &self.generation.to_be_bytes(),
                self.secret.as_slice(),
            ],
        )
    }

    /// The token as the client gets it.
    pub fn reveal(&self, key: &RefreshKey) -> SecretString {
        let mut bytes = Zeroizing::new(Vec::with_capacity(REFRESH_BYTES));
        bytes.extend_from_slice(self.session_id.as_uuid().as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(self.secret.as_slice());
        bytes.extend(self.mark(key).iter().take(REFRESH_MAC_BYTES));
        encode(REFRESH_PREFIX, &bytes)
    }

    /// Reads a token that a client presented; refuses what none of these keys marked.
    pub fn parse(text: &str, keys: &[RefreshKey]) -> Result<Self, InvalidRefreshToken> {
        let (token, mark) = Self::unmarked(text)?;
        let ours = keys.iter().any(|key| {
            let expected = token.mark(key);
            expected
                .get(..REFRESH_MAC_BYTES)
                .is_some_and(|e| e.ct_eq(&*mark).into())
        });
        if ours {
            Ok(token)
        } else {
            Err(InvalidRefreshToken::NotOurs)
        }
    }

    /// The token and its mark, which nobody has looked at yet.
    fn unmarked(text: &str) -> Result<(Self, Zeroizing<Vec<u8>>), InvalidToken> {
        let bytes: Zeroizing<[u8; REFRESH_BYTES]> = decode(REFRESH_PREFIX, text)?;
        let (id, rest) = bytes.split_first_chunk::<16>().ok_or(InvalidToken)?;
        let (generation, rest) = rest.split_first_chunk::<4>().ok_or(InvalidToken)?;
        let (secret, mark) = rest.split_first_chunk::<32>().ok_or(InvalidToken)?;
        let token = Self {
            session_id: SessionId::from_uuid(Uuid::from_bytes(*id)),
            generation: u32::from_be_bytes(*generation),
            secret: Zeroizing::new(*secret),
        };
        Ok((token, Zeroizing::new(mark.to_vec())))
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "RefreshToken({}, {}, …)",
            self.session_id, self.generation
        )
    }
}

/// The secret of a personal access token.
#[derive(Clone)]
pub struct PersonalSecret {
    id: PersonalTokenId,
    secret: Zeroizing<[u8; 32]>,
}

impl PersonalSecret {
    /// A new one with 256 random bits.
    pub fn new(id: PersonalTokenId, random: [u8; 32]) -> Self {
        Self {
            id,
            secret: Zeroizing::new(random),
        }
    }

    /// Whether a bearer value claims to be a personal access token.
    pub fn looks_like_one(text: &str) -> bool {
        text.strip_prefix(PERSONAL_PREFIX)
            .is_some_and(|rest| rest.starts_with('_'))
    }

    /// Which token it is.
    pub fn id(&self) -> PersonalTokenId {
        self.id
    }

    /// What the store keeps of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.secret)
    }

    /// The token as its owner gets to see it, once.
    pub fn reveal(&self) -> SecretString {
        let mut bytes = Zeroizing::new(Vec::with_capacity(48));
        bytes.extend_from_slice(self.id.as_uuid().as_bytes());
        bytes.extend_from_slice(self.secret.as_slice());
        encode(PERSONAL_PREFIX, &bytes)
    }

    /// Reads a token that a client presented.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let bytes: Zeroizing<[u8; 48]> = decode(PERSONAL_PREFIX, text)?;
        let (id, rest) = bytes.split_first_chunk::<16>().ok_or(InvalidToken)?;
        let secret = rest.first_chunk::<32>().ok_or(InvalidToken)?;
        Ok(Self {
            id: PersonalTokenId::from_uuid(Uuid::from_bytes(*id)),
            secret: Zeroizing::new(*secret),
        })
    }
}

impl fmt::Debug for PersonalSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalSecret({}, …)", self.id)
    }
}

/// How many base62 digits hold `bytes` bytes: 62^digits must reach 256^bytes.
const fn digits_for(bytes: usize) -> usize {
    // log(256) / log(62) = 1.34359…, rounded up with room to spare below 200 bytes.
    (bytes * 13437).div_ceil(10000)
}

fn encode(prefix: &str, bytes: &[u8]) -> SecretString {
    let body = to_base62(bytes, digits_for(bytes.len()));
    let mut text = String::with_capacity(prefix.len() + 1 + body.len() + CHECKSUM_DIGITS);
    text.push_str(prefix);
    text.push('_');
    text.push_str(&body);
    let checksum = checksum(&text);
    text.push_str(&checksum);
    SecretString::from(text)
}

fn checksum(text: &str) -> String {
    to_base62(
        &crc32fast::hash(text.as_bytes()).to_be_bytes(),
        CHECKSUM_DIGITS,
    )
    .to_string()
}

fn decode<const N: usize>(prefix: &str, text: &str) -> Result<Zeroizing<[u8; N]>, InvalidToken> {
    if text.len() != prefix.len() + 1 + digits_for(N) + CHECKSUM_DIGITS || !text.is_ascii() {
        return Err(InvalidToken);
    }
    let (value, given) = text.split_at(text.len() - CHECKSUM_DIGITS);
    if checksum(value) != given {
        return Err(InvalidToken);
    }
    let body = value
        .strip_prefix(prefix)
        .and_then(|v| v.strip_prefix('_'))
        .ok_or(InvalidToken)?;
    from_base62(body)
}

/// Big-endian bytes to exactly `digits` base62 digits.
fn to_base62(bytes: &[u8], digits: usize) -> Zeroizing<String> {
    let mut number = Zeroizing::new(bytes.to_vec());
    let mut text = vec![b'0'; digits];
    for place in text.iter_mut().rev() {
        let mut remainder = 0u32;
        for byte in number.iter_mut() {
            let value = (remainder << 8) | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        *place = DIGITS.get(remainder as usize).copied().unwrap_or(b'0');
    }
    let shown = Zeroizing::new(String::from_utf8_lossy(&text).into_owned());
    text.zeroize();
    shown
}

/// The reverse; refuses digits outside the alphabet and numbers that do not fit.
fn from_base62<const N: usize>(text: &str) -> Result<Zeroizing<[u8; N]>, InvalidToken> {
    let mut number = Zeroizing::new([0u8; N]);
    for digit in text.bytes() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'Z' => digit - b'A' + 10,
            b'a'..=b'z' => digit - b'a' + 36,
            _ => return Err(InvalidToken),
        };
        let mut carry = u32::from(value);
        for byte in number.iter_mut().rev() {
            let sum = u32::from(*byte) * 62 + carry;
            let [_, _, high, low] = sum.to_be_bytes();
            *byte = low;
            carry = u32::from(high);
        }
        if carry != 0 {
            return Err(InvalidToken);
        }
    }
    Ok(number)
}

/// Shows a revealed token to a transport that is about to write it into an answer.
pub fn expose(token: &SecretString) -> &str {
    token.expose_secret()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Timestamp;

    fn key(n: u8) -> RefreshKey {
        RefreshKey::from_bytes([n; 32])
    }

    fn first() -> RefreshToken {
        RefreshToken::first(
            SessionId::from_parts(Timestamp::from_millis(5), [3; 10]),
            [7; 32],
        )
    }

    #[test]
    fn a_refresh_token_survives_its_text_and_shows_its_kind() {
        let token = first();
        let text = token.reveal(&key(1));
        assert!(expose(&text).starts_with("csr_"));
        let back = RefreshToken::parse(expose(&text), &[key(2), key(1)]).unwrap();
        assert_eq!(back.session_id(), token.session_id());
        assert_eq!(back.generation(), 0);
        assert_eq!(back.hash(), token.hash());
    }

    #[test]
    fn a_made_up_token_with_a_good_checksum_is_not_ours() {
        let text = first().reveal(&key(9));
        assert_eq!(
            RefreshToken::parse(expose(&text), &[key(1)]).unwrap_err(),
            InvalidRefreshToken::NotOurs
        );
    }

    // CVE-2026-110862, CVE-2026-4325: a value made for one purpose taken for another.
    #[test]
    fn a_token_of_one_kind_is_never_taken_for_another() {
        let personal = PersonalSecret::new(
            PersonalTokenId::from_parts(Timestamp::from_millis(5), [3; 10]),
            [7; 32],
        );
        let refresh = first().reveal(&key(1));
        assert!(PersonalSecret::parse(expose(&refresh)).is_err());
        assert!(RefreshToken::parse(expose(&personal.reveal()), &[key(1)]).is_err());
        let relabelled = expose(&personal.reveal()).replacen("csp", "csr", 1);
        assert!(RefreshToken::parse(&relabelled, &[key(1)]).is_err());
    }

    #[test]
    fn a_repeated_refresh_derives_the_identical_successor() {
        let (one, other) = (first(), first());
        let successor = one.successor(&key(1), &[5; 32]);
        assert_eq!(successor.hash(), other.successor(&key(1), &[5; 32]).hash());
        assert_eq!(successor.generation(), 1);
        assert_ne!(successor.hash(), one.successor(&key(1), &[6; 32]).hash());
        assert_ne!(successor.hash(), one.successor(&key(2), &[5; 32]).hash());
        assert_ne!(successor.hash(), one.hash());
    }

    #[test]
    fn no_token_is_printed() {
        assert!(format!("{:?}", first()).ends_with("0, …)"));
        assert!(!format!("{:?}", key(1)).contains('1'));
    }

    proptest! {
        #[test]
        fn any_personal_token_survives_its_text(
            id in any::<[u8; 16]>(), secret in any::<[u8; 32]>()
        ) {
            let token = PersonalSecret::new(PersonalTokenId::from_uuid(Uuid::from_bytes(id)), secret);
            let back = PersonalSecret::parse(expose(&token.reveal())).unwrap();
            prop_assert_eq!(back.id(), token.id());
            prop_assert_eq!(back.hash(), token.hash());
        }

        #[test]
        fn any_one_changed_character_is_noticed(at in 0usize..80, to in "[0-9A-Za-z_ é]") {
            let text = first().reveal(&key(1));
            let text = expose(&text);
            let at = at % text.len();
            let changed: String = text.chars().enumerate()
                .map(|(i, c)| if i == at { to.clone() } else { c.to_string() }).collect();
            prop_assume!(changed != text);
            prop_assert!(RefreshToken::parse(&changed, &[key(1)]).is_err());
        }

        #[test]
        fn any_text_at_all_is_refused_without_a_panic(text in ".*") {
            prop_assert!(RefreshToken::parse(&text, &[key(1)]).is_err());
            prop_assert!(PersonalSecret::parse(&text).is_err());
        }
    }
}
