//! Sessions: each opened whole or not at all, each refresh token spent once, each end that of one
//! operation, and no life after it.

use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::session::{EndReason, Session};
use uuid::Uuid;

use super::facts::{Birth, Facts, Found, name};
use crate::history::{Operation, What};
use crate::marks;
use crate::workload::LIMIT;

pub(super) fn check(facts: &Facts<'_>, found: &mut Found) {
    births(facts, found);
    for (session, rotations) in &facts.rotations {
        chain(facts, *session, rotations, found);
    }
    for (id, session) in &facts.state.sessions {
        if session.ended.is_some() {
            end(facts, *id, session, found);
        }
    }
    ends(facts, found);
    afterlife(facts, found);
}

fn births(facts: &Facts<'_>, found: &mut Found) {
    let mut live: BTreeMap<Uuid, u32> = BTreeMap::new();
    for (id, birth) in &facts.sessions {
        let is_there =
            facts.is_applied(birth.operation) && !facts.deleted.contains_key(&birth.user);
        let session = facts.state.sessions.get(id);
        let rule = "a login is whole or absent";
        found.expect(session.is_some() == is_there, rule, || {
            format!("session {id} of {}", name(birth.operation))
        });
    }
    for (id, session) in &facts.state.sessions {
        let birth = facts.sessions.get(id);
        let is_theirs = birth.is_some_and(|birth| birth.user == *session.user_id.as_uuid());
        let rule = "a session was asked for";
        found.expect(is_theirs, rule, || format!("session {id}"));
        if session.ended.is_none() {
            *live.entry(*session.user_id.as_uuid()).or_default() += 1;
        }
        if let Some(birth) = birth
            && !facts.rotations.contains_key(id)
        {
            untouched(*id, session, birth, found);
        }
    }
    for (user, live) in live {
        let rule = "a user has no more live sessions than allowed";
        found.expect(live <= LIMIT, rule, || format!("user {user} has {live}"));
    }
}

fn untouched(id: Uuid, session: &Session, birth: &Birth<'_>, found: &mut Found) {
    let refresh = &session.refresh;
    let is_first = refresh.generation == 0 && marks::of_hash(&refresh.current) == birth.hash;
    let rule = "a rotation is whole or absent";
    found.expect(is_first, rule, || {
        format!("session {id} was never rotated, and stands at {refresh:?}")
    });
}

/// The rotations of a session that are in the log: one for each generation, each from the token that
/// the one before made.
fn chain(facts: &Facts<'_>, session: Uuid, rotations: &[&Operation], found: &mut Found) {
    let mut by_generation: BTreeMap<u32, (Uuid, Uuid, &Operation)> = BTreeMap::new();
    for operation in rotations {
        let What::Rotate {
            generation,
            presented,
            successor,
            ..
        } = operation.invoked.what
        else {
            continue;
        };
        let step = (presented, successor, *operation);
        if let Some((_, _, other)) = by_generation.insert(generation, step) {
            let what = format!("{} and {}", name(operation), name(other));
            found.add("a refresh token is spent once", what);
        }
    }
    let mut current = facts.sessions.get(&session).map(|birth| birth.hash);
    let mut previous = None;
    let mut last = None;
    for (expected, (generation, (presented, successor, operation))) in (0..).zip(&by_generation) {
        let is_next = expected == *generation && current == Some(*presented);
        let rule = "a rotation spends the token that the one before made";
        found.expect(is_next, rule, || name(operation));
        previous = Some(*presented);
        current = Some(*successor);
        last = Some(*operation);
    }
    let (Some(stored), Some(last)) = (facts.state.sessions.get(&session), last) else {
        return;
    };
    let refresh = &stored.refresh;
    let is_whole = usize::try_from(refresh.generation) == Ok(by_generation.len())
        && Some(marks::of_hash(&refresh.current)) == current
        && refresh.previous.as_ref().map(marks::of_hash) == previous
        && Some(marks::of_bytes(&refresh.nonce)) == current
        && refresh.rotated_at.as_millis() == last.invoked.now
        && stored.last_seen_at == refresh.rotated_at;
    found.expect(is_whole, "a rotation is whole or absent", || {
        format!(
            "session {session} stands at generation {}; {} rotations are in the log, the last by {}",
            refresh.generation,
            by_generation.len(),
            name(last)
        )
    });
}

