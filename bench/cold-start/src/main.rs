//! How long a function takes from the start of its process until it asks for its first event, and until
//! its first answer is out; and what memory it holds by then. Each process speaks to a runtime API as
//! AWS Lambda's, over a socket of this machine. See `run`, which builds and starts what is measured.

mod emulator;
mod subject;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use subject::{Measured, Subject, subjects};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let runs = arguments.next().and_then(|runs| runs.parse().ok());
    match measure(runs.unwrap_or(20)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cold-start: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures each subject `runs` times, by turns, so that whatever else the machine does hits them alike.
fn measure(runs: usize) -> io::Result<()> {
    let subjects = subjects()?;
    let mut results: Vec<Vec<Measured>> = subjects.iter().map(|_| Vec::new()).collect();
    for run in 0..runs {
        for (subject, results) in subjects.iter().zip(&mut results) {
            let measured = subject.measure();
            let told = |error: io::Error| io::Error::other(format!("{}: {error}", subject.name));
            results.push(measured.map_err(told)?);
        }
        eprint!("\r{}/{runs}", run + 1);
    }
    eprintln!("\r");
    println!(
        "| {:<44} | {:>13} | {:>13} | {:>20} | {:>13} | {:>8} | {:>8} |",
        "", "init", "init (p95)", "first answer in all", "warm answer", "resident", "package"
    );
    let line = "-".repeat(44);
    println!(
        "|-{line}-|--------------:|--------------:|---------------------:|--------------:|---------:|---------:|"
    );
    for (subject, results) in subjects.iter().zip(&results) {
        print(subject, results);
    }
    println!(
        "\nMedians of {runs} runs, by turns; init is from the start of the process to its first request for an event."
    );
    Ok(())
}

fn print(subject: &Subject, results: &[Measured]) {
    let by = |pick: fn(&Measured) -> Duration, percent: usize| {
        let mut times: Vec<Duration> = results.iter().map(pick).collect();
        times.sort();
        let time = times.get(times.len().saturating_sub(1) * percent / 100);
        let time = time.copied().unwrap_or_default();
        format!("{:.1} ms", time.as_secs_f64() * 1000.0)
    };
    let mut resident: Vec<u64> = results.iter().map(|result| result.resident_kib).collect();
    resident.sort_unstable();
    let resident = resident.get(resident.len() / 2).copied().unwrap_or(0);
    println!(
        "| {:<44} | {:>13} | {:>13} | {:>20} | {:>13} | {:>8} | {:>8} |",
        subject.name,
        by(|result| result.init, 50),
        by(|result| result.init, 95),
        by(|result| result.first_answer, 50),
        by(|result| result.warm_answer, 50),
        mebibytes(resident * 1024),
        mebibytes(subject.package_bytes),
    );
}

/// To the tenth.
fn mebibytes(bytes: u64) -> String {
    let tenths = (bytes * 10).div_ceil(1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}
