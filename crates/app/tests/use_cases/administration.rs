//! Administrators, and how far each can get.

use crate::support;
use crate::support::{Instance, access, origin, password};
use countersign_app::admin::{
    Admin, AuthorityChange, AuthorityOutcome, DeleteOutcome, RoleDefinition, SetPasswordOutcome,
    StateOutcome,
};
use countersign_app::authenticate::Caller;
use countersign_app::personal_tokens::{CreatePersonalToken, PersonalTokenOutcome};
use countersign_app::update_profile::{ProfileUpdate, UpdateProfile};
use countersign_domain::access::Rule;
use countersign_domain::description::Description;
use countersign_domain::id::UserId;
use countersign_domain::role::{Role, RoleName, scope};
use countersign_domain::user::UserState;
use secrecy::ExposeSecret;

fn roles(name: &str) -> AuthorityChange {
    AuthorityChange {
        grant_roles: [name.parse().unwrap()].into(),
        ..Default::default()
    }
}

/// A user with this role, logged in after it was granted.
async fn somebody(instance: &Instance, name: &str, role: Option<&str>) -> (UserId, Caller) {
    let (account, tokens) = instance.sign_up(name).await;
    let id = account.user.id;
    if let Some(role) = role {
        let by = Admin::CommandLine;
        let outcome = instance
            .app
            .change_authority(by, id, roles(role), &origin())
            .await
            .unwrap();
        assert!(
            matches!(outcome, AuthorityOutcome::Changed(_)),
            "{outcome:?}"
        );
        let log_in = instance.log_in(name, support::PASSWORD).await;
        let countersign_app::log_in::LoggedIn::LoggedIn { tokens, .. } = log_in else {
            panic!("{name} logs in");
        };
        return (id, instance.caller(access(&tokens)).await);
    }
    (id, instance.caller(access(&tokens)).await)
}

