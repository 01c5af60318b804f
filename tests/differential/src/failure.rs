//! A token on which the verdicts must not differ, made as small as it gets: with as few mutations as still
//! show it, and taken apart for reading.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::case::Case;
use crate::judges::Verdict;
use crate::world::World;

/// The judgement on one token: ours, jose's, PyJWT's.
pub type Judgement = [Verdict; 3];

/// What is wrong with a judgement, if anything is.
pub fn fault([ours, jose, pyjwt]: [&Verdict; 3], excused: [bool; 2]) -> Option<&'static str> {
    let Verdict::Accepted(read) = ours else {
        return None;
    };
    for (other, excused) in [jose, pyjwt].into_iter().zip(excused) {
        match other {
            Verdict::Refused(_) if !excused => return Some("accepted by us, refused by another"),
            Verdict::Accepted(theirs) if !theirs.starts_with(read) => {
                return Some("read differently");
            }
            _ => {}
        }
    }
    None
}

/// The smallest sets of mutations first.
pub fn subsets(case: &Case) -> Vec<Vec<usize>> {
    let count = case.mutations.len();
    let mut subsets: Vec<Vec<usize>> = (0..1_usize << count)
        .map(|bits| (0..count).filter(|index| bits >> index & 1 == 1).collect())
        .collect();
    subsets.sort_by_key(Vec::len);
    subsets
}

pub fn describe(
    world: &World,
    case: &Case,
    kept: &[usize],
    token: &str,
    fault: &str,
    verdicts: &Judgement,
) -> Value {
    let parts: Vec<Value> = token
        .split('.')
        .map(|part| match URL_SAFE_NO_PAD.decode(part) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => text.into(),
                Err(error) => format!("{} bytes", error.as_bytes().len()).into(),
            },
            Err(_) => format!("not base64url: {part}").into(),
        })
        .collect();
    let mutations: Vec<String> = kept
        .iter()
        .filter_map(|index| case.mutations.get(*index))
        .map(|mutation| format!("{}: {}", mutation.class, mutation.what))
        .collect();
    let set_up = &world.set_ups[case.set_up];
    json!({
        "fault": fault,
        "seed": case.seed,
        "set_up": set_up.name(),
        "keys": set_up.algorithms.iter().map(|one| world.ours.jwk(*one)).collect::<Vec<_>>(),
        "mutations": mutations,
        "token": token,
        "parts": parts,
        "verify": format!("{:?}", verdicts[0]),
        "jose": format!("{:?}", verdicts[1]),
        "pyjwt": format!("{:?}", verdicts[2]),
    })
}
