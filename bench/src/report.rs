//! The figures: a median of the rounds each, as a table for people and as JSON for programs.

use serde_json::{Map, Value, json};

/// One figure, measured once a round.
pub struct Figure {
    pub name: &'static str,
    pub unit: &'static str,
    pub rounds: Vec<f64>,
    /// What it is held against, in words, and whether it is met.
    pub aim: Option<(String, bool)>,
}

/// All figures of a run.
#[derive(Default)]
pub struct Report {
    figures: Vec<Figure>,
}

/// The middle of the values; of an even number, the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
    let upper = sorted.len() / 2;
    at(upper).midpoint(at(
        upper - usize::from(sorted.len().is_multiple_of(2) && upper > 0)
    ))
}

impl Report {
    /// Adds a round's value to a figure.
    pub fn add(&mut self, name: &'static str, unit: &'static str, value: f64) {
        match self.figures.iter_mut().find(|figure| figure.name == name) {
            Some(figure) => figure.rounds.push(value),
            None => {
                self.figures.push(Figure {
                    name,
                    unit,
                    rounds: vec![value],
                    aim: None,
                });
            }
        }
        eprintln!("  {name}: {value:.2} {unit}");
    }

    /// The median of a figure.
    pub fn of(&self, name: &str) -> f64 {
        let figure = self.figures.iter().find(|figure| figure.name == name);
        figure.map_or(f64::NAN, |figure| median(&figure.rounds))
    }

    /// Holds a figure against an aim.
    pub fn aim(&mut self, name: &str, words: String, is_met: bool) {
        if let Some(figure) = self.figures.iter_mut().find(|figure| figure.name == name) {
            figure.aim = Some((words, is_met));
        }
    }

    /// The table.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "| figure | median | lowest | highest | unit | aim |\n|---|---:|---:|---:|---|---|\n",
        );
        for Figure {
            name,
            unit,
            rounds,
            aim,
        } in &self.figures
        {
            let lowest = rounds.iter().copied().fold(f64::INFINITY, f64::min);
            let highest = rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let aim = aim.as_ref().map_or(String::new(), |(words, is_met)| {
                format!("{words}: {}", if *is_met { "met" } else { "missed" })
            });
            let [middle, lowest, highest] = [median(rounds), lowest, highest].map(shown);
            text += &format!("| {name} | {middle} | {lowest} | {highest} | {unit} | {aim} |\n");
        }
        text
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let figures = self.figures.iter().map(|figure| {
            let aim = figure.aim.as_ref();
            let value = json!({
                "median": median(&figure.rounds),
                "rounds": figure.rounds,
                "unit": figure.unit,
                "aim": aim.map(|(words, _)| words),
                "met": aim.map(|(_, is_met)| is_met),
            });
            (figure.name.to_owned(), value)
        });
        Value::Object(figures.collect::<Map<_, _>>())
    }
}

fn shown(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}
