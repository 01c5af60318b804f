//! Ends of sessions that meet one another: one of them ends a session, and what a session says of
//! its end never changes once it was told.

#![expect(
    clippy::unwrap_used,
    reason = "this is test code: it ends at the first surprise"
)]

#[path = "support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use countersign_app::ports::Store;
use countersign_app::ports::store::{
    ChangePassword, EndSession, EndSessions, OpenSession, PasswordChanged, Rotated, SessionEnded,
    StoreLimits, UserChanged,
};
use countersign_domain::audit::Action;
use countersign_domain::gate::Refusal;
use countersign_domain::id::SessionId;
use countersign_domain::session::{EndReason, Ended, Session};
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_store_dynamodb::DynamoDbStore;
use support::front::{Deed, Front, Gate};
use support::samples::{
    at, ending, ending_all, event, hash, opening, rotation, session, setting, sign_up, user,
};
use support::{Table, open};

async fn end_of(store: &DynamoDbStore, session: &Session) -> Option<Ended> {
    let found = store.session_of(session.user_id, session.id).await;
    found.unwrap().unwrap().0.ended
}

async fn signed_up(store: &DynamoDbStore) -> (User, Session) {
    let user = user();
    let first = session(&user);
    let _ = store.sign_up(sign_up(&user, Some(&first))).await.unwrap();
    (user, first)
}

fn password(user: &User, keep_session: Option<SessionId>) -> ChangePassword {
    ChangePassword {
        by: countersign_domain::standing::By::Operator,
        user_id: user.id,
        expected: None,
        expected_version: None,
        new: hash("second"),
        keep_session,
        revoke_personal_tokens: false,
        now: at(70),
        event: event(Action::PasswordChanged),
    }
}

fn ended(second: i64, reason: EndReason) -> Ended {
    Ended {
        at: at(second),
        reason,
    }
}

/// An instance whose change goes through, and which gets no further with tidying up behind it.
async fn untidy(table: &Table) -> (DynamoDbStore, Front) {
    let front = Front::before(&table.endpoint).await;
    front.plan("TransactWriteItems", Deed::Pass, 1);
    let busy = Deed::Refuse("ProvisionedThroughputExceededException");
    front.plan("TransactWriteItems", busy, 10_000);
    let store = open(&table.url_at(&front.endpoint()), StoreLimits::default());
    (store, front)
}

