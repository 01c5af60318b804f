//! Callers who lose what their word rests on between the decision and the change.

use countersign_domain::access::Proof;
use countersign_domain::audit::Action;
use countersign_domain::description::Description;
use countersign_domain::gate::Refusal;
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Role, RoleName};
use countersign_domain::session::Session;
use countersign_domain::standing::{By, Lost, Standing};
use countersign_domain::user::{User, UserState};

use super::authority::authority;
use super::passwords::change;
use super::personal_tokens::creating;
use super::profiles;
use super::race::{count, race};
use super::samples::{
    at, defining, deleting, ending, event, hash, personal_token, sign_up, undefining, user,
};
use super::states::setting;
use super::world::World;
use crate::ports::store::{
    ChangeAuthority, ChangePassword, CreatePersonalToken, DefineRole, DeleteRole, DeleteUser,
    PasswordChanged, PersonalTokenCreated, ProfileUpdated, RoleDefined, RoleDeleted, SetUserState,
    SignUp, SignedUp, UpdateProfile, UserChanged, UserDeleted,
};

/// The word of a user given in a session, who could do all of this.
fn word(session: &Session, scopes: &str) -> By {
    By::Caller(Standing {
        user_id: session.user_id,
        proof: Proof::Session(session.id),
        scopes: scopes.parse().unwrap(),
    })
}

/// A token for a user on their own word.
fn token_on(by: &By, user: &User) -> CreatePersonalToken {
    CreatePersonalToken {
        by: by.clone(),
        ..creating(&personal_token(user), 1000)
    }
}

fn as_admin(user: &User, by: &By) -> ChangeAuthority {
    ChangeAuthority {
        by: by.clone(),
        grant_roles: [RoleName::admin()].into(),
        ..authority(user.id)
    }
}

fn without_admin(user: &User, by: &By) -> ChangeAuthority {
    ChangeAuthority {
        by: by.clone(),
        revoke_roles: [RoleName::admin()].into(),
        ..authority(user.id)
    }
}

/// Every change that a caller may ask for, asked on the word of one who lost this.
async fn assert_nothing_is_done(world: &World, caller: &User, by: &By, lost: Lost) {
    let other = world.signed_up().await;
    let before = world.logged().await;
    let store = world.other();
    let own = token_on(by, caller);
    let token = own.token.id;
    assert_eq!(
        store.create_personal_token(own).await.unwrap(),
        PersonalTokenCreated::CallerLost(lost)
    );
    assert!(store.personal_token(token).await.unwrap().is_none());
    let profile = UpdateProfile {
        by: by.clone(),
        email: Some(Some("thief@example.com".parse().unwrap())),
        ..profiles::change(caller.id)
    };
    let answer = store.update_profile(profile).await.unwrap();
    assert!(matches!(answer, ProfileUpdated::CallerLost(l) if l == lost));
    for target in [caller, &other] {
        let password = ChangePassword {
            by: by.clone(),
            ..change(target.id, None, "second")
        };
        assert_eq!(
            store.change_password(password).await.unwrap(),
            PasswordChanged::CallerLost(lost)
        );
    }
    let state = SetUserState {
        by: by.clone(),
        ..setting(other.id, UserState::Disabled)
    };
    let deletion = DeleteUser {
        by: by.clone(),
        ..deleting(other.id)
    };
    // Nor are they told who is not there.
    let of_nobody = DeleteUser {
        by: by.clone(),
        ..deleting(user().id)
    };
    assert_eq!(
        store.delete_user(of_nobody).await.unwrap(),
        UserDeleted::CallerLost(lost)
    );
    for answer in [
        store.set_user_state(state).await.unwrap(),
        store.change_authority(as_admin(&other, by)).await.unwrap(),
    ] {
        assert!(
            matches!(answer, UserChanged::CallerLost(l) if l == lost),
            "{answer:?}"
        );
    }
    assert_eq!(
        store.delete_user(deletion).await.unwrap(),
        UserDeleted::CallerLost(lost)
    );
    let mut new = user();
    new.roles.insert(RoleName::admin());
    let creation = SignUp {
        by: by.clone(),
        ..sign_up(&new)
    };
    assert_eq!(
        store.sign_up(creation).await.unwrap(),
        SignedUp::CallerLost(lost)
    );
    assert!(store.account(new.id).await.unwrap().is_none());
    assert_eq!(world.account(other.id).await.user, other);
    assert_eq!(world.password(other.id).await, Some(hash("first")));
    world.assert_logged(&before, &[]).await;
    assert_no_role_changes(world, by, lost).await;
}

