//! Breaks each database under load, records what was asked and answered, and checks the history
//! against what is left: every acknowledged write is there, every other one is whole or absent, and
//! nothing is spent twice.
//!
//! Run it through `bench/faults/run`.

mod checker;
mod client;
mod clock;
mod engines;
mod failure;
mod history;
mod marks;
mod processes;
mod proxy;
mod random;
mod recorder;
mod report;
mod scenarios;
mod servers;
mod volume;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use engines::Engine;
use failure::Outcome;
use scenarios::Plan;
use tokio::signal::unix::{SignalKind, signal};

/// Break each database under load, and check what is left of the data.
#[derive(Parser)]
#[command(name = "faults", version)]
struct Options {
    /// The engines, one after the other; all that are compiled in if there are none.
    #[arg(long, value_delimiter = ',', value_enum)]
    engine: Vec<Engine>,
    /// How many operations the history of each engine has at least: 20,000, or 1,500 with `--smoke`.
    #[arg(long)]
    operations: Option<u64>,
    /// A short run with fewer faults, for each change of the code.
    #[arg(long)]
    smoke: bool,
    /// How often the server is killed, in place of the usual number, besides once at the end.
    #[arg(long)]
    kills: Option<u32>,
    /// How many connections are cut, in place of the usual number.
    #[arg(long)]
    cuts: Option<u32>,
    /// Only the faults under load: no full disk, no failover.
    #[arg(long)]
    load_only: bool,
    /// What all choices come from; the same choices are made again with the same number, though the
    /// times are not.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the engines keep their data meanwhile.
    #[arg(long, default_value = "target/faults/data")]
    folder: PathBuf,
    /// Where to write the figures.
    #[arg(long, default_value = "target/faults/report.json")]
    output: PathBuf,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Subcommand)]
enum Role {
    /// A process with a store of its own; the harness starts it.
    #[command(hide = true)]
    Client {
        /// The settings as JSON.
        settings: String,
    },
}

fn main() -> ExitCode {
    let options = Options::parse();
    let run = async {
        match &options.role {
            Some(Role::Client { settings }) => {
                client::run(serde_json::from_str(settings)?).await?;
                Ok(true)
            }
            None => until_told_to_stop(harness(&options)).await,
        }
    };
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failure::Failure::from)
        .and_then(|runtime| runtime.block_on(run));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("faults: {error}");
            ExitCode::from(2)
        }
    }
}

/// Dropped at a signal, a scenario stops its servers and unmounts its volume.
async fn until_told_to_stop(work: impl Future<Output = Outcome<bool>>) -> Outcome<bool> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        done = work => done,
        _ = interrupted.recv() => Err("interrupted".into()),
        _ = terminated.recv() => Err("terminated".into()),
    }
}

async fn harness(options: &Options) -> Outcome<bool> {
    let engines = if options.engine.is_empty() {
        Engine::compiled()
    } else {
        options.engine.clone()
    };
    for engine in &engines {
        if !engine.is_compiled() {
            let name = engine.name();
            return Err(format!("build this with `--features {name}`").into());
        }
    }
    let mut plan = if options.smoke {
        Plan::smoke(options.operations.unwrap_or(1_500), options.seed)
    } else {
        Plan::whole(options.operations.unwrap_or(20_000), options.seed)
    };
    plan.kills = options.kills.unwrap_or(plan.kills);
    plan.cuts = options.cuts.unwrap_or(plan.cuts);
    plan.fills_disk &= !options.load_only;
    plan.fails_over &= !options.load_only;
    let mut rows = Vec::new();
    for engine in engines {
        rows.extend(scenarios::run(engine, &plan, &options.folder).await);
    }
    report::print(&rows);
    report::write(&rows, &options.output)?;
    Ok(rows.iter().all(|row| row.faults().is_empty()))
}
