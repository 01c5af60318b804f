//! Keys as the command line shows them; nothing of their private part.

use countersign_app::App;
use countersign_app::ports::Store;
use countersign_domain::keys::{KeyPurpose, KeyRecord, KeyStage};
use countersign_domain::time::Timestamp;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::table::{moment, or_nothing, table};

/// Shows all keys of the store, the oldest first.
pub(super) async fn show(context: &Context, store: &dyn Store, app: &App) -> Result<(), CliError> {
    let mut keys = store.keys().await?.keys;
    keys.sort_by_key(|key| (key.created_at, key.active_from));
    let now = app.now();
    if context.out.is_json() {
        return keys
            .iter()
            .try_for_each(|key| context.out.json(&in_json(key, now)));
    }
    let rows = keys.iter().map(|key| {
        let (purpose, algorithm) = purpose(key.purpose);
        [
            key.id.to_string(),
            purpose.to_owned(),
            or_nothing(algorithm),
            key.stage(now).as_str().to_owned(),
            moment(key.active_from),
            until(key, now),
        ]
    });
    let header = ["key", "purpose", "algorithm", "stage", "used from", "until"];
    context.out.text(&table(&header, rows))
}

fn in_json(key: &KeyRecord, now: Timestamp) -> serde_json::Value {
    let (purpose, algorithm) = purpose(key.purpose);
    serde_json::json!({
        "id": key.id.to_string(),
        "purpose": purpose,
        "algorithm": algorithm,
        "stage": key.stage(now).as_str(),
        "created_at": key.created_at,
        "active_from": key.active_from,
        "retired_at": key.retired_at,
        "dead_from": key.dead_from,
    })
}

fn purpose(purpose: KeyPurpose) -> (&'static str, Option<&'static str>) {
    match purpose {
        KeyPurpose::Sign(algorithm) => ("sign", Some(algorithm.as_str())),
        KeyPurpose::MarkRefresh => ("mark_refresh", None),
    }
}

fn until(key: &KeyRecord, now: Timestamp) -> String {
    match (key.stage(now), key.dead_from) {
        (KeyStage::Retiring | KeyStage::Dead, Some(at)) => format!("verifies until {}", moment(at)),
        _ => or_nothing(key.retired_at.map(moment)),
    }
}
