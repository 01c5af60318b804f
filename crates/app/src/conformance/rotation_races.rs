//! Spending refresh tokens, all at once.

use countersign_domain::gate::Refusal;

use super::race::{count, race};
use super::samples::{at, current, ending, rotation};
use super::world::World;
use crate::ports::store::{Rotated, SessionEnded};

pub(super) async fn of_fifty_refreshes_with_one_token_one_rotates(world: &World) {
    let user = world.signed_up().await;
    let session = world.logged_in(&user).await;
    let before = world.logged().await;
    let answers = race(world, 50, |_, store| {
        let intent = rotation(&session, current(&session), 60);
        async move {
            (
                intent.successor,
                intent.nonce,
                intent.event.clone(),
                store.rotate(intent).await.unwrap(),
            )
        }
    })
    .await;
    assert_eq!(count(&answers, |a| matches!(a.3, Rotated::Rotated(..))), 1);
    assert_eq!(
        count(&answers, |a| matches!(a.3, Rotated::Retried { .. })),
        49
    );
    let won = answers
        .iter()
        .position(|a| matches!(a.3, Rotated::Rotated(..)))
        .unwrap();
    let (successor, nonce, event, _) = &answers[won];
    let stored = world.session(session.id).await;
    assert_eq!(stored.refresh.generation, 1);
    assert_eq!(
        (stored.refresh.current, stored.refresh.nonce),
        (*successor, *nonce)
    );
    for answer in &answers {
        match &answer.3 {
            Rotated::Rotated(session, _) => assert_eq!(*session, stored),
            Rotated::Retried {
                nonce: told,
                session,
                ..
            } => {
                assert_eq!((told, session), (nonce, &stored));
            }
            other => panic!("{other:?}"),
        }
    }
    world.assert_logged(&before, &[event]).await;
}

pub(super) async fn fifty_replays_of_one_token_end_the_session_once(world: &World) {
    let user = world.signed_up().await;
    let session = world.logged_in(&user).await;
    let answer = world
        .store()
        .rotate(rotation(&session, current(&session), 60))
        .await
        .unwrap();
    assert!(matches!(answer, Rotated::Rotated(..)), "{answer:?}");
    let before = world.logged().await;
    let answers = race(world, 50, |_, store| {
        let intent = rotation(&session, current(&session), 120);
        async move {
            (
                intent.reuse_event.clone(),
                store.rotate(intent).await.unwrap(),
            )
        }
    })
    .await;
    let reused = |a: &(_, Rotated)| matches!(a.1, Rotated::Reused { .. });
    assert_eq!(count(&answers, reused), 1);
    let refused = |a: &(_, Rotated)| matches!(a.1, Rotated::Refused(Refusal::SessionEnded));
    assert_eq!(count(&answers, refused), 49);
    let (event, _) = answers.iter().find(|a| reused(a)).unwrap();
    world.assert_logged(&before, &[event]).await;
}

pub(super) async fn a_refresh_beside_a_log_out_leaves_the_session_ended(world: &World) {
    let user = world.signed_up().await;
    let mut sessions = Vec::new();
    for _ in 0..25 {
        sessions.push(world.logged_in(&user).await);
    }
    let before = world.logged().await;
    let answers = race(world, 50, |n, store| {
        let session = &sessions[n / 2];
        let (rotating, ending) = (rotation(session, current(session), 60), ending(session));
        async move {
            if n % 2 == 0 {
                Some(store.rotate(rotating).await.unwrap())
            } else {
                assert_eq!(
                    store.end_session(ending).await.unwrap(),
                    SessionEnded::Ended
                );
                None
            }
        }
    })
    .await;
    let mut rotations = 0;
    for (n, session) in sessions.iter().enumerate() {
        let token = match answers[n * 2].as_ref().unwrap() {
            Rotated::Rotated(rotated, _) => {
                rotations += 1;
                current(rotated)
            }
            Rotated::Refused(Refusal::SessionEnded) => current(session),
            other => panic!("{other:?}"),
        };
        assert!(world.session(session.id).await.ended.is_some());
        let answer = world
            .store()
            .rotate(rotation(session, token, 61))
            .await
            .unwrap();
        assert!(
            matches!(answer, Rotated::Refused(Refusal::SessionEnded)),
            "{answer:?}"
        );
    }
    assert_eq!(
        world.logged().await.len(),
        before.len() + sessions.len() + rotations
    );
    assert_eq!(
        world.other().live_sessions(user.id, at(61)).await.unwrap(),
        []
    );
}

pub(super) async fn refreshes_of_many_sessions_do_not_hinder_one_another(world: &World) {
    let mut sessions = Vec::new();
    for _ in 0..10 {
        let user = world.signed_up().await;
        for _ in 0..10 {
            sessions.push(world.logged_in(&user).await);
        }
    }
    let answers = race(world, 100, |n, store| {
        let intent = rotation(&sessions[n], current(&sessions[n]), 60);
        async move { store.rotate(intent).await.unwrap() }
    })
    .await;
    for (session, answer) in sessions.iter().zip(answers) {
        let Rotated::Rotated(rotated, _) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(world.session(session.id).await, rotated);
    }
}
