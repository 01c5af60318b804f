//! A streaming replica takes over under load: the primary is killed, the replica is promoted, and the
//! clients, who know both addresses, go on with whichever takes writes.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::Plan;
use super::stage::{Stage, folder};
use crate::checker::Rules;
use crate::engines::Engine;
use crate::failure::Outcome;
use crate::report::Row;
use crate::servers::Server;

/// Whether a commit waits for the replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It does not: what the replica does not have yet is lost.
    Asynchronous,
    /// It does (`synchronous_standby_names`): nothing is lost.
    Synchronous,
}

impl Mode {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Asynchronous, Self::Synchronous];

    /// The name of the scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asynchronous => "failover, asynchronous",
            Self::Synchronous => "failover, synchronous",
        }
    }
}

/// Runs it.
pub async fn run(plan: &Plan, base: &Path, mode: Mode) -> Outcome<Row> {
    let engine = Engine::Postgres;
    let folder = folder(base, engine, &mode.name().replace(',', ""))?;
    let primary = Server::start(engine, &folder.join("server")).await?;
    let replica_folder = folder.join("replica").join("server");
    std::fs::create_dir_all(&replica_folder)?;
    let replica = Server::replica(&primary, &replica_folder).await?;
    let ports = (primary.read("port")?, replica.read("port")?);
    if mode == Mode::Synchronous {
        wait_for_commits(&ports.0).await?;
    }
    let both = primary.address()?.replace(
        &format!("127.0.0.1:{}/", ports.0),
        &format!("127.0.0.1:{},127.0.0.1:{}/", ports.0, ports.1),
    );
    let sign = if both.contains('?') { '&' } else { '?' };
    let both = format!("{both}{sign}target_session_attrs=read-write");
    let history = folder.join("history.jsonl");
    let addresses = (both.clone(), both);
    let mut stage = Stage::set_up(engine, mode.name(), addresses, &history, plan.seed).await?;
    stage.begin_load(0).await?;
    sleep(Duration::from_secs(6)).await;
    primary.kill().await?;
    // As long as somebody, or something, takes to notice.
    sleep(Duration::from_secs(1)).await;
    replica.promote().await?;
    stage.was_out().await;
    sleep(Duration::from_secs(6)).await;
    stage.end_load().await?;
    let rules = Rules {
        may_lose: mode == Mode::Asynchronous,
    };
    let (mut row, _) = stage.judge(rules, |_, _, _| {}).await?;
    row.kills = 1;
    row.about = replica.about()?;
    Ok(row)
}

/// Makes each commit wait for the replica, and waits until the primary counts on it.
async fn wait_for_commits(port: &str) -> Outcome<()> {
    ask(port, "ALTER SYSTEM SET synchronous_standby_names = '*'").await?;
    ask(port, "SELECT pg_reload_conf()").await?;
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let state = ask(port, "SELECT sync_state FROM pg_stat_replication").await?;
        if state.trim() == "sync" {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(format!("the replica is {:?}, not in sync", state.trim()).into());
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn ask(port: &str, sql: &str) -> Outcome<String> {
    let output = Command::new("psql")
        .args(["-X", "-q", "-t", "-A", "-h", "127.0.0.1", "-p", port])
        .args(["-U", "postgres", "-d", "postgres", "-c", sql])
        .stdin(Stdio::null())
        .output()
        .await?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let why = String::from_utf8_lossy(&output.stderr);
        Err(format!("psql: {}", why.trim()).into())
    }
}
