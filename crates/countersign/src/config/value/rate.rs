//! How often something may happen: `10/1m` is ten times in a minute.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use super::{Kind, Value, Wrong};

/// So many times in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many times.
    pub count: NonZeroU32,
    /// In how long; never zero.
    pub per: Duration,
}

impl Value for Rate {
    const KIND: Kind = Kind::text("rate", "a number and a duration: `10/1m`, `20/1h`");

    fn parse(text: &str, base: &Path) -> Result<Self, Wrong> {
        let (count, per) = text.split_once('/').ok_or(NOT_A_RATE)?;
        let count = count.trim().parse().map_err(|_| NOT_A_RATE)?;
        let per = Duration::parse(per.trim(), base)?;
        if per < Duration::from_secs(1) {
            return Err(Wrong::Form("the time of a rate is a second or more"));
        }
        Ok(Self { count, per })
    }
}

const NOT_A_RATE: Wrong = Wrong::Form("expected a number from 1, a slash and a duration");
