//! `store check`: does what the store holds go together.

use std::fmt::Write as _;

use clap::Args;
use countersign_app::operate::{self, CheckReport};
use countersign_app::ports::Clock as _;

use super::interrupt::Interrupt;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::Progress;
use crate::cli::table::{count, table};
use crate::compose::{IfMissing, SystemClock, open_store};

/// Read everything in the store, and say what does not go together.
///
/// Sessions without their user, names that two users have, roles that do not exist, keys that overlap,
/// and what the engine itself finds wrong. Changes nothing, and may run while servers do. The exit
/// code is 1 if there is an error; warnings alone leave it at 0.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign store check
  countersign store check --json | jq '.findings[] | select(.severity == \"error\")'")]
pub(in crate::cli) struct Check {}

impl Check {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let settings = context.settings()?;
        let store = open_store(&settings.store.url, &settings.store, IfMissing::Refuse)?;
        let bar = Progress::records(context.out);
        let interrupt = Interrupt::listen();
        let mut report = |progress: operate::Progress| {
            bar.shows(&progress);
            interrupt.verdict()
        };
        let checked = operate::check(store.admin.as_ref(), SystemClock.now(), &mut report).await;
        drop(bar);
        let report = checked?;
        context
            .out
            .answer(&in_json(&report, &store.address), &in_words(&report))?;
        Ok(if report.errors() == 0 {
            Exit::Done
        } else {
            Exit::Failed
        })
    }
}

fn in_json(report: &CheckReport, address: &str) -> serde_json::Value {
    let counts: serde_json::Map<_, _> = report
        .counts
        .iter()
        .map(|(kind, number)| (kind.as_str().to_owned(), (*number).into()))
        .collect();
    let findings: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            serde_json::json!({
                "severity": finding.severity.as_str(),
                "code": finding.code,
                "count": finding.count,
                "shown": finding.shown,
            })
        })
        .collect();
    serde_json::json!({
        "store": address,
        "errors": report.errors(),
        "warnings": report.warnings(),
        "counts": counts,
        "findings": findings,
    })
}

fn in_words(report: &CheckReport) -> String {
    let counts = report
        .counts
        .iter()
        .map(|(kind, number)| [kind.as_str().to_owned(), number.to_string()]);
    let mut text = table(&["kind", "number"], counts);
    if report.findings.is_empty() {
        text.push_str("\n\nall is well");
        return text;
    }
    let rows = report.findings.iter().flat_map(|finding| {
        finding.shown.iter().map(|sentence| {
            [
                finding.severity.as_str().to_owned(),
                finding.code.to_owned(),
                sentence.clone(),
            ]
        })
    });
    text.push_str("\n\n");
    text.push_str(&table(&["severity", "code", "finding"], rows));
    for finding in &report.findings {
        let shown = u64::try_from(finding.shown.len()).unwrap_or(u64::MAX);
        if finding.count > shown {
            let more = finding.count - shown;
            // Writing to a String never fails.
            let _ = write!(text, "\n… and {more} more of {}", finding.code);
        }
    }
    let (errors, warnings) = (report.errors(), report.warnings());
    let _ = write!(
        text,
        "\n\n{}, {}",
        count(errors, "error"),
        count(warnings, "warning")
    );
    text
}
