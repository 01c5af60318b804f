//! The keys: whether the master key opens them, and whether each purpose has one in use.

use std::sync::Arc;

use countersign_app::KeyRing;
use countersign_domain::keys::{KeyPurpose, KeySet, KeyStage, KeyStep, plan};
use countersign_domain::time::Timestamp;

use super::finding::Finding;
use crate::cli::table::{count, moment};
use crate::compose::{self, ComposeError, Instance};
use crate::config::Settings;

const CHECK: &str = "keys";
const MASTER: &str = "master key";

/// Checks the master key, then the keys.
pub(super) async fn check(
    settings: &Settings,
    instance: &Instance,
    set: &KeySet,
    now: Timestamp,
) -> Vec<Finding> {
    if set.keys.is_empty() {
        let message = "there are none yet";
        return vec![Finding::warn(
            CHECK,
            message,
            "start the server once: it makes them",
        )];
    }
    let mut findings = vec![master(settings, instance, now).await];
    let purposes = instance.app.settings().key_purposes();
    findings.extend(purposes.iter().map(|purpose| in_use(set, *purpose, now)));
    findings.extend(overdue(instance, set, &purposes, now));
    findings
}

async fn master(settings: &Settings, instance: &Instance, now: Timestamp) -> Finding {
    let fix = "restore the master key from where you keep its copy; if it is lost, \
               `countersign keys retire --all` makes new keys and logs everybody out";
    let master = match compose::find_master_key(settings).await {
        Ok(master) => master,
        Err(ComposeError::MasterKeyMissing(_)) => {
            let message = "the store holds keys, but there is no master key";
            return Finding::fail(MASTER, message, fix);
        }
        Err(error) => return Finding::fail(MASTER, error.to_string(), fix),
    };
    let opened = async {
        let id = master.id();
        let store = Arc::clone(&instance.store);
        let ring = KeyRing::new(store, Arc::new(master), instance.app.settings())?;
        ring.reload(now).await?;
        Ok::<_, countersign_app::KeyRingError>(id)
    };
    match opened.await {
        Ok(id) => Finding::ok(MASTER, format!("it opens the keys (id {id})")),
        Err(error) => Finding::fail(MASTER, error.to_string(), fix),
    }
}

fn in_use(set: &KeySet, purpose: KeyPurpose, now: Timestamp) -> Finding {
    let what = match purpose {
        KeyPurpose::Sign(algorithm) => format!("signing with {algorithm}"),
        KeyPurpose::MarkRefresh => "refresh tokens".to_owned(),
    };
    let Some(active) = set.active(purpose, now) else {
        let message = format!("none is active for {what}");
        return Finding::fail(
            CHECK,
            message,
            "start the server, or countersign keys rotate --now",
        );
    };
    let upcoming: Vec<_> = set
        .with_purpose(purpose)
        .filter(|key| key.stage(now) == KeyStage::Upcoming)
        .collect();
    let next = match upcoming.first() {
        Some(key) => format!(", the next from {}", moment(key.active_from)),
        None => String::new(),
    };
    Finding::ok(
        CHECK,
        format!(
            "{what}: {} since {}{next}",
            active.id,
            moment(active.active_from)
        ),
    )
}

/// What the schedule would have done already, had a server run.
fn overdue(
    instance: &Instance,
    set: &KeySet,
    purposes: &[KeyPurpose],
    now: Timestamp,
) -> Option<Finding> {
    let steps = plan(set, purposes, now, &instance.app.settings().keys);
    let due = steps
        .iter()
        .filter(|step| matches!(step, KeyStep::Make { .. }))
        .count();
    let due = u64::try_from(due).ok().filter(|due| *due > 0)?;
    let message = format!("{} due by the schedule", count(due, "new key"));
    Some(Finding::warn(
        CHECK,
        message,
        "a running server makes them; is one running?",
    ))
}
