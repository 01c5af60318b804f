//! Refresh tokens, as a client and a thief meet them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Instance, access, origin};
use countersign_app::refresh::{Refresh, Refreshed};
use countersign_domain::audit::Action;
use countersign_domain::page::PageRequest;
use secrecy::ExposeSecret;

fn with(token: &str) -> Refresh {
    Refresh {
        refresh_token: token.to_owned(),
        scopes: None,
        audience: None,
    }
}

async fn refresh(instance: &Instance, token: &str) -> Option<String> {
    match instance.app.refresh(with(token), &origin()).await.unwrap() {
        Refreshed::Refreshed { tokens, .. } => {
            Some(tokens.refresh_token.expose_secret().to_owned())
        }
        Refreshed::Refused | Refreshed::UnknownAudience => None,
    }
}

async fn first_token(instance: &Instance) -> String {
    instance
        .sign_up("jill")
        .await
        .1
        .refresh_token
        .expose_secret()
        .to_owned()
}

// CVE-2026-1035, CVE-2026-4325, CVE-2026-4282, CVE-2026-53517, CVE-2026-110861, CVE-2025-46815: a
// refresh token is spent twice under concurrency.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_simultaneous_refreshes_of_one_token_leave_one_successor() {
    let instance = Arc::new(Instance::new().await);
    let token = first_token(&instance).await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (instance, token) = (instance.clone(), token.clone());
            tokio::spawn(async move { refresh(&instance, &token).await })
        })
        .collect();
    let mut successors = BTreeSet::new();
    for task in tasks {
        successors.insert(task.await.unwrap().expect("each is answered"));
    }
    assert_eq!(successors.len(), 1);
    let next = refresh(&instance, successors.first().unwrap()).await;
    assert!(next.is_some(), "the one successor is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_answer_got_lost_gets_the_identical_one_within_ten_seconds() {
    let instance = Instance::new().await;
    let first = first_token(&instance).await;
    let second = refresh(&instance, &first).await.unwrap();
    instance.clock.advance(Duration::from_secs(10));
    assert_eq!(
        refresh(&instance, &first).await.as_deref(),
        Some(second.as_str())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_token_ends_the_session_for_thief_and_owner_and_is_audited() {
    let instance = Instance::new().await;
    let (account, tokens) = instance.sign_up("jill").await;
    let first = tokens.refresh_token.expose_secret().to_owned();
    let second = refresh(&instance, &first).await.unwrap();
    instance.clock.advance(Duration::from_secs(11));
    assert_eq!(
        refresh(&instance, &first).await,
        None,
        "the thief is refused"
    );
    assert_eq!(
        refresh(&instance, &second).await,
        None,
        "and the family is over"
    );
    assert!(
        !instance.is_good(access(&tokens)).await,
        "its access token too"
    );
    let filter = countersign_app::ports::store::AuditFilter {
        action: Some(Action::RefreshReused),
        ..Default::default()
    };
    let page = instance
        .app
        .audit_events(&filter, &PageRequest::forward(None, 10))
        .await
        .unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(
        page.items[0].user_id,
        Some(account.user.id),
        "it says whose token it was"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_two_generations_old_ends_the_session_even_within_ten_seconds() {
    let instance = Instance::new().await;
    let first = first_token(&instance).await;
    let second = refresh(&instance, &first).await.unwrap();
    let third = refresh(&instance, &second).await.unwrap();
    assert_eq!(refresh(&instance, &first).await, None);
    assert_eq!(refresh(&instance, &third).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_token_is_refused_and_ends_nobodys_session() {
    let instance = Instance::new().await;
    let first = first_token(&instance).await;
    for made_up in [
        "",
        "csr_",
        "nonsense",
        &first[..first.len() - 1],
        &first.replace("csr", "csp"),
    ] {
        assert_eq!(refresh(&instance, made_up).await, None);
    }
    // Another instance's token, whole and with a good checksum.
    let other = first_token(&Instance::new().await).await;
    let _ = refresh(&instance, &other).await;
    assert!(refresh(&instance, &first).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_may_narrow_the_access_token_and_the_next_one_is_whole_again() {
    let instance = Instance::new().await;
    let first = first_token(&instance).await;
    let mut command = with(&first);
    command.scopes = Some("account:read".parse().unwrap());
    let Refreshed::Refreshed { tokens, .. } =
        instance.app.refresh(command, &origin()).await.unwrap()
    else {
        panic!("it is refreshed");
    };
    assert_eq!(tokens.scopes.to_string(), "account:read");
    let command = with(tokens.refresh_token.expose_secret());
    let Refreshed::Refreshed { tokens, .. } =
        instance.app.refresh(command, &origin()).await.unwrap()
    else {
        panic!("it is refreshed");
    };
    assert_eq!(tokens.scopes.to_string(), "account:read account:write");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_at_its_absolute_age_however_busy_it_is() {
    let instance = Instance::new().await;
    let mut token = first_token(&instance).await;
    for _ in 0..6 {
        instance.clock.advance(Duration::from_hours(312));
        token = refresh(&instance, &token)
            .await
            .expect("78 days in, it lives");
    }
    instance.clock.advance(Duration::from_hours(312));
    assert_eq!(
        refresh(&instance, &token).await,
        None,
        "91 days in, it is over"
    );
}
