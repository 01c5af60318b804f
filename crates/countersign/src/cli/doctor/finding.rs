//! What a check found.

use serde::Serialize;

/// How bad it is; the later the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Grade {
    Ok,
    Warn,
    Fail,
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) result: Grade,
    message: String,
    /// What to do about it; none where all is well.
    fix: Option<String>,
}

impl Finding {
    /// All is well.
    pub(super) fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            result: Grade::Ok,
            message: message.into(),
            fix: None,
        }
    }

    /// It works, but should be looked at.
    pub(super) fn warn(
        check: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        let fix = Some(fix.into());
        Self {
            check,
            result: Grade::Warn,
            message: message.into(),
            fix,
        }
    }

    /// It does not work.
    pub(super) fn fail(
        check: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            result: Grade::Fail,
            ..Self::warn(check, message, fix)
        }
    }

    /// For people: a line, and the fix beneath it.
    pub(super) fn in_words(&self, width: usize) -> String {
        let Self {
            check,
            result,
            message,
            fix,
        } = self;
        let grade = match result {
            Grade::Ok => "ok  ",
            Grade::Warn => "warn",
            Grade::Fail => "FAIL",
        };
        let fix = fix
            .as_ref()
            .map(|fix| format!("\n      {:width$}  fix: {fix}", ""));
        format!(
            "{grade}  {check:width$}  {message}{}",
            fix.unwrap_or_default()
        )
    }
}