/// The end of a session names, by its moment, the operation that ended it.
fn end(facts: &Facts<'_>, id: Uuid, session: &Session, found: &mut Found) {
    let Some(ended) = session.ended else { return };
    let user = *session.user_id.as_uuid();
    let is_so = facts.ender(id).is_some_and(|ender| {
        let is_applied = facts.is_applied(ender);
        match &ender.invoked.what {
            What::EndSession { session, .. } => {
                is_applied && *session == id && ended.reason == EndReason::LoggedOut
            }
            What::EndSessions { user: of, keep } => {
                let is_meant = *of == user && *keep != Some(id);
                is_applied && is_meant && ended.reason == EndReason::Revoked
            }
            What::ChangePassword { user: of, keep, .. } => {
                let is_meant = *of == user && *keep != Some(id);
                is_applied && is_meant && ended.reason == EndReason::PasswordChanged
            }
            What::SetState {
                user: of, state, ..
            } => {
                let is_meant = *of == user && state != "active";
                is_applied && is_meant && ended.reason == EndReason::UserShut
            }
            What::OpenSession { user: of, .. } => {
                is_applied && *of == user && ended.reason == EndReason::Displaced
            }
            What::Rotate { session, .. } => {
                let is_reuse = facts.is_reuse(ender) && *session == id;
                is_reuse && ended.reason == EndReason::RefreshReused
            }
            _ => false,
        }
    });
    found.expect(is_so, "an end of a session is whole or absent", || {
        let by = facts.ender(id).map(name);
        format!("session {id} ended at {ended:?}, by {by:?}")
    });
}

/// Each operation that ended sessions ended those that it had to.
fn ends(facts: &Facts<'_>, found: &mut Found) {
    let mut by_user: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    let mut ended_by: BTreeMap<u64, u64> = BTreeMap::new();
    for (id, birth) in &facts.sessions {
        by_user.entry(birth.user).or_default().push(*id);
        if let Some(ender) = facts.ender(*id) {
            *ended_by.entry(ender.invoked.operation).or_default() += 1;
        }
    }
    for operation in facts.operations {
        let ended = ended_by.get(&operation.invoked.operation).copied();
        let ended = ended.unwrap_or(0);
        let is_applied = facts.is_applied(operation);
        let (user, keep, is_counted) = match &operation.invoked.what {
            What::EndSession { session, .. } | What::Rotate { session, .. } => {
                let must = match operation.invoked.what {
                    What::Rotate { .. } => facts.is_reuse(operation),
                    _ => is_applied,
                };
                let is_there = facts.state.sessions.contains_key(session);
                let rule = "an end of a session is whole or absent";
                found.expect(!must || !is_there || ended == 1, rule, || name(operation));
                continue;
            }
            What::EndSessions { user, keep } | What::ChangePassword { user, keep, .. } => {
                (*user, *keep, true)
            }
            What::SetState { user, state, .. } if state != "active" => (*user, None, false),
            What::OpenSession { user, .. } => (*user, None, true),
            _ => continue,
        };
        if !is_applied || facts.deleted.contains_key(&user) {
            continue;
        }
        if is_counted && let Some(told) = operation.answer().and_then(|answer| answer.count) {
            let rule = "as many sessions ended as was told";
            found.expect(told == ended, rule, || {
                format!("{ended} ended by {}", name(operation))
            });
        }
        match operation.invoked.what {
            What::OpenSession { .. } => continue,
            What::EndSessions { .. } => {
                let rule = "an end of a session is whole or absent";
                found.expect(ended > 0, rule, || name(operation));
            }
            _ => {}
        }
        for id in by_user.get(&user).into_iter().flatten() {
            let birth = facts.sessions.get(id).map(|birth| birth.operation);
            let was_there = birth.is_some_and(|birth| {
                facts.is_applied(birth) && birth.ended_at() < operation.invoked.at
            });
            let session = facts.state.sessions.get(id);
            let is_live = session.is_some_and(|session| session.ended.is_none());
            let rule = "ending all sessions ends each";
            found.expect(!(was_there && is_live && keep != Some(*id)), rule, || {
                format!("session {id} lives on after {}", name(operation))
            });
        }
    }
}

/// A session that is known to have ended is not refreshed any more.
fn afterlife(facts: &Facts<'_>, found: &mut Found) {
    let mut ends: BTreeMap<Uuid, &Operation> = BTreeMap::new();
    let ids: BTreeSet<_> = facts.state.sessions.keys().collect();
    for id in ids {
        if let Some(ender) = facts.ender(*id) {
            ends.insert(*id, ender);
        }
    }
    for operation in facts.operations {
        let What::Rotate { session, .. } = operation.invoked.what else {
            continue;
        };
        let has_token = facts.is_applied(operation) || operation.answer().is_some();
        if let Some(ender) = ends.get(&session)
            && has_token
        {
            let is_so = operation.invoked.at <= ender.ended_at();
            let rule = "a session that ended gives no token";
            found.expect(is_so, rule, || {
                format!("{} after {}", name(operation), name(ender))
            });
        }
    }
}
