//! Lengths of time, with their unit: `10s`, `5m`, `1h 30m`, `90d`. A day is 24 hours.

use std::path::Path;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

use super::{Kind, Value, Wrong};

impl Value for Duration {
    const KIND: Kind = Kind::text(
        "duration",
        "numbers with units: `500ms`, `10s`, `5m`, `1h 30m`, `90d`, `2w`",
    );

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        if text.ends_with(|last: char| last.is_ascii_digit()) {
            return Err(Wrong::Form("a duration needs a unit (ms, s, m, h, d, w)"));
        }
        let span: Span = text.parse().map_err(|_| NOT_A_DURATION)?;
        let length = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| {
                Wrong::Form("months and years have no fixed length; write days instead")
            })?;
        Duration::try_from(length).map_err(|_| Wrong::Form("a duration can't be negative"))
    }

    fn measure(&self) -> Option<u128> {
        Some(self.as_nanos())
    }
}

const NOT_A_DURATION: Wrong = Wrong::Form("expected a duration");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        for (text, seconds) in [
            ("10s", 10),
            ("10m", 600),
            ("1h 30m", 5_400),
            ("1h30m", 5_400),
            ("90d", 90 * 86_400),
            ("2w", 14 * 86_400),
            ("1 day", 86_400),
        ] {
            let length = Duration::parse(text, Path::new(""));
            assert_eq!(length, Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(
            Duration::parse("250ms", Path::new("")),
            Ok(Duration::from_millis(250))
        );
    }

    #[test]
    fn what_is_not_a_plain_length_of_time_is_refused() {
        for text in [
            "10",
            "ten minutes",
            "-5m",
            "5m ago",
            "1mo",
            "1y",
            "10x",
            "s",
        ] {
            assert!(Duration::parse(text, Path::new("")).is_err(), "{text}");
        }
    }
}
