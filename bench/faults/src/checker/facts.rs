//! What the rules ask for again and again, and where they put what they find.

use std::collections::BTreeMap;

use countersign_domain::audit::AuditEvent;
use serde::Serialize;
use uuid::Uuid;

use super::{FinalState, Rules};
use crate::history::{Operation, What};

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which.
    pub rule: &'static str,
    /// How it shows.
    pub what: String,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What must not be.
    pub violations: Vec<Violation>,
    /// Acknowledged writes that are gone, where they may be.
    pub lost: u64,
}

impl Found {
    /// Notes a violation.
    pub fn add(&mut self, rule: &'static str, what: impl Into<String>) {
        let what = what.into();
        self.violations.push(Violation { rule, what });
    }

    /// Notes a violation unless it is true.
    pub fn expect(&mut self, is_so: bool, rule: &'static str, what: impl FnOnce() -> String) {
        if !is_so {
            self.add(rule, what());
        }
    }
}

/// A session or token came into the world like this.
#[derive(Clone, Copy)]
pub struct Birth<'a> {
    /// By which operation.
    pub operation: &'a Operation,
    /// Whose it is.
    pub user: Uuid,
    /// Its first hash.
    pub hash: Uuid,
}

/// The history and the final state, looked through once.
pub struct Facts<'a> {
    /// The operations in the order of their invocations.
    pub operations: &'a [Operation],
    /// What the store holds.
    pub state: &'a FinalState,
    /// What may be.
    pub rules: Rules,
    /// The log by the ids of the events.
    pub log: BTreeMap<Uuid, &'a AuditEvent>,
    /// Which operation was told which moment.
    pub by_moment: BTreeMap<i64, &'a Operation>,
    /// The deletions that were carried out, by user.
    pub deleted: BTreeMap<Uuid, &'a Operation>,
    /// How each session was to begin, carried out or not.
    pub sessions: BTreeMap<Uuid, Birth<'a>>,
    /// The rotations that were carried out, by session.
    pub rotations: BTreeMap<Uuid, Vec<&'a Operation>>,
}

impl<'a> Facts<'a> {
    /// Looks through.
    pub fn new(operations: &'a [Operation], state: &'a FinalState, rules: Rules) -> Self {
        let events = state.events.iter();
        let mut facts = Self {
            operations,
            state,
            rules,
            log: events.map(|event| (*event.id.as_uuid(), event)).collect(),
            by_moment: BTreeMap::new(),
            deleted: BTreeMap::new(),
            sessions: BTreeMap::new(),
            rotations: BTreeMap::new(),
        };
        for operation in operations {
            facts.by_moment.insert(operation.invoked.now, operation);
            let is_applied = facts.is_applied(operation);
            match &operation.invoked.what {
                What::DeleteUser { user } if is_applied => {
                    facts.deleted.insert(*user, operation);
                }
                What::SignUp {
                    user,
                    session: Some((session, hash)),
                    ..
                }
                | What::OpenSession {
                    user,
                    session,
                    hash,
                    ..
                } => {
                    let birth = Birth {
                        operation,
                        user: *user,
                        hash: *hash,
                    };
                    facts.sessions.insert(*session, birth);
                }
                What::Rotate { session, .. } if is_applied => {
                    facts.rotations.entry(*session).or_default().push(operation);
                }
                _ => {}
            }
        }
        facts
    }

    /// Whether it was carried out: its event is in the log.
    pub fn is_applied(&self, operation: &Operation) -> bool {
        let event = operation.invoked.event;
        event.is_some_and(|event| self.log.contains_key(&event))
    }

    /// Whether it was a rotation that met a spent token and ended the session.
    pub fn is_reuse(&self, operation: &Operation) -> bool {
        match &operation.invoked.what {
            What::Rotate { reuse_event, .. } => self.log.contains_key(reuse_event),
            _ => false,
        }
    }

    /// The operations that were carried out.
    pub fn applied(&self) -> impl Iterator<Item = &'a Operation> + '_ {
        let operations = self.operations.iter();
        operations.filter(|operation| self.is_applied(operation))
    }

    /// The operation that ended a session, if one did.
    pub fn ender(&self, session: Uuid) -> Option<&'a Operation> {
        let ended = self.state.sessions.get(&session)?.ended?;
        self.by_moment.get(&ended.at.as_millis()).copied()
    }
}

/// How an operation is named in what is found.
pub fn name(operation: &Operation) -> String {
    let invoked = &operation.invoked;
    let outcome = match operation.outcome() {
        None => "cut off".to_owned(),
        Some(outcome) => format!("{outcome:?}"),
    };
    format!(
        "operation {} of process {} ({:?}: {outcome})",
        invoked.operation, invoked.process, invoked.what
    )
}
