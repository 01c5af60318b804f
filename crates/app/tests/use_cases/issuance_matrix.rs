//! Every way to get or use a token, against everything that must stop it: `attacks.md`, "one matrix
//! test". A new grant has to be added to [`Grant`], and then fails until each column holds.
//!
//! CVE-2025-64521, CVE-2025-53942, CVE-2025-29928, CVE-2024-47000, CVE-2024-46999, CVE-2026-43983,
//! CVE-2026-16103, CVE-2026-88770, GHSA-x4vh-j75g-268g: a sibling flow did not look at a state.

use std::time::Duration;

use crate::support;
use crate::support::{Instance, PASSWORD, access, origin, password};
use countersign_app::AppError;
use countersign_app::admin::{Admin, DeleteOutcome, SetPasswordOutcome, StateOutcome};
use countersign_app::change_password::PasswordChange;
use countersign_app::log_in::LoggedIn;
use countersign_app::personal_tokens::{CreatePersonalToken, PersonalTokenOutcome};
use countersign_app::refresh::{Refresh, Refreshed};
use countersign_app::verify_token::TokenCheck;
use countersign_domain::access::Principal;
use countersign_domain::id::UserId;
use countersign_domain::role::Account;
use countersign_domain::user::UserState;
use countersign_token::Audience;
use secrecy::ExposeSecret;

/// A way to get or use a token.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grant {
    LogIn,
    Refresh,
    RefreshRetry,
    AccessToken,
    PersonalToken,
    VerifyAccessToken,
    VerifyPersonalToken,
    CreatePersonalToken,
}

const GRANTS: [Grant; 8] = [
    Grant::LogIn,
    Grant::Refresh,
    Grant::RefreshRetry,
    Grant::AccessToken,
    Grant::PersonalToken,
    Grant::VerifyAccessToken,
    Grant::VerifyPersonalToken,
    Grant::CreatePersonalToken,
];

/// Something that must stop it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Nothing,
    Disabled,
    Locked,
    Deleted,
    PasswordChangedElsewhere,
    PasswordSetByAdmin,
    SessionEnded,
    IdledOut,
    OtherAudience,
}

const EVENTS: [Event; 9] = [
    Event::Nothing,
    Event::Disabled,
    Event::Locked,
    Event::Deleted,
    Event::PasswordChangedElsewhere,
    Event::PasswordSetByAdmin,
    Event::SessionEnded,
    Event::IdledOut,
    Event::OtherAudience,
];

/// What a user holds before anything happens.
struct Held {
    user_id: UserId,
    access: String,
    refresh: String,
    spent: String,
    personal: String,
    principal: Principal,
    account: Account,
}

/// Whether the grant may still work after the event.
fn may_work(grant: Grant, event: Event) -> bool {
    use Event::*;
    use Grant::*;
    match (event, grant) {
        (Nothing, _) => true,
        (Disabled | Locked | Deleted, _) => false,
        // The old password, the other sessions and their tokens are out. Personal access tokens are
        // no sessions and stay when their owner changes the password; an administrator who sets it
        // takes everything away.
        (PasswordChangedElsewhere, PersonalToken | VerifyPersonalToken) => true,
        (PasswordChangedElsewhere, CreatePersonalToken) => true,
        (PasswordChangedElsewhere | PasswordSetByAdmin, _) => false,
        (SessionEnded, LogIn | PersonalToken | VerifyPersonalToken) => true,
        (SessionEnded, _) => false,
        (IdledOut, LogIn | PersonalToken | VerifyPersonalToken) => true,
        (IdledOut, _) => false,
        // A token for another API opens nothing here; its session and the rest are as good as ever,
        // and the instance tells whoever asks that it is good for that API.
        (OtherAudience, AccessToken) => false,
        (OtherAudience, _) => true,
    }
}

async fn refresh(instance: &Instance, token: &str) -> Option<(String, String)> {
    let command = Refresh {
        refresh_token: token.to_owned(),
        scopes: None,
        audience: None,
    };
    match instance.app.refresh(command, &origin()).await.unwrap() {
        Refreshed::Refreshed { tokens, .. } => Some((
            tokens.access_token.expose_secret().to_owned(),
            tokens.refresh_token.expose_secret().to_owned(),
        )),
        Refreshed::Refused | Refreshed::UnknownAudience => None,
    }
}

