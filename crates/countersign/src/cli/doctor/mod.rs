//! `doctor`: is everything as it must be, and what to mend if not.
//!
//! Every check is a file. One that can't run because another failed is left out: the first failure
//! is the one to mend. Nothing is changed.

mod clock;
mod configuration;
mod disk;
mod files;
mod finding;
mod keys;
mod listen;
mod store;

use clap::Args;
use countersign_app::ports::Clock as _;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;
use super::table::count;
use crate::compose::{self, SystemClock};
use crate::config::Settings;
use finding::{Finding, Grade};

/// Check the configuration, the store, the clock, the keys and the machine, and say what to mend.
///
/// Changes nothing, and may run while the server does. The exit code is 1 if a check failed;
/// warnings alone leave it at 0.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign doctor
  countersign doctor --json | jq -r 'select(.result != \"ok\")'")]
pub(super) struct Doctor {}

impl Doctor {
    pub(super) async fn run(context: &Context) -> Result<Exit, CliError> {
        let mut findings = Vec::new();
        match context.load() {
            Err(errors) => findings.extend(configuration::errors(&errors)),
            Ok(loaded) => {
                findings.extend(configuration::warnings(&loaded.warnings));
                examine(&loaded.settings, &mut findings).await;
            }
        }
        let worst = findings.iter().map(|finding| finding.result).max();
        let width = findings
            .iter()
            .map(|finding| finding.check.len())
            .max()
            .unwrap_or(0);
        for finding in &findings {
            if context.out.is_json() {
                context.out.json(finding)?;
            } else {
                context.out.text(&finding.in_words(width))?;
            }
        }
        let number = |grade| {
            let found = findings
                .iter()
                .filter(|finding| finding.result == grade)
                .count();
            u64::try_from(found).unwrap_or(0)
        };
        let (failed, warned) = (number(Grade::Fail), number(Grade::Warn));
        context.out.text(&match (failed, warned) {
            (0, 0) => "\nall is well".to_owned(),
            _ => format!(
                "\n{}, {}",
                count(failed, "failure"),
                count(warned, "warning")
            ),
        })?;
        Ok(if worst == Some(Grade::Fail) {
            Exit::Failed
        } else {
            Exit::Done
        })
    }
}

async fn examine(settings: &Settings, findings: &mut Vec<Finding>) {
    let now = SystemClock.now();
    findings.extend(files::check(settings));
    findings.extend(disk::check(&settings.data_dir));
    let instance = match compose::open_without_keys(settings).await {
        Ok(instance) => instance,
        Err(error) => {
            findings.push(store::cannot_open(&error));
            findings.push(clock::plausible(now));
            findings.push(listen::check(settings, &[]));
            return;
        }
    };
    findings.extend(store::check(&instance).await);
    findings.push(clock::check(&instance.app, now).await);
    let records = match instance.store.keys().await {
        Ok(set) => {
            findings.extend(keys::check(settings, &instance, &set, now).await);
            set.keys
        }
        Err(error) => {
            findings.push(Finding::fail(
                "keys",
                error.to_string(),
                "see the check of the store",
            ));
            Vec::new()
        }
    };
    findings.push(listen::check(settings, &records));
}
