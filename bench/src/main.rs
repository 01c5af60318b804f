//! Measures Countersign in one run: on loopback, the generator beside the server, against a bare
//! server and the raw primitives on the same machine; or, with `--stores`, on each engine it can
//! store in. Prints tables and writes JSON.
//!
//! Run it through `bench/run`, which builds the release binaries first.

mod client;
mod load;
mod raw;
mod report;
mod scenarios;
mod server;
mod stores;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;
use client::{Call, Client};
use report::Report;
use scenarios::PASSWORD;
use serde_json::{Value, json};
use server::Server;
use stores::{Engine, Plan};
use tokio::signal::unix::{SignalKind, signal};

/// Measure Countersign on this machine.
#[derive(Parser)]
struct Options {
    /// How many rounds; the table shows their median.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each measurement of a round takes, in seconds.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// How many clients call `me` at once.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// Also compare login at 1,000 and at this many users (made by `users import`). With
    /// `--stores`: the numbers of users to measure at, 1,000 and 1,000,000 if there are none.
    #[arg(long, value_delimiter = ',')]
    users: Vec<u64>,
    /// Measure on these engines, each on a throw-away server, in place of all else.
    #[arg(long, value_delimiter = ',', value_enum)]
    stores: Vec<Engine>,
    /// With `--stores`: how long an engine may be filled with users, in minutes. One that is slower
    /// is measured with as many as went in.
    #[arg(long, default_value_t = 10)]
    fill_minutes: u64,
    /// With `--stores`: where the engines keep their data meanwhile; on a disk, not in memory.
    #[arg(long, default_value = "target/servers")]
    folder: PathBuf,
    /// Where to write the figures: target/bench.json, or target/bench-stores.json with `--stores`.
    #[arg(long)]
    output: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    // Whatever ends the measurement ends the servers with it: they belong to its values.
    let mut terminated = signal(SignalKind::terminate()).expect("signals can be waited for");
    tokio::select! {
        code = measure(Options::parse()) => code,
        _ = tokio::signal::ctrl_c() => ExitCode::from(130),
        _ = terminated.recv() => ExitCode::from(143),
    }
}

async fn measure(options: Options) -> ExitCode {
    let time = Duration::from_secs(options.seconds);
    let output = options.output.unwrap_or_else(|| {
        let stores = !options.stores.is_empty();
        PathBuf::from(if stores {
            "target/bench-stores.json"
        } else {
            "target/bench.json"
        })
    });
    if !options.stores.is_empty() {
        let mut users = options.users;
        if users.is_empty() {
            users = vec![1_000, 1_000_000];
        }
        users.sort_unstable();
        let base = folder_of_engines(&options.folder);
        let plan = Plan {
            engines: options.stores,
            users,
            rounds: options.rounds,
            time,
            fill: Duration::from_secs(options.fill_minutes * 60),
            base: base.path().to_owned(),
        };
        let all_went_well = stores::run(plan, &output).await;
        println!("written to {}", output.display());
        return if all_went_well {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let mut report = Report::default();
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        raw_figures(&mut report, time);
        bare_figures(&mut report, options.clients, time).await;
        server_figures(&mut report, round, options.clients, time).await;
    }
    if let Some(users) = options.users.iter().max() {
        for users in [1_000, *users] {
            login_at(&mut report, users).await;
        }
    }
    judge(&mut report);
    println!("\n{}", report.table());
    write(&output, &report.json());
    println!("written to {}", output.display());
    ExitCode::SUCCESS
}

fn write(output: &Path, figures: &Value) {
    let json = serde_json::to_string_pretty(figures).expect("JSON");
    if let Some(folder) = output.parent() {
        std::fs::create_dir_all(folder).expect("the output's folder");
    }
    std::fs::write(output, json).expect("the output can be written");
}

/// Readable by all: an engine may run as a user of its own.
fn folder_of_engines(parent: &Path) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(parent).expect("a folder for the engines");
    let all = std::fs::Permissions::from_mode(0o755);
    tempfile::Builder::new()
        .prefix("bench-")
        .permissions(all)
        .tempdir_in(parent.canonicalize().expect("a folder for the engines"))
        .expect("a folder for the engines")
}

fn raw_figures(report: &mut Report, time: Duration) {
    report.add("raw Argon2id", "/s", raw::argon2(time));
    let (verified, signed) = raw::es256(time);
    report.add("raw ES256 verification", "/s", verified);
    report.add("raw ES256 signature", "/s", signed);
    report.add("verify alone", "/s", raw::tokens(time));
}

async fn bare_figures(report: &mut Report, clients: usize, time: Duration) {
    let bare = Server::bare().await;
    let load = load::repeat(bare.address, vec![Call::get("/v1/me"); clients], time).await;
    report.add("bare server, REST", "/s", load.per_second);
    let load = load::repeat(bare.address, vec![scenarios::graphql_me(); clients], time).await;
    report.add("bare server, GraphQL", "/s", load.per_second);
    bare.stop().await;
}

