//! Holds what was measured of an engine against the aims: refreshes in a second, and that a call
//! costs the same however many users there are.

use serde_json::{Value, json};

use super::call::What;
use super::engine::Engine;
use super::instance::{Instance, all_ms, per_second};

/// Growth up to here is flat.
const FLAT: f64 = 0.2;

/// One aim, what was found, and whether that meets it.
pub struct Verdict {
    aim: String,
    found: String,
    is_met: bool,
}

impl Verdict {
    pub fn row(&self) -> String {
        let Self { aim, found, is_met } = self;
        let word = if *is_met { "met" } else { "missed" };
        format!("| {aim} | {found} | {word} |\n")
    }

    pub fn json(&self) -> Value {
        json!({ "aim": self.aim, "found": self.found, "met": self.is_met })
    }
}

/// Judges an engine by its instances, the one with the fewest users first.
pub fn judge(engine: Engine, instances: &[Instance]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let (Some(few), Some(many)) = (instances.first(), instances.last()) else {
        return verdicts;
    };
    if let Some(least) = engine.refresh_aim() {
        for instance in instances {
            let found = per_second(&instance.of(What::Refresh).crowd);
            verdicts.push(Verdict {
                aim: format!(
                    "refresh with {} users: {least:.0}/s at least",
                    instance.filled.users
                ),
                found: format!("{found:.0}/s"),
                is_met: found >= least,
            });
        }
    }
    if instances.len() < 2 {
        return verdicts;
    }
    for what in What::ALL {
        let (one, other) = (few.of(what), many.of(what));
        let name = what.name();
        for (which, share) in [("p50", 0.5), ("p99", 0.99)] {
            let (from, to) = (all_ms(&one.one, share), all_ms(&other.one, share));
            verdicts.push(flat(
                format!("{name}, {which} of one client"),
                "ms",
                from,
                to,
            ));
        }
        if let (Some(from), Some(to)) = (one.write_ms(), other.write_ms()) {
            verdicts.push(flat(format!("{name}, mean of its write"), "ms", from, to));
        }
    }
    let (from, to) = (few.memory.own, many.memory.own);
    verdicts.push(flat("memory of its own".to_owned(), "MiB", from, to));
    verdicts
}

fn flat(what: String, unit: &str, from: f64, to: f64) -> Verdict {
    let growth = to / from - 1.0;
    Verdict {
        aim: format!("{what}: {:.0} % more at most", FLAT * 100.0),
        found: format!("{from:.2} → {to:.2} {unit}, {:+.0} %", growth * 100.0),
        is_met: growth <= FLAT,
    }
}
