//! Logging in and signing up, as a stranger meets them.

use std::time::Duration;

use crate::support;
use crate::support::{Instance, PASSWORD, access, origin, sign_up};
use countersign_app::admin::Admin;
use countersign_app::log_in::LoggedIn;
use countersign_app::ports::store::UserFilter;
use countersign_app::sign_up::SignUpOutcome;
use countersign_app::throttle::Rate;
use countersign_app::{AppError, Origin};
use countersign_domain::audit::Action;
use countersign_domain::page::PageRequest;
use countersign_domain::user::UserState;

async fn reasons(instance: &Instance) -> Vec<String> {
    let filter = countersign_app::ports::store::AuditFilter {
        action: Some(Action::LoginRefused),
        ..Default::default()
    };
    let page = instance
        .app
        .audit_events(&filter, &PageRequest::forward(None, 100))
        .await
        .unwrap();
    page.items
        .into_iter()
        .filter_map(|event| event.detail.get("reason").cloned())
        .collect()
}

// CVE-2024-41952, CVE-2026-23511, CVE-2025-67717, CVE-2024-52307: answers that tell who has an
// account. The tutorials' "no user with that email".
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_a_stranger_gets_one_answer_and_the_audit_log_knows_which() {
    let instance = Instance::new().await;
    for name in ["jill", "off", "shut"] {
        instance.sign_up(name).await;
    }
    for (name, state) in [("off", UserState::Disabled), ("shut", UserState::Locked)] {
        let identifier = name.parse().unwrap();
        let account = instance
            .app
            .user_by_identifier(&identifier)
            .await
            .unwrap()
            .unwrap();
        let by = Admin::CommandLine;
        let id = account.user.id;
        let _ = instance
            .app
            .set_user_state(by, id, state, &origin())
            .await
            .unwrap();
    }
    for (name, password) in [
        ("nobody", PASSWORD),
        ("not even a name", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("jill", "not her password"),
        ("off", PASSWORD),
        ("shut", PASSWORD),
    ] {
        let outcome = instance.log_in(name, password).await;
        assert!(matches!(outcome, LoggedIn::Refused), "{name}");
        // Events of one moment come in any order.
        instance.clock.advance(Duration::from_millis(1));
    }
    assert_eq!(
        reasons(&instance).await,
        [
            "unknown_user",
            "unknown_user",
            "unknown_user",
            "wrong_password",
            "user_disabled",
            "user_locked"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_logs_in_with_any_spelling_of_ones_name_or_address() {
    let instance = Instance::new().await;
    instance.sign_up("jill").await;
    for name in [
        "jill",
        "JILL",
        " jill ",
        "jill@example.com",
        "Jill@EXAMPLE.com",
    ] {
        let outcome = instance.log_in(name, PASSWORD).await;
        assert!(matches!(outcome, LoggedIn::LoggedIn { .. }), "{name}");
    }
}

// The serverless tutorial's login makes the account.
#[tokio::test(flavor = "multi_thread")]
async fn logging_in_never_makes_an_account() {
    let instance = Instance::new().await;
    assert!(matches!(
        instance.log_in("jill", PASSWORD).await,
        LoggedIn::Refused
    ));
    assert!(matches!(
        instance.log_in("jill", PASSWORD).await,
        LoggedIn::Refused
    ));
    let page = instance
        .app
        .users(&UserFilter::default(), &PageRequest::forward(None, 1))
        .await;
    assert!(page.unwrap().items.is_empty());
}

// CVE-2024-28197: a throttle split by username and e-mail gives twice the attempts.
#[tokio::test(flavor = "multi_thread")]
async fn an_accounts_failures_count_together_under_all_of_its_names() {
    let instance = Instance::with(|settings| {
        settings.throttle.login_failures_per_account = Rate {
            attempts: 4,
            per: Duration::from_mins(1),
        };
    })
    .await;
    instance.sign_up("jill").await;
    let from = |n: u8| Origin {
        address: Some([198, 51, 100, n].into()),
        ..Origin::default()
    };
    let log_in = async |name: &str, password: &str, n: u8| {
        let attempt = support::log_in(name, password);
        instance.app.log_in(attempt, &from(n)).await
    };
    for n in 0..10 {
        for name in ["jill", "JILL", " jill", "Jill"] {
            assert!(matches!(
                log_in(name, "a wrong guess", n).await.unwrap(),
                LoggedIn::Refused
            ));
        }
        let error = log_in("jill", PASSWORD, n).await.unwrap_err();
        assert!(
            matches!(error, AppError::Throttled { .. }),
            "one network's share is used up"
        );
    }
    // Under her other name there is no further share, and no answer that tells whose it is.
    let outcome = log_in("jill@example.com", PASSWORD, 20).await.unwrap();
    assert!(matches!(outcome, LoggedIn::Refused));
    // Her own network is counted apart: she is not locked out, also after a restart.
    for instance in [&instance, &instance.beside().await] {
        let outcome = instance.log_in("jill", PASSWORD).await;
        assert!(matches!(outcome, LoggedIn::LoggedIn { .. }));
    }
    // And the strangers' share comes back with time.
    instance.clock.advance(Duration::from_secs(20));
    let outcome = log_in("jill", PASSWORD, 20).await.unwrap();
    assert!(matches!(outcome, LoggedIn::LoggedIn { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_can_ask_for_less_and_never_gets_more() {
    let instance = Instance::new().await;
    instance.sign_up("jill").await;
    let mut command = support::log_in("jill", PASSWORD);
    command.scopes = Some("account:read users:write".parse().unwrap());
    let LoggedIn::LoggedIn { tokens, .. } = instance.app.log_in(command, &origin()).await.unwrap()
    else {
        panic!("jill logs in");
    };
    assert_eq!(tokens.scopes.to_string(), "account:read");
    let caller = instance.caller(access(&tokens)).await;
    assert_eq!(caller.principal.scopes.to_string(), "account:read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_repeated_with_its_idempotency_key_makes_one_account_and_logs_in() {
    let instance = Instance::new().await;
    let with_key = |name: &str| {
        let mut command = sign_up(name);
        command.idempotency_key = Some("the key".to_owned());
        command
    };
    let mut ids = Vec::new();
    for _ in 0..2 {
        match instance
            .app
            .sign_up(with_key("jill"), &origin())
            .await
            .unwrap()
        {
            SignUpOutcome::SignedUp { account, tokens } => {
                assert!(instance.is_good(access(&tokens)).await);
                ids.push(account.user.id);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ids[0], ids[1]);
    let mut stranger = with_key("jill");
    stranger.password = support::password("somebody else's guess");
    let outcome = instance.app.sign_up(stranger, &origin()).await.unwrap();
    assert!(
        matches!(outcome, SignUpOutcome::IdempotencyKeyReused),
        "{outcome:?}"
    );
    let outcome = instance
        .app
        .sign_up(with_key("jack"), &origin())
        .await
        .unwrap();
    assert!(
        matches!(outcome, SignUpOutcome::IdempotencyKeyReused),
        "{outcome:?}"
    );
}

// The tutorials' password "123456" and empty e-mail.
#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_is_refused_with_the_reason() {
    let instance = Instance::new().await;
    for (text, code) in [
        ("123456", "password_too_short"),
        ("password", "password_common"),
        ("jill@example.com", "password_personal"),
        ("abcabcabcabcabcd", "password_guessable"),
    ] {
        let mut command = sign_up("jill");
        command.password = support::password(text);
        match instance.app.sign_up(command, &origin()).await.unwrap() {
            SignUpOutcome::Weak(weak) => assert_eq!(weak.code(), code, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}
