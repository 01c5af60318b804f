//! Differential tests of `countersign-verify`: tokens, most of them mutated, are judged by it, by jose and by
//! PyJWT, with the same keys, issuer, audience and time. What it accepts both others must accept, and read
//! alike. See `run`, which prepares the judges.

mod case;
mod court;
mod draft;
mod exceptions;
mod failure;
mod judges;
mod keys;
mod mutations;
mod report;
mod world;

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use serde_json::{Value, json};

use case::Case;
use court::{Court, faulty};
use judges::Verdict;
use report::Report;

/// How many tokens are judged at a time.
const BATCH: u64 = 1_000;
/// How many batches are on their way to the judges.
const AHEAD: usize = 3;
/// After so many failures there is nothing more to learn.
const ENOUGH_FAILURES: usize = 20;

#[derive(Parser)]
struct Arguments {
    /// How many tokens.
    #[arg(long, default_value_t = 140_000)]
    count: u64,
    /// What the mutations follow from. The keys are new at each run.
    #[arg(long, default_value_t = 20_260_101)]
    seed: u64,
    /// Leave out one check of our verifier, by the code of its rejection, such as `expired`.
    #[arg(long)]
    lax: Option<String>,
    /// Where the report goes, and the failures.
    #[arg(long)]
    folder: PathBuf,
    /// The Python that has PyJWT.
    #[arg(long)]
    python: PathBuf,
    /// The folder of the judges in other languages.
    #[arg(long)]
    judges: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("differential: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> io::Result<bool> {
    println!("seed {}, {} tokens", arguments.seed, arguments.count);
    let began = Instant::now();
    let court = Court::open(arguments)?;
    let mut report = Report::default();
    let mut suspects = Vec::new();
    let mut waiting = VecDeque::new();
    let mut next = 0;
    loop {
        while waiting.len() < AHEAD && next < arguments.count {
            let end = (next + BATCH).min(arguments.count);
            let cases: Vec<Case> = (next..end)
                .map(|nth| Case::draw(&court.world, seed_of(arguments.seed, nth)))
                .collect();
            next = end;
            let questions = cases.iter().map(|case| {
                let all: Vec<usize> = (0..case.mutations.len()).collect();
                (case.set_up, case.token(&court.world, &court.valid, &all))
            });
            let batch = Arc::new(questions.collect::<Vec<_>>());
            for other in &court.others {
                other.ask(&batch)?;
            }
            waiting.push_back((cases, batch));
        }
        let Some((cases, batch)) = waiting.pop_front() else {
            break;
        };
        let judged: Vec<Verdict> = batch
            .iter()
            .map(|(set_up, token)| court.ours.judge(*set_up, token))
            .collect();
        let (jose, pyjwt) = (court.others[0].answer()?, court.others[1].answer()?);
        let verdicts = judged.into_iter().zip(jose).zip(pyjwt);
        for ((case, (_, token)), ((ours, jose), pyjwt)) in
            cases.into_iter().zip(&*batch).zip(verdicts)
        {
            let what: Vec<&str> = case.mutations.iter().map(|one| one.what.as_str()).collect();
            let profile = court.world.set_ups[case.set_up].profile;
            let verdicts = [&ours, &jose, &pyjwt];
            report.add(profile, case.class(), &what.join("; "), verdicts);
            let judgement = [ours, jose, pyjwt];
            if faulty(&judgement, token, &mut report).is_some() && suspects.len() < ENOUGH_FAILURES
            {
                suspects.push((case, (token.clone(), judgement)));
            }
        }
    }
    let mut failures = Vec::new();
    for (case, first) in suspects {
        failures.push(court.shrink(&case, first)?);
    }
    conclude(arguments, &report, &failures, began)
}

fn conclude(
    arguments: &Arguments,
    report: &Report,
    failures: &[Value],
    began: Instant,
) -> io::Result<bool> {
    report.print();
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "\n{} tokens in {seconds:.1} s, seed {}",
        arguments.count, arguments.seed
    );
    std::fs::create_dir_all(&arguments.folder)?;
    let all = json!({
        "seed": arguments.seed,
        "count": arguments.count,
        "failures": failures,
        "report": report.json(),
    });
    let file = arguments.folder.join("report.json");
    std::fs::write(&file, serde_json::to_string_pretty(&all)?)?;
    for failure in failures {
        println!("\nFAILED: {failure:#}");
    }
    let unproven = report.unproven();
    if !unproven.is_empty() && arguments.lax.is_none() {
        println!(
            "\nFAILED: no token would tell if these checks were gone: {}",
            unproven.join(", ")
        );
    }
    if report.valid_refused() > 0 {
        println!(
            "\nFAILED: {} valid tokens were refused by us",
            report.valid_refused()
        );
    }
    let is_good = failures.is_empty()
        && report.valid_refused() == 0
        && (unproven.is_empty() || arguments.lax.is_some());
    println!(
        "\n{} (see {})",
        if is_good { "passed" } else { "failed" },
        file.display()
    );
    Ok(is_good)
}

/// A seed for each token, far from that of its neighbour.
fn seed_of(seed: u64, nth: u64) -> u64 {
    fastrand::Rng::with_seed(seed.wrapping_add(nth.wrapping_mul(0x9e37_79b9_7f4a_7c15))).u64(..)
}
