//! One token to judge: the set-up of the verifiers, and the mutations that made it of a valid token. All
//! of it follows from a seed, save what signatures have of their own randomness.

use countersign_verify::{Algorithm, Profile};
use fastrand::Rng;

use crate::draft::Draft;
use crate::mutations::{self, Change, Mutation};
use crate::world::World;

/// How many tokens are signed beforehand for each set-up, for mutations that need no signature anew.
const SIGNED_BEFOREHAND: u64 = 16;

pub struct Case {
    pub seed: u64,
    /// An index into [`World::set_ups`].
    pub set_up: usize,
    pub mutations: Vec<Mutation>,
}

/// Valid tokens for each set-up, and the `alg` of each.
pub struct Valid(Vec<Vec<[String; 3]>>);

impl Valid {
    pub fn sign(world: &World, seed: u64) -> Self {
        let tokens = |set_up| {
            (0..SIGNED_BEFOREHAND)
                .map(|nth| {
                    let draft = base(world, set_up, seed ^ nth);
                    draft.finish(world, |_, _| {})
                })
                .collect()
        };
        Self((0..world.set_ups.len()).map(tokens).collect())
    }

    fn take(&self, set_up: usize, seed: u64) -> [String; 3] {
        let nth = usize::try_from(seed % SIGNED_BEFOREHAND).expect("a small number");
        self.0[set_up][nth].clone()
    }
}

fn base(world: &World, set_up: usize, seed: u64) -> Draft {
    let mut rng = Rng::with_seed(seed);
    let set_up = &world.set_ups[set_up];
    let algorithm = *rng.choice(&set_up.algorithms).expect("at least one");
    Draft::valid(set_up.profile, algorithm, &mut rng)
}

impl Case {
    pub fn draw(world: &World, seed: u64) -> Self {
        // Another stream of numbers than that of the valid token.
        let mut rng = Rng::with_seed(seed ^ 0x5bf0_3635_dcf9_8c17);
        let count = match rng.u32(0..100) {
            0..5 => 0,
            5..80 => 1,
            80..95 => 2,
            _ => 3,
        };
        let mut mutations: Vec<Mutation> = (0..count).map(|_| mutations::draw(&mut rng)).collect();
        // A change of the draft comes before one of its JSON, and so on.
        mutations.sort_by_key(|mutation| mutation.change.stage());
        let signed = mutations.iter().any(|one| one.change.needs_signature());
        let set_ups = world.of_profile(profile(&mut rng));
        let set_up = if signed {
            cheap(world, &set_ups, &mut rng)
        } else {
            one_of(&set_ups, &mut rng)
        };
        Self {
            seed,
            set_up,
            mutations,
        }
    }

    /// The token, with those of the mutations that `kept` names by index.
    pub fn token(&self, world: &World, valid: &Valid, kept: &[usize]) -> String {
        let kept = || kept.iter().filter_map(|index| self.mutations.get(*index));
        let mut parts = if kept().any(|one| one.change.needs_signature()) {
            let mut draft = base(world, self.set_up, self.seed);
            for mutation in kept() {
                if let Change::Draft(change) = &mutation.change {
                    change(&mut draft, world);
                }
            }
            draft.finish(world, |header, claims| {
                for mutation in kept() {
                    if let Change::Json(change) = &mutation.change {
                        change(header, claims);
                    }
                }
            })
        } else {
            valid.take(self.set_up, self.seed)
        };
        for mutation in kept() {
            if let Change::Parts(change) = &mutation.change {
                change(&mut parts);
            }
        }
        let mut token = parts.join(".");
        for mutation in kept() {
            if let Change::Text(change) = &mutation.change {
                change(&mut token);
            }
        }
        token
    }

    /// The class that it counts for: that of its first mutation.
    pub fn class(&self) -> &'static str {
        match self.mutations.as_slice() {
            [] => "valid",
            [only] => only.class,
            _ => "several at once",
        }
    }
}

/// A profile: of seven tokens, two and a half are of those that any issuer may follow, one is Auth0's, and one
/// Cognito's.
fn profile(rng: &mut Rng) -> Profile {
    match rng.u32(0..14) {
        0..5 => Profile::Rfc9068,
        5..10 => Profile::OpenId,
        10..12 => Profile::Auth0,
        _ => Profile::Cognito,
    }
}

fn one_of(set_ups: &[usize], rng: &mut Rng) -> usize {
    *rng.choice(set_ups).expect("each profile has set-ups")
}

/// One of the set-ups, those more often whose signatures cost little.
fn cheap(world: &World, set_ups: &[usize], rng: &mut Rng) -> usize {
    loop {
        let index = one_of(set_ups, rng);
        let weight = match world.set_ups[index].algorithms.as_slice() {
            [Algorithm::Es256 | Algorithm::EdDsa] => 12,
            [one] if one.is_symmetric() => 8,
            [_] => 1,
            _ => 5,
        };
        if rng.u32(0..12) < weight {
            return index;
        }
    }
}
