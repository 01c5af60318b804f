//! The last working admin can't vanish: not by state, not by role, not by deletion, not in a race.

use countersign_domain::id::UserId;
use countersign_domain::page::PageRequest;
use countersign_domain::role::RoleName;
use countersign_domain::user::{User, UserState};

use super::authority::authority;
use super::race::{count, race};
use super::samples::deleting;
use super::states::setting;
use super::world::World;
use crate::ports::Store;
use crate::ports::store::{ChangeAuthority, UserChanged, UserDeleted, UserFilter};

/// A way to lose an admin.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Disable,
    Lock,
    Demote,
    Delete,
}

const BLOWS: [Blow; 4] = [Blow::Disable, Blow::Lock, Blow::Demote, Blow::Delete];

impl Blow {
    /// Whether it hit; `false` if it would have taken the last admin.
    async fn strike(self, store: &dyn Store, id: UserId) -> bool {
        let changed = match self {
            Self::Disable => store
                .set_user_state(setting(id, UserState::Disabled))
                .await
                .unwrap(),
            Self::Lock => store
                .set_user_state(setting(id, UserState::Locked))
                .await
                .unwrap(),
            Self::Demote => {
                let revoke_roles = [RoleName::admin()].into();
                let intent = ChangeAuthority {
                    revoke_roles,
                    ..authority(id)
                };
                store.change_authority(intent).await.unwrap()
            }
            Self::Delete => {
                return match store.delete_user(deleting(id)).await.unwrap() {
                    UserDeleted::LastAdmin => false,
                    UserDeleted::Deleted | UserDeleted::NotFound => true,
                    UserDeleted::VersionConflict | UserDeleted::CallerLost(_) => {
                        panic!("no version was expected, and no caller is there")
                    }
                };
            }
        };
        !matches!(changed, UserChanged::LastAdmin)
    }
}

async fn working_admins(world: &World) -> Vec<User> {
    let filter = UserFilter {
        role: Some(RoleName::admin()),
        state: Some(UserState::Active),
        prefix: None,
    };
    let request = PageRequest::forward(None, PageRequest::MAX);
    world.other().users(&filter, &request).await.unwrap().items
}

pub(super) async fn the_last_working_admin_stays(world: &World) {
    let admin = world.admin().await;
    world.signed_up().await;
    // An admin who is disabled is none.
    let disabled = world.admin().await;
    assert!(Blow::Disable.strike(world.store(), disabled.id).await);
    let before = world.logged().await;
    for blow in BLOWS {
        assert!(!blow.strike(world.store(), admin.id).await, "{blow:?}");
        assert_eq!(world.account(admin.id).await.user, admin, "{blow:?}");
    }
    world.assert_logged(&before, &[]).await;

    // Once there is another, the first may go.
    let _ = world
        .store()
        .set_user_state(setting(disabled.id, UserState::Active))
        .await
        .unwrap();
    assert!(Blow::Delete.strike(world.other(), admin.id).await);
    assert!(!Blow::Delete.strike(world.store(), disabled.id).await);
}

pub(super) async fn an_admin_keeps_the_role_through_changes_that_spare_it(world: &World) {
    let admin = world.admin().await;
    let still_active = setting(admin.id, UserState::Active);
    let answer = world.store().set_user_state(still_active).await.unwrap();
    assert!(matches!(answer, UserChanged::Changed(_)), "{answer:?}");
    let intent = ChangeAuthority {
        grant_scopes: "reports:read".parse().unwrap(),
        ..authority(admin.id)
    };
    match world.store().change_authority(intent).await.unwrap() {
        UserChanged::Changed(account) => assert!(account.is_working_admin()),
        other => panic!("{other:?}"),
    }
}

pub(super) async fn without_a_working_admin_nothing_is_held_back(world: &World) {
    for blow in BLOWS {
        let mut shut = super::samples::user();
        shut.roles.insert(RoleName::admin());
        shut.state = UserState::Disabled;
        let shut = world.signed_up_as(shut).await;
        assert!(blow.strike(world.store(), shut.id).await, "{blow:?}");
    }
}

pub(super) async fn two_admins_who_strike_at_one_another_leave_one(world: &World) {
    let mut survivor = world.admin().await;
    for (blow, back) in BLOWS
        .into_iter()
        .flat_map(|blow| BLOWS.map(|back| (blow, back)))
    {
        let rival = world.admin().await;
        let (left, right) = (survivor.id, rival.id);
        let answers = race(world, 50, |n, store| async move {
            if (n / 2) % 2 == 0 {
                blow.strike(&*store, right).await
            } else {
                back.strike(&*store, left).await
            }
        })
        .await;
        let left = working_admins(world).await;
        assert_eq!(left.len(), 1, "{blow:?} against {back:?}");
        assert!(
            count(&answers, |hit| *hit) >= 1,
            "{blow:?} against {back:?}"
        );
        survivor = left[0].clone();
    }
}

pub(super) async fn of_ten_admins_struck_at_once_one_stays(world: &World) {
    let mut admins = Vec::new();
    for _ in 0..10 {
        admins.push(world.admin().await.id);
    }
    race(world, 50, |n, store| {
        let id = admins[n % admins.len()];
        async move { BLOWS[(n / 10) % BLOWS.len()].strike(&*store, id).await }
    })
    .await;
    assert_eq!(working_admins(world).await.len(), 1);
}
