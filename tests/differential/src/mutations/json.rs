//! Mutations of the JSON around the members: spaces, marks, what stands before, behind or instead. The
//! signature is good.

use fastrand::Rng;

use super::{Mutation, one_of};

const WRAPPED: &[(&str, &str)] = &[
    ("\u{feff}", ""),
    ("", "\u{feff}"),
    (" ", " "),
    ("\n\t", "\r\n"),
    ("\u{a0}", ""),
    ("", "\u{a0}"),
    ("\0", ""),
    ("", "\0"),
    ("", "{}"),
    ("{}", ""),
    ("[", "]"),
    ("", ","),
    ("", "x"),
    ("", "//"),
    ("/**/", ""),
    ("", "null"),
    ("\u{c}", ""),
    ("\u{b}", ""),
    ("\u{2028}", ""),
    ("", "}"),
    ("{\"a\":", "}"),
    ("\u{1e}", "\n"),
    (")]}'\n", ""),
    ("", " \0"),
    ("\"", "\""),
];
const INSTEAD: &[&str] = &[
    "",
    "{}",
    "[]",
    "null",
    "\"\"",
    "0",
    "true",
    "{",
    "}",
    "[{}]",
    "\u{feff}",
    " ",
    "{\"\":\"\"}",
    "NaN",
];
const REPLACED: &[(&str, &str)] = &[
    (":", " : "),
    (",", " ,\n"),
    (",", ",,"),
    ("{", "{,"),
    ("}", ",}"),
    ("\"", "'"),
    (":", "="),
    (":", ""),
    ("example", "ex\\u0061mple"),
    ("example", "ex\\u0041mple"),
    ("\"sub\"", "sub"),
    ("user", "us\u{0}er"),
    ("user", "us\ter"),
    ("user", "\\ud800er"),
    ("user", "\\uD83D\\uDE00"),
    ("\"exp\"", "\"\\u0065xp\""),
    ("\"alg\"", "\"\\u0061lg\""),
    ("\"alg\"", "\"Alg\""),
    ("\"exp\"", "\"EXP\""),
    ("\"iss\"", "\"is\u{17f}\""),
    ("\"", "\u{201c}"),
    (",", ";"),
    ("\"kid\"", "\"kid\" "),
    (":", ":\u{a0}"),
    ("1", "\u{661}"),
    ("\"aud\"", "\"aud\\u0000\""),
];

/// A change of one JSON document.
type OfBytes = dyn Fn(&mut Vec<u8>) + Send + Sync;

pub fn draw(rng: &mut Rng) -> Mutation {
    let in_header = rng.bool();
    let part = if in_header { "header" } else { "claims" };
    let of = move |change: Box<OfBytes>| {
        move |header: &mut Vec<u8>, claims: &mut Vec<u8>| {
            change(if in_header { header } else { claims })
        }
    };
    match rng.u32(0..10) {
        0..4 => {
            let (before, behind) = one_of(rng, WRAPPED);
            let what = format!("{part}: {before:?} … {behind:?}");
            Mutation::json(
                "JSON: around it",
                what,
                of(Box::new(move |json| {
                    *json = [before.as_bytes(), json, behind.as_bytes()].concat();
                })),
            )
        }
        4 => {
            let instead = one_of(rng, INSTEAD);
            Mutation::json(
                "JSON: instead of it",
                format!("{part}: {instead:?}"),
                of(Box::new(move |json| {
                    *json = instead.as_bytes().to_vec();
                })),
            )
        }
        5 => {
            let encoding = rng.u32(0..4);
            let what = format!("{part}: encoding {encoding}");
            Mutation::json(
                "JSON: other encodings",
                what,
                of(Box::new(move |json| encode(json, encoding))),
            )
        }
        _ => {
            let (old, new) = one_of(rng, REPLACED);
            let once = rng.bool();
            let what = format!("{part}: {old:?} becomes {new:?}, once: {once}");
            Mutation::json(
                "JSON: inside it",
                what,
                of(Box::new(move |json| {
                    let text = String::from_utf8_lossy(json);
                    let text = if once {
                        text.replacen(old, new, 1)
                    } else {
                        text.replace(old, new)
                    };
                    *json = text.into_bytes();
                })),
            )
        }
    }
}

/// UTF-16 in either order, Latin-1, or bytes that are no text.
fn encode(json: &mut Vec<u8>, encoding: u32) {
    let text = String::from_utf8_lossy(json).into_owned();
    *json = match encoding {
        0 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        1 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        2 => text
            .replace("user", "us\u{fffd}r")
            .bytes()
            .filter(|byte| *byte != 0xef)
            .collect(),
        // The overlong form of a quotation mark.
        _ => text
            .bytes()
            .flat_map(|byte| {
                if byte == b'"' {
                    vec![0xc0, 0xa2]
                } else {
                    vec![byte]
                }
            })
            .collect(),
    };
}
