//! What belongs to no user: keys, tasks, plain events.

use std::time::Duration;

use countersign_app::ports::store::{ChangeKeys, ClaimTask, KeysChanged};
use countersign_domain::audit::Action;
use countersign_domain::keys::{KeyPurpose, KeyRecord};

use super::maker;
use super::{Worker, is_unknown};
use crate::clock::span;
use crate::history::{Answer, Outcome, What};

const TASKS: [&str; 3] = ["faults-a", "faults-b", "faults-c"];
/// How often a task is due, in real time.
const EVERY: Duration = Duration::from_millis(400);
/// Keys beyond these are removed.
const KEYS: usize = 6;

impl Worker {
    pub(super) async fn claim_task(&mut self) {
        let Some(task) = self.random.pick(&TASKS).copied() else {
            return;
        };
        let (now, every) = (self.now(), span(EVERY));
        let what = What::ClaimTask {
            task: task.to_owned(),
            every: u64::try_from(every.as_millis()).unwrap_or(u64::MAX),
        };
        let call = self.store.claim_task(ClaimTask { task, now, every });
        self.call(None, now, what, call, |claimed| match claimed {
            true => Outcome::Done(Answer::default()),
            false => Outcome::Refused("not due".to_owned()),
        })
        .await;
    }

    pub(super) async fn change_keys(&mut self) {
        let Some(keys) = self.keys().await else {
            return self.pause().await;
        };
        let now = self.now();
        let name = format!("key-{}", self.random.mark().simple());
        let Ok(id) = name.parse() else { return };
        let old = (keys.keys.len() >= KEYS)
            .then(|| self.random.pick(&keys.keys).map(|key| key.id.clone()))
            .flatten();
        let event = maker::event(&mut self.random, now, Action::KeysChanged, None, None);
        let what = What::ChangeKeys {
            expected: keys.version,
            add: name,
            remove: old.as_ref().map(|id| id.as_str().to_owned()),
        };
        let call = self.store.change_keys(ChangeKeys {
            expected_version: keys.version,
            add: vec![KeyRecord {
                id,
                purpose: KeyPurpose::MarkRefresh,
                sealed: vec![7; 48],
                public: None,
                created_at: now,
                active_from: now,
                retired_at: None,
                dead_from: None,
            }],
            retire: Vec::new(),
            remove: old.into_iter().collect(),
            event: event.clone(),
        });
        self.call(Some(&event), now, what, call, |changed| match changed {
            KeysChanged::Changed => Outcome::Done(Answer::default()),
            KeysChanged::Stale => Outcome::Refused("stale".to_owned()),
        })
        .await;
    }

    /// Writes a plain event; with padding if the disk is to be filled.
    pub(super) async fn record_event(&mut self) {
        let now = self.now();
        let mut event = maker::event(&mut self.random, now, Action::LoginRefused, None, None);
        if self.filler > 0 {
            event = event.with("padding", self.padding());
        }
        let call = self.store.record(event.clone());
        let (outcome, _) = self
            .call(Some(&event), now, What::Record, call, |()| {
                Outcome::Done(Answer::default())
            })
            .await;
        if is_unknown(&outcome) {
            self.pause().await;
        }
    }

    /// Text that no engine can make smaller.
    fn padding(&mut self) -> String {
        let mut text = String::with_capacity(self.filler + 32);
        while text.len() < self.filler {
            text.push_str(&self.random.mark().simple().to_string());
        }
        text
    }
}
