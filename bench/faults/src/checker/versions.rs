//! The version of a user counts the changes that are in the log, and the last of them shows.

use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::email::EmailAddress;
use countersign_domain::role::RoleName;
use countersign_domain::user::User;
use uuid::Uuid;

use super::facts::{Facts, Found, name};
use crate::history::{Operation, What};

pub(super) fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut changes: BTreeMap<Uuid, Vec<&Operation>> = BTreeMap::new();
    let mut born: BTreeMap<Uuid, &Operation> = BTreeMap::new();
    for operation in facts.applied() {
        match &operation.invoked.what {
            What::SignUp { user, .. } => {
                born.insert(*user, operation);
            }
            What::SetState { user, .. }
            | What::ChangeAuthority { user, .. }
            | What::UpdateProfile { user, .. } => changes.entry(*user).or_default().push(operation),
            _ => {}
        }
    }
    for (user, changes) in &changes {
        counted(*user, changes, found);
    }
    for (id, (user, _)) in &facts.state.users {
        let changes = changes.get(id).map_or(&[][..], Vec::as_slice);
        let expected = 1 + u64::try_from(changes.len()).unwrap_or(u64::MAX);
        let rule = "the version of a user counts the changes";
        found.expect(user.version == expected, rule, || {
            format!("user {id} has version {}, not {expected}", user.version)
        });
        if let Some(birth) = born.get(id) {
            shown(user, birth, changes, found);
        }
    }
}

/// The version that a change made, if it can be known.
fn made(change: &Operation) -> Option<u64> {
    let told = change.answer().and_then(|answer| answer.version);
    told.or_else(|| expected(change).map(|version| version + 1))
}

fn expected(change: &Operation) -> Option<u64> {
    match &change.invoked.what {
        What::SetState { expected, .. }
        | What::ChangeAuthority { expected, .. }
        | What::UpdateProfile { expected, .. } => *expected,
        _ => None,
    }
}

fn counted(user: Uuid, changes: &[&Operation], found: &mut Found) {
    let mut versions = BTreeSet::new();
    for change in changes {
        let Some(version) = made(change) else {
            continue;
        };
        let rule = "a version of a user is made once";
        found.expect(versions.insert(version), rule, || {
            format!("version {version} of user {user}, by {}", name(change))
        });
        let is_next = expected(change).is_none_or(|before| before + 1 == version);
        let rule = "a change meets the version that it expects";
        found.expect(is_next, rule, || name(change));
    }
}

/// Whether a field shows the change with the greatest version. Where the version of a change is not
/// known, it may be the last.
fn is_last<T: PartialEq>(stored: &T, first: &T, changes: &[(Option<u64>, T)]) -> bool {
    let mut unknown = changes.iter().filter(|(version, _)| version.is_none());
    let known = changes.iter().filter(|(version, _)| version.is_some());
    let last = known.max_by_key(|(version, _)| *version);
    let last = last.map_or(first, |(_, value)| value);
    last == stored || unknown.any(|(_, value)| value == stored)
}

fn shown(user: &User, birth: &Operation, changes: &[&Operation], found: &mut Found) {
    let What::SignUp {
        email: first_email,
        username: first_name,
        admin: first_admin,
        ..
    } = &birth.invoked.what
    else {
        return;
    };
    let mut states = Vec::new();
    let mut admins = Vec::new();
    let mut display_names = Vec::new();
    let mut usernames = Vec::new();
    let mut emails = Vec::new();
    let (mut granted, mut revoked) = (BTreeSet::new(), BTreeSet::new());
    for change in changes {
        let version = made(change);
        match &change.invoked.what {
            What::SetState { state, .. } => states.push((version, state.clone())),
            What::ChangeAuthority {
                grant,
                revoke,
                admin,
                ..
            } => {
                granted.insert(grant.clone());
                revoked.extend(revoke.clone());
                admins.extend(admin.map(|admin| (version, admin)));
            }
            What::UpdateProfile {
                display_name,
                username,
                email,
                ..
            } => {
                display_names.push((version, Some(display_name.clone())));
                usernames.extend(username.clone().map(|name| (version, Some(name))));
                emails.extend(email.clone().map(|email| (version, Some(email))));
            }
            _ => {}
        }
    }
    let text = |text: &str| text.to_owned();
    let scopes: BTreeSet<_> = user.scopes.iter().map(|s| text(s.as_str())).collect();
    let left: BTreeSet<_> = granted.difference(&revoked).cloned().collect();
    let is_admin = user.roles.contains(&RoleName::admin());
    let display_name = user.display_name.as_ref().map(|name| text(name.as_str()));
    let username = user.username.as_ref().map(|name| text(name.as_str()));
    let email = user.email.as_ref().map(EmailAddress::as_str).map(text);
    for (field, is_so) in [
        (
            "state",
            is_last(&text(user.state.as_str()), &text("active"), &states),
        ),
        ("scopes", scopes == left),
        ("roles", is_last(&is_admin, first_admin, &admins)),
        (
            "display name",
            is_last(&display_name, &None, &display_names),
        ),
        ("username", is_last(&username, first_name, &usernames)),
        (
            "email",
            is_last(&email, &Some(first_email.clone()), &emails),
        ),
    ] {
        let rule = "a change of a user is whole or absent";
        found.expect(is_so, rule, || {
            format!("{field} of user {} is not what was written last", user.id)
        });
    }
}
