//! `token inspect`: decodes without checking anything, and says so.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use countersign_app::ports::Clock as _;
use countersign_domain::opaque::PersonalSecret;
use countersign_domain::time::Timestamp;
use serde_json::{Map, Value};

use super::read::TokenSource;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::table::{moment, pairs};
use crate::compose::SystemClock;

const WARNING: &str =
    "NOT VERIFIED: anybody can write such a token; `countersign token verify` checks one";

/// Show what a token says, without checking any of it.
///
/// Works offline, for tokens of any issuer. Never act on what it shows: `token verify` checks.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign token inspect < token.txt
  pbpaste | countersign token inspect --json | jq .claims.exp")]
pub(in crate::cli) struct Inspect {
    #[command(flatten)]
    token: TokenSource,
}

impl Inspect {
    pub(super) fn run(self, context: &Context) -> Result<Exit, CliError> {
        let token = self.token.read()?;
        if let Some((header, claims)) = decode(&token) {
            let answer =
                serde_json::json!({ "verified": false, "header": header, "claims": claims });
            let now = SystemClock.now();
            let text = format!(
                "{WARNING}\n\nheader\n{}\n\nclaims\n{}",
                members(&header, now),
                members(&claims, now)
            );
            context.out.answer(&answer, &text)?;
            return Ok(Exit::Done);
        }
        let kind = if PersonalSecret::looks_like_one(&token) {
            "a personal access token: it is opaque, and says nothing without the instance"
        } else if token.starts_with("csr_") {
            "a refresh token: it is opaque, and says nothing without the instance"
        } else {
            return Err(CliError::Usage(
                "not a token: expected three parts of base64url with dots between".to_owned(),
            ));
        };
        context.out.answer(
            &serde_json::json!({ "verified": false, "opaque": kind }),
            kind,
        )?;
        Ok(Exit::Done)
    }
}

type Members = Map<String, Value>;

fn decode(token: &str) -> Option<(Members, Members)> {
    let mut parts = token.split('.');
    let (header, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let object = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some((object(header)?, object(claims)?))
}

fn members(object: &Members, now: Timestamp) -> String {
    let rows: Vec<(String, String)> = object
        .iter()
        .map(|(name, value)| (format!("  {}", printable(name)), shown(name, value, now)))
        .collect();
    pairs(
        rows.iter()
            .map(|(name, value)| (name.as_str(), value.clone())),
    )
}

fn shown(name: &str, value: &Value, now: Timestamp) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned);
    let is_time = ["iat", "exp", "nbf", "auth_time"].contains(&name);
    let text = printable(&text);
    match value
        .as_i64()
        .filter(|_| is_time)
        .map(Timestamp::from_seconds)
    {
        Some(at) if name == "exp" && at <= now => format!("{text} ({}, expired)", moment(at)),
        Some(at) => format!("{text} ({})", moment(at)),
        None => text,
    }
}

/// What a stranger wrote must not steer the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
