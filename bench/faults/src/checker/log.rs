//! The audit log against the answers: what was acknowledged is in it once, what was refused is not,
//! and there is nothing that nobody asked for.

use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::audit::{Action, AuditEvent};
use uuid::Uuid;

use super::facts::{Facts, Found, name};
use crate::history::{Operation, Outcome, What};

pub(super) fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for event in &facts.state.events {
        found.expect(seen.insert(event.id), "an event is in the log once", || {
            format!("{} {} is there twice", event.action.as_str(), event.id)
        });
    }
    for record in &facts.state.repeated {
        found.add("a record comes once", record.clone());
    }
    let mut asked = BTreeMap::new();
    for operation in facts.operations {
        answer(facts, operation, found);
        if let Some(event) = operation.invoked.event {
            asked.insert(event, operation);
        }
        if let What::Rotate { reuse_event, .. } = operation.invoked.what {
            asked.insert(reuse_event, operation);
        }
    }
    for event in &facts.state.events {
        match asked.get(event.id.as_uuid()) {
            Some(operation) => found.expect(
                fits(facts, operation, event),
                "an event is as it was asked for",
                || format!("{event:?} of {}", name(operation)),
            ),
            None => found.add("an event was asked for", format!("{event:?}")),
        }
    }
}

/// Holds the answer of one operation against the log.
fn answer(facts: &Facts<'_>, operation: &Operation, found: &mut Found) {
    let is_applied = facts.is_applied(operation);
    let is_reuse = facts.is_reuse(operation);
    found.expect(
        !(is_applied && is_reuse),
        "a token is spent or refused, not both",
        || name(operation),
    );
    let mut lose = |is_kept: bool| {
        if is_kept {
        } else if facts.rules.may_lose {
            found.lost += 1;
        } else {
            let rule = "an acknowledged write is in the log";
            found.add(rule, name(operation));
        }
    };
    match operation.outcome() {
        Some(Outcome::Done(_)) => {
            if operation.invoked.event.is_some() {
                lose(is_applied);
            }
            let rule = "a refresh that rotated is no reuse";
            found.expect(!is_reuse, rule, || name(operation));
        }
        Some(Outcome::Reused) => {
            lose(is_reuse);
            let rule = "a refused write left no event";
            found.expect(!is_applied, rule, || name(operation));
        }
        Some(Outcome::Refused(_) | Outcome::Repeated(_)) => {
            let rule = "a refused write left no event";
            found.expect(!is_applied && !is_reuse, rule, || name(operation));
        }
        Some(Outcome::Broken(_)) => {
            found.add("no answer is nonsense", name(operation));
        }
        Some(Outcome::Unknown(_)) | None => {}
    }
}

/// Whether an event tells what the operation asked it to.
fn fits(facts: &Facts<'_>, operation: &Operation, event: &AuditEvent) -> bool {
    let (action, user, session): (_, Option<Uuid>, Option<Uuid>) = match &operation.invoked.what {
        What::SignUp { user, .. } => (Action::SignedUp, Some(*user), None),
        What::OpenSession { user, session, .. } => (Action::LoggedIn, Some(*user), Some(*session)),
        What::Rotate {
            session,
            reuse_event,
            ..
        } => {
            let user = facts.sessions.get(session).map(|birth| birth.user);
            let action = if event.id.as_uuid() == reuse_event {
                Action::RefreshReused
            } else {
                Action::Refreshed
            };
            (action, user, Some(*session))
        }
        What::ChangePassword { user, .. } => (Action::PasswordChanged, Some(*user), None),
        What::EndSession { user, session } => (Action::SessionEnded, Some(*user), Some(*session)),
        What::EndSessions { user, .. } => (Action::SessionsEnded, Some(*user), None),
        What::SetState { user, .. } => (Action::UserStateChanged, Some(*user), None),
        What::ChangeAuthority { user, .. } => (Action::AuthorityChanged, Some(*user), None),
        What::UpdateProfile { user, .. } => (Action::ProfileUpdated, Some(*user), None),
        What::DeleteUser { user } => (Action::UserDeleted, Some(*user), None),
        What::CreateToken { user, .. } => (Action::PersonalTokenCreated, Some(*user), None),
        What::RevokeToken { user, .. } => (Action::PersonalTokenRevoked, Some(*user), None),
        What::ChangeKeys { .. } => (Action::KeysChanged, None, None),
        What::Record => (Action::LoginRefused, None, None),
        _ => return false,
    };
    event.action == action
        && event.at.as_millis() == operation.invoked.now
        && event.user_id.map(|id| *id.as_uuid()) == user
        && event.session_id.map(|id| *id.as_uuid()) == session
}