async fn define(instance: &Instance, name: &str, scopes: &str) {
    let role = Role {
        name: name.parse().unwrap(),
        description: Description::default(),
        scopes: scopes.parse().unwrap(),
    };
    let outcome = instance
        .app
        .define_role(Admin::CommandLine, role, &origin())
        .await
        .unwrap();
    assert_eq!(outcome, RoleDefinition::Created);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_with_some_power_cannot_make_it_all_of_it() {
    let instance = Instance::new().await;
    define(&instance, "helper", "users:read users:write roles:write").await;
    let (admin, _) = somebody(&instance, "root", Some("admin")).await;
    let (helper_id, helper) = somebody(&instance, "helper", Some("helper")).await;
    let (user, _) = somebody(&instance, "jill", None).await;
    let (app, from) = (&instance.app, origin());
    let by = Admin::Caller(&helper.principal);

    let new = password("taking it over, one horse at a time");
    let outcome = app.set_password(by, admin, new, &from).await.unwrap();
    assert_eq!(outcome, SetPasswordOutcome::NotYours);
    let outcome = app
        .set_user_state(by, admin, UserState::Disabled, &from)
        .await
        .unwrap();
    assert!(matches!(outcome, StateOutcome::NotYours));
    assert_eq!(
        app.delete_user(by, admin, &from).await.unwrap(),
        DeleteOutcome::NotYours
    );
    for whom in [helper_id, user] {
        let outcome = app
            .change_authority(by, whom, roles("admin"), &from)
            .await
            .unwrap();
        assert!(matches!(outcome, AuthorityOutcome::NotYours), "{outcome:?}");
    }
    let change = AuthorityChange {
        grant_scopes: "audit:read".parse().unwrap(),
        ..AuthorityChange::default()
    };
    let outcome = app
        .change_authority(by, helper_id, change, &from)
        .await
        .unwrap();
    assert!(matches!(outcome, AuthorityOutcome::NotYours), "{outcome:?}");
    let role = Role {
        name: "helper".parse().unwrap(),
        description: Description::default(),
        scopes: "users:write audit:read".parse().unwrap(),
    };
    let outcome = app.define_role(by, role, &from).await.unwrap();
    assert_eq!(outcome, RoleDefinition::NotYours);

    let change = AuthorityChange {
        grant_scopes: "posts:write".parse().unwrap(),
        ..AuthorityChange::default()
    };
    for whom in [helper_id, user] {
        let outcome = app
            .change_authority(by, whom, change.clone(), &from)
            .await
            .unwrap();
        assert!(
            matches!(outcome, AuthorityOutcome::NotYours),
            "nor another API's scopes"
        );
    }
    let outcome = app
        .set_user_state(by, user, UserState::Disabled, &from)
        .await
        .unwrap();
    assert!(
        matches!(outcome, StateOutcome::Changed(_)),
        "lesser users they may act on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_cannot_vanish() {
    let instance = Instance::new().await;
    let (admin, _) = somebody(&instance, "root", Some("admin")).await;
    let (app, by, from) = (&instance.app, Admin::CommandLine, origin());
    assert_eq!(
        app.delete_user(by, admin, &from).await.unwrap(),
        DeleteOutcome::LastAdmin
    );
    let outcome = app
        .set_user_state(by, admin, UserState::Locked, &from)
        .await
        .unwrap();
    assert!(matches!(outcome, StateOutcome::LastAdmin));
    let demote = AuthorityChange {
        revoke_roles: [RoleName::admin()].into(),
        ..Default::default()
    };
    let outcome = app
        .change_authority(by, admin, demote.clone(), &from)
        .await
        .unwrap();
    assert!(matches!(outcome, AuthorityOutcome::LastAdmin));
    somebody(&instance, "second", Some("admin")).await;
    let outcome = app
        .change_authority(by, admin, demote, &from)
        .await
        .unwrap();
    assert!(matches!(outcome, AuthorityOutcome::Changed(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_was_revoked_is_gone_at_once_though_the_token_still_carries_it() {
    let instance = Instance::new().await;
    let (_, first) = somebody(&instance, "root", Some("admin")).await;
    let (second, _) = somebody(&instance, "second", Some("admin")).await;
    let countersign_app::log_in::LoggedIn::LoggedIn { tokens, .. } =
        instance.log_in("second", support::PASSWORD).await
    else {
        panic!("they log in");
    };
    let rule = Rule::Scope(scope::USERS_READ);
    let caller = instance.caller(access(&tokens)).await;
    rule.check(Some(&caller.principal)).unwrap();
    let demote = AuthorityChange {
        revoke_roles: [RoleName::admin()].into(),
        ..Default::default()
    };
    let by = Admin::Caller(&first.principal);
    let _ = instance
        .app
        .change_authority(by, second, demote, &origin())
        .await
        .unwrap();
    let caller = instance.caller(access(&tokens)).await;
    rule.check(Some(&caller.principal)).unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_personal_access_token_never_does_more_than_its_maker_and_loses_what_they_lose() {
    let instance = Instance::new().await;
    somebody(&instance, "root", Some("admin")).await;
    let (id, maker) = somebody(&instance, "jill", Some("admin")).await;
    let command = |scopes: &str| CreatePersonalToken {
        name: "script".parse().unwrap(),
        scopes: scopes.parse().unwrap(),
        lifetime: None,
    };
    let create = async |scopes| {
        let (principal, account) = (&maker.principal, &maker.account);
        instance
            .app
            .create_personal_token(principal, account, command(scopes), &origin())
            .await
    };
    assert!(matches!(
        create("").await.unwrap(),
        PersonalTokenOutcome::NoScopes
    ));
    let outcome = create("users:read somebody:elses").await.unwrap();
    let PersonalTokenOutcome::ScopesNotHeld(lacking) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(lacking.to_string(), "somebody:elses");
    let outcome = create("account:read users:read").await.unwrap();
    let PersonalTokenOutcome::Created { secret, .. } = outcome else {
        panic!("{outcome:?}")
    };

    let script = instance.caller(secret.expose_secret()).await;
    assert_eq!(
        script.principal.scopes.to_string(),
        "account:read users:read"
    );
    Rule::SessionWithScope(scope::ACCOUNT_READ)
        .check(Some(&script.principal))
        .unwrap_err();

    let demote = AuthorityChange {
        revoke_roles: [RoleName::admin()].into(),
        ..Default::default()
    };
    let by = Admin::CommandLine;
    let _ = instance
        .app
        .change_authority(by, id, demote, &origin())
        .await
        .unwrap();
    let script = instance.caller(secret.expose_secret()).await;
    assert_eq!(script.principal.scopes.to_string(), "account:read");
}

// GHSA-x4vh-j75g-268g: a reset that leaves what a thief holds.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_set_by_an_administrator_takes_sessions_and_personal_tokens_along() {
    let instance = Instance::new().await;
    let (id, jill) = somebody(&instance, "jill", None).await;
    let command = CreatePersonalToken {
        name: "thief".parse().unwrap(),
        scopes: "account:read".parse().unwrap(),
        lifetime: None,
    };
    let (app, from) = (&instance.app, origin());
    let outcome = app
        .create_personal_token(&jill.principal, &jill.account, command, &from)
        .await
        .unwrap();
    let PersonalTokenOutcome::Created { secret, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert!(instance.is_good(secret.expose_secret()).await);
    let new = password("a fresh start, with no old horses");
    let outcome = app
        .set_password(Admin::CommandLine, id, new, &from)
        .await
        .unwrap();
    assert!(matches!(outcome, SetPasswordOutcome::Changed { .. }));
    assert!(!instance.is_good(secret.expose_secret()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_logs_in_with_changes_only_with_the_password() {
    let instance = Instance::new().await;
    let (_, jill) = somebody(&instance, "jill", None).await;
    let update = async |email: Option<&str>, name: Option<&str>, current: Option<&str>| {
        let command = UpdateProfile {
            email: email.map(|email| Some(email.parse().unwrap())),
            display_name: name.map(|name| Some(name.parse().unwrap())),
            current_password: current.map(password),
            ..UpdateProfile::default()
        };
        instance
            .app
            .update_profile(&jill.principal, command, &origin())
            .await
            .unwrap()
    };
    let thiefs = Some("thief@example.com");
    let outcome = update(thiefs, None, None).await;
    assert!(
        matches!(outcome, ProfileUpdate::WrongPassword),
        "{outcome:?}"
    );
    let outcome = update(thiefs, None, Some("a thief's guess")).await;
    assert!(
        matches!(outcome, ProfileUpdate::WrongPassword),
        "{outcome:?}"
    );
    let outcome = update(None, Some("Jill"), None).await;
    assert!(matches!(outcome, ProfileUpdate::Updated(_)), "{outcome:?}");
    let outcome = update(Some("new@example.com"), None, Some(support::PASSWORD)).await;
    assert!(matches!(outcome, ProfileUpdate::Updated(_)), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_password_is_not_set_without_the_old_one_by_way_of_administration() {
    let instance = Instance::new().await;
    let (id, root) = somebody(&instance, "root", Some("admin")).await;
    let by = Admin::Caller(&root.principal);
    let new = password("a thief's own horse and staple");
    let outcome = instance
        .app
        .set_password(by, id, new, &origin())
        .await
        .unwrap();
    assert_eq!(outcome, SetPasswordOutcome::NotYours);
}