/// The same for roles.
async fn assert_no_role_changes(world: &World, by: &By, lost: Lost) {
    let kept = world.role("kept", "posts:read").await;
    let changed = Role {
        scopes: "everything:write".parse().unwrap(),
        ..kept.clone()
    };
    let new = Role {
        name: "new".parse().unwrap(),
        ..kept.clone()
    };
    let before = world.logged().await;
    let store = world.other();
    for role in [&changed, &new] {
        let definition = DefineRole {
            by: by.clone(),
            ..defining(role)
        };
        assert_eq!(
            store.define_role(definition).await.unwrap(),
            RoleDefined::CallerLost(lost)
        );
        let deletion = DeleteRole {
            by: by.clone(),
            ..undefining(&role.name)
        };
        assert_eq!(
            store.delete_role(deletion).await.unwrap(),
            RoleDeleted::CallerLost(lost)
        );
    }
    assert_eq!(store.roles().await.unwrap(), std::slice::from_ref(&kept));
    world.assert_logged(&before, &[]).await;
    let deleted = store.delete_role(undefining(&kept.name)).await.unwrap();
    assert_eq!(deleted, RoleDeleted::Deleted);
}

pub(super) async fn a_caller_whose_session_ended_changes_nothing(world: &World) {
    let caller = world.admin().await;
    let session = world.logged_in(&caller).await;
    let stranger = world.logged_in(&world.signed_up().await).await;
    let _ = world.store().end_session(ending(&session)).await.unwrap();
    let by = word(&session, "users:write");
    let lost = Lost::Refused(Refusal::SessionEnded);
    assert_nothing_is_done(world, &caller, &by, lost).await;
    // Nor one in somebody else's.
    let by = By::Caller(Standing {
        user_id: caller.id,
        proof: Proof::Session(stranger.id),
        scopes: "users:write".parse().unwrap(),
    });
    assert_nothing_is_done(world, &caller, &by, Lost::Gone).await;
    assert_eq!(world.account(caller.id).await.user, caller);
}

pub(super) async fn a_caller_whose_personal_token_was_revoked_changes_nothing(world: &World) {
    let caller = world.admin().await;
    let token = personal_token(&caller);
    let made = world.store().create_personal_token(creating(&token, 5));
    assert_eq!(made.await.unwrap(), PersonalTokenCreated::Created);
    let revoked = event(Action::PersonalTokenRevoked);
    let revoking = world
        .store()
        .revoke_personal_token(caller.id, token.id, at(0), revoked);
    assert!(revoking.await.unwrap());
    let by = By::Caller(Standing {
        user_id: caller.id,
        proof: Proof::PersonalToken(token.id),
        scopes: "users:write".parse().unwrap(),
    });
    assert_nothing_is_done(world, &caller, &by, Lost::Gone).await;
}

pub(super) async fn an_admin_who_was_demoted_grants_nothing_any_more(world: &World) {
    let (root, caller) = (world.admin().await, world.admin().await);
    let session = world.logged_in(&caller).await;
    let root = word(&world.logged_in(&root).await, "users:write");
    let demotion = without_admin(&caller, &root);
    let demoted = world.store().change_authority(demotion).await.unwrap();
    assert!(matches!(demoted, UserChanged::Changed(_)), "{demoted:?}");
    let caller = world.account(caller.id).await.user;
    let by = word(&session, "users:write");
    assert_nothing_is_done(world, &caller, &by, Lost::Authority).await;
    // What everybody may do they still may.
    let own = token_on(&word(&session, "account:write"), &caller);
    let made = world.store().create_personal_token(own).await.unwrap();
    assert_eq!(made, PersonalTokenCreated::Created);
}

