//! Pruning: what is over goes, a bounded number at a time; what lives stays.

use countersign_domain::audit::{Action, AuditEvent};
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::time::Timestamp;

use super::samples::{
    at, ending, event, event_at, personal_token, session_from, sign_up, token_hash, user,
};
use super::world::World;
use crate::ports::store::{
    CreatePersonalToken, Idempotency, PersonalTokenCreated, Prune, Pruned, SignUp, SignedUp,
};

fn prune(before: Timestamp, audit_before: Option<Timestamp>) -> Prune {
    // Of a later moment than all that the tests log.
    let event = event_at(Action::Pruned, at(900_000));
    Prune {
        before,
        audit_before,
        limit: 100,
        event,
    }
}

async fn token_until(
    world: &World,
    user: &countersign_domain::user::User,
    n: i64,
) -> PersonalToken {
    let token = PersonalToken {
        expires_at: at(n),
        ..personal_token(user)
    };
    let intent = CreatePersonalToken {
        by: countersign_domain::standing::By::Operator,
        token: token.clone(),
        max_tokens: 100,
        event: event(Action::PersonalTokenCreated),
    };
    let created = world.store().create_personal_token(intent).await.unwrap();
    assert_eq!(created, PersonalTokenCreated::Created);
    token
}

async fn key_until(world: &World, n: i64) -> Idempotency {
    let key = Idempotency {
        key: token_hash(),
        request: token_hash(),
        now: at(0),
        expires_at: at(n),
    };
    let intent = SignUp {
        idempotency: Some(key.clone()),
        ..sign_up(&user())
    };
    assert_eq!(
        world.store().sign_up(intent).await.unwrap(),
        SignedUp::Created
    );
    key
}

pub(super) async fn what_is_over_goes_and_what_lives_stays(world: &World) {
    let user = world.signed_up().await;
    let live = world.logged_in_as(session_from(&user, 5_000)).await;
    let idled_out = world.logged_in_as(session_from(&user, 0)).await;
    let aged = {
        let mut session = session_from(&user, 0);
        session.expires_at = at(1_000);
        world.logged_in_as(session).await
    };
    let ended = world.logged_in_as(session_from(&user, 60)).await;
    let _ = world.store().end_session(ending(&ended)).await.unwrap();
    // Over, but only since the very moment.
    let just_over = world.logged_in_as(session_from(&user, 1_400)).await;
    let dead_token = token_until(world, &user, 4_999).await;
    let edge_token = token_until(world, &user, 5_000).await;
    let live_token = token_until(world, &user, 6_000).await;
    key_until(world, 4_999).await;
    let live_key = key_until(world, 6_000).await;
    let before = world.logged().await;

    let intent = prune(at(5_000), None);
    let event = intent.event.clone();
    let pruned = world.store().prune(intent).await.unwrap();
    let expected = Pruned {
        sessions: 3,
        personal_tokens: 1,
        idempotency_keys: 1,
        audit_events: 0,
    };
    assert_eq!(pruned, expected);
    for session in [idled_out, aged, ended] {
        assert!(world.other().session(session.id).await.unwrap().is_none());
    }
    assert_eq!(world.session(live.id).await, live);
    assert_eq!(world.session(just_over.id).await, just_over);
    assert!(
        world
            .other()
            .personal_token(dead_token.id)
            .await
            .unwrap()
            .is_none()
    );
    for token in [edge_token, live_token] {
        let stored = world
            .other()
            .personal_token(token.id)
            .await
            .unwrap()
            .unwrap()
            .0;
        assert_eq!(stored, token);
    }
    let again = SignUp {
        idempotency: Some(live_key),
        ..sign_up(&super::samples::user())
    };
    let repeated = world.other().sign_up(again).await.unwrap();
    assert!(matches!(repeated, SignedUp::Repeated(_)), "{repeated:?}");
    assert_eq!(world.account(user.id).await.user, user);
    world.assert_logged(&before, &[&event]).await;
}

pub(super) async fn a_prune_that_finds_nothing_leaves_no_line(world: &World) {
    let user = world.signed_up().await;
    world.logged_in(&user).await;
    let before = world.logged().await;
    let pruned = world
        .store()
        .prune(prune(at(60), Some(at(-60))))
        .await
        .unwrap();
    assert_eq!(pruned, Pruned::default());
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn a_prune_takes_no_more_of_each_than_its_limit(world: &World) {
    let user = world.signed_up().await;
    for n in 0..7 {
        world.logged_in_as(session_from(&user, n)).await;
        token_until(world, &user, 100 + n).await;
        key_until(world, 100 + n).await;
    }
    let logged = world.logged().await.len();
    let intent = || Prune {
        limit: 3,
        ..prune(at(100_000), Some(at(100_000)))
    };
    let mut total = Pruned::default();
    for n in [3, 3, 1] {
        let pruned = world.store().prune(intent()).await.unwrap();
        assert_eq!(
            (
                pruned.sessions,
                pruned.personal_tokens,
                pruned.idempotency_keys
            ),
            (n, n, n)
        );
        assert_eq!(pruned.audit_events, 3);
        total.audit_events += pruned.audit_events;
    }
    while total.audit_events < u64::try_from(logged).unwrap() {
        let pruned = world.store().prune(intent()).await.unwrap();
        assert!((1..=3).contains(&pruned.audit_events), "{pruned:?}");
        total.audit_events += pruned.audit_events;
    }
    // The lines of the prunes themselves are younger, and stay.
    assert!(
        world
            .log()
            .await
            .iter()
            .all(|event| event.action == Action::Pruned)
    );
    assert_eq!(
        world.store().prune(intent()).await.unwrap(),
        Pruned::default()
    );
}

pub(super) async fn old_events_go_and_younger_ones_stay(world: &World) {
    let mut events: Vec<AuditEvent> = Vec::new();
    for n in 0..10 {
        let event = event_at(Action::LoginRefused, at(n));
        world.store().record(event.clone()).await.unwrap();
        events.push(event);
    }
    let pruned = world.store().prune(prune(at(-1), None)).await.unwrap();
    assert_eq!(
        pruned,
        Pruned::default(),
        "without a moment the log is kept"
    );

    let intent = prune(at(-1), Some(at(4)));
    let event = intent.event.clone();
    let pruned = world.store().prune(intent).await.unwrap();
    assert_eq!(
        pruned,
        Pruned {
            audit_events: 4,
            ..Pruned::default()
        }
    );
    let mut expected = events.split_off(4);
    expected.push(event);
    assert_eq!(world.log().await, expected);
}
