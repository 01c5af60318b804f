//! The clock: tokens are only as good as the time.

use std::time::Duration;

use countersign_app::App;
use countersign_app::ports::store::AuditFilter;
use countersign_domain::page::PageRequest;
use countersign_domain::time::Timestamp;

use super::finding::Finding;
use crate::cli::table::moment;

const CHECK: &str = "clock";
const FIX: &str = "set the clock, and keep it right with NTP";
/// 2026-01-01: this program did not exist before.
const EARLIEST: Timestamp = Timestamp::from_seconds(1_767_225_600);
/// Other processes write events too, on their own reading of the clock.
const SLACK: Duration = Duration::from_secs(5);

/// Whether the time can be true, by itself.
pub(super) fn plausible(now: Timestamp) -> Finding {
    if now < EARLIEST {
        Finding::fail(CHECK, format!("it says {}", moment(now)), FIX)
    } else {
        Finding::ok(CHECK, format!("it says {}", moment(now)))
    }
}

/// Whether the time can be true, and is not before what has happened already.
pub(super) async fn check(app: &App, now: Timestamp) -> Finding {
    let last = app
        .audit_events(&AuditFilter::default(), &PageRequest::backward(None, 1))
        .await;
    match last.map(|page| page.items.into_iter().last()) {
        Err(error) => Finding::fail(CHECK, error.to_string(), "see the check of the store"),
        Ok(Some(event)) if event.at > now.plus(SLACK) => {
            let (now, at) = (moment(now), moment(event.at));
            let message = format!("it says {now}, but the last audit event is of {at}");
            Finding::fail(CHECK, message, FIX)
        }
        Ok(_) => plausible(now),
    }
}