async fn server_figures(report: &mut Report, round: usize, clients: usize, time: Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (server, _) = Server::countersign(&data).await;
    server.stop().await;
    let (server, ready) = Server::countersign(&data).await;
    report.add("start to first answer", "ms", ready.as_secs_f64() * 1000.0);

    let address = server.address;
    let mut client = Client::connect(address).await;
    let mut tokens = Vec::new();
    for n in 0..clients.max(32) {
        let answer = scenarios::sign_up(&mut client, &format!("bench{n}")).await;
        tokens.push(
            answer["access_token"]
                .as_str()
                .expect("an access token")
                .to_owned(),
        );
    }
    for (name, call) in [
        ("me, REST", Call::get("/v1/me")),
        ("me, GraphQL", scenarios::graphql_me()),
    ] {
        let load = scenarios::me(address, call, &tokens[..clients], time).await;
        assert_eq!(load.refused, 0, "{name} is answered");
        report.add(name, "/s", load.per_second);
    }
    let load = scenarios::refresh(address, 64, time).await;
    assert_eq!(load.refused, 0, "refresh is answered");
    report.add("refresh, durable", "/s", load.per_second);
    report.add("refresh p99", "ms", load.p99.as_secs_f64() * 1000.0);
    let load = scenarios::log_in(address, 8, 32, time).await;
    report.add("login", "/s", load.per_second);
    report.add("login p50", "ms", load.p50.as_secs_f64() * 1000.0);
    let load = scenarios::sign_ups(address, 8, round, time).await;
    report.add("sign-up", "/s", load.per_second);

    let (load, logins) = scenarios::me_beside_logins(address, &tokens[0], 1000, time * 2).await;
    report.add(
        "me p99 beside 1,000 logging in",
        "ms",
        load.p99.as_secs_f64() * 1000.0,
    );
    report.add("logins meanwhile", "", logins as f64);
    server.stop().await;

    let (server, _) = Server::countersign(&data).await;
    let mut client = Client::connect(server.address).await;
    for n in 0..1000 {
        let name = format!("bench{}", n % 32);
        let body = json!({ "identifier": name, "password": PASSWORD });
        client.expect(&Call::post("/v1/login", &body), 200).await;
    }
    drop(client);
    tokio::time::sleep(Duration::from_secs(3)).await;
    report.add("resident after 1,000 logins", "MiB", server.resident_mib());
    server.stop().await;
}

/// The 99th percentile of logins, one at a time, in an instance with so many users.
async fn login_at(report: &mut Report, users: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let start = Instant::now();
    import(folder.path(), &data, users);
    let (import_name, login_name) = if users == 1_000 {
        ("import of 1,000 users", "login p99 at 1,000 users")
    } else {
        ("import of the many users", "login p99 at the many users")
    };
    report.add(import_name, "s", start.elapsed().as_secs_f64());
    let (server, _) = Server::countersign(&data).await;
    let load = scenarios::log_in(server.address, 1, users, Duration::from_secs(20)).await;
    assert_eq!(load.refused, 0, "logins are answered");
    report.add(login_name, "ms", load.p99.as_secs_f64() * 1000.0);
    server.stop().await;
}

fn import(folder: &Path, data: &Path, users: u64) {
    let hash = raw::phc(PASSWORD);
    let file = folder.join("users.jsonl");
    let mut out = BufWriter::new(std::fs::File::create(&file).expect("a file"));
    for n in 0..users {
        let line = json!({
            "username": format!("bench{n}"),
            "email": format!("bench{n}@example.com"),
            "password_hash": hash,
        });
        writeln!(out, "{line}").expect("a line");
    }
    out.into_inner().expect("the file is whole");
    let data = format!("data_dir={}", data.display());
    for command in [
        vec!["migrate"],
        vec!["users", "import", &file.display().to_string()],
    ] {
        let us = std::env::current_exe().expect("us");
        let status = Command::new(us.with_file_name("countersign"))
            .args(&command)
            .args(["--set", &data])
            .status()
            .expect("the command runs");
        assert!(status.success(), "{command:?} succeeds");
    }
}

fn judge(report: &mut Report) {
    for (name, against, share) in [
        ("me, REST", "bare server, REST", 0.8),
        ("me, GraphQL", "bare server, GraphQL", 0.8),
        ("login", "raw Argon2id", 0.9),
        ("verify alone", "raw ES256 verification", 0.9),
    ] {
        let reached = report.of(name) / report.of(against);
        let words = format!(
            "{:.0} % of {against}, {:.0} % reached",
            share * 100.0,
            reached * 100.0
        );
        report.aim(name, words, reached >= share);
    }
    for (name, most) in [
        ("start to first answer", 50.0),
        ("resident after 1,000 logins", 40.0),
        ("me p99 beside 1,000 logging in", 20.0),
    ] {
        let is_met = report.of(name) <= most;
        report.aim(name, format!("{most} at most"), is_met);
    }
    let is_met = report.of("refresh, durable") >= 3000.0;
    report.aim("refresh, durable", "3,000 at least".to_owned(), is_met);
}
