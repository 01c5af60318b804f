//! Mutations of the signature: bits, lengths, forms, other signers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fastrand::Rng;

use super::{Mutation, one_of};
use crate::draft::Signer;
use crate::keys::base64url;

/// What happens to the bytes of a signature.
#[derive(Clone, Copy, Debug)]
enum Form {
    Empty,
    Zeros,
    Ones,
    Cut,
    CutInFront,
    Longer,
    LongerInFront,
    Halves,
    FirstHalf,
    Der,
    Hex,
    Twice,
    Reversed,
    /// `s` becomes `s + 1`, or what that is in the last byte.
    Next,
}

const FORMS: [Form; 14] = [
    Form::Empty,
    Form::Zeros,
    Form::Ones,
    Form::Cut,
    Form::CutInFront,
    Form::Longer,
    Form::LongerInFront,
    Form::Halves,
    Form::FirstHalf,
    Form::Der,
    Form::Hex,
    Form::Twice,
    Form::Reversed,
    Form::Next,
];

impl Form {
    fn apply(self, bytes: &[u8]) -> Vec<u8> {
        let half = bytes.len() / 2;
        match self {
            Self::Empty => vec![],
            Self::Zeros => vec![0; bytes.len()],
            Self::Ones => vec![0xff; bytes.len()],
            Self::Cut => bytes[..bytes.len().saturating_sub(1)].to_vec(),
            Self::CutInFront => bytes.get(1..).unwrap_or_default().to_vec(),
            Self::Longer => [bytes, &[0]].concat(),
            Self::LongerInFront => [&[0], bytes].concat(),
            Self::Halves => [&bytes[half..], &bytes[..half]].concat(),
            Self::FirstHalf => bytes[..half].to_vec(),
            Self::Der => der(&bytes[..half], &bytes[half..]),
            Self::Hex => bytes
                .iter()
                .flat_map(|byte| format!("{byte:02x}").into_bytes())
                .collect(),
            Self::Twice => [bytes, bytes].concat(),
            Self::Reversed => bytes.iter().rev().copied().collect(),
            Self::Next => {
                let mut bytes = bytes.to_vec();
                if let Some(last) = bytes.last_mut() {
                    *last = last.wrapping_add(1);
                }
                bytes
            }
        }
    }
}

/// Two numbers as the DER of an ECDSA signature, which JWS does not use (RFC 7518 §3.4).
fn der(first: &[u8], second: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| {
        let bytes: Vec<u8> = bytes
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect();
        let sign: &[u8] = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
            &[0]
        } else {
            &[]
        };
        let length = u8::try_from(bytes.len() + sign.len()).unwrap_or(u8::MAX);
        [&[2, length], sign, &bytes].concat()
    };
    let numbers = [number(first), number(second)].concat();
    let length = u8::try_from(numbers.len()).unwrap_or(u8::MAX);
    [vec![0x30, length], numbers].concat()
}

pub fn draw(rng: &mut Rng) -> Mutation {
    match rng.u32(0..10) {
        0..3 => {
            let (at, bit) = (rng.usize(..), rng.u32(0..8));
            Mutation::parts(
                "signature: bits",
                format!("bit {bit} at {at}"),
                move |parts| {
                    let mut bytes = URL_SAFE_NO_PAD.decode(&parts[2]).unwrap_or_default();
                    let length = bytes.len().max(1);
                    if let Some(byte) = bytes.get_mut(at % length) {
                        *byte ^= 1 << bit;
                    }
                    parts[2] = base64url(bytes);
                },
            )
        }
        3..7 => {
            let form = one_of(rng, &FORMS);
            Mutation::parts("signature: forms", format!("{form:?}"), move |parts| {
                let bytes = URL_SAFE_NO_PAD.decode(&parts[2]).unwrap_or_default();
                parts[2] = base64url(form.apply(&bytes));
            })
        }
        7 => Mutation::draft(
            "signature: another key",
            "signed by an attacker",
            |draft, _| {
                draft.signer = Signer::Attacker(draft.algorithm);
            },
        ),
        8 => Mutation::parts(
            "signature: of other claims",
            "changed after signing",
            |parts| {
                let claims = URL_SAFE_NO_PAD.decode(&parts[1]).unwrap_or_default();
                parts[1] = base64url(String::from_utf8_lossy(&claims).replace("user", "root"));
            },
        ),
        _ => Mutation::draft("signature: none", "unsigned", |draft, _| {
            draft.signer = Signer::Nobody
        }),
    }
}
