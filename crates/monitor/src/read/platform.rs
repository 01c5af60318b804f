//! What AWS Lambda's platform writes beside the function: as text (`START`, `END`, `REPORT`, a time-out, a
//! crash), and as JSON (`platform.start`, `platform.runtimeDone`, `platform.report`).

use serde_json::Value;

use super::event::{Event, Kind, Place};
use crate::draft::Measured;

/// A platform line in text.
pub(super) fn event(place: &Place, message: &str) -> Option<Event> {
    let of = |key: &str, kind| {
        let key = key.trim().to_owned();
        is_id(&key).then(|| Event {
            place: place.clone(),
            key,
            kind,
        })
    };
    if let Some(rest) = message.strip_prefix("START RequestId: ") {
        return of(rest.split(' ').next()?, Kind::Begun);
    }
    if let Some(rest) = message.strip_prefix("END RequestId: ") {
        return of(rest, Kind::Ended);
    }
    if let Some(rest) = message.strip_prefix("REPORT RequestId: ") {
        let mut parts = rest.split('\t');
        return of(parts.next()?, Kind::Measured(report(parts)));
    }
    if let Some(rest) = message.strip_prefix("RequestId: ") {
        let (key, said) = rest.split_once(' ')?;
        return of(key, fatal(said));
    }
    // `MOMENT ID Task timed out after 3.00 seconds`, the moment taken off already.
    let (key, said) = message.split_once(' ')?;
    if said.starts_with("Task timed out after ") {
        return of(key, fatal(said));
    }
    None
}

/// Lines of the platform that are no invocation's.
pub(super) fn is_beside(message: &str) -> bool {
    [
        "INIT_START",
        "INIT_REPORT",
        "EXTENSION",
        "TELEMETRY",
        "XRAY TraceId",
        "LOGS\t",
        "RESTORE_",
    ]
    .iter()
    .any(|start| message.starts_with(start))
}

/// A platform line in JSON: `{"time", "type": "platform.…", "record": {…}}`.
pub(super) fn json(place: &Place, value: &Value) -> Option<Event> {
    let record = value.get("record")?;
    let key = record.get("requestId")?.as_str()?.to_owned();
    let kind = match value.get("type")?.as_str()? {
        "platform.start" => Kind::Begun,
        "platform.runtimeDone" => Kind::Ended,
        "platform.report" => {
            let number = |name: &str| record.get("metrics")?.get(name)?.as_f64();
            Kind::Measured(Measured {
                duration_ms: number("durationMs"),
                init_ms: number("initDurationMs"),
                max_memory_mb: number("maxMemoryUsedMB"),
                is_failed: record
                    .get("status")
                    .and_then(Value::as_str)
                    .is_some_and(|status| status != "success"),
            })
        }
        _ => return None,
    };
    is_id(&key).then(|| Event {
        place: place.clone(),
        key,
        kind,
    })
}

/// Whether a text can be a request's id.
pub(super) fn is_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn report<'a>(parts: impl Iterator<Item = &'a str>) -> Measured {
    let mut measured = Measured::default();
    for part in parts {
        let Some((name, value)) = part.trim().split_once(": ") else {
            continue;
        };
        let number = value
            .split(' ')
            .next()
            .and_then(|word| word.parse::<f64>().ok());
        match name {
            "Duration" => measured.duration_ms = number,
            "Init Duration" | "Restore Duration" => measured.init_ms = number,
            "Max Memory Used" => measured.max_memory_mb = number,
            "Status" => measured.is_failed = value != "success",
            _ => {}
        }
    }
    measured
}

fn fatal(said: &str) -> Kind {
    Kind::Said {
        fields: Vec::new(),
        level: Some("ERROR".to_owned()),
        text: said.to_owned(),
        is_fatal: true,
    }
}
