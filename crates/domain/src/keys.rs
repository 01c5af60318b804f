//! The life of a signing key: published before it signs, and verifiable until the last token that
//! it signed has died. The schedule is a pure plan over the keys there are; making, sealing and
//! storing keys is the app's.

use std::time::Duration;

use countersign_token::{Algorithm, Jwk, KeyId};

use crate::time::Timestamp;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// Signs access tokens.
    Sign(Algorithm),
    /// Marks refresh tokens and derives their successors.
    MarkRefresh,
}

impl KeyPurpose {
    const MARK_REFRESH: &'static str = "mark_refresh";
    const SIGN: &'static str = "sign:";

    /// The stable name, as stored: `mark_refresh`, or `sign:` and the algorithm.
    pub fn name(self) -> String {
        match self {
            Self::Sign(algorithm) => format!("{}{algorithm}", Self::SIGN),
            Self::MarkRefresh => Self::MARK_REFRESH.to_owned(),
        }
    }

    /// Reads the stable name back.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == Self::MARK_REFRESH {
            return Some(Self::MarkRefresh);
        }
        name.strip_prefix(Self::SIGN)?.parse().ok().map(Self::Sign)
    }
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyStage {
    /// Published, so that verifiers have it before the first token comes.
    Upcoming,
    /// In use.
    Active,
    /// No longer used, but tokens that it signed may still live.
    Retiring,
    /// Of no more use.
    Dead,
}

impl KeyStage {
    /// The name for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Dead => "dead",
        }
    }
}

/// A key as the store keeps it. The private part is sealed; the store can't use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its `kid`.
    pub id: KeyId,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The private part, sealed under the master key.
    pub sealed: Vec<u8>,
    /// The public part, if it has one.
    pub public: Option<Jwk>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it begins to be used.
    pub active_from: Timestamp,
    /// When it stops being used, once that is known.
    pub retired_at: Option<Timestamp>,
    /// When nothing that it signed lives any more; known once it is retired.
    pub dead_from: Option<Timestamp>,
}

impl KeyRecord {
    /// Where the key stands at `now`.
    pub fn stage(&self, now: Timestamp) -> KeyStage {
        if self.dead_from.is_some_and(|at| at <= now) {
            KeyStage::Dead
        } else if self.retired_at.is_some_and(|at| at <= now) {
            KeyStage::Retiring
        } else if self.active_from <= now {
            KeyStage::Active
        } else {
            KeyStage::Upcoming
        }
    }
}

/// All keys of an instance, with a number that counts their changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet {
    /// Counts the changes: a change is refused if another came between.
    pub version: u64,
    /// The keys, the dead ones included until they are cleared away.
    pub keys: Vec<KeyRecord>,
}

impl KeySet {
    /// The key to use for `purpose` at `now`: of the active ones the one activated last.
    pub fn active(&self, purpose: KeyPurpose, now: Timestamp) -> Option<&KeyRecord> {
        self.with_purpose(purpose)
            .filter(|key| key.stage(now) == KeyStage::Active)
            .max_by_key(|key| (key.active_from, key.created_at))
    }

    /// The keys for `purpose`.
    pub fn with_purpose(&self, purpose: KeyPurpose) -> impl Iterator<Item = &KeyRecord> {
        self.keys.iter().filter(move |key| key.purpose == purpose)
    }

    /// The keys that verify what may still live at `now`, those to come included.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &KeyRecord> {
        self.keys
            .iter()
            .filter(move |key| key.stage(now) != KeyStage::Dead)
    }
}

/// How keys come and go.
#[derive(Clone, Copy, Debug)]
pub struct KeySchedule {
    /// How long a signing key is used.
    pub rotate_every: Duration,
    /// How long before its use a key is published: longer than verifiers cache a key set.
    pub publish_ahead: Duration,
    /// How long after its retirement a key is kept: the life of a token, and some leeway.
    pub keep_after: Duration,
}

