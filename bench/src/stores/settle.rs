//! Waits until the machine has come to rest, so that what a fill left to do (checkpoints, the
//! clearing away of old rows) is not measured as the cost of a call. Bounded: a machine with other
//! work to do never rests.

use std::time::Duration;

use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);
/// So many quiet seconds in a row are rest.
const QUIET: u32 = 5;
const LONGEST: u32 = 60;

/// Waits; says so if there was no rest.
pub async fn settle() {
    let mut quiet = 0;
    for _ in 0..LONGEST {
        let before = times();
        sleep(SECOND).await;
        let after = times();
        let share = (after.0 - before.0) / (after.1 - before.1).max(1.0);
        quiet = if share > 0.9 { quiet + 1 } else { 0 };
        if quiet == QUIET {
            return;
        }
    }
    eprintln!("  the machine has other work: figures may be low");
}

/// The time without work (waits for the disk are work), and all time, of all cores together.
fn times() -> (f64, f64) {
    let text = std::fs::read_to_string("/proc/stat").expect("the kernel's counters");
    let fields: Vec<f64> = text
        .lines()
        .next()
        .expect("a line of all cores")
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    (fields[3], fields[..8].iter().sum())
}
