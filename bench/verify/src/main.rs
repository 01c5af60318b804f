//! Verifications a second by algorithm: the bare signature, `verify` without and with its cache, the
//! `jsonwebtoken` crate, and three libraries of Node.js. All in one run, one at a time, by turns, in seconds of
//! processor time, so that what else the machine does counts as little as it can.

mod node;
mod raw;
mod report;
mod signed;
mod subjects;

use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Parser;
use rustix::time::{ClockId, clock_gettime};

use node::{LIBRARIES, Node};
use report::Report;
use signed::Signed;
use subjects::Ours;

#[derive(Parser)]
struct Arguments {
    /// How many rounds; the figures are medians.
    #[arg(long, default_value_t = 7)]
    rounds: u32,
    /// How long each figure of a round is measured, in seconds.
    #[arg(long, default_value_t = 0.3)]
    seconds: f64,
    /// Only these algorithms, separated by commas.
    #[arg(long, value_delimiter = ',')]
    algorithms: Vec<String>,
    /// Only these columns, separated by commas: for a profiler.
    #[arg(long, value_delimiter = ',')]
    subjects: Vec<String>,
    /// The folder of the programs for Node.js.
    #[arg(long)]
    node: PathBuf,
    /// Where the figures go, as JSON.
    #[arg(long)]
    output: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-verify: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The processor time of this thread, in seconds.
fn spent() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// How often is checked between two looks at the clock.
const AT_ONCE: u32 = 32;

/// How many of its checks `check` does in a second of processor time.
fn rate(seconds: f64, check: &dyn Fn(u32)) -> f64 {
    let start = spent();
    let mut count = 0_u32;
    loop {
        check(AT_ONCE);
        count += AT_ONCE;
        let time = spent() - start;
        if time >= seconds {
            return f64::from(count) / time;
        }
    }
}

struct Subject {
    name: &'static str,
    /// Checks the token this many times.
    check: Box<dyn Fn(u32)>,
}

/// One check after the other.
fn repeated(check: impl Fn() + 'static) -> Box<dyn Fn(u32)> {
    Box::new(move |times| (0..times).for_each(|_| check()))
}

fn subjects(signed: &Signed) -> Vec<Subject> {
    let mut subjects = vec![
        Subject {
            name: "raw",
            check: repeated(raw::check(signed)),
        },
        Subject {
            name: "verify",
            check: Box::new(Ours::new(signed).check()),
        },
        Subject {
            name: "verify, cached",
            check: Box::new(Ours::new(signed).with_cache().check()),
        },
    ];
    if let Some(check) = subjects::jsonwebtoken(signed) {
        subjects.push(Subject {
            name: "jsonwebtoken (crate)",
            check: repeated(check),
        });
    }
    subjects
}

fn run(arguments: &Arguments) -> io::Result<()> {
    let made = Command::new("node")
        .arg(arguments.node.join("tokens.mjs"))
        .output()?;
    let mut all: Vec<Signed> = serde_json::from_slice(&made.stdout)?;
    if !arguments.algorithms.is_empty() {
        all.retain(|signed| arguments.algorithms.contains(&signed.alg));
    }
    let tokens = arguments.output.with_extension("tokens.json");
    std::fs::write(&tokens, &made.stdout)?;
    let mut node = Node::start(&arguments.node, &tokens)?;
    let wanted = |name: &str| {
        arguments.subjects.is_empty() || arguments.subjects.iter().any(|one| one == name)
    };
    let by_algorithm: Vec<Vec<Subject>> = all
        .iter()
        .map(|signed| {
            subjects(signed)
                .into_iter()
                .filter(|one| wanted(one.name))
                .collect()
        })
        .collect();

    let mut report = Report::default();
    // The first round warms up and is not counted.
    for round in 0..=arguments.rounds {
        for (signed, subjects) in all.iter().zip(&by_algorithm) {
            let mut figures = Vec::new();
            for subject in subjects {
                figures.push((subject.name, Some(rate(arguments.seconds, &*subject.check))));
            }
            for library in LIBRARIES
                .into_iter()
                .filter(|library| wanted(node_name(library)))
            {
                let rate = node.rate(library, &signed.alg, arguments.seconds)?;
                figures.push((node_name(library), rate));
            }
            for (name, figure) in figures {
                if let Some(figure) = figure.filter(|_| round > 0) {
                    report.add(&signed.alg, name, figure);
                }
            }
        }
        eprint!("\rround {round} of {}", arguments.rounds);
    }
    eprintln!("\r");
    drop(node);
    std::fs::remove_file(&tokens)?;

    let algorithms: Vec<&str> = all.iter().map(|signed| signed.alg.as_str()).collect();
    let mut columns = vec!["raw", "verify", "verify, cached", "jsonwebtoken (crate)"];
    columns.extend(LIBRARIES.map(node_name));
    report.print(&algorithms, &columns);
    println!(
        "\nVerifications a second of processor time on one core: medians of {} rounds of {} s each.",
        arguments.rounds, arguments.seconds
    );
    std::fs::write(
        &arguments.output,
        serde_json::to_string_pretty(&report.json())?,
    )
}

/// How a library of Node.js is called in the table.
fn node_name(library: &str) -> &'static str {
    match library {
        "jose" => "jose (Node)",
        "jsonwebtoken" => "jsonwebtoken (Node)",
        _ => "aws-jwt-verify (Node)",
    }
}