pub(super) async fn a_caller_in_good_standing_changes_what_they_may(world: &World) {
    let caller = world.admin().await;
    let token = personal_token(&caller);
    let made = world.store().create_personal_token(creating(&token, 5));
    assert_eq!(made.await.unwrap(), PersonalTokenCreated::Created);
    let session = world.logged_in(&caller).await;
    let by_token = By::Caller(Standing {
        user_id: caller.id,
        proof: Proof::PersonalToken(token.id),
        scopes: "users:write".parse().unwrap(),
    });
    let role = Role {
        name: "editor".parse().unwrap(),
        description: Description::default(),
        scopes: "posts:write".parse().unwrap(),
    };
    for by in [word(&session, "users:write"), by_token] {
        let other = world.signed_up().await;
        let store = world.other();
        let own = store.create_personal_token(token_on(&by, &caller)).await;
        assert_eq!(own.unwrap(), PersonalTokenCreated::Created);
        let profile = UpdateProfile {
            by: by.clone(),
            display_name: Some(Some("Ada".parse().unwrap())),
            ..profiles::change(caller.id)
        };
        let answer = store.update_profile(profile).await.unwrap();
        assert!(matches!(answer, ProfileUpdated::Updated(_)), "{answer:?}");
        let password = ChangePassword {
            by: by.clone(),
            revoke_personal_tokens: true,
            ..change(other.id, None, "second")
        };
        let answer = store.change_password(password).await.unwrap();
        assert_eq!(answer, PasswordChanged::Changed { ended_sessions: 0 });
        let state = SetUserState {
            by: by.clone(),
            ..setting(other.id, UserState::Locked)
        };
        for answer in [
            store.change_authority(as_admin(&other, &by)).await.unwrap(),
            store.set_user_state(state).await.unwrap(),
        ] {
            assert!(matches!(answer, UserChanged::Changed(_)), "{answer:?}");
        }
        let mut new = user();
        new.roles.insert(RoleName::admin());
        let creation = SignUp {
            by: by.clone(),
            ..sign_up(&new)
        };
        assert_eq!(store.sign_up(creation).await.unwrap(), SignedUp::Created);
        for told in [RoleDefined::Created, RoleDefined::Changed] {
            let definition = DefineRole {
                by: by.clone(),
                ..defining(&role)
            };
            assert_eq!(store.define_role(definition).await.unwrap(), told);
        }
        for told in [RoleDeleted::Deleted, RoleDeleted::NotFound] {
            let deletion = DeleteRole {
                by: by.clone(),
                ..undefining(&role.name)
            };
            assert_eq!(store.delete_role(deletion).await.unwrap(), told);
        }
        let deletion = DeleteUser {
            by,
            ..deleting(other.id)
        };
        let answer = store.delete_user(deletion).await.unwrap();
        assert_eq!(answer, UserDeleted::Deleted);
    }
    // One's own password, in the session that stays.
    let own = ChangePassword {
        by: word(&session, "account:write"),
        keep_session: Some(session.id),
        ..change(caller.id, Some(Some(hash("first"))), "second")
    };
    let answer = world.store().change_password(own).await.unwrap();
    assert_eq!(answer, PasswordChanged::Changed { ended_sessions: 0 });
}

pub(super) async fn a_profile_changes_only_on_the_password_that_is_still_theirs(world: &World) {
    let user = world.signed_up().await;
    let before = world.logged().await;
    let profile = |proved: Option<PasswordHash>| UpdateProfile {
        proved,
        email: Some(Some("new@example.com".parse().unwrap())),
        ..profiles::change(user.id)
    };
    let stale = profile(Some(hash("former")));
    let answer = world.store().update_profile(stale).await.unwrap();
    assert!(matches!(answer, ProfileUpdated::Stale), "{answer:?}");
    assert_eq!(world.account(user.id).await.user, user);
    world.assert_logged(&before, &[]).await;
    let proved = profile(Some(hash("first")));
    let answer = world.other().update_profile(proved).await.unwrap();
    assert!(matches!(answer, ProfileUpdated::Updated(_)), "{answer:?}");
}

/// Whoever was let in a moment before makes no token that outlives the change: it is revoked by it,
/// or not made.
pub(super) async fn no_token_made_beside_a_password_change_outlives_it(world: &World) {
    let user = world.signed_up().await;
    let by = word(&world.logged_in(&user).await, "account:write");
    let answers = race(world, 50, |n, store| {
        let (own, takeover) = (token_on(&by, &user), n == 10);
        let password = ChangePassword {
            revoke_personal_tokens: true,
            ..change(user.id, None, "second")
        };
        async move {
            if takeover {
                let changed = store.change_password(password).await.unwrap();
                assert_eq!(changed, PasswordChanged::Changed { ended_sessions: 1 });
                return None;
            }
            Some(store.create_personal_token(own).await.unwrap())
        }
    })
    .await;
    let lost = PersonalTokenCreated::CallerLost(Lost::Refused(Refusal::SessionEnded));
    let made = count(&answers, |a| *a == Some(PersonalTokenCreated::Created));
    assert_eq!(
        made + count(&answers, |a| *a == Some(lost)),
        49,
        "{answers:?}"
    );
    let live = world.other().live_personal_tokens(user.id, at(60));
    assert_eq!(live.await.unwrap(), []);
}

pub(super) async fn of_two_admins_who_demote_one_another_one_does(world: &World) {
    // So that it is never the last admin who is demoted.
    world.admin().await;
    for round in 0..10 {
        let (one, two) = (world.admin().await, world.admin().await);
        let by = [
            word(&world.logged_in(&one).await, "users:write"),
            word(&world.logged_in(&two).await, "users:write"),
        ];
        let answers = race(world, 2, |n, store| {
            let target = if n == 0 { &two } else { &one };
            let demotion = without_admin(target, &by[n]);
            async move { store.change_authority(demotion).await.unwrap() }
        })
        .await;
        let done = count(&answers, |a| matches!(a, UserChanged::Changed(_)));
        let lost = |a: &UserChanged| matches!(a, UserChanged::CallerLost(Lost::Authority));
        assert_eq!(
            (done, count(&answers, lost)),
            (1, 1),
            "round {round}: {answers:?}"
        );
    }
}
