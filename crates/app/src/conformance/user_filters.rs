//! Finding users by state, role and the beginning of a name.

use countersign_domain::page::{Cursor, PageRequest};
use countersign_domain::role::RoleName;
use countersign_domain::user::{User, UserState};

use super::samples::{import, user};
use super::world::World;
use crate::ports::store::UserFilter;

async fn found(world: &World, filter: &UserFilter) -> Vec<User> {
    let request = PageRequest::forward(None, PageRequest::MAX);
    let page = world.other().users(filter, &request).await.unwrap();
    assert!(!page.more);
    page.items
}

fn named(username: &str, email: &str) -> User {
    User {
        username: Some(username.parse().unwrap()),
        email: Some(email.parse().unwrap()),
        ..user()
    }
}

pub(super) async fn users_are_found_by_state_role_and_prefix_together(world: &World) {
    world.role("editor", "posts:write").await;
    let roles: [&[&str]; 3] = [&[], &["editor"], &["admin", "editor"]];
    let states = [UserState::Active, UserState::Disabled, UserState::Locked];
    let mut users = Vec::new();
    for n in 0..36 {
        let mut user = named(
            &format!("n{}x{n}", n % 2),
            &format!("m{}x{n}@example.com", n % 3),
        );
        user.state = states[n % 3];
        user.roles = roles[(n / 3) % 3]
            .iter()
            .map(|name| name.parse().unwrap())
            .collect();
        users.push(user);
    }
    world
        .store()
        .import_users(users.iter().map(import).collect())
        .await
        .unwrap();

    let some_states = [None, Some(UserState::Active), Some(UserState::Locked)];
    let some_roles: [Option<RoleName>; 4] = [
        None,
        Some("editor".parse().unwrap()),
        Some(RoleName::admin()),
        Some("nobody-has-it".parse().unwrap()),
    ];
    let some_prefixes = [
        None,
        Some(""),
        Some("n1"),
        Some("m2x"),
        Some("N"),
        Some("n1x7"),
        Some("z"),
    ];
    for state in some_states {
        for role in &some_roles {
            for prefix in some_prefixes {
                let filter = UserFilter {
                    state,
                    role: role.clone(),
                    prefix: prefix.map(str::to_owned),
                };
                let expected: Vec<_> = users
                    .iter()
                    .filter(|user| state.is_none_or(|state| user.state == state))
                    .filter(|user| role.as_ref().is_none_or(|role| user.roles.contains(role)))
                    .filter(|user| prefix.is_none_or(|prefix| begins(user, prefix)))
                    .cloned()
                    .collect();
                assert_eq!(found(world, &filter).await, expected, "{filter:?}");
                in_pages(world, &filter, &expected).await;
            }
        }
    }
}

/// What the filter promises, in plain words.
fn begins(user: &User, prefix: &str) -> bool {
    let prefix = prefix.to_lowercase();
    user.username
        .as_ref()
        .is_some_and(|name| name.as_str().starts_with(&prefix))
        || user
            .email
            .as_ref()
            .is_some_and(|email| email.key().starts_with(&prefix))
}

/// The same, three at a time and backwards.
async fn in_pages(world: &World, filter: &UserFilter, expected: &[User]) {
    let mut rest = expected;
    let mut cursor = None;
    loop {
        let request = PageRequest::backward(cursor, 3);
        let page = world.store().users(filter, &request).await.unwrap();
        let (before, items) = rest.split_at(rest.len().saturating_sub(3));
        assert_eq!(
            (page.items.as_slice(), page.more),
            (items, !before.is_empty()),
            "{filter:?}"
        );
        if !page.more {
            return;
        }
        cursor = page
            .items
            .first()
            .map(|user| Cursor::after(user.id.as_uuid()));
        rest = before;
    }
}

pub(super) async fn no_character_of_a_prefix_is_a_wildcard(world: &World) {
    let names = [
        "a%b",
        "a_b",
        "axb",
        "a'b",
        "a\\b",
        "a\"b",
        "a*b",
        "a?b",
        "a.b",
        "a$b",
        "a{b",
        "a[b",
        "a^b",
        "%",
        "_",
        "'",
        "\\",
        "$ne",
        "*.",
        "{\"$gt\":\"\"}",
        "b",
        "ab",
        "\u{e9}clair",
        "\u{10d0}",
        "\u{65e5}\u{672c}",
    ];
    let mut users = Vec::new();
    for (n, name) in names.iter().enumerate() {
        users.push(
            world
                .signed_up_as(named(name, &format!("zz{n}@example.com")))
                .await,
        );
    }
    let local_parts = [
        "o'hara",
        "per%cent",
        "under_score",
        "dollar$",
        "brace{d}",
        "star*",
    ];
    for (n, local) in local_parts.iter().enumerate() {
        let user = named(&format!("yy{n}"), &format!("{local}@example.com"));
        users.push(world.signed_up_as(user).await);
    }
    let prefixes = names.iter().chain(&local_parts).copied().chain([
        "a%",
        "a_",
        "a'",
        "a\\",
        "a.",
        "a[",
        "a$",
        "{",
        "{\"$",
        "per%",
        "per_",
        "under_",
        "under%",
        "o'",
        "o'h",
        "o'x",
        "\u{c9}CLAIR",
        "\u{e9}",
        "e\u{301}",
        "' OR 1=1 --",
        "%%",
        "__",
        "\\\\",
        "a\0",
        "\u{10ffff}",
        "z",
        "Z",
    ]);
    for prefix in prefixes {
        let filter = UserFilter {
            prefix: Some(prefix.to_owned()),
            ..UserFilter::default()
        };
        let expected: Vec<_> = users
            .iter()
            .filter(|user| begins(user, prefix))
            .cloned()
            .collect();
        assert_eq!(found(world, &filter).await, expected, "{prefix:?}");
    }
}
