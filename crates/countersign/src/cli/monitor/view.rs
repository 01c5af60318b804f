//! The figures for people.

use std::fmt::Write as _;

use countersign_monitor::{Connection, Entry, Invocation, Listing, Numbers, Overview, Timestamp};

use crate::cli::table::{NOTHING, count, or_nothing, pairs, table};

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const NUMBERS: [&str; 7] = ["calls", "failed", "refused", "p50", "p95", "p99", "cold"];

/// Every function and endpoint.
pub(super) fn overview(overview: &Overview) -> String {
    let total = &overview.total;
    let mut text = format!(
        "{} since {}: {} failed, {} refused, {}",
        count(total.invocations, "invocation"),
        moment(overview.since),
        total.failed,
        total.refused,
        count(total.cold_starts, "cold start"),
    );
    // Writing to a String never fails.
    if let Some(init) = total.init_p50_ms {
        let _ = write!(text, " (half of them within {})", millis(Some(init)));
    }
    text.push('\n');
    if let Some(from) = overview
        .reaches_back_to
        .filter(|from| *from > overview.since)
    {
        let _ = writeln!(
            text,
            "Older ones had to make room: this reaches back to {}.",
            moment(from)
        );
    }
    if total.invocations == 0 {
        return text;
    }
    let _ = write!(text, "\n{}\n\n", charts(overview));
    let functions = overview
        .functions
        .iter()
        .map(|row| [vec![row.function.clone()], numbers(&row.numbers)].concat());
    let header = [&["function"], &NUMBERS[..]].concat();
    let _ = writeln!(text, "{}\n", table(&header, functions));
    let has_many = overview.functions.len() > 1;
    let endpoints = overview.endpoints.iter().map(|row| {
        let mut cells = vec![row.method.clone(), row.route.clone()];
        if has_many {
            cells.push(row.function.clone());
        }
        [cells, numbers(&row.numbers)].concat()
    });
    let names: &[&str] = if has_many {
        &["method", "route", "function"]
    } else {
        &["method", "route"]
    };
    text.push_str(&table(&[names, &NUMBERS[..]].concat(), endpoints));
    text
}

/// Invocations one by one.
pub(super) fn listing(listing: &Listing) -> String {
    let rows = listing.invocations.iter().map(|one| {
        [
            moment(one.at),
            one.outcome.as_str().to_owned(),
            or_nothing(one.status),
            millis(Some(one.took_ms)),
            if one.cold { "cold" } else { "warm" }.to_owned(),
            or_nothing(one.database_connection.map(connection)),
            or_nothing(one.method.as_ref()),
            or_nothing(one.route.as_ref()),
            one.function.clone(),
            or_nothing(one.id.as_ref()),
        ]
    });
    let header = [
        "when",
        "outcome",
        "status",
        "took",
        "start",
        "connection",
        "method",
        "route",
        "function",
        "id",
    ];
    let shown = listing.invocations.len();
    let all = count(listing.matching, "invocation");
    format!(
        "{}\n\n{all}, the latest {shown} shown",
        table(&header, rows)
    )
}

/// One invocation with its lines.
pub(super) fn invocation(one: &Invocation) -> String {
    let facts = pairs([
        ("function", one.function.clone()),
        (
            "endpoint",
            format!(
                "{} {}",
                one.method.as_deref().unwrap_or(NOTHING),
                one.route.as_deref().unwrap_or(NOTHING)
            ),
        ),
        ("when", moment(one.at)),
        ("outcome", one.outcome.as_str().to_owned()),
        ("status", or_nothing(one.status)),
        ("took", millis(Some(one.took_ms))),
        (
            "start",
            match (one.cold, one.init_ms) {
                (true, init) => format!("cold, {}", millis(init)),
                (false, _) => "warm".to_owned(),
            },
        ),
        (
            "memory",
            or_nothing(one.memory_mb.map(|memory| format!("{memory} MiB"))),
        ),
        (
            "connection",
            or_nothing(one.database_connection.map(connection)),
        ),
        ("id", or_nothing(one.id.as_ref())),
        ("AWS id", or_nothing(one.aws_request_id.as_ref())),
    ]);
    let lines = one.lines.iter().map(|line| {
        let at = line.at.map_or_else(
            || NOTHING.to_owned(),
            |at| at.strftime("%H:%M:%S%.3f").to_string(),
        );
        format!(
            "{at}  {:<5}  {}",
            line.level.as_deref().unwrap_or(""),
            line.text
        )
    });
    let lines: Vec<_> = lines.collect();
    format!("{facts}\n\n{}", lines.join("\n"))
}

/// One invocation on one line.
pub(super) fn line(one: &Entry) -> String {
    let words = [
        Some(moment(one.at)),
        Some(one.outcome.as_str().to_owned()),
        one.status.map(|status| status.to_string()),
        Some(millis(Some(one.took_ms))),
        one.method.clone(),
        one.route.clone(),
        Some(one.function.clone()),
        one.cold.then(|| "cold".to_owned()),
        one.database_connection
            .map(|found| found.words().to_owned()),
        one.id.clone(),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

fn charts(overview: &Overview) -> String {
    let every = span(overview.bucket_seconds);
    let calls: Vec<Option<f64>> = overview
        .series
        .iter()
        .map(|bucket| {
            Some(f64::from(
                u32::try_from(bucket.numbers.invocations).unwrap_or(u32::MAX),
            ))
        })
        .collect();
    let times: Vec<Option<f64>> = overview
        .series
        .iter()
        .map(|bucket| bucket.numbers.p95_ms)
        .collect();
    let most_calls = calls.iter().flatten().copied().fold(0.0, f64::max);
    let most_time = times.iter().flatten().copied().fold(0.0, f64::max);
    pairs([
        (
            "calls",
            format!("{}  at most {most_calls} in {every}", bars(&calls)),
        ),
        (
            "p95",
            format!("{}  at most {}", bars(&times), millis(Some(most_time))),
        ),
    ])
}

/// One bar a value, the highest as high as a line; a gap where there is none.
fn bars(values: &[Option<f64>]) -> String {
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    let bar = |value: &Option<f64>| {
        let Some(value) = value.filter(|value| *value > 0.0) else {
            return ' ';
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to 8"
        )]
        let step = (value / most * 8.0).ceil() as usize;
        BARS.get(step.saturating_sub(1)).copied().unwrap_or('█')
    };
    values.iter().map(bar).collect()
}

fn numbers(numbers: &Numbers) -> Vec<String> {
    vec![
        numbers.invocations.to_string(),
        numbers.failed.to_string(),
        numbers.refused.to_string(),
        millis(numbers.p50_ms),
        millis(numbers.p95_ms),
        millis(numbers.p99_ms),
        numbers.cold_starts.to_string(),
    ]
}

fn connection(found: Connection) -> &'static str {
    match found {
        Connection::New => "new",
        Connection::Existing => "existing",
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn millis(value: Option<f64>) -> String {
    match value {
        None => NOTHING.to_owned(),
        Some(value) if value >= 10_000.0 => format!("{:.1} s", value / 1000.0),
        Some(value) if value >= 100.0 => format!("{value:.0} ms"),
        Some(value) if value >= 10.0 => format!("{value:.1} ms"),
        Some(value) => format!("{value:.2} ms"),
    }
}

fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}
