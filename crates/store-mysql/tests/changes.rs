//! Changes that could fall apart into their statements: each is one, whoever comes in between.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't reach its server has failed"
)]

mod server;

use std::sync::Arc;
use std::time::Duration;

use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store::{
    ClaimTask, EndSession, EndSessions, Idempotency, RoleDeleted, Rotated, SessionEnded, SignedUp,
    Store, StoreError, StoreLimits,
};
use countersign_domain::audit::Action;
use countersign_domain::role::Role;
use countersign_domain::session::{EndReason, Session};
use countersign_store_mysql::MySqlStore;
use mysql_async::prelude::Queryable;
use server::Fresh;
use server::samples::{at, defining, event, rotation, sign_up, token_hash, undefining, user};
use tokio::sync::Barrier;

async fn migrated() -> Fresh {
    let fresh = Fresh::new().await;
    fresh.patient_store().migrate().await.unwrap();
    fresh
}

/// Ends a session, alone or with all others, by a clock at which it has run out, and tells whether
/// one ended.
async fn end(store: &MySqlStore, session: &Session, alone: bool) -> bool {
    let (user_id, reason, now) = (session.user_id, EndReason::Revoked, at(3_601));
    let mut event = event(Action::SessionsEnded);
    event.session_id = Some(session.id);
    if alone {
        let intent = EndSession {
            user_id,
            session_id: session.id,
            reason,
            now,
            event,
        };
        store.end_session(intent).await.unwrap() == SessionEnded::Ended
    } else {
        let intent = EndSessions {
            user_id,
            keep: None,
            reason,
            now,
            event,
        };
        store.end_sessions(intent).await.unwrap() == 1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ended_beside_its_refresh_by_another_clock_counts_if_the_refresh_was_first() {
    let fresh = migrated().await;
    let store = Arc::new(fresh.patient_store());
    let mut conn = fresh.connection().await;
    let mut refreshed = 0;
    for round in 0..60 {
        let user = user();
        let intent = sign_up(&user);
        let session = intent.session.clone().unwrap();
        assert_eq!(store.sign_up(intent).await.unwrap(), SignedUp::Created);
        let start = Arc::new(Barrier::new(2));
        let refresh = tokio::spawn({
            let (store, start) = (Arc::clone(&store), Arc::clone(&start));
            let intent = rotation(&session, 3_599);
            async move {
                start.wait().await;
                store.rotate(intent).await.unwrap()
            }
        });
        start.wait().await;
        let has_ended = end(&store, &session, round % 2 == 0).await;
        match refresh.await.unwrap() {
            Rotated::Rotated(..) => {
                refreshed += 1;
                assert!(has_ended, "round {round}");
            }
            Rotated::Refused(_) => assert!(!has_ended, "round {round}"),
            other => panic!("{other:?}"),
        }
        let (stored, _) = store.session(session.id).await.unwrap().unwrap();
        let reason = stored.ended.map(|end| end.reason);
        assert_eq!(reason, Some(EndReason::Revoked));
        let sql = format!(
            "SELECT count(*) FROM audit_events WHERE action = '{}' AND session_id = X'{}'",
            Action::SessionsEnded.as_str(),
            session.id.as_uuid().simple()
        );
        let events: Option<u64> = conn.query_first(sql).await.unwrap();
        assert_eq!(events, Some(u64::from(has_ended)), "round {round}");
    }
    println!("{refreshed} of 60 were refreshed first");
    conn.disconnect().await.unwrap();
    fresh.drop_database().await;
}

#[tokio::test]
async fn a_repeated_sign_up_is_answered_as_before_though_its_role_has_gone() {
    let fresh = migrated().await;
    let store = fresh.patient_store();
    let role = Role {
        name: "editor".parse().unwrap(),
        description: "edits".parse().unwrap(),
        scopes: "posts:write".parse().unwrap(),
    };
    let defined = store.define_role(defining(&role));
    let _ = defined.await.unwrap();
    let mut person = user();
    person.roles.insert(role.name.clone());
    let mut intent = sign_up(&person);
    intent.idempotency = Some(Idempotency {
        key: token_hash(),
        request: token_hash(),
        now: at(0),
        expires_at: at(86_400),
    });
    let again = intent.clone();
    assert_eq!(store.sign_up(intent).await.unwrap(), SignedUp::Created);
    let account = store.account(person.id).await.unwrap().unwrap();
    assert_eq!(account.roles, std::slice::from_ref(&role));
    let gone = store.delete_role(undefining(&role.name)).await.unwrap();
    assert_eq!(gone, RoleDeleted::Deleted);
    let answer = store.sign_up(again.clone()).await.unwrap();
    assert_eq!(answer, SignedUp::Repeated(person.id));
    let mut other = again.clone();
    other.idempotency.as_mut().unwrap().request = token_hash();
    assert_eq!(store.sign_up(other).await.unwrap(), SignedUp::KeyReused);
    // Refused, it leaves its key free.
    let mut stranger = user();
    stranger.roles.insert(role.name.clone());
    let mut intent = sign_up(&stranger);
    intent.idempotency = again.idempotency;
    intent.idempotency.as_mut().unwrap().key = token_hash();
    let refused = store.sign_up(intent.clone()).await.unwrap();
    assert_eq!(refused, SignedUp::UnknownRole);
    intent.user.roles.clear();
    assert_eq!(store.sign_up(intent).await.unwrap(), SignedUp::Created);
    fresh.drop_database().await;
}

#[tokio::test]
async fn a_turn_whose_second_statement_gives_way_is_not_lost() {
    let fresh = migrated().await;
    let store = fresh.store(StoreLimits {
        connections: 2,
        acquire: Duration::from_secs(30),
        call: Duration::from_secs(1),
        bulk: Duration::from_secs(30),
    });
    let turn = |second| ClaimTask {
        task: "prune",
        now: at(second),
        every: Duration::from_mins(1),
    };
    assert!(store.claim_task(turn(0)).await.unwrap());
    // As a deadlock that takes every attempt.
    fresh
        .run(
            "CREATE TRIGGER in_the_way BEFORE INSERT ON tasks FOR EACH ROW
             SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found'",
        )
        .await;
    let refused = store.claim_task(turn(60)).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    fresh.run("DROP TRIGGER in_the_way").await;
    assert!(store.claim_task(turn(60)).await.unwrap());
    assert!(!store.claim_task(turn(60)).await.unwrap());
    fresh.drop_database().await;
}