#[tokio::test]
async fn a_session_that_ends_with_all_others_between_a_look_and_a_change_is_not_ended_again() {
    let table = Table::made().await;
    let direct = table.store();
    for by_password in [false, true] {
        for by_reuse in [false, true] {
            let (user, first) = signed_up(&direct).await;
            for second in [100, 200] {
                let (live, _) = direct.session(first.id).await.unwrap().unwrap();
                let _ = direct.rotate(rotation(&live, second)).await.unwrap();
            }
            let front = Front::before(&table.endpoint).await;
            let store = open(&table.url_at(&front.endpoint()), support::patient());
            // The last request before the end is the one that reads: the change that follows waits.
            let gate = Arc::new(Gate::default());
            if by_reuse {
                // The good way of a refresh is refused first.
                front.plan("TransactWriteItems", Deed::Pass, 1);
            }
            front.plan("TransactWriteItems", Deed::Hold(Arc::clone(&gate)), 1);
            let of = first.clone();
            let late = tokio::spawn(async move {
                if by_reuse {
                    let spent = store.rotate(rotation(&of, 300)).await.unwrap();
                    matches!(spent, Rotated::Refused(Refusal::SessionEnded))
                } else {
                    store.end_session(ending(&of)).await.unwrap() == SessionEnded::NotFound
                }
            });
            gate.reached().await;
            let (untidy, _front) = untidy(&table).await;
            let expected = if by_password {
                let changed = untidy.change_password(password(&user, None)).await.unwrap();
                assert_eq!(changed, PasswordChanged::Changed { ended_sessions: 1 });
                ended(70, EndReason::PasswordChanged)
            } else {
                let count = untidy.end_sessions(ending_all(&user, None)).await.unwrap();
                assert_eq!(count, 1);
                ended(60, EndReason::Revoked)
            };
            assert_eq!(end_of(&direct, &first).await, Some(expected));
            gate.open();
            assert!(late.await.unwrap(), "the other one ended it");
            assert_eq!(end_of(&direct, &first).await, Some(expected));
        }
    }
    table.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_end_and_an_end_of_all_exactly_one_ends_a_session() {
    let table = Table::made().await;
    let (one, other) = (table.store(), table.store());
    for round in 0..24 {
        let (user, first) = signed_up(&one).await;
        let all = async {
            if round % 2 == 0 {
                return other.end_sessions(ending_all(&user, None)).await.unwrap();
            }
            match other.change_password(password(&user, None)).await.unwrap() {
                PasswordChanged::Changed { ended_sessions } => ended_sessions,
                refused => panic!("{refused:?}"),
            }
        };
        let (alone, count) = tokio::join!(one.end_session(ending(&first)), all);
        let by_itself = alone.unwrap() == SessionEnded::Ended;
        assert_eq!(u64::from(by_itself) + count, 1, "round {round}");
        let expected = match (by_itself, round % 2) {
            (true, _) => ended(60, EndReason::LoggedOut),
            (false, 0) => ended(60, EndReason::Revoked),
            (false, _) => ended(70, EndReason::PasswordChanged),
        };
        assert_eq!(end_of(&one, &first).await, Some(expected), "round {round}");
        other.end_sessions(ending_all(&user, None)).await.unwrap();
        assert_eq!(end_of(&one, &first).await, Some(expected), "round {round}");
    }
    table.drop().await;
}

#[tokio::test]
async fn a_second_end_of_all_sessions_leaves_the_first_as_it_was_told() {
    let table = Table::made().await;
    let direct = table.store();
    let (user, first) = signed_up(&direct).await;
    let (untidy, _front) = untidy(&table).await;
    let count = untidy.end_sessions(ending_all(&user, None)).await.unwrap();
    assert_eq!(count, 1);
    let told = ended(60, EndReason::Revoked);
    assert_eq!(end_of(&direct, &first).await, Some(told));

    let second = session(&user);
    let _ = direct.open_session(opening(&second)).await.unwrap();
    let changed = direct.change_password(password(&user, None)).await.unwrap();
    assert_eq!(changed, PasswordChanged::Changed { ended_sessions: 1 });
    let shut = direct
        .set_user_state(setting(&user, UserState::Disabled))
        .await;
    assert!(matches!(shut.unwrap(), UserChanged::Changed(_)));
    assert_eq!(end_of(&direct, &first).await, Some(told));
    let second_end = ended(70, EndReason::PasswordChanged);
    assert_eq!(end_of(&direct, &second).await, Some(second_end));
    table.drop().await;
}

#[tokio::test]
async fn a_session_that_had_run_out_when_all_ended_is_ended_by_every_clock() {
    let table = Table::made().await;
    let store = table.store();
    let (user, first) = signed_up(&store).await;
    let second = Session {
        idle_expires_at: at(9_000),
        ..session(&user)
    };
    let _ = store.open_session(opening(&second)).await.unwrap();
    // The first one idled out at 3,600.
    let all = EndSessions {
        now: at(4_000),
        ..ending_all(&user, None)
    };
    assert_eq!(store.end_sessions(all).await.unwrap(), 1);
    let spent = store.rotate(rotation(&first, 3_500)).await.unwrap();
    assert!(
        matches!(spent, Rotated::Refused(Refusal::SessionEnded)),
        "{spent:?}"
    );
    let answer = store.end_session(ending(&first)).await.unwrap();
    assert_eq!(answer, SessionEnded::NotFound);
    let told = ended(4_000, EndReason::Revoked);
    assert_eq!(end_of(&store, &first).await, Some(told));
    table.drop().await;
}

/// Ends all sessions again and again, each time with a moment of its own, and is interrupted
/// whenever it may be: then sessions are left behind that were not moved.
async fn end_all_often(store: DynamoDbStore, user: User, first_second: i64) {
    for n in 0..40 {
        let now: Timestamp = at(first_second + n);
        let patience = Duration::from_millis(fastrand::u64(10..80));
        if n % 2 == 0 {
            let all = EndSessions {
                now,
                ..ending_all(&user, None)
            };
            let _ = tokio::time::timeout(patience, store.end_sessions(all)).await;
        } else {
            let change = ChangePassword {
                now,
                ..password(&user, None)
            };
            let _ = tokio::time::timeout(patience, store.change_password(change)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_session_says_of_its_end_never_changes_once_it_is_told() {
    let table = Table::made().await;
    let direct = table.store();
    let (user, first) = signed_up(&direct).await;
    let enders = [
        tokio::spawn(end_all_often(table.store(), user.clone(), 100)),
        tokio::spawn(end_all_often(table.store(), user.clone(), 200)),
    ];
    let (opener, ender) = (table.store(), table.store());
    let mut sessions = vec![first];
    let mut told: HashMap<SessionId, Ended> = HashMap::new();
    let mut at_the_end = false;
    while !at_the_end {
        at_the_end = enders.iter().all(tokio::task::JoinHandle::is_finished);
        let new = session(&user);
        let intent = OpenSession {
            proved: None,
            ..opening(&new)
        };
        let _ = opener.open_session(intent).await.unwrap();
        sessions.push(new);
        let alone = EndSession {
            now: at(300),
            ..ending(sessions.last().unwrap())
        };
        if fastrand::bool() {
            let _ = ender.end_session(alone).await.unwrap();
        }
        for one in sessions.iter().rev().take(6) {
            if let Some(end) = end_of(&direct, one).await {
                assert_eq!(*told.entry(one.id).or_insert(end), end);
            }
        }
    }
    direct.end_sessions(ending_all(&user, None)).await.unwrap();
    for one in &sessions {
        let end = end_of(&direct, one).await.unwrap();
        assert_eq!(*told.entry(one.id).or_insert(end), end);
    }
    table.drop().await;
}
