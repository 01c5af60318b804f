//! What was measured, as a table for people and JSON for programs.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::checker::{Found, Violation};
use crate::engines::Engine;
use crate::failure::Outcome;
use crate::history::{self, Operation};

/// What may take how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// No call may take so long, database or not. A call has a deadline of 1.5 s; what is above that
    /// is for the machine, which may have other things to do.
    pub slowest: Duration,
    /// After an outage everything works again within this.
    pub recovery: Duration,
}

impl Limits {
    /// What the product promises, on a machine that does nothing else.
    pub const PROMISED: Self = Self {
        slowest: Duration::from_secs(2),
        recovery: Duration::from_secs(5),
    };
    /// On a machine that may stand still for seconds, as one of a continuous integration does. A call
    /// without a deadline fails still: everything is held for longer than this.
    pub const BUSY_MACHINE: Self = Self {
        slowest: Duration::from_secs(6),
        recovery: Duration::from_secs(15),
    };
}
/// So many violations are shown; there may be thousands that say the same.
const SHOWN: usize = 20;

/// A time in which the database was out of reach, in microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When the server answered again.
    pub over: u64,
    /// The processes that go on after it.
    pub processes: Vec<u8>,
}

impl Outage {
    /// How long after it each process that goes on had its first answer. `None` if one had none.
    pub fn recovery(&self, operations: &[Operation]) -> Option<Duration> {
        let mut slowest = 0;
        for process in &self.processes {
            let theirs = operations
                .iter()
                .filter(|operation| operation.invoked.process == *process);
            let answered = theirs.filter(|operation| !operation.is_unknown());
            let first = answered
                .map(Operation::ended_at)
                .filter(|at| *at >= self.over)
                .min()?;
            slowest = slowest.max(first - self.over);
        }
        Some(Duration::from_micros(slowest))
    }
}

/// What a history tells.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    operations: u64,
    acknowledged: u64,
    refused: u64,
    unknown: u64,
    slowest: Duration,
    recovery: Option<Duration>,
    is_recovered: bool,
    why: BTreeMap<String, u64>,
}

impl Measures {
    /// Measures.
    pub fn of(operations: &[Operation], outages: &[Outage]) -> Self {
        let mut measures = Self {
            is_recovered: true,
            ..Self::default()
        };
        for operation in operations {
            measures.operations += 1;
            match operation.outcome() {
                Some(history::Outcome::Done(_) | history::Outcome::Repeated(_)) => {
                    measures.acknowledged += 1;
                }
                Some(history::Outcome::Reused | history::Outcome::Refused(_)) => {
                    measures.refused += 1;
                }
                Some(history::Outcome::Unknown(why) | history::Outcome::Broken(why)) => {
                    measures.unknown += 1;
                    *measures.why.entry(why.clone()).or_default() += 1;
                }
                None => measures.unknown += 1,
            }
            if let Some(completed) = &operation.completed {
                let took = completed.at.saturating_sub(operation.invoked.at);
                measures.slowest = measures.slowest.max(Duration::from_micros(took));
            }
        }
        for outage in outages {
            match outage.recovery(operations) {
                Some(recovery) => measures.recovery = measures.recovery.max(Some(recovery)),
                None => measures.is_recovered = false,
            }
        }
        measures
    }
}

/// A scenario on an engine.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The engine.
    pub engine: &'static str,
    /// The scenario.
    pub scenario: &'static str,
    /// What the server says of itself.
    pub about: String,
    /// How many operations are in the history, reads included.
    pub operations: u64,
    /// How many there should be at least.
    pub wanted: u64,
    /// How many were done, now or by an earlier attempt.
    pub acknowledged: u64,
    /// How many were refused.
    pub refused: u64,
    /// Of how many nobody knows whether they were done.
    pub unknown: u64,
    /// Why calls were unavailable, and how often.
    pub why: BTreeMap<String, u64>,
    /// How often a server or a process was killed.
    pub kills: u32,
    /// How many connections were cut.
    pub cuts: u64,
    /// The longest time to an answer, in milliseconds.
    pub slowest_ms: u128,
    /// The longest time from the server's answering again to the first success, in milliseconds.
    pub recovery_ms: Option<u128>,
    /// Whether everything worked again after each outage.
    pub is_recovered: bool,
    /// Acknowledged writes that are gone, where that may be.
    pub lost: u64,
    /// How many promises were not kept.
    pub violations: usize,
    /// The first of them.
    pub examples: Vec<Violation>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What else is worth knowing.
    pub note: String,
    /// Why it could not be run, if it couldn't.
    pub left_out: Option<String>,
    /// What stopped it, if something did.
    pub error: Option<String>,
    /// What may take how long.
    #[serde(skip)]
    pub limits: Limits,
}

