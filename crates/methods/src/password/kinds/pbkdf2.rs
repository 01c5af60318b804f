//! PBKDF2 (RFC 8018 §5.2) with HMAC-SHA-256 or HMAC-SHA-512, in three ways of writing:
//!
//! * PHC: `$pbkdf2-sha256$i=<iterations>[,l=<bytes>]$<salt>$<hash>`;
//! * passlib: `$pbkdf2-sha256$<iterations>$<salt>$<hash>`, with `.` for `+`;
//! * Django: `pbkdf2_sha256$<iterations>$<salt as text>$<hash>`.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{self, Algorithm, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512};

use super::Unreadable;
use super::fields::{base64, number, parameter};
use super::limits::MAX_PBKDF2_ITERATIONS;

const KIND: &str = "pbkdf2";

pub(in super::super) struct Pbkdf2Hash {
    algorithm: Algorithm,
    iterations: NonZeroU32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

fn part(part: &'static str) -> Unreadable {
    Unreadable::Part { kind: KIND, part }
}

impl Pbkdf2Hash {
    pub(super) fn parse(kind: &str, fields: &[&str]) -> Result<Self, Unreadable> {
        let algorithm = match kind {
            "pbkdf2-sha512" => PBKDF2_HMAC_SHA512,
            _ => PBKDF2_HMAC_SHA256,
        };
        let [parameters, salt, hash] = fields else {
            return Err(part("iterations, salt or hash"));
        };
        let (iterations, length, salt, hash) = if parameters.contains('=') {
            let (i, length) = match parameters.split_once(',') {
                None => (*parameters, None),
                Some((i, l)) => (i, Some(parameter(l, "l").ok_or_else(|| part("l"))?)),
            };
            (
                parameter(i, "i"),
                length,
                base64(salt, 1..=128),
                base64(hash, 16..=64),
            )
        } else {
            let standard = |text: &str| text.replace('.', "+");
            let (salt, hash) = (standard(salt), standard(hash));
            (
                number(parameters),
                None,
                base64(&salt, 1..=128),
                base64(&hash, 16..=64),
            )
        };
        let hash = hash.ok_or_else(|| part("hash"))?;
        if length.is_some_and(|length| usize::try_from(length) != Ok(hash.len())) {
            return Err(part("l"));
        }
        Self::new(
            algorithm,
            iterations,
            salt.ok_or_else(|| part("salt"))?,
            hash,
        )
    }

    pub(super) fn parse_django(fields: &[&str]) -> Result<Self, Unreadable> {
        let [iterations, salt, hash] = fields else {
            return Err(part("iterations, salt or hash"));
        };
        if salt.is_empty() {
            return Err(part("salt"));
        }
        let hash = base64(hash, 16..=64).ok_or_else(|| part("hash"))?;
        Self::new(
            PBKDF2_HMAC_SHA256,
            number(iterations),
            salt.as_bytes().to_vec(),
            hash,
        )
    }

    fn new(
        algorithm: Algorithm,
        iterations: Option<u32>,
        salt: Vec<u8>,
        hash: Vec<u8>,
    ) -> Result<Self, Unreadable> {
        let iterations = iterations
            .and_then(NonZeroU32::new)
            .ok_or_else(|| part("iterations"))?;
        if iterations.get() > MAX_PBKDF2_ITERATIONS {
            return Err(Unreadable::TooCostly {
                kind: KIND,
                what: "the number of iterations",
            });
        }
        Ok(Self {
            algorithm,
            iterations,
            salt,
            hash,
        })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        pbkdf2::verify(
            self.algorithm,
            self.iterations,
            &self.salt,
            password,
            &self.hash,
        )
        .is_ok()
    }
}
