//! Roles: defined, changed, and taken from everybody when they go.

use countersign_domain::description::Description;
use countersign_domain::role::Role;
use countersign_domain::user::User;

use super::authority::authority;
use super::race::{count, race};
use super::samples::{defining, undefining, user};
use super::world::World;
use crate::ports::store::{ChangeAuthority, RoleDefined, RoleDeleted, UserChanged, UserFilter};
use countersign_domain::page::PageRequest;

pub(super) async fn roles_are_defined_changed_and_listed_by_name(world: &World) {
    let before = world.logged().await;
    let role = |name: &str, description: &str, scopes: &str| Role {
        name: name.parse().unwrap(),
        description: Description::from_stored(description),
        scopes: scopes.parse().unwrap(),
    };
    let viewer = role("viewer", "", "");
    let editor = role(
        "editor",
        "'; DROP TABLE roles; -- \u{1f511} \"quoted\"\n",
        "posts:write",
    );
    let editor_2 = role("editor-2", "second", "b:read a:read");
    let mut events = Vec::new();
    for role in [&viewer, &editor, &editor_2] {
        let intent = defining(role);
        events.push(intent.event.clone());
        let defined = world.store().define_role(intent).await.unwrap();
        assert_eq!(defined, RoleDefined::Created);
    }
    let roles = world.other().roles().await.unwrap();
    assert_eq!(roles, [editor.clone(), editor_2.clone(), viewer.clone()]);

    let changed = Role {
        description: "new".parse().unwrap(),
        scopes: "x:read".parse().unwrap(),
        ..editor
    };
    let intent = defining(&changed);
    let event = intent.event.clone();
    let defined = world.other().define_role(intent).await.unwrap();
    assert_eq!(defined, RoleDefined::Changed);
    assert_eq!(
        world.store().roles().await.unwrap(),
        [changed, editor_2, viewer]
    );
    world
        .assert_logged(&before, &[&events[0], &events[1], &events[2], &event])
        .await;
}

pub(super) async fn a_changed_role_changes_all_who_hold_it(world: &World) {
    let role = world.role("editor", "posts:write").await;
    let mut holder = user();
    holder.roles.insert(role.name.clone());
    let holder = world.signed_up_as(holder).await;
    let session = world.logged_in(&holder).await;
    let changed = Role {
        scopes: "posts:read".parse().unwrap(),
        ..role
    };
    let _ = world.store().define_role(defining(&changed)).await.unwrap();
    let (_, account) = world.other().session(session.id).await.unwrap().unwrap();
    assert_eq!(account.roles, std::slice::from_ref(&changed));
    assert_eq!(world.account(holder.id).await.roles, [changed]);
}

pub(super) async fn a_deleted_role_is_taken_from_everybody(world: &World) {
    let editor = world.role("editor", "posts:write").await;
    let viewer = world.role("viewer", "posts:read").await;
    let mut holders = Vec::new();
    for _ in 0..120 {
        let mut holder = user();
        holder.roles = [editor.name.clone(), viewer.name.clone()].into();
        holders.push(world.signed_up_as(holder).await);
    }
    let before = world.logged().await;
    let intent = undefining(&editor.name);
    let event_1 = intent.event.clone();
    let deleted = world.store().delete_role(intent).await.unwrap();
    assert_eq!(deleted, RoleDeleted::Deleted);
    let again = undefining(&editor.name);
    let deleted = world.other().delete_role(again).await.unwrap();
    assert_eq!(deleted, RoleDeleted::NotFound);
    assert_eq!(
        world.other().roles().await.unwrap(),
        std::slice::from_ref(&viewer)
    );
    for holder in &holders {
        let account = world.account(holder.id).await;
        assert_eq!(account.user.roles, [viewer.name.clone()].into());
        assert_eq!(account.roles, std::slice::from_ref(&viewer));
    }
    world.assert_logged(&before, &[&event_1]).await;

    // Another role under the old name is another role.
    world.role("editor", "everything:write").await;
    let filter = UserFilter {
        role: Some(editor.name),
        ..UserFilter::default()
    };
    let page = world
        .store()
        .users(&filter, &PageRequest::forward(None, 10))
        .await
        .unwrap();
    assert_eq!(page.items, Vec::<User>::new());
    assert_eq!(world.account(holders[0].id).await.roles, [viewer]);
}

pub(super) async fn a_grant_beside_a_deletion_leaves_nobody_with_the_role(world: &World) {
    let role = world.role("editor", "posts:write").await;
    let mut users = Vec::new();
    for _ in 0..49 {
        users.push(world.signed_up().await);
    }
    race(world, 50, |n, store| {
        let name = role.name.clone();
        let grant = users.get(n).map(|user| ChangeAuthority {
            grant_roles: [name.clone()].into(),
            ..authority(user.id)
        });
        async move {
            match grant {
                Some(grant) => match store.change_authority(grant).await.unwrap() {
                    UserChanged::Changed(_) | UserChanged::UnknownRole(_) => {}
                    other => panic!("{other:?}"),
                },
                None => {
                    let deleted = store.delete_role(undefining(&name)).await.unwrap();
                    assert_eq!(deleted, RoleDeleted::Deleted);
                }
            }
        }
    })
    .await;
    world.role("editor", "posts:write").await;
    for user in users {
        let account = world.account(user.id).await;
        assert!(account.user.roles.is_empty() && account.roles.is_empty());
    }
}

pub(super) async fn of_twenty_definitions_of_one_role_one_creates_it(world: &World) {
    let answers = race(world, 20, |n, store| {
        let role = Role {
            name: "editor".parse().unwrap(),
            description: n.to_string().parse().unwrap(),
            scopes: "posts:write".parse().unwrap(),
        };
        async move { store.define_role(defining(&role)).await.unwrap() }
    })
    .await;
    assert_eq!(count(&answers, |answer| *answer == RoleDefined::Created), 1);
    assert_eq!(world.other().roles().await.unwrap().len(), 1);
    assert_eq!(world.logged().await.len(), 20);
}