impl Row {
    /// A row with what was measured and found.
    pub fn new(
        engine: Engine,
        scenario: &'static str,
        measures: Measures,
        found: Found,
        time: Duration,
    ) -> Self {
        let violations = found.violations.len();
        let mut examples = found.violations;
        examples.truncate(SHOWN);
        Self {
            engine: engine.name(),
            scenario,
            about: String::new(),
            operations: measures.operations,
            wanted: 0,
            acknowledged: measures.acknowledged,
            refused: measures.refused,
            unknown: measures.unknown,
            why: measures.why,
            kills: 0,
            cuts: 0,
            slowest_ms: measures.slowest.as_millis(),
            recovery_ms: measures.recovery.map(|time| time.as_millis()),
            is_recovered: measures.is_recovered,
            lost: found.lost,
            violations,
            examples,
            seconds: time.as_secs_f64(),
            note: String::new(),
            left_out: None,
            error: None,
            limits: Limits::PROMISED,
        }
    }

    /// A row that says why there is nothing.
    pub fn left_out(engine: Engine, scenario: &'static str, why: String) -> Self {
        let measures = Measures::of(&[], &[]);
        let mut row = Self::new(engine, scenario, measures, Found::default(), Duration::ZERO);
        row.left_out = Some(why);
        row
    }

    /// A row that says what stopped it.
    pub fn failed(
        engine: Engine,
        scenario: &'static str,
        error: &(dyn std::error::Error + Send + Sync),
    ) -> Self {
        let mut row = Self::left_out(engine, scenario, String::new());
        row.left_out = None;
        row.error = Some(error.to_string());
        row
    }

    /// What is not as it must be.
    pub fn faults(&self) -> Vec<String> {
        if self.left_out.is_some() {
            return Vec::new();
        }
        if let Some(error) = &self.error {
            return vec![format!("stopped: {error}")];
        }
        let mut faults = Vec::new();
        let Limits { slowest, recovery } = self.limits;
        let is_slow = self.slowest_ms >= slowest.as_millis();
        let is_late = self
            .recovery_ms
            .is_some_and(|ms| ms >= recovery.as_millis());
        for (is_fault, text) in [
            (self.violations > 0, "promises were not kept".to_owned()),
            (
                is_slow,
                format!("a call took {} s or more", slowest.as_secs()),
            ),
            (
                is_late,
                format!("after an outage it took {} s or more", recovery.as_secs()),
            ),
            (
                !self.is_recovered,
                "after an outage it did not recover".to_owned(),
            ),
            (
                self.operations < self.wanted,
                "too few operations".to_owned(),
            ),
        ] {
            if is_fault {
                faults.push(text);
            }
        }
        faults
    }
}

/// Prints the table, and what is wrong.
pub fn print(rows: &[Row]) {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header([
        "engine",
        "scenario",
        "operations",
        "acknowledged",
        "refused",
        "unknown",
        "kills",
        "cuts",
        "slowest ms",
        "recovery ms",
        "lost",
        "violations",
        "s",
        "note",
    ]);
    for row in rows {
        let or_dash = |ms: Option<u128>| ms.map_or("-".to_owned(), |ms| ms.to_string());
        let note = match (&row.left_out, &row.error) {
            (Some(why), _) => format!("left out: {why}"),
            (None, Some(error)) => format!("stopped: {error}"),
            (None, None) => row.note.clone(),
        };
        table.add_row([
            row.engine.to_owned(),
            row.scenario.to_owned(),
            row.operations.to_string(),
            row.acknowledged.to_string(),
            row.refused.to_string(),
            row.unknown.to_string(),
            row.kills.to_string(),
            row.cuts.to_string(),
            row.slowest_ms.to_string(),
            or_dash(row.recovery_ms),
            row.lost.to_string(),
            row.violations.to_string(),
            format!("{:.0}", row.seconds),
            note,
        ]);
    }
    for column in table.column_iter_mut().skip(2).take(11) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");
    for row in rows {
        for fault in row.faults() {
            println!("\n{}, {}: {fault}", row.engine, row.scenario);
        }
        for violation in &row.examples {
            println!("  {}: {}", violation.rule, violation.what);
        }
    }
}

/// Writes the rows as JSON.
pub fn write(rows: &[Row], path: &Path) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut text = serde_json::to_string_pretty(rows)?;
    text.push('\n');
    Ok(std::fs::write(path, text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_or_a_recovery_over_the_limit_is_a_fault_on_a_busy_machine_too() {
        for limits in [Limits::PROMISED, Limits::BUSY_MACHINE] {
            for (over, faults) in [(0, 0), (1, 2)] {
                let measures = Measures::of(&[], &[]);
                let engine = Engine::compiled()[0];
                let mut row = Row::new(engine, "test", measures, Found::default(), Duration::ZERO);
                row.limits = limits;
                row.slowest_ms = limits.slowest.as_millis() - 1 + over;
                row.recovery_ms = Some(limits.recovery.as_millis() - 1 + over);
                assert_eq!(row.faults().len(), faults, "{limits:?} and {over} ms over");
            }
        }
    }
}
