//! Pages by key: nothing twice and nothing left out, in either direction, while rows come in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign_domain::audit::Action;
use countersign_domain::id::UserId;
use countersign_domain::page::{Cursor, Direction, PageRequest};
use countersign_domain::user::User;

use super::samples::{deleting, import, sign_up, user};
use super::world::World;
use crate::ports::store::{AuditFilter, UserFilter};

fn request(direction: Direction, cursor: Option<Cursor>, limit: u16) -> PageRequest {
    match direction {
        Direction::Forward => PageRequest::forward(cursor, limit),
        Direction::Backward => PageRequest::backward(cursor, limit),
    }
}

async fn imported(world: &World, count: usize) -> Vec<User> {
    let users: Vec<_> = (0..count).map(|_| user()).collect();
    // Their order in the list is that of their ids, not of their coming.
    let intents = users.iter().rev().map(import).collect();
    world.store().import_users(intents).await.unwrap();
    users
}

/// Reads a list of users to its end.
async fn read_all(
    world: &World,
    filter: &UserFilter,
    direction: Direction,
    limit: u16,
) -> Vec<UserId> {
    let mut ids: Vec<UserId> = Vec::new();
    loop {
        let last = match direction {
            Direction::Forward => ids.last(),
            Direction::Backward => ids.first(),
        };
        let cursor = last.map(|id| Cursor::after(id.as_uuid()));
        let page = world
            .other()
            .users(filter, &request(direction, cursor, limit))
            .await
            .unwrap();
        assert!(page.items.len() <= usize::from(limit));
        assert!(!page.more || page.items.len() == usize::from(limit));
        let new: Vec<_> = page.items.iter().map(|user| user.id).collect();
        match direction {
            Direction::Forward => ids.extend(new),
            Direction::Backward => ids.splice(0..0, new).for_each(drop),
        }
        if !page.more {
            return ids;
        }
    }
}

pub(super) async fn users_come_in_the_order_of_their_ids_page_by_page(world: &World) {
    let users = imported(world, 25).await;
    let expected: Vec<_> = users.iter().map(|user| user.id).collect();
    for direction in [Direction::Forward, Direction::Backward] {
        for limit in [1, 5, 10, 24, 25, 26, 100] {
            let ids = read_all(world, &UserFilter::default(), direction, limit).await;
            assert_eq!(ids, expected, "{direction:?} by {limit}");
        }
    }
}

pub(super) async fn a_page_tells_whether_there_are_more(world: &World) {
    let users = imported(world, 5).await;
    let at = |n: usize| Some(Cursor::after(users[n].id.as_uuid()));
    for (direction, cursor, limit, expected, more) in [
        (Direction::Forward, None, 5, 0..5, false),
        (Direction::Forward, None, 4, 0..4, true),
        (Direction::Forward, at(1), 3, 2..5, false),
        (Direction::Forward, at(1), 2, 2..4, true),
        (Direction::Forward, at(4), 2, 5..5, false),
        (Direction::Backward, None, 5, 0..5, false),
        (Direction::Backward, None, 2, 3..5, true),
        (Direction::Backward, at(3), 3, 0..3, false),
        (Direction::Backward, at(3), 2, 1..3, true),
        (Direction::Backward, at(0), 2, 0..0, false),
    ] {
        let request = request(direction, cursor, limit);
        let page = world
            .store()
            .users(&UserFilter::default(), &request)
            .await
            .unwrap();
        assert_eq!(
            (page.items, page.more),
            (users[expected].to_vec(), more),
            "{request:?}"
        );
    }
}

pub(super) async fn a_cursor_outlives_its_row(world: &World) {
    let users = imported(world, 4).await;
    let cursor = Some(Cursor::after(users[1].id.as_uuid()));
    let _ = world
        .store()
        .delete_user(deleting(users[1].id))
        .await
        .unwrap();
    let forward = PageRequest::forward(cursor, 10);
    let page = world
        .other()
        .users(&UserFilter::default(), &forward)
        .await
        .unwrap();
    assert_eq!(page.items, users[2..]);
    let backward = PageRequest::backward(cursor, 10);
    let page = world
        .other()
        .users(&UserFilter::default(), &backward)
        .await
        .unwrap();
    assert_eq!(page.items, users[..1]);
}

