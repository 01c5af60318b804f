//! The figures of all rounds, and the tables of their medians.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The share of the bare signature's rate that is aimed at.
const AIM: f64 = 0.9;

#[derive(Default)]
pub struct Report {
    /// By algorithm and subject: verifications a second, one a round.
    rates: BTreeMap<(String, &'static str), Vec<f64>>,
}

impl Report {
    pub fn add(&mut self, algorithm: &str, subject: &'static str, rate: f64) {
        self.rates
            .entry((algorithm.to_owned(), subject))
            .or_default()
            .push(rate);
    }

    fn of(&self, algorithm: &str, subject: &'static str) -> &[f64] {
        self.rates
            .get(&(algorithm.to_owned(), subject))
            .map_or(&[], Vec::as_slice)
    }

    /// The median of a round's share of the bare signature in the same round.
    fn share(&self, algorithm: &str, subject: &'static str) -> Option<f64> {
        let (own, raw) = (self.of(algorithm, subject), self.of(algorithm, "raw"));
        median(own.iter().zip(raw).map(|(own, raw)| own / raw).collect())
    }

    pub fn print(&self, algorithms: &[&str], subjects: &[&'static str]) {
        println!(
            "| | {} | verify / raw | verify adds |",
            subjects.join(" | ")
        );
        println!("|---|{}---:|---:|", "---:|".repeat(subjects.len()));
        for algorithm in algorithms {
            let rates: Vec<String> = subjects
                .iter()
                .map(|subject| median(self.of(algorithm, subject).to_vec()))
                .map(|rate| rate.map_or("–".to_owned(), thousands))
                .collect();
            println!(
                "| {algorithm} | {} | {} |",
                rates.join(" | "),
                self.compared(algorithm)
            );
        }
    }

    /// The share that `verify` reaches, and what it adds to each token; dashes, if not both were measured.
    fn compared(&self, algorithm: &str) -> String {
        let time = |subject| median(self.of(algorithm, subject).to_vec()).map(|rate| 1e6 / rate);
        match (
            self.share(algorithm, "verify"),
            time("verify").zip(time("raw")),
        ) {
            (Some(share), Some((verify, raw))) => format!(
                "{:.0} %{} | {:.2} µs",
                share * 100.0,
                if share < AIM { " (missed)" } else { "" },
                verify - raw
            ),
            _ => "– | –".to_owned(),
        }
    }

    pub fn json(&self) -> Value {
        let all = self.rates.iter().map(|((algorithm, subject), rates)| {
            json!({ "algorithm": algorithm, "subject": subject, "per_second": rates })
        });
        all.collect()
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// A whole number with commas.
fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
