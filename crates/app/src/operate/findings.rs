//! What a check found, gathered by code. A sentence names ids and never what a secret is or hashes
//! to.

use std::collections::{BTreeMap, HashSet};

use crate::ports::store_admin::RecordKind;

/// How many sentences are shown of each code.
const SHOWN: usize = 100;

/// How many are kept of each code until it is known which of them are confirmed.
const KEPT: usize = 10_000;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something is broken.
    Error,
    /// It works, but somebody should look at it.
    Warning,
}

impl Severity {
    /// The name for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Everything that was found under one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The stable code.
    pub code: &'static str,
    /// How often it was found.
    pub count: u64,
    /// A sentence each, for the first hundred.
    pub shown: Vec<String>,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// How many records of each kind were read.
    pub counts: Vec<(RecordKind, u64)>,
    /// What was found, the errors first, then by code. Empty if all is well.
    pub findings: Vec<Finding>,
}

impl CheckReport {
    /// How many errors there are.
    pub fn errors(&self) -> u64 {
        self.of(Severity::Error)
    }

    /// How many warnings there are.
    pub fn warnings(&self) -> u64 {
        self.of(Severity::Warning)
    }

    fn of(&self, severity: Severity) -> u64 {
        let found = self.findings.iter().filter(|f| f.severity == severity);
        found.map(|finding| finding.count).sum()
    }
}

/// Findings as they come.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<(Severity, &'static str), Finding>);

impl Findings {
    /// Adds an error.
    pub fn error(&mut self, code: &'static str, sentence: impl FnOnce() -> String) {
        self.add(Severity::Error, code, sentence);
    }

    /// Adds a warning.
    pub fn warning(&mut self, code: &'static str, sentence: impl FnOnce() -> String) {
        self.add(Severity::Warning, code, sentence);
    }

    fn add(&mut self, severity: Severity, code: &'static str, sentence: impl FnOnce() -> String) {
        let finding = self.0.entry((severity, code)).or_insert(Finding {
            severity,
            code,
            count: 0,
            shown: Vec::new(),
        });
        finding.count += 1;
        if finding.shown.len() < KEPT {
            finding.shown.push(sentence());
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was found on another look, too. Of what is too much to be kept, all is taken as it is now.
    pub fn confirmed_by(mut self, again: Self) -> Self {
        let mut confirmed = BTreeMap::new();
        for (key, mut finding) in again.0 {
            let Some(before) = self.0.remove(&key) else {
                continue;
            };
            let all_kept = |f: &Finding| usize::try_from(f.count) == Ok(f.shown.len());
            if all_kept(&before) && all_kept(&finding) {
                let seen: HashSet<&String> = before.shown.iter().collect();
                finding.shown.retain(|line| seen.contains(line));
                finding.count = u64::try_from(finding.shown.len()).unwrap_or(u64::MAX);
            }
            if finding.count > 0 {
                confirmed.insert(key, finding);
            }
        }
        Self(confirmed)
    }

    /// The same and those.
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// All of them, in order, with as many sentences as are shown.
    pub fn into_vec(self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.0.into_values().collect();
        for finding in &mut findings {
            finding.shown.truncate(SHOWN);
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &'static str, lines: impl IntoIterator<Item = u32>) -> Findings {
        let mut findings = Findings::default();
        for line in lines {
            findings.error(code, || line.to_string());
        }
        findings
    }

    #[test]
    fn no_more_than_a_hundred_are_shown_and_all_are_counted() {
        let findings = found("a", 0..150).into_vec();
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].count, findings[0].shown.len()), (150, 100));
    }

    #[test]
    fn what_is_not_there_on_another_look_was_somebody_at_work() {
        let confirmed = found("a", [1, 2])
            .confirmed_by(found("a", [2, 3]))
            .into_vec();
        assert_eq!(confirmed[0].shown, ["2"]);
        assert_eq!(confirmed[0].count, 1);
        assert!(found("a", [1]).confirmed_by(found("a", [2])).is_empty());
        assert!(found("a", [1]).confirmed_by(found("b", [1])).is_empty());
        let many = found("a", 0..150).confirmed_by(found("a", 10..200));
        assert_eq!(many.into_vec()[0].count, 140);
        let too_many = found("a", 0..20_000).confirmed_by(found("a", 0..15_000));
        assert_eq!(too_many.into_vec()[0].count, 15_000);
    }

    #[test]
    fn errors_come_before_warnings() {
        let mut findings = found("z", [1]);
        findings.warning("a", || "x".to_owned());
        let report = CheckReport {
            counts: Vec::new(),
            findings: findings.into_vec(),
        };
        assert_eq!(report.findings[0].code, "z");
        assert_eq!((report.errors(), report.warnings()), (1, 1));
    }
}
