//! What was read on the way: nothing that nobody wrote, nothing that was over, and never an older
//! state than one that was seen before.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::facts::{Facts, Found, name};
use crate::history::{Operation, Outcome, Seen, What};

pub(super) fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut made: BTreeMap<(Uuid, u32), (Uuid, &Operation)> = BTreeMap::new();
    for (session, birth) in &facts.sessions {
        made.insert((*session, 0), (birth.hash, birth.operation));
    }
    for (session, rotations) in &facts.rotations {
        for rotation in rotations {
            if let What::Rotate {
                generation,
                successor,
                ..
            } = rotation.invoked.what
            {
                made.insert((*session, generation + 1), (successor, rotation));
            }
        }
    }
    let mut by_user: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for (id, birth) in &facts.sessions {
        by_user.entry(birth.user).or_default().push(*id);
    }
    for operation in facts.operations {
        let Some(answer) = operation.answer() else {
            continue;
        };
        match &operation.invoked.what {
            What::ReadSessions { user } => {
                for seen in &answer.seen {
                    was_written(facts, operation, seen, &made, found);
                    was_live(facts, operation, seen.id, found);
                }
                let theirs = by_user.get(user).map_or(&[][..], Vec::as_slice);
                is_complete(facts, operation, &answer.seen, theirs, found);
            }
            What::Rotate { .. } => {
                for seen in &answer.seen {
                    was_written(facts, operation, seen, &made, found);
                }
                rotated(operation, &made, found);
            }
            _ => {}
        }
    }
    versions(facts, found);
}

/// What a read shows of a session was written by something that is in the log.
fn was_written(
    facts: &Facts<'_>,
    read: &Operation,
    seen: &Seen,
    made: &BTreeMap<(Uuid, u32), (Uuid, &Operation)>,
    found: &mut Found,
) {
    let is_so = made
        .get(&(seen.id, seen.generation))
        .is_some_and(|(hash, by)| {
            *hash == seen.hash && facts.is_applied(by) && by.invoked.at <= read.ended_at()
        });
    found.expect(is_so, "a read shows what was written", || {
        format!("{seen:?} in {}", name(read))
    });
}

/// A session that was known to be over is not shown as live.
fn was_live(facts: &Facts<'_>, read: &Operation, session: Uuid, found: &mut Found) {
    let Some(ender) = facts.ender(session) else {
        return;
    };
    let is_so = read.invoked.at <= ender.ended_at();
    found.expect(is_so, "a read shows no session that ended", || {
        format!("{session} in {}, ended by {}", name(read), name(ender))
    });
}

/// A session that was known to be open, and was not being ended, is shown.
fn is_complete(
    facts: &Facts<'_>,
    read: &Operation,
    seen: &[Seen],
    theirs: &[Uuid],
    found: &mut Found,
) {
    for id in theirs {
        let birth = facts.sessions.get(id).map(|birth| birth.operation);
        let was_open = birth.is_some_and(|birth| {
            birth.is_done() && facts.is_applied(birth) && birth.ended_at() < read.invoked.at
        });
        let was_kept = facts.state.sessions.contains_key(id)
            && facts
                .ender(*id)
                .is_none_or(|ender| ender.invoked.at > read.ended_at());
        let is_shown = seen.iter().any(|seen| seen.id == *id);
        let rule = "a read shows each session that is open";
        found.expect(!(was_open && was_kept) || is_shown, rule, || {
            format!("{id} is not in {}", name(read))
        });
    }
}

/// A rotation answers with the token that it made, and a repeated one with the token that was made
/// from the one it presents.
fn rotated(
    operation: &Operation,
    made: &BTreeMap<(Uuid, u32), (Uuid, &Operation)>,
    found: &mut Found,
) {
    let What::Rotate {
        session,
        generation,
        presented,
        successor,
        ..
    } = operation.invoked.what
    else {
        return;
    };
    let is_so = match operation.outcome() {
        Some(Outcome::Done(answer)) => answer
            .seen
            .iter()
            .all(|seen| seen.generation == generation + 1 && seen.hash == successor),
        Some(Outcome::Repeated(answer)) => {
            made.get(&(session, generation + 1))
                .is_some_and(|(hash, by)| {
                    let was_presented = matches!(
                        by.invoked.what,
                        What::Rotate { presented: before, .. } if before == presented
                    );
                    answer.nonce == Some(*hash) && was_presented
                })
        }
        _ => true,
    };
    let rule = "a repeated refresh gives the token of the first one";
    found.expect(is_so, rule, || name(operation));
}

/// Whoever asks after a version was seen sees it or a later one.
fn versions(facts: &Facts<'_>, found: &mut Found) {
    let mut by_user: BTreeMap<Uuid, Vec<(&Operation, u64)>> = BTreeMap::new();
    for operation in facts.operations {
        let user = match &operation.invoked.what {
            What::ReadAccount { user }
            | What::ReadLogin { user }
            | What::OpenSession { user, .. }
            | What::SetState { user, .. }
            | What::ChangeAuthority { user, .. }
            | What::UpdateProfile { user, .. } => *user,
            _ => continue,
        };
        if let Some(version) = operation.answer().and_then(|answer| answer.version) {
            by_user.entry(user).or_default().push((operation, version));
        }
    }
    for seen in by_user.values() {
        let mut known: Vec<_> = seen
            .iter()
            .map(|(o, version)| (o.ended_at(), *version))
            .collect();
        known.sort_unstable();
        let mut known = known.into_iter().peekable();
        let mut least = 0;
        // Sorted by their invocations already.
        for (operation, version) in seen {
            while let Some((_, before)) = known.next_if(|(at, _)| *at < operation.invoked.at) {
                least = least.max(before);
            }
            let rule = "no read goes back in time";
            found.expect(*version >= least, rule, || {
                format!("version {least} was seen before {}", name(operation))
            });
        }
    }
}
