//! Trying it without a runtime: what is configured, and what an event would be answered.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use countersign_verify::lambda::{Event, Outcome};

use crate::build;

/// Says whether the configuration is good.
pub(crate) fn check(config: Option<&Path>) -> ExitCode {
    match build::authorizer(config) {
        Ok(authorizer) => {
            println!("the configuration is good");
            for note in authorizer.notes() {
                println!("note: {note}");
            }
            ExitCode::SUCCESS
        }
        Err(mistakes) => {
            eprintln!("authorizer: {mistakes}");
            ExitCode::FAILURE
        }
    }
}

/// Answers one event.
pub(crate) fn event(config: Option<&Path>, file: &Path) -> ExitCode {
    match answer(config, file) {
        Ok(allowed) if allowed => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("authorizer: {message}");
            ExitCode::from(2)
        }
    }
}

fn answer(config: Option<&Path>, file: &Path) -> Result<bool, String> {
    let authorizer = build::authorizer(config).map_err(|mistakes| mistakes.to_string())?;
    let event = read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let event =
        Event::from_slice(&event).map_err(|error| format!("{}: {error}", file.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let decision = runtime.block_on(authorizer.authorize(&event));
    let outcome = decision.outcome();
    let reason = decision.reason().unwrap_or("-");
    let route = decision.route().unwrap_or("-").to_owned();
    eprintln!(
        "{} (status {}, reason {reason}, route {route})",
        outcome.as_str(),
        outcome.status()
    );
    match decision.into_answer() {
        Ok(answer) => {
            let text = serde_json::to_string_pretty(&answer).map_err(|error| error.to_string())?;
            println!("{text}");
        }
        Err(failure) => println!("error: {}", failure.message()),
    }
    Ok(outcome == Outcome::Allowed)
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin().lock().read_to_end(&mut text)?;
        return Ok(text);
    }
    fs::read(file)
}
