//! Mutations of the compact form: base64 with padding, spaces, another alphabet, loose bits; dots; and
//! what is wrapped around a token.

use fastrand::Rng;

use super::{Mutation, one_of};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const ADDED: &[&str] = &[
    "=", "==", "===", "\n", "\r\n", " ", "\t", "\0", "%3D", "+", "/", "!", "A", "AA", "AAAA",
    "\u{e9}", "\u{200b}", "\u{ff21}", "~", ",", "*", "\u{feff}", "&", "#", "-", "_", ".",
];
const WHOLE: &[(&str, &str)] = &[
    ("Bearer ", ""),
    ("bearer ", ""),
    (" ", ""),
    ("", " "),
    ("", "\n"),
    ("\"", "\""),
    (".", ""),
    ("", "."),
    ("", ".."),
    ("", ".x"),
    ("", ".."),
    ("\u{feff}", ""),
    ("", "\0"),
    ("{\"jwt\":\"", "\"}"),
    ("..", ""),
    ("x.", ""),
    ("", "\u{200b}"),
    ("JWT ", ""),
    ("", ","),
    ("token=", ""),
    ("", "#"),
    ("", ".eyJhIjoxfQ.AA"),
];

pub fn draw(rng: &mut Rng) -> Mutation {
    let part = rng.usize(0..3);
    match rng.u32(0..10) {
        0..3 => {
            let (added, at) = (one_of(rng, ADDED), rng.usize(..));
            let place = rng.u32(0..4);
            let what = format!("{added:?} in part {part}, place {place}");
            Mutation::parts("encoding: added", what, move |parts| {
                let part = &mut parts[part];
                let at = match place {
                    0 => 0,
                    1 => at % (part.len() + 1),
                    _ => part.len(),
                };
                if part.is_char_boundary(at) {
                    part.insert_str(at, added);
                }
            })
        }
        3..5 => {
            let bits = rng.usize(1..16);
            Mutation::parts(
                "encoding: loose bits",
                format!("{bits} in part {part}"),
                move |parts| {
                    loose_bits(&mut parts[part], bits);
                },
            )
        }
        5 => Mutation::parts(
            "encoding: other alphabet",
            format!("part {part}"),
            move |parts| {
                parts[part] = parts[part].replace('-', "+").replace('_', "/");
            },
        ),
        6 => Mutation::parts("encoding: padded", format!("part {part}"), move |parts| {
            let missing = (4 - parts[part].len() % 4) % 4;
            parts[part].push_str(&"=".repeat(missing));
        }),
        7 => {
            let kind = rng.u32(0..5);
            Mutation::parts(
                "encoding: parts",
                format!("part {part}, kind {kind}"),
                move |parts| {
                    let other = parts[(part + 1) % 3].clone();
                    match kind {
                        0 => parts[part].clear(),
                        1 => parts[part] = other,
                        2 => parts[part].push_str(&other),
                        3 => parts[part] = crate::keys::base64url(&parts[part]),
                        _ => parts[part].make_ascii_lowercase(),
                    }
                },
            )
        }
        _ => {
            let (before, behind) = one_of(rng, WHOLE);
            let what = format!("{before:?} … {behind:?}");
            Mutation::text("encoding: around it", what, move |token| {
                *token = format!("{before}{token}{behind}");
            })
        }
    }
}

/// Another spelling of the same bytes, where the last character has bits to spare.
fn loose_bits(part: &mut String, bits: usize) {
    let spare = match part.len() % 4 {
        2 => 16,
        3 => 4,
        _ => 1,
    };
    let Some(last) = part.pop() else { return };
    let value = ALPHABET
        .iter()
        .position(|letter| char::from(*letter) == last)
        .unwrap_or(0);
    part.push(char::from(ALPHABET[value ^ (bits % spare)]));
}