/// One step that brings the keys to where the schedule wants them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStep {
    /// Make a key for `purpose` that is used from `active_from` on.
    Make {
        /// What for.
        purpose: KeyPurpose,
        /// When its use begins.
        active_from: Timestamp,
    },
    /// Retire a key at `at`; it is dead from `dead_from` on.
    Retire {
        /// Which.
        id: KeyId,
        /// When its use ends.
        at: Timestamp,
        /// When nothing that it signed lives any more.
        dead_from: Timestamp,
    },
    /// Clear a dead key away.
    Remove {
        /// Which.
        id: KeyId,
    },
}

/// What the schedule asks for at `now`, given the purposes in use. Empty when all is well.
///
/// * A purpose without any key gets one that is used at once: there is nothing to overlap with.
/// * A signing key at the end of its time gets a successor, published `publish_ahead` before.
/// * A key whose successor has begun is retired at that moment, and kept for `keep_after`.
/// * A signing key that no audience uses any more is retired.
/// * A dead key is removed. The key that marks refresh tokens does not rotate by itself: its tokens
///   live as long as sessions do.
pub fn plan(
    set: &KeySet,
    purposes: &[KeyPurpose],
    now: Timestamp,
    schedule: &KeySchedule,
) -> Vec<KeyStep> {
    let mut steps = Vec::new();
    for &purpose in purposes {
        let newest = set
            .with_purpose(purpose)
            .filter(|key| matches!(key.stage(now), KeyStage::Active | KeyStage::Upcoming))
            .max_by_key(|key| (key.active_from, key.created_at));
        match newest {
            None => steps.push(KeyStep::Make {
                purpose,
                active_from: now,
            }),
            Some(newest) => {
                let ends = newest.active_from.plus(schedule.rotate_every);
                let due = now >= ends.minus(schedule.publish_ahead);
                if due && matches!(purpose, KeyPurpose::Sign(_)) {
                    let active_from = ends.max(now.plus(schedule.publish_ahead));
                    steps.push(KeyStep::Make {
                        purpose,
                        active_from,
                    });
                }
            }
        }
        steps.extend(succeeded(set, purpose, now, schedule));
    }
    let unused = set.keys.iter().filter(|key| {
        let signs = matches!(key.purpose, KeyPurpose::Sign(_));
        signs && !purposes.contains(&key.purpose) && key.retired_at.is_none()
    });
    steps.extend(unused.map(|key| KeyStep::Retire {
        id: key.id.clone(),
        at: now,
        dead_from: now.plus(schedule.keep_after),
    }));
    let dead = set
        .keys
        .iter()
        .filter(|key| key.stage(now) == KeyStage::Dead);
    steps.extend(dead.map(|key| KeyStep::Remove { id: key.id.clone() }));
    steps
}

/// What a rotation by command asks for: a new key for each purpose, used after `publish_ahead`, or
/// at once if `immediately`. The ones before it are retired when it begins, by [`plan`].
pub fn rotation(
    purposes: &[KeyPurpose],
    now: Timestamp,
    schedule: &KeySchedule,
    immediately: bool,
) -> Vec<KeyStep> {
    let active_from = if immediately {
        now
    } else {
        now.plus(schedule.publish_ahead)
    };
    purposes
        .iter()
        .map(|&purpose| KeyStep::Make {
            purpose,
            active_from,
        })
        .collect()
}

