//! What is the same for all tokens of a run: the keys, the time, and the ways in which a verifier can be
//! set up. Each token is judged by all judges under one set-up, which is the same for each of them.

use countersign_verify::{Algorithm, Expected, Profile};
use serde_json::{Value, json};

use crate::keys::KeyRing;

pub const NOW: i64 = 1_800_000_000;
pub const LEEWAY: u32 = 30;
pub const ISSUER: &str = "https://id.example.com";
pub const AUDIENCE: &str = "https://api.example.com";

/// What Auth0 signs with, as its settings have it.
const OF_AUTH0: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Hs256];

/// How a verifier is set up.
pub struct SetUp {
    pub profile: Profile,
    pub algorithms: Vec<Algorithm>,
}

impl SetUp {
    pub fn name(&self) -> String {
        match self.algorithms.as_slice() {
            [only] => format!("{} {only}", self.profile),
            _ => format!("{} every algorithm", self.profile),
        }
    }

    pub fn expected(&self) -> Expected {
        Expected::of_profile(
            self.profile,
            ISSUER.parse().expect("an issuer"),
            vec![AUDIENCE.parse().expect("an audience")],
            self.algorithms.clone(),
        )
        .expect("an algorithm")
        .with_leeway_seconds(LEEWAY)
    }
}

pub struct World {
    pub ours: KeyRing,
    /// Keys of the same kinds that nobody trusts.
    pub attackers: KeyRing,
    pub set_ups: Vec<SetUp>,
}

impl World {
    pub fn generate() -> Self {
        Self {
            ours: KeyRing::generate(),
            attackers: KeyRing::generate(),
            set_ups: Profile::ALL.into_iter().flat_map(set_ups).collect(),
        }
    }

    /// The set-ups of one profile, as indices.
    pub fn of_profile(&self, profile: Profile) -> Vec<usize> {
        let all = self.set_ups.iter().enumerate();
        all.filter(|(_, set_up)| set_up.profile == profile)
            .map(|(index, _)| index)
            .collect()
    }

    /// All of it, for a judge in another language.
    pub fn described(&self) -> Value {
        let set_ups: Vec<Value> = self
            .set_ups
            .iter()
            .map(|set_up| {
                let keys = set_up.algorithms.iter();
                json!({
                    "profile": set_up.profile.to_string(),
                    "algorithms": set_up.algorithms,
                    "keys": keys.map(|algorithm| self.ours.jwk(*algorithm)).collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({
            "now": NOW,
            "leeway": LEEWAY,
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "set_ups": set_ups,
        })
    }
}

/// Each algorithm that issuers of this profile sign with, alone; and every algorithm at once, so that one can be
/// taken for another.
fn set_ups(profile: Profile) -> Vec<SetUp> {
    let alone = match profile {
        Profile::Auth0 => OF_AUTH0.to_vec(),
        Profile::Cognito => vec![Algorithm::Rs256],
        _ => Algorithm::ALL.to_vec(),
    };
    let mut set_ups: Vec<SetUp> = alone
        .into_iter()
        .map(|algorithm| SetUp {
            profile,
            algorithms: vec![algorithm],
        })
        .collect();
    set_ups.push(SetUp {
        profile,
        algorithms: Algorithm::ALL.to_vec(),
    });
    set_ups
}
