//! What a connection is doing, as far as it matters for how long it may go on: an attacker who sends
//! a header each minute, or nothing at all, must not hold it for ever.
//!
//! hyper's own timeout counts the pause between two requests as reading headers, and makes a timer
//! for each request; this tells them apart and costs a few atomic writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How long a connection may stay without a request: longer than proxies keep theirs (60 s), so that
/// it is they who close it.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Shared by the connection's reader, its requests and its watch.
#[derive(Clone)]
pub(super) struct Pulse(Arc<State>);

struct State {
    begun: Instant,
    header_timeout: Duration,
    in_flight: AtomicU32,
    /// When the headers that have not come yet were begun, in milliseconds; 0 for none.
    head_since: AtomicU64,
    /// Since when nothing is in flight, in milliseconds.
    quiet_since: AtomicU64,
    /// Whether it speaks HTTP/2, where bytes need not belong to a request.
    is_h2: AtomicBool,
}

/// Whether a connection may go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Yes; look again then.
    Fine(Instant),
    /// Headers take too long.
    SlowHead,
    /// Nothing was asked for too long.
    Idle,
}

impl Pulse {
    /// A connection that was opened at `now`; its first headers are due from then on.
    pub(super) fn new(now: Instant, header_timeout: Duration) -> Self {
        Self(Arc::new(State {
            begun: now,
            header_timeout,
            in_flight: AtomicU32::new(0),
            head_since: AtomicU64::new(1),
            quiet_since: AtomicU64::new(1),
            is_h2: AtomicBool::new(false),
        }))
    }

    /// Bytes came in.
    pub(super) fn received(&self) {
        let state = &*self.0;
        if state.head_since.load(Relaxed) == 0
            && state.in_flight.load(Relaxed) == 0
            && !state.is_h2.load(Relaxed)
        {
            state.head_since.store(self.millis(Instant::now()), Relaxed);
        }
    }

    /// A request's headers are complete. It is in flight until the guard is dropped.
    pub(super) fn request(&self, is_h2: bool) -> InFlight {
        let state = &*self.0;
        state.in_flight.fetch_add(1, Relaxed);
        state.head_since.store(0, Relaxed);
        if is_h2 {
            state.is_h2.store(true, Relaxed);
        }
        InFlight(self.clone())
    }

    /// Judges the connection at `now`.
    pub(super) fn judge(&self, now: Instant) -> Verdict {
        let state = &*self.0;
        let millis = self.millis(now);
        let past = |since: u64| Duration::from_millis(millis.saturating_sub(since));
        if state.in_flight.load(Relaxed) > 0 {
            return Verdict::Fine(now + state.header_timeout);
        }
        let head_since = state.head_since.load(Relaxed);
        if head_since != 0 {
            let left = state.header_timeout.saturating_sub(past(head_since));
            return if left.is_zero() {
                Verdict::SlowHead
            } else {
                Verdict::Fine(now + left)
            };
        }
        let left = KEEP_ALIVE.saturating_sub(past(state.quiet_since.load(Relaxed)));
        if left.is_zero() {
            Verdict::Idle
        } else {
            Verdict::Fine(now + left.min(state.header_timeout))
        }
    }

    /// Milliseconds since the beginning; never 0.
    fn millis(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.0.begun).as_millis();
        u64::try_from(since).unwrap_or(u64::MAX).max(1)
    }
}

/// A request in flight.
pub(super) struct InFlight(Pulse);

impl Drop for InFlight {
    fn drop(&mut self) {
        let state = &*self.0.0;
        state
            .quiet_since
            .store(self.0.millis(Instant::now()), Relaxed);
        state.in_flight.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: Duration = Duration::from_secs(5);

    fn after(begun: Instant, seconds: u64) -> Instant {
        begun + Duration::from_secs(seconds)
    }

    #[test]
    fn a_connection_without_a_request_is_cut_off_after_the_header_timeout() {
        let begun = Instant::now();
        let pulse = Pulse::new(begun, HEADERS);
        assert!(matches!(pulse.judge(after(begun, 4)), Verdict::Fine(_)));
        assert_eq!(pulse.judge(after(begun, 6)), Verdict::SlowHead);
    }

    #[test]
    fn a_request_in_flight_may_take_its_time() {
        let begun = Instant::now();
        let pulse = Pulse::new(begun, HEADERS);
        let request = pulse.request(false);
        assert!(matches!(pulse.judge(after(begun, 500)), Verdict::Fine(_)));
        drop(request);
        assert_eq!(pulse.judge(after(begun, 500)), Verdict::Idle);
    }

    #[test]
    fn dribbled_headers_of_a_later_request_are_cut_off_but_a_pause_is_not() {
        let begun = Instant::now();
        let pulse = Pulse::new(begun, HEADERS);
        drop(pulse.request(false));
        assert!(matches!(pulse.judge(after(begun, 30)), Verdict::Fine(_)));
        pulse.received();
        assert_eq!(pulse.judge(after(begun, 30)), Verdict::SlowHead);
    }

    #[test]
    fn a_ping_between_http2_requests_is_no_slow_header() {
        let begun = Instant::now();
        let pulse = Pulse::new(begun, HEADERS);
        drop(pulse.request(true));
        pulse.received();
        assert!(matches!(pulse.judge(after(begun, 30)), Verdict::Fine(_)));
    }
}
