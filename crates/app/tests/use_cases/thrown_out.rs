//! Callers who were let in, and are thrown out before their call ends.

use countersign_app::admin::{Admin, AuthorityChange};
use countersign_app::authenticate::{Caller, InvalidBearer};
use countersign_app::personal_tokens::CreatePersonalToken;
use countersign_app::update_profile::UpdateProfile;
use countersign_app::{App, AppError};
use countersign_domain::role::RoleName;
use countersign_domain::user::UserState;

use crate::support::{Instance, PASSWORD, access, origin, password};

fn admin() -> AuthorityChange {
    AuthorityChange {
        grant_roles: [RoleName::admin()].into(),
        ..AuthorityChange::default()
    }
}

async fn assert_is_out(app: &App, caller: &Caller, victim: &Caller, why: InvalidBearer) {
    let (principal, from) = (&caller.principal, origin());
    let by = Admin::Caller(principal);
    let is_out = |error: &AppError| matches!(error, AppError::CallerLost(lost) if *lost == why);
    let token = CreatePersonalToken {
        name: "thief".parse().unwrap(),
        scopes: "account:read".parse().unwrap(),
        lifetime: None,
    };
    let created = app.create_personal_token(principal, &caller.account, token, &from);
    let error = created.await.unwrap_err();
    assert!(is_out(&error), "{error}");
    let profile = UpdateProfile {
        email: Some(Some("thief@example.com".parse().unwrap())),
        current_password: Some(password(PASSWORD)),
        ..UpdateProfile::default()
    };
    let changed = app.update_profile(principal, profile, &from);
    let error = changed.await.unwrap_err();
    assert!(is_out(&error), "{error}");
    let target = victim.principal.user_id;
    let granted = app.change_authority(by, target, admin(), &from);
    let error = granted.await.unwrap_err();
    assert!(is_out(&error), "{error}");
    let disabled = app.set_user_state(by, target, UserState::Disabled, &from);
    let error = disabled.await.unwrap_err();
    assert!(is_out(&error), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_thrown_out_during_a_call_leaves_nothing_behind() {
    let instance = Instance::new().await;
    let (root, _) = instance.sign_up("root").await;
    let (app, from) = (&instance.app, origin());
    let command_line = Admin::CommandLine;
    let granting = app.change_authority(command_line, root.user.id, admin(), &from);
    let _ = granting.await.unwrap();
    let log_in = instance.log_in("root", PASSWORD).await;
    let countersign_app::log_in::LoggedIn::LoggedIn { tokens, .. } = log_in else {
        panic!("root logs in");
    };
    let caller = instance.caller(access(&tokens)).await;
    let (_, tokens) = instance.sign_up("jill").await;
    let victim = instance.caller(access(&tokens)).await;

    // The calls below are of one who was let in before this.
    let ended = app.end_sessions_of(command_line, root.user.id, &from);
    let _ = ended.await.unwrap();
    assert_is_out(app, &caller, &victim, InvalidBearer::SessionEnded).await;
    let account = app.user(victim.principal.user_id).await.unwrap().unwrap();
    assert_eq!(account.user, victim.account.user);
}
