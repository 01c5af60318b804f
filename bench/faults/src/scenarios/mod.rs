//! What is done to each engine.

mod bursts;
mod disk;
mod failover;
mod faults;
mod stage;

use std::path::Path;
use std::time::Duration;

use crate::engines::Engine;
use crate::report::{Limits, Row};

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// At least so many operations in the history.
    pub operations: u64,
    /// How often the server is killed.
    pub kills: u32,
    /// How many connections are cut.
    pub cuts: u32,
    /// How often everything is held for longer than a call may take.
    pub stalls: u32,
    /// What may take how long.
    pub limits: Limits,
    /// How often 200 sign up for one address, and 50 refresh one token, at once.
    pub bursts: u32,
    /// How many callers there are in each process for ten connections, and for how long.
    pub crowd: (u16, Duration),
    /// Whether a disk is filled.
    pub fills_disk: bool,
    /// Whether a replica takes over.
    pub fails_over: bool,
    /// The load does not go on for longer than this, however few operations there are.
    pub longest: Duration,
    /// What all choices come from.
    pub seed: u64,
}

impl Plan {
    /// The whole run.
    pub fn whole(operations: u64, seed: u64) -> Self {
        Self {
            operations,
            kills: 4,
            cuts: 80,
            stalls: 2,
            limits: Limits::PROMISED,
            bursts: 3,
            crowd: (150, Duration::from_secs(4)),
            fills_disk: true,
            fails_over: true,
            longest: Duration::from_mins(4),
            seed,
        }
    }

    /// The short run, for each change of the code.
    pub fn smoke(operations: u64, seed: u64) -> Self {
        Self {
            operations,
            kills: 1,
            cuts: 8,
            stalls: 1,
            limits: Limits::BUSY_MACHINE,
            bursts: 1,
            crowd: (60, Duration::from_secs(2)),
            fills_disk: false,
            fails_over: false,
            longest: Duration::from_mins(2),
            seed,
        }
    }
}

/// Runs all that fits the engine. What can't be run here is a row that says why.
pub async fn run(engine: Engine, plan: &Plan, folder: &Path) -> Vec<Row> {
    let mut rows = Vec::new();
    say(engine, "faults");
    let done = faults::run(engine, plan, folder).await;
    rows.push(done.unwrap_or_else(|error| Row::failed(engine, "faults", error.as_ref())));
    if plan.fills_disk {
        say(engine, "disk full");
        let done = disk::run(engine, plan, folder).await;
        rows.push(done.unwrap_or_else(|error| Row::failed(engine, "disk full", error.as_ref())));
    }
    if plan.fails_over && engine == Engine::Postgres {
        for mode in failover::Mode::BOTH {
            say(engine, mode.name());
            let done = failover::run(plan, folder, mode).await;
            rows.push(done.unwrap_or_else(|e| Row::failed(engine, mode.name(), e.as_ref())));
        }
    }
    for row in &mut rows {
        row.limits = plan.limits;
    }
    rows
}

fn say(engine: Engine, what: &str) {
    eprintln!("faults: {}: {what}", engine.name());
}
