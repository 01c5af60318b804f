//! The time that the stores are told. No two attempts are told the same moment, in whatever process
//! they are made, so that a moment in a record names the attempt that wrote it. It runs fast: a real
//! microsecond is 64 of its milliseconds, one for each process; and it begins with the year 2100, so
//! that an engine which clears away by its own clock has no cause to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use countersign_domain::time::Timestamp;

/// How many processes have moments of their own.
pub const PROCESSES: u64 = 64;

const BEGINNING: i64 = 4_102_444_800_000;

/// The real time, in microseconds since 1970. All processes are on one machine and see one clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the clients tell each other apart by it; what they do does not depend on it"
)]
pub fn real_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    })
}

/// So long a real span on this clock.
pub fn span(real: Duration) -> Duration {
    let micros = u64::try_from(real.as_micros()).unwrap_or(u64::MAX);
    Duration::from_millis(micros.saturating_mul(PROCESSES))
}

/// The clock of one process.
pub struct Clock {
    begun: u64,
    process: u64,
    last: AtomicU64,
}

impl Clock {
    /// `begun` is the real time at which the run began, the same for all its processes.
    pub fn new(begun: u64, process: u8) -> Self {
        Self {
            begun,
            process: u64::from(process) % PROCESSES,
            last: AtomicU64::new(0),
        }
    }

    /// A moment that nobody else is told.
    pub fn unique(&self) -> Timestamp {
        let elapsed = real_micros().saturating_sub(self.begun);
        let before = self.last.fetch_max(elapsed, Ordering::Relaxed);
        let micros = if before < elapsed {
            elapsed
        } else {
            self.last.fetch_add(1, Ordering::Relaxed) + 1
        };
        let millis = micros.saturating_mul(PROCESSES) + self.process;
        Timestamp::from_millis(BEGINNING.saturating_add(i64::try_from(millis).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_attempts_are_told_the_same_moment() {
        let begun = real_micros();
        let clocks = [Clock::new(begun, 0), Clock::new(begun, 1)];
        let moments: BTreeSet<_> = (0..20_000)
            .flat_map(|_| clocks.iter().map(Clock::unique))
            .collect();
        assert_eq!(moments.len(), 40_000);
    }
}
