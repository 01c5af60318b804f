//! Personal access tokens, keys, and turns at tasks.

use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::time::Timestamp;
use uuid::Uuid;

use super::facts::{Facts, Found, name};
use crate::history::{Operation, What};
use crate::marks;
use crate::workload::LIMIT;

pub(super) fn check(facts: &Facts<'_>, found: &mut Found) {
    personal_tokens(facts, found);
    keys(facts, found);
    if !facts.rules.may_lose {
        turns(facts, found);
    }
}

fn personal_tokens(facts: &Facts<'_>, found: &mut Found) {
    let mut asked = BTreeSet::new();
    for operation in facts.operations {
        let What::CreateToken { user, token, hash } = &operation.invoked.what else {
            continue;
        };
        asked.insert(*token);
        let is_there = facts.is_applied(operation) && !facts.deleted.contains_key(user);
        let stored = facts.state.tokens.get(token);
        let is_so = stored.is_some() == is_there
            && stored.is_none_or(|stored| {
                marks::of_hash(&stored.hash) == *hash && stored.user_id.as_uuid() == user
            });
        let rule = "a personal access token is whole or absent";
        found.expect(is_so, rule, || name(operation));
    }
    let mut live: BTreeMap<Uuid, u32> = BTreeMap::new();
    for (id, token) in &facts.state.tokens {
        let rule = "a personal access token was asked for";
        found.expect(asked.contains(id), rule, || format!("token {id}"));
        let Some(at) = token.revoked_at else {
            *live.entry(*token.user_id.as_uuid()).or_default() += 1;
            continue;
        };
        let revoker = facts.by_moment.get(&at.as_millis()).copied();
        let is_so = revoker.is_some_and(|operation| {
            facts.is_applied(operation)
                && match &operation.invoked.what {
                    What::RevokeToken { token, .. } => token == id,
                    What::ChangePassword {
                        user,
                        revoke_tokens,
                        ..
                    } => *revoke_tokens && user == token.user_id.as_uuid(),
                    _ => false,
                }
        });
        let rule = "a revocation is whole or absent";
        found.expect(is_so, rule, || {
            format!("token {id}, by {:?}", revoker.map(name))
        });
    }
    for (user, live) in live {
        let rule = "a user has no more live tokens than allowed";
        found.expect(live <= LIMIT, rule, || format!("user {user} has {live}"));
    }
    for operation in facts.applied() {
        if let What::RevokeToken { token, .. } = &operation.invoked.what
            && let Some(stored) = facts.state.tokens.get(token)
        {
            let at = stored.revoked_at.map(Timestamp::as_millis);
            let rule = "a revocation is whole or absent";
            found.expect(at == Some(operation.invoked.now), rule, || name(operation));
        }
    }
}

fn keys(facts: &Facts<'_>, found: &mut Found) {
    let mut spent: BTreeMap<u64, &Operation> = BTreeMap::new();
    let (mut added, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for operation in facts.applied() {
        let What::ChangeKeys {
            expected,
            add,
            remove,
        } = &operation.invoked.what
        else {
            continue;
        };
        if let Some(other) = spent.insert(*expected, operation) {
            let what = format!("{} and {}", name(operation), name(other));
            found.add("a version of the keys is changed once", what);
        }
        added.insert(add.clone());
        removed.extend(remove.clone());
    }
    let stored = &facts.state.keys;
    let ids: BTreeSet<_> = stored
        .keys
        .iter()
        .map(|k| k.id.as_str().to_owned())
        .collect();
    let left: BTreeSet<_> = added.difference(&removed).cloned().collect();
    let rule = "a change of keys is whole or absent";
    found.expect(ids == left, rule, || {
        format!("there are {ids:?}, and the log says {left:?}")
    });
    let changes = u64::try_from(spent.len()).unwrap_or(u64::MAX);
    let rule = "the version of the keys counts the changes";
    found.expect(stored.version == changes, rule, || {
        format!("version {} after {changes} changes", stored.version)
    });
}

/// A turn is given once in each period. A turn whose answer got lost may have been given, too, so it
/// is only counted that none was given twice.
fn turns(facts: &Facts<'_>, found: &mut Found) {
    let mut given: BTreeMap<&str, BTreeMap<i64, (&Operation, i64)>> = BTreeMap::new();
    for operation in facts.operations {
        if let What::ClaimTask { task, every } = &operation.invoked.what
            && operation.is_done()
        {
            let every = i64::try_from(*every).unwrap_or(i64::MAX);
            let turns = given.entry(task).or_default();
            turns.insert(operation.invoked.now, (operation, every));
        }
    }
    for turns in given.values() {
        for ((earlier, (first, every)), (later, (second, _))) in
            turns.iter().zip(turns.iter().skip(1))
        {
            let is_so = later - earlier >= *every;
            let rule = "a turn at a task is given once";
            found.expect(is_so, rule, || {
                format!("{} and {}", name(first), name(second))
            });
        }
    }
}
