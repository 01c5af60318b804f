//! Sign-ups, deletions and passwords: each user whole or absent, each name one user's, each password
//! replaced once.

use std::collections::BTreeMap;

use countersign_domain::email::EmailAddress;
use countersign_domain::names::Username;
use uuid::Uuid;

use super::facts::{Facts, Found, name};
use crate::history::{Operation, Outcome, What};
use crate::marks;

pub(super) fn check(facts: &Facts<'_>, found: &mut Found) {
    sign_ups(facts, found);
    names(facts, found);
    deletions(facts, found);
    passwords(facts, found);
}

fn sign_ups(facts: &Facts<'_>, found: &mut Found) {
    let rule = "a sign-up is whole or absent";
    let state = facts.state;
    let mut by_key: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    let mut asked: BTreeMap<Uuid, &Operation> = BTreeMap::new();
    let stored_keys: BTreeMap<Uuid, Uuid> = state
        .idempotency
        .iter()
        .map(|record| (marks::of_hash(&record.key), *record.user_id.as_uuid()))
        .collect();
    for operation in facts.operations {
        let What::SignUp {
            user, session, key, ..
        } = &operation.invoked.what
        else {
            continue;
        };
        asked.insert(*user, operation);
        let is_applied = facts.is_applied(operation);
        let is_there = is_applied && !facts.deleted.contains_key(user);
        found.expect(state.users.contains_key(user) == is_there, rule, || {
            format!("the user of {}", name(operation))
        });
        if let Some((session, _)) = session {
            let has = state.sessions.contains_key(session);
            found.expect(has == is_there, rule, || {
                format!("the session of {}", name(operation))
            });
        }
        let Some(key) = key else { continue };
        let stands_for = stored_keys.get(key);
        if is_applied {
            found.expect(stands_for == Some(user), rule, || {
                format!("the idempotency key of {}", name(operation))
            });
            if let Some(other) = by_key.insert(*key, *user) {
                let what = format!("{} made a user after {other} was made", name(operation));
                found.add("an idempotency key makes one user", what);
            }
        } else {
            found.expect(stands_for != Some(user), rule, || {
                format!("the idempotency key of {}", name(operation))
            });
        }
    }
    for operation in facts.operations {
        if let (What::SignUp { key: Some(key), .. }, Some(Outcome::Repeated(answer))) =
            (&operation.invoked.what, operation.outcome())
        {
            let is_so = by_key.get(key) == answer.user.as_ref() || facts.rules.may_lose;
            let rule = "a repeated sign-up tells the user that was made";
            found.expect(is_so, rule, || name(operation));
        }
    }
    for user in state.users.keys() {
        found.expect(asked.contains_key(user), "a user was asked for", || {
            format!("{user} is there")
        });
    }
}

fn names(facts: &Facts<'_>, found: &mut Found) {
    let mut taken: BTreeMap<String, Uuid> = BTreeMap::new();
    for (id, (user, _)) in &facts.state.users {
        let email = user.email.as_ref().map(EmailAddress::key);
        let username = user.username.as_ref().map(Username::as_str);
        for name in email.into_iter().chain(username) {
            if let Some(other) = taken.insert(name.to_owned(), *id) {
                let what = format!("{name} is of {id} and of {other}");
                found.add("a name is one user's", what);
            }
        }
    }
    let mut users = facts.state.users.values();
    found.expect(
        users.any(|(user, _)| user.is_working_admin()),
        "there is always a working admin",
        || "there is none".to_owned(),
    );
}

fn deletions(facts: &Facts<'_>, found: &mut Found) {
    let rule = "a deletion is whole or absent";
    let mut gone: BTreeMap<Uuid, &Operation> = BTreeMap::new();
    for operation in facts.applied() {
        if let What::DeleteUser { user } = operation.invoked.what
            && let Some(other) = gone.insert(user, operation)
        {
            let what = format!("{} after {}", name(operation), name(other));
            found.add("a user is deleted once", what);
        }
    }
    for (user, deletion) in &facts.deleted {
        let left = facts.state.users.contains_key(user)
            || (facts.state.sessions.values()).any(|s| s.user_id.as_uuid() == user)
            || (facts.state.tokens.values()).any(|t| t.user_id.as_uuid() == user);
        found.expect(!left, rule, || {
            format!("something is left after {}", name(deletion))
        });
    }
    for operation in facts.applied() {
        let Some(deletion) = user_of(&operation.invoked.what).and_then(|u| facts.deleted.get(&u))
        else {
            continue;
        };
        found.expect(
            operation.invoked.at <= deletion.ended_at(),
            "nothing happens to a user who is deleted",
            || format!("{} after {}", name(operation), name(deletion)),
        );
    }
}

/// Whom a write is about.
fn user_of(what: &What) -> Option<Uuid> {
    match what {
        What::OpenSession { user, .. }
        | What::ChangePassword { user, .. }
        | What::EndSession { user, .. }
        | What::EndSessions { user, .. }
        | What::SetState { user, .. }
        | What::ChangeAuthority { user, .. }
        | What::UpdateProfile { user, .. }
        | What::CreateToken { user, .. }
        | What::RevokeToken { user, .. } => Some(*user),
        _ => None,
    }
}

/// Each change of a password starts from the one before, so that they make a chain: from the first
/// one to the one that is stored.
fn passwords(facts: &Facts<'_>, found: &mut Found) {
    let mut replaced: BTreeMap<Uuid, (Uuid, &Operation)> = BTreeMap::new();
    let mut first: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    let mut changes: BTreeMap<Uuid, usize> = BTreeMap::new();
    for operation in facts.applied() {
        let (user, old, new) = match &operation.invoked.what {
            What::SignUp { user, password, .. } => {
                first.insert(*user, *password);
                continue;
            }
            What::ChangePassword {
                user,
                expected,
                new,
                ..
            } => (*user, *expected, *new),
            What::OpenSession {
                user,
                proved: Some(proved),
                rehash: Some(rehash),
                ..
            } => (*user, *proved, *rehash),
            _ => continue,
        };
        *changes.entry(user).or_default() += 1;
        if let Some((_, other)) = replaced.insert(old, (new, operation)) {
            let what = format!("{} and {}", name(operation), name(other));
            found.add("a password is replaced once", what);
        }
    }
    for (user, (_, stored)) in &facts.state.users {
        let Some(first) = first.get(user) else {
            continue;
        };
        let (mut last, mut steps) = (*first, 0);
        while let Some((next, _)) = replaced.get(&last) {
            last = *next;
            steps += 1;
        }
        let stored = stored.as_ref().map(marks::of_password);
        let is_whole = steps == changes.get(user).copied().unwrap_or(0);
        let rule = "a change of password is whole or absent";
        found.expect(is_whole && stored == Some(last), rule, || {
            format!("user {user} has {stored:?}, and the last change made it {last}")
        });
    }
    for operation in facts.applied() {
        if let What::OpenSession {
            proved: Some(proved),
            ..
        } = &operation.invoked.what
            && let Some((_, change)) = replaced.get(proved)
        {
            let is_so = operation.invoked.at <= change.ended_at();
            let rule = "a password that was replaced opens nothing";
            found.expect(is_so, rule, || {
                format!("{} after {}", name(operation), name(change))
            });
        }
    }
}
