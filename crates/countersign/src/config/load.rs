//! Loading: sources, then defaults that follow, then types, then rules, then secrets. Each step
//! runs whatever the earlier ones found, so that one start reports everything that is wrong.

use super::audience::audiences;
use super::derive::derive;
use super::effective::{Effective, effective};
use super::error::{ConfigError, ConfigErrors, Fault};
use super::files;
use super::findings::{Findings, Warning};
use super::on_lambda::OnLambda;
use super::place::Place;
use super::reader::Reader;
use super::rules;
use super::secrets::{Secrets, read_store_url};
use super::settings::{Groups, Settings};
use super::source::Sources;
use super::table;

/// A configuration that is right.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// What should be looked at all the same.
    pub warnings: Vec<Warning>,
    /// Every setting with its value and where that came from, secrets hidden.
    pub effective: Vec<Effective>,
    /// The AWS Lambda function that this process is, if it is one.
    pub on_lambda: Option<OnLambda>,
}

/// Loads the configuration, or says everything that is wrong with it.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigErrors> {
    let mut findings = Findings::default();
    let (mut layers, variables) = sources.collect(&mut findings.errors);
    derive(&mut layers);

    let base = &sources.working_dir;
    let mut reader = Reader::new(&layers, base);
    let mut groups = Groups::read(&mut reader);
    let consequences = reader.consequences;
    findings.errors.extend(reader.errors);

    let audiences = audiences(groups.as_ref(), &layers, &variables, base, &mut findings);
    let mut secrets = None;
    if let Some(groups) = &mut groups {
        let store_url = read_store_url(groups, &layers, base, sources.fetch, &mut findings);
        rules::check(groups, &layers, &mut findings);
        files::check(groups, &layers, &mut findings);
        secrets = Secrets::read(groups, &layers, sources.fetch, &mut findings);
        if let (Some((raw, place)), Some((_, setting))) = (store_url, table::find("store.url")) {
            layers.push(setting, raw, place);
        }
    }
    if findings.errors.is_empty() {
        findings.errors = consequences;
    }
    let Findings { errors, warnings } = findings;
    match (groups, secrets) {
        (Some(groups), Some(secrets)) if errors.is_empty() => Ok(Loaded {
            settings: groups.complete(audiences, secrets),
            warnings,
            effective: effective(&layers),
            on_lambda: sources.on_lambda(),
        }),
        _ => Err(ConfigErrors(in_order(errors))),
    }
}

/// The order in which somebody would mend them: by source, then from top to bottom.
fn in_order(mut errors: Vec<ConfigError>) -> Vec<ConfigError> {
    errors.sort_by_key(|error| match &error.place {
        Place::WholeFile(_) => (0, 0, 0),
        Place::File { line, column, .. } => (0, *line, *column),
        Place::DotEnv { line, .. } => (1, *line, 0),
        Place::Environment(_) => (2, 0, 0),
        Place::Flag(_) => (3, 0, 0),
        Place::Default | Place::Follows(_) => (4, 0, 0),
    });
    if errors.is_empty() {
        // INVARIANT: a group that could not be read left an error; this is for the day it did not.
        errors.push(ConfigError {
            key: None,
            place: Place::Default,
            fault: Fault::Missing,
            fix: "this is a fault of countersign; please report it".to_owned(),
        });
    }
    errors
}