async fn create_personal_token(
    instance: &Instance,
    principal: &Principal,
    account: &Account,
) -> Option<String> {
    let command = CreatePersonalToken {
        name: "script".parse().unwrap(),
        scopes: "account:read".parse().unwrap(),
        lifetime: None,
    };
    let app = &instance.app;
    match app
        .create_personal_token(principal, account, command, &origin())
        .await
    {
        Ok(PersonalTokenOutcome::Created { secret, .. }) => Some(secret.expose_secret().to_owned()),
        Ok(_) | Err(AppError::CallerLost(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn hold(instance: &Instance, audience: Option<Audience>) -> Held {
    instance.sign_up("jill").await;
    let mut command = support::log_in("jill", PASSWORD);
    command.audience = audience;
    let LoggedIn::LoggedIn { account, tokens } =
        instance.app.log_in(command, &origin()).await.unwrap()
    else {
        panic!("jill logs in");
    };
    let LoggedIn::LoggedIn { tokens: own, .. } = instance.log_in("jill", PASSWORD).await else {
        panic!("jill logs in");
    };
    let principal = instance.caller(access(&own)).await.principal;
    let personal = create_personal_token(instance, &principal, &account)
        .await
        .unwrap();
    let spent = tokens.refresh_token.expose_secret().to_owned();
    let (access, refresh) = refresh(instance, &spent).await.unwrap();
    let user_id = account.user.id;
    Held {
        user_id,
        access,
        refresh,
        spent,
        personal,
        principal,
        account: *account,
    }
}

async fn happen(instance: &Instance, event: Event, held: &Held) {
    let (app, by, from) = (&instance.app, Admin::CommandLine, origin());
    match event {
        Event::Nothing | Event::OtherAudience => {}
        Event::Disabled | Event::Locked => {
            let state = if event == Event::Disabled {
                UserState::Disabled
            } else {
                UserState::Locked
            };
            let outcome = app
                .set_user_state(by, held.user_id, state, &from)
                .await
                .unwrap();
            assert!(matches!(outcome, StateOutcome::Changed(_)));
        }
        Event::Deleted => {
            let outcome = app.delete_user(by, held.user_id, &from).await.unwrap();
            assert_eq!(outcome, DeleteOutcome::Deleted);
        }
        Event::PasswordChangedElsewhere => {
            let (old, new) = (
                password(PASSWORD),
                password("another horse, another staple"),
            );
            let outcome = app
                .change_password(&held.principal, old, new, &from)
                .await
                .unwrap();
            assert!(
                matches!(outcome, PasswordChange::Changed { .. }),
                "{outcome:?}"
            );
        }
        Event::PasswordSetByAdmin => {
            let new = password("another horse, another staple");
            let outcome = app
                .set_password(by, held.user_id, new, &from)
                .await
                .unwrap();
            assert!(
                matches!(outcome, SetPasswordOutcome::Changed { .. }),
                "{outcome:?}"
            );
        }
        Event::SessionEnded => {
            assert!(
                app.end_sessions(&held.principal, false, &from)
                    .await
                    .unwrap()
                    > 0
            );
        }
        Event::IdledOut => instance.clock.advance(Duration::from_hours(360)),
    }
}

async fn works(instance: &Instance, grant: Grant, held: &Held) -> bool {
    let check = async |token: &str| {
        let check = instance.app.verify_token(token, &origin()).await.unwrap();
        matches!(check, TokenCheck::Active(_))
    };
    match grant {
        Grant::LogIn => {
            matches!(
                instance.log_in("jill", PASSWORD).await,
                LoggedIn::LoggedIn { .. }
            )
        }
        Grant::Refresh => refresh(instance, &held.refresh).await.is_some(),
        Grant::RefreshRetry => refresh(instance, &held.spent)
            .await
            .is_some_and(|(_, again)| again == held.refresh),
        Grant::AccessToken => instance.is_good(&held.access).await,
        Grant::PersonalToken => instance.is_good(&held.personal).await,
        Grant::VerifyAccessToken => check(&held.access).await,
        Grant::VerifyPersonalToken => check(&held.personal).await,
        Grant::CreatePersonalToken => {
            create_personal_token(instance, &held.principal, &held.account)
                .await
                .is_some()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_grant_looks_at_every_state() {
    let mut wrong = Vec::new();
    for event in EVENTS {
        for grant in GRANTS {
            let instance = Instance::new().await;
            let other = (event == Event::OtherAudience)
                .then(|| "https://api.example.com".parse::<Audience>().unwrap());
            let held = hold(&instance, other).await;
            happen(&instance, event, &held).await;
            let (worked, may) = (works(&instance, grant, &held).await, may_work(grant, event));
            if worked != may {
                wrong.push(format!(
                    "{grant:?} after {event:?}: worked: {worked}, may: {may}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
