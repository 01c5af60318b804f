//! What is done to tokens. Each mutation is drawn whole: applied again, it does the same again.

mod bytes;
mod claims;
mod encoding;
mod header;
mod json;
mod signature;
mod values;

use fastrand::Rng;

use crate::draft::Draft;
use crate::world::World;

pub struct Mutation {
    /// Under which heading it is counted.
    pub class: &'static str,
    /// What it does, for people.
    pub what: String,
    pub change: Change,
}

type OfDraft = dyn Fn(&mut Draft, &World) + Send + Sync;
type OfJson = dyn Fn(&mut Vec<u8>, &mut Vec<u8>) + Send + Sync;
type OfParts = dyn Fn(&mut [String; 3]) + Send + Sync;
type OfText = dyn Fn(&mut String) + Send + Sync;

pub enum Change {
    /// Of members and signer, before signing.
    Draft(Box<OfDraft>),
    /// Of the JSON of header and claims, before signing: the signature holds.
    Json(Box<OfJson>),
    /// Of the three parts, after signing.
    Parts(Box<OfParts>),
    /// Of the whole token.
    Text(Box<OfText>),
}

impl Change {
    pub fn stage(&self) -> u8 {
        match self {
            Self::Draft(_) => 0,
            Self::Json(_) => 1,
            Self::Parts(_) => 2,
            Self::Text(_) => 3,
        }
    }

    pub fn needs_signature(&self) -> bool {
        self.stage() < 2
    }
}

impl Mutation {
    fn draft(
        class: &'static str,
        what: impl Into<String>,
        change: impl Fn(&mut Draft, &World) + Send + Sync + 'static,
    ) -> Self {
        let (what, change) = (what.into(), Change::Draft(Box::new(change)));
        Self {
            class,
            what,
            change,
        }
    }

    fn json(
        class: &'static str,
        what: impl Into<String>,
        change: impl Fn(&mut Vec<u8>, &mut Vec<u8>) + Send + Sync + 'static,
    ) -> Self {
        let (what, change) = (what.into(), Change::Json(Box::new(change)));
        Self {
            class,
            what,
            change,
        }
    }

    fn parts(
        class: &'static str,
        what: impl Into<String>,
        change: impl Fn(&mut [String; 3]) + Send + Sync + 'static,
    ) -> Self {
        let (what, change) = (what.into(), Change::Parts(Box::new(change)));
        Self {
            class,
            what,
            change,
        }
    }

    fn text(
        class: &'static str,
        what: impl Into<String>,
        change: impl Fn(&mut String) + Send + Sync + 'static,
    ) -> Self {
        let (what, change) = (what.into(), Change::Text(Box::new(change)));
        Self {
            class,
            what,
            change,
        }
    }
}

/// Any mutation.
pub fn draw(rng: &mut Rng) -> Mutation {
    match rng.u32(0..100) {
        0..20 => header::draw(rng),
        20..46 => claims::draw(rng),
        46..55 => json::draw(rng),
        55..65 => signature::draw(rng),
        65..75 => encoding::draw(rng),
        _ => bytes::draw(rng),
    }
}

fn one_of<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(0..choices.len())]
}