pub(super) async fn pages_hold_while_rows_come_in(world: &World) {
    let users = imported(world, 60).await;
    let expected: Vec<_> = users.iter().map(|user| user.id).collect();
    let done = Arc::new(AtomicBool::new(false));
    let newcomers = tokio::spawn({
        let (store, done) = (world.instance(0), Arc::clone(&done));
        async move {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) && count < 2_000 {
                let _ = store.sign_up(sign_up(&user())).await.unwrap();
                count += 1;
            }
        }
    });
    for direction in [Direction::Forward, Direction::Backward, Direction::Forward] {
        let ids = read_all(world, &UserFilter::default(), direction, 7).await;
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted, "{direction:?}: out of order, or twice");
        let old: Vec<_> = ids.into_iter().filter(|id| expected.contains(id)).collect();
        assert_eq!(old, expected, "{direction:?}: left out");
    }
    done.store(true, Ordering::Relaxed);
    newcomers.await.unwrap();
}

pub(super) async fn an_export_has_every_user_with_roles_and_hash(world: &World) {
    let role = world.role("editor", "posts:write").await;
    let mut expected = Vec::new();
    for n in 0..12 {
        let mut user = user();
        if n % 3 == 0 {
            user.roles.insert(role.name.clone());
        }
        if n % 2 == 0 {
            expected.push((world.signed_up_as(user).await, true));
        } else {
            let _ = world.store().sign_up(sign_up(&user)).await.unwrap();
            expected.push((user, false));
        }
    }
    let mut records = Vec::new();
    let mut cursor = None;
    loop {
        let page = world
            .other()
            .login_records(&PageRequest::forward(cursor, 5))
            .await
            .unwrap();
        cursor = page
            .items
            .last()
            .map(|r| Cursor::after(r.account.user.id.as_uuid()));
        records.extend(page.items);
        if !page.more {
            break;
        }
    }
    assert_eq!(records.len(), expected.len());
    for (record, (user, has_password)) in records.iter().zip(&expected) {
        assert_eq!(record.account.user, *user);
        assert_eq!(record.account.roles.len(), user.roles.len());
        assert_eq!(record.password.is_some(), *has_password);
    }
}

pub(super) async fn events_come_page_by_page_in_either_direction(world: &World) {
    let mut events = Vec::new();
    for n in 0..23 {
        let action = if n % 2 == 0 {
            Action::LoggedIn
        } else {
            Action::LoginRefused
        };
        let event = super::samples::event_at(action, super::samples::at(n));
        world.store().record(event.clone()).await.unwrap();
        events.push(event);
    }
    for action in [None, Some(Action::LoggedIn)] {
        let filter = AuditFilter {
            action,
            ..AuditFilter::default()
        };
        let expected: Vec<_> = events
            .iter()
            .filter(|e| action.is_none_or(|a| e.action == a))
            .cloned()
            .collect();
        for direction in [Direction::Forward, Direction::Backward] {
            let mut read = Vec::new();
            let mut cursor = None;
            loop {
                let request = request(direction, cursor, 5);
                let page = world.other().audit_events(&filter, &request).await.unwrap();
                let edge = match direction {
                    Direction::Forward => page.items.last(),
                    Direction::Backward => page.items.first(),
                };
                cursor = edge.map(|event| Cursor::after(event.id.as_uuid()));
                match direction {
                    Direction::Forward => read.extend(page.items),
                    Direction::Backward => read.splice(0..0, page.items).for_each(drop),
                }
                if !page.more {
                    break;
                }
            }
            assert_eq!(read, expected, "{direction:?}");
        }
    }
}
