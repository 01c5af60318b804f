//! Which invocations are meant.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{Invocation, Outcome};

/// Which invocations are meant: those to which everything applies that is given.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Begun at this moment or later.
    pub since: Option<Timestamp>,
    /// Of this function.
    pub function: Option<String>,
    /// With this method.
    pub method: Option<String>,
    /// Of this route; `-` stands for those without one.
    pub route: Option<String>,
    /// Ended so.
    pub outcome: Option<Outcome>,
    /// The first of their process, or not.
    pub cold: Option<bool>,
}

impl Filter {
    /// Whether it is meant.
    pub fn takes(&self, one: &Invocation) -> bool {
        let is_same = |asked: &Option<String>, found: Option<&str>| {
            asked
                .as_deref()
                .is_none_or(|asked| asked == found.unwrap_or("-"))
        };
        self.since.is_none_or(|since| one.at >= since)
            && is_same(&self.function, Some(&one.function))
            && is_same(&self.method, one.method.as_deref())
            && is_same(&self.route, one.route.as_deref())
            && self.outcome.is_none_or(|outcome| outcome == one.outcome)
            && self.cold.is_none_or(|cold| cold == one.cold)
    }

    /// Those that are meant, in their order.
    pub fn of(&self, all: Vec<Arc<Invocation>>) -> Vec<Arc<Invocation>> {
        let mut all = all;
        all.retain(|one| self.takes(one));
        all
    }
}
