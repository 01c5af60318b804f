//! Blind mutations: bits and bytes of the finished token, or of its JSON before it is signed.

use fastrand::Rng;

use super::{Mutation, one_of};

#[derive(Clone, Copy, Debug)]
enum Edit {
    Flip(u8),
    Put(u8),
    Insert(u8),
    Remove,
    Repeat(usize),
    Swap(usize),
    Cut,
}

/// What JSON is made of.
const TELLING: &[u8] = b"{}[]\",:\\0123456789-+.eEtfnu \0/\x7f\xff\xc2";

fn draw_edit(rng: &mut Rng) -> (usize, Edit) {
    let byte = if rng.bool() {
        one_of(rng, TELLING)
    } else {
        rng.u8(..)
    };
    let edit = match rng.u32(0..20) {
        0..9 => Edit::Flip(rng.u8(0..8)),
        9..12 => Edit::Put(byte),
        12..15 => Edit::Insert(byte),
        15..17 => Edit::Remove,
        17 => Edit::Repeat(rng.usize(1..24)),
        18 => Edit::Swap(rng.usize(..)),
        _ => Edit::Cut,
    };
    (rng.usize(..), edit)
}

fn apply(bytes: &mut Vec<u8>, (at, edit): (usize, Edit)) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    let at = at % length;
    match edit {
        Edit::Flip(bit) => bytes[at] ^= 1 << bit,
        Edit::Put(byte) => bytes[at] = byte,
        Edit::Insert(byte) => bytes.insert(at, byte),
        Edit::Remove => drop(bytes.remove(at)),
        Edit::Repeat(count) => {
            let end = (at + count).min(length);
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        Edit::Swap(other) => bytes.swap(at, other % length),
        Edit::Cut => bytes.truncate(at),
    }
}

pub fn draw(rng: &mut Rng) -> Mutation {
    let edits: Vec<_> = (0..one_of(rng, &[1, 1, 1, 2, 3, 5]))
        .map(|_| draw_edit(rng))
        .collect();
    let what = format!("{edits:?}");
    if rng.bool() {
        return Mutation::text("bytes of the token", what, move |token| {
            let mut bytes = std::mem::take(token).into_bytes();
            for edit in &edits {
                apply(&mut bytes, *edit);
            }
            *token = String::from_utf8_lossy(&bytes).into_owned();
        });
    }
    let in_header = rng.u32(0..3) == 0;
    Mutation::json(
        "bytes of the JSON, signed",
        format!("header: {in_header}, {what}"),
        move |header, claims| {
            for edit in &edits {
                apply(if in_header { header } else { claims }, *edit);
            }
        },
    )
}
