//! How much memory the process holds (Linux only).

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// How long a reading is good enough for the lines of a busy server, in milliseconds.
const GOOD_FOR: u64 = 1000;

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
static READ_AT: AtomicU64 = AtomicU64::new(0);
static PEAK: AtomicU64 = AtomicU64::new(0);

/// What it holds at this moment, in bytes.
pub(super) fn resident_bytes() -> Option<u64> {
    read("VmRSS:")
}

/// The most that it ever held, in bytes.
pub(crate) fn peak_bytes() -> Option<u64> {
    read("VmHWM:")
}

/// The same as of the last second, for a server that answers thousands of requests in one.
pub(super) fn recent_peak_bytes() -> Option<u64> {
    // Never 0, which means that there is no reading yet.
    let now = u64::try_from(BEGUN.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1;
    let read_at = READ_AT.load(Ordering::Relaxed);
    if read_at == 0 || now - read_at.min(now) >= GOOD_FOR {
        READ_AT.store(now, Ordering::Relaxed);
        PEAK.store(peak_bytes().unwrap_or(0), Ordering::Relaxed);
    }
    Some(PEAK.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
}

fn read(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}
