//! Fills a store with users by `countersign users import`, in portions: so that progress shows, and
//! that an engine that is too slow for all of them is measured with those that it took in time.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::process::Command;
use tokio::time::timeout;

use super::engine::Place;
use crate::server::binary;

/// How long a portion should take: long enough to be worth a process, short enough to show progress.
const PORTION: Duration = Duration::from_secs(10);
const FIRST_PORTION: u64 = 1_000;
const LEAST: u64 = 100;
const MOST: u64 = 100_000;
/// So many failed portions are the end.
const FAILURES: u32 = 3;
/// A portion that takes so long hangs.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How many users went in, and how long it took.
#[derive(Clone, Copy, Debug)]
pub struct Filled {
    pub users: u64,
    pub took: Duration,
}

/// Makes the schema and the users `bench0`, `bench1` and so on, until there are `users` of them or
/// the time is over.
pub async fn fill(place: &Place, users: u64, hash: &str, time: Duration) -> Filled {
    assert!(command(place, &["migrate"]).await, "the schema is made");
    let file = place.folder().join("users.jsonl");
    let start = Instant::now();
    let (mut made, mut portion, mut failures) = (0, FIRST_PORTION, 0);
    while made < users && (start.elapsed() < time || made == 0) {
        let end = users.min(made + portion);
        write(&file, made..end, hash);
        let begun = Instant::now();
        let import = file.display().to_string();
        if !command(place, &["users", "import", &import]).await {
            // Users who are there already are left as they are, so it can be done again, in
            // smaller portions: an emulator may be too slow for large ones.
            failures += 1;
            assert!(failures < FAILURES || made > 0, "users can be imported");
            if failures == FAILURES {
                break;
            }
            portion = (portion / 4).max(1);
            continue;
        }
        let rate = (end - made) as f64 / begun.elapsed().as_secs_f64();
        made = end;
        portion = ((rate * PORTION.as_secs_f64()) as u64).clamp(LEAST, MOST);
        eprintln!("  {made} of {users} users, {rate:.0}/s");
    }
    let took = start.elapsed();
    drop(std::fs::remove_file(file));
    Filled { users: made, took }
}

fn write(file: &Path, numbers: std::ops::Range<u64>, hash: &str) {
    let mut out = BufWriter::new(std::fs::File::create(file).expect("a file"));
    for n in numbers {
        let line = json!({
            "username": format!("bench{n}"),
            "email": format!("bench{n}@example.com"),
            "password_hash": hash,
        });
        writeln!(out, "{line}").expect("a line");
    }
    out.into_inner().expect("the file is whole");
}

/// Whether it succeeded.
async fn command(place: &Place, arguments: &[&str]) -> bool {
    let data = place.data();
    let mut command = Command::new(binary("countersign"));
    command
        .args(arguments)
        .args(["--set", &format!("data_dir={}", data.display())])
        .current_dir(place.folder())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    if let Some(url) = &place.url {
        command.env("COUNTERSIGN_STORE_URL", url);
    }
    let status = timeout(PATIENCE, command.status())
        .await
        .expect("the command ends in time")
        .expect("the command runs");
    status.success()
}
