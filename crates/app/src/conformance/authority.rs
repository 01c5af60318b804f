//! Granting and revoking roles and scopes.

use countersign_domain::audit::Action;
use countersign_domain::id::UserId;
use countersign_domain::role::{Account, RoleNames};
use countersign_domain::user::User;
use countersign_token::Scopes;

use super::race::race;
use super::samples::{at, event, user};
use super::world::World;
use crate::ports::store::{ChangeAuthority, UserChanged};

/// A change of nothing, at second 60.
pub(super) fn authority(user_id: UserId) -> ChangeAuthority {
    ChangeAuthority {
        by: countersign_domain::standing::By::Operator,
        user_id,
        grant_roles: RoleNames::new(),
        revoke_roles: RoleNames::new(),
        grant_scopes: Scopes::default(),
        revoke_scopes: Scopes::default(),
        expected_version: None,
        now: at(60),
        event: event(Action::AuthorityChanged),
    }
}

fn names(list: &[&str]) -> RoleNames {
    list.iter().map(|name| name.parse().unwrap()).collect()
}

async fn changed(world: &World, intent: ChangeAuthority) -> Account {
    match world.store().change_authority(intent).await.unwrap() {
        UserChanged::Changed(account) => account,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn roles_and_scopes_are_granted_and_revoked(world: &World) {
    let editor = world.role("editor", "posts:write").await;
    world.role("viewer", "posts:read").await;
    let user = world.signed_up().await;
    let before = world.logged().await;

    let grant = ChangeAuthority {
        grant_roles: names(&["editor", "viewer", "admin"]),
        grant_scopes: "a:read b:read".parse().unwrap(),
        ..authority(user.id)
    };
    let granted = grant.event.clone();
    let account = changed(world, grant).await;
    assert_eq!(account.user.roles, names(&["admin", "editor", "viewer"]));
    assert_eq!(account.user.scopes, "a:read b:read".parse().unwrap());
    assert_eq!((account.user.version, account.user.updated_at), (2, at(60)));
    assert_eq!(
        account.roles.len(),
        2,
        "admin is code and has no stored definition"
    );
    assert_eq!(world.account(user.id).await.user, account.user);

    // What is granted twice or was never held does no harm.
    let world_admin = world.admin().await;
    let revoke = ChangeAuthority {
        grant_roles: names(&["editor"]),
        revoke_roles: names(&["viewer", "admin"]),
        revoke_scopes: "a:read c:read".parse().unwrap(),
        ..authority(user.id)
    };
    let revoked = revoke.event.clone();
    let account = changed(world, revoke).await;
    assert_eq!(account.user.roles, names(&["editor"]));
    assert_eq!(account.roles, [editor]);
    assert_eq!(account.user.scopes, "b:read".parse().unwrap());
    assert_eq!(account.user.version, 3);
    assert_eq!(world.account(user.id).await.user, account.user);
    assert!(world.account(world_admin.id).await.is_working_admin());

    let log = world.logged().await;
    assert_eq!(log.len(), before.len() + 3);
    assert!(log.contains(&granted.id) && log.contains(&revoked.id));
}

pub(super) async fn a_role_that_does_not_exist_is_refused(world: &World) {
    world.role("editor", "posts:write").await;
    let user = world.signed_up().await;
    let before = world.logged().await;
    for (grant_roles, revoke_roles) in [
        (names(&["editor", "nowhere"]), RoleNames::new()),
        (names(&["editor"]), names(&["nowhere"])),
    ] {
        let intent = ChangeAuthority {
            grant_roles,
            revoke_roles,
            grant_scopes: "a:read".parse().unwrap(),
            ..authority(user.id)
        };
        match world.store().change_authority(intent).await.unwrap() {
            UserChanged::UnknownRole(name) => assert_eq!(name.as_str(), "nowhere"),
            other => panic!("{other:?}"),
        }
    }
    let nobody = authority(super::samples::user().id);
    let answer = world.store().change_authority(nobody).await.unwrap();
    assert!(matches!(answer, UserChanged::NotFound), "{answer:?}");
    assert_eq!(world.account(user.id).await.user, user);
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn simultaneous_grants_all_stay(world: &World) {
    for n in 0..10 {
        world.role(&format!("role-{n}"), "posts:read").await;
    }
    let user = world.signed_up().await;
    race(world, 50, |n, store| {
        let intent = ChangeAuthority {
            grant_roles: names(&[&format!("role-{}", n % 10)]),
            grant_scopes: format!("scope:{n}").parse().unwrap(),
            ..authority(user.id)
        };
        async move {
            let answer = store.change_authority(intent).await.unwrap();
            assert!(matches!(answer, UserChanged::Changed(_)), "{answer:?}");
        }
    })
    .await;
    let account = world.account(user.id).await;
    assert_eq!(account.user.roles.len(), 10);
    assert_eq!(account.roles.len(), 10);
    assert_eq!(account.user.scopes.len(), 50);
    assert_eq!(account.user.version, 51);
}

pub(super) async fn more_scopes_than_a_request_may_list_are_kept(world: &World) {
    let mut user = user();
    user.scopes = (0..200)
        .map(|n| format!("direct:{n}").parse().unwrap())
        .collect();
    let user: User = world.signed_up_as(user).await;
    let more: Scopes = (200..400)
        .map(|n| format!("direct:{n}").parse().unwrap())
        .collect();
    let intent = ChangeAuthority {
        grant_scopes: more.clone(),
        ..authority(user.id)
    };
    let account = changed(world, intent).await;
    assert_eq!(account.user.scopes.len(), 400);
    assert_eq!(
        world.account(user.id).await.user.scopes,
        user.scopes.union(&more)
    );
}