/// Retirements of the keys whose successor has begun.
fn succeeded(
    set: &KeySet,
    purpose: KeyPurpose,
    now: Timestamp,
    schedule: &KeySchedule,
) -> Vec<KeyStep> {
    let Some(active) = set.active(purpose, now) else {
        return Vec::new();
    };
    if purpose == KeyPurpose::MarkRefresh {
        return Vec::new();
    }
    set.with_purpose(purpose)
        .filter(|key| key.id != active.id && key.retired_at.is_none())
        .filter(|key| key.stage(now) == KeyStage::Active)
        .map(|key| KeyStep::Retire {
            id: key.id.clone(),
            at: now,
            dead_from: now.plus(schedule.keep_after),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);
    const SIGN: KeyPurpose = KeyPurpose::Sign(Algorithm::Es256);
    const SCHEDULE: KeySchedule = KeySchedule {
        rotate_every: Duration::from_hours(2160),
        publish_ahead: DAY,
        keep_after: Duration::from_mins(11),
    };

    fn day(n: i64) -> Timestamp {
        Timestamp::from_seconds(n * 86_400)
    }

    fn key(id: &str, purpose: KeyPurpose, from: i64) -> KeyRecord {
        KeyRecord {
            id: id.parse().unwrap(),
            purpose,
            sealed: Vec::new(),
            public: None,
            created_at: day(from),
            active_from: day(from),
            retired_at: None,
            dead_from: None,
        }
    }

    fn set(keys: Vec<KeyRecord>) -> KeySet {
        KeySet { version: 1, keys }
    }

    #[test]
    fn a_first_start_makes_each_key_for_use_at_once() {
        let purposes = [SIGN, KeyPurpose::MarkRefresh];
        let steps = plan(&KeySet::default(), &purposes, day(0), &SCHEDULE);
        let expected = purposes.map(|purpose| KeyStep::Make {
            purpose,
            active_from: day(0),
        });
        assert_eq!(steps, expected);
    }

    #[test]
    fn a_successor_is_published_a_day_before_its_use_and_once() {
        let first = key("first", SIGN, 0);
        assert_eq!(
            plan(&set(vec![first.clone()]), &[SIGN], day(88), &SCHEDULE),
            []
        );
        assert_eq!(
            plan(&set(vec![first.clone()]), &[SIGN], day(89), &SCHEDULE),
            [KeyStep::Make {
                purpose: SIGN,
                active_from: day(90)
            }]
        );
        let both = set(vec![first, key("second", SIGN, 90)]);
        assert_eq!(plan(&both, &[SIGN], day(89), &SCHEDULE), []);
        assert_eq!(both.active(SIGN, day(89)).unwrap().id.to_string(), "first");
        assert_eq!(both.active(SIGN, day(90)).unwrap().id.to_string(), "second");
    }

    #[test]
    fn an_instance_that_slept_past_the_date_still_publishes_before_use() {
        let steps = plan(
            &set(vec![key("first", SIGN, 0)]),
            &[SIGN],
            day(400),
            &SCHEDULE,
        );
        assert_eq!(
            steps,
            [KeyStep::Make {
                purpose: SIGN,
                active_from: day(401)
            }]
        );
    }

    #[test]
    fn a_key_is_verifiable_until_its_last_token_has_died_and_then_goes() {
        let mut both = set(vec![key("first", SIGN, 0), key("second", SIGN, 90)]);
        let dead_from = day(90).plus(SCHEDULE.keep_after);
        assert_eq!(
            plan(&both, &[SIGN], day(90), &SCHEDULE),
            [KeyStep::Retire {
                id: "first".parse().unwrap(),
                at: day(90),
                dead_from
            }]
        );
        both.keys[0].retired_at = Some(day(90));
        both.keys[0].dead_from = Some(dead_from);
        assert_eq!(both.keys[0].stage(day(90)), KeyStage::Retiring);
        assert_eq!(both.published(day(90)).count(), 2);
        assert_eq!(both.published(day(91)).count(), 1);
        assert_eq!(
            plan(&both, &[SIGN], day(91), &SCHEDULE),
            [KeyStep::Remove {
                id: "first".parse().unwrap()
            }]
        );
    }

    #[test]
    fn a_key_of_an_algorithm_that_nobody_uses_any_more_is_retired() {
        let other = KeyPurpose::Sign(Algorithm::Rs256);
        let set = set(vec![key("used", SIGN, 0), key("unused", other, 0)]);
        let dead_from = day(1).plus(SCHEDULE.keep_after);
        assert_eq!(
            plan(&set, &[SIGN], day(1), &SCHEDULE),
            [KeyStep::Retire {
                id: "unused".parse().unwrap(),
                at: day(1),
                dead_from
            }]
        );
    }

    #[test]
    fn the_key_of_refresh_tokens_outlives_the_schedule() {
        let set = set(vec![key("mark", KeyPurpose::MarkRefresh, 0)]);
        assert_eq!(
            plan(&set, &[KeyPurpose::MarkRefresh], day(4000), &SCHEDULE),
            []
        );
    }
}
