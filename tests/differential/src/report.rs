//! What the verdicts come to: by class of mutation, by the check that refused, and where we are stricter.

use std::collections::BTreeMap;

use countersign_verify::Profile;
use serde::Serialize;
use serde_json::{Value, json};

use crate::judges::Verdict;

#[derive(Default, Serialize)]
struct Count {
    tokens: usize,
    ours: usize,
    jose: usize,
    pyjwt: usize,
    /// Refused by us, accepted by both others.
    stricter: usize,
}

#[derive(Default, Serialize)]
struct Check {
    refused: usize,
    /// Refused by another judge as well: these would tell if the check were gone.
    would_tell: usize,
}

#[derive(Default, Serialize)]
pub struct Report {
    classes: BTreeMap<&'static str, Count>,
    profiles: BTreeMap<&'static str, Count>,
    /// By profile, then by refusal.
    checks: BTreeMap<&'static str, BTreeMap<String, Check>>,
    stricter: BTreeMap<String, (usize, String)>,
    excused: BTreeMap<&'static str, usize>,
    valid_refused: usize,
}

impl Report {
    pub fn add(
        &mut self,
        profile: Profile,
        class: &'static str,
        what: &str,
        [ours, jose, pyjwt]: [&Verdict; 3],
    ) {
        let profile = profile.as_str();
        let stricter = !ours.accepts() && jose.accepts() && pyjwt.accepts();
        for count in [
            self.classes.entry(class).or_default(),
            self.profiles.entry(profile).or_default(),
        ] {
            count.tokens += 1;
            count.ours += usize::from(ours.accepts());
            count.jose += usize::from(jose.accepts());
            count.pyjwt += usize::from(pyjwt.accepts());
            count.stricter += usize::from(stricter);
        }
        let Verdict::Refused(code) = ours else { return };
        if class == "valid" {
            self.valid_refused += 1;
        }
        let checks = self.checks.entry(profile).or_default();
        let check = checks.entry(code.clone()).or_default();
        check.refused += 1;
        if stricter {
            let group = format!("{code} | {class}");
            let known = self.stricter.entry(group).or_insert((0, what.to_owned()));
            known.0 += 1;
        } else {
            check.would_tell += 1;
        }
    }

    pub fn excuse(&mut self, reason: &'static str) {
        *self.excused.entry(reason).or_default() += 1;
    }

    /// Checks, by profile, that no token of this run would tell the loss of.
    pub fn unproven(&self) -> Vec<String> {
        let tells = |profile: Profile, code: &str| {
            let check = self.checks.get(profile.as_str())?.get(code)?;
            Some(check.would_tell > 0)
        };
        Profile::ALL
            .into_iter()
            .flat_map(|profile| MUST_TELL.iter().map(move |code| (profile, *code)))
            .filter(|(profile, code)| tells(*profile, code) != Some(true))
            .map(|(profile, code)| format!("{profile}: {code}"))
            .collect()
    }

    pub fn valid_refused(&self) -> usize {
        self.valid_refused
    }

    pub fn json(&self) -> Value {
        json!(self)
    }

    pub fn print(&self) {
        print_heading("mutation");
        let mut all = Count::default();
        for (class, count) in &self.classes {
            print_count(class, count);
            all.tokens += count.tokens;
            all.ours += count.ours;
            all.jose += count.jose;
            all.pyjwt += count.pyjwt;
            all.stricter += count.stricter;
        }
        print_count("all", &all);
        print_heading("profile");
        for (profile, count) in &self.profiles {
            print_count(profile, count);
        }
        println!("\n| profile | verify refuses | tokens | of them refused by another judge too |");
        println!("|---|---|---:|---:|");
        for (profile, checks) in &self.checks {
            for (code, check) in checks {
                let (refused, would_tell) = (check.refused, check.would_tell);
                println!("| {profile} | {code} | {refused} | {would_tell} |");
            }
        }
        println!("\n| stricter than both others: refusal, mutation | tokens | for example |");
        println!("|---|---:|---|");
        for (group, (count, example)) in &self.stricter {
            let example: String = example.chars().take(110).collect();
            println!(
                "| {} | {count} | {} |",
                group.replace(" | ", ", "),
                example.replace('|', "/")
            );
        }
        for (reason, count) in &self.excused {
            println!("\n{count} accepted though another judge refuses: {reason}");
        }
    }
}

fn print_heading(what: &str) {
    println!("\n| {what} | tokens | verify accepts | jose | PyJWT | stricter than both |");
    println!("|---|---:|---:|---:|---:|---:|");
}

fn print_count(class: &str, count: &Count) {
    println!(
        "| {class} | {} | {} | {} | {} | {} |",
        count.tokens, count.ours, count.jose, count.pyjwt, count.stricter
    );
}

/// The checks whose loss every run must be able to tell, for each profile.
const MUST_TELL: &[&str] = &[
    "malformed_token",
    "unsupported_algorithm",
    "wrong_type",
    "critical_header",
    "unknown_key",
    "algorithm_mismatch",
    "bad_signature",
    "missing_claim",
    "malformed_claim",
    "wrong_issuer",
    "wrong_audience",
    "expired",
    "not_yet_valid",
    "issued_in_future",
];
