//! Listing and ending sessions.

use countersign_domain::audit::Action;
use countersign_domain::session::EndReason;

use super::race::{count, race};
use super::samples::{at, ending, event, opening, session, session_from};
use super::world::World;
use crate::ports::store::{EndSession, EndSessions, SessionEnded, SessionOpened};

pub(super) async fn the_live_sessions_of_a_user_come_newest_first(world: &World) {
    let user = world.signed_up().await;
    let stranger = world.signed_up().await;
    world.logged_in(&stranger).await;
    let second = world.logged_in_as(session_from(&user, 10)).await;
    let first = world.logged_in_as(session_from(&user, 0)).await;
    let third = world.logged_in_as(session_from(&user, 20)).await;
    let ended = world.logged_in_as(session_from(&user, 30)).await;
    let _ = world.store().end_session(ending(&ended)).await.unwrap();
    let aged = {
        let mut session = session_from(&user, 40);
        session.expires_at = at(100);
        world.logged_in_as(session).await
    };
    let live = async |second| {
        world
            .other()
            .live_sessions(user.id, at(second))
            .await
            .unwrap()
    };
    let all = [aged, third.clone(), second.clone(), first];
    assert_eq!(live(60).await, all);
    assert_eq!(live(100).await, all[1..], "at its age a session is over");
    assert_eq!(
        live(3_600).await,
        [third, second],
        "when it has idled out a session is over"
    );
    assert_eq!(live(100_000).await, []);
}

pub(super) async fn a_session_ends_once_and_by_its_user_alone(world: &World) {
    let user = world.signed_up().await;
    let stranger = world.signed_up().await;
    let session = world.logged_in(&user).await;
    let expired = world.logged_in_as(session_from(&user, -7_200)).await;
    let before = world.logged().await;

    for intent in [
        EndSession {
            user_id: stranger.id,
            ..ending(&session)
        },
        EndSession {
            session_id: session_from(&user, 0).id,
            ..ending(&session)
        },
        ending(&expired),
    ] {
        let ended = world.store().end_session(intent).await.unwrap();
        assert_eq!(ended, SessionEnded::NotFound);
    }
    assert_eq!(world.session(session.id).await, session);
    // It was none to end any more, and is ended for instances whose clock says otherwise.
    let reason = world.session(expired.id).await.ended.map(|end| end.reason);
    assert_eq!(reason, Some(EndReason::LoggedOut));

    let intent = EndSession {
        reason: EndReason::Revoked,
        ..ending(&session)
    };
    let event = intent.event.clone();
    assert_eq!(
        world.store().end_session(intent).await.unwrap(),
        SessionEnded::Ended
    );
    let again = world.other().end_session(ending(&session)).await.unwrap();
    assert_eq!(again, SessionEnded::NotFound);
    let ended = world.session(session.id).await.ended.unwrap();
    assert_eq!((ended.at, ended.reason), (at(60), EndReason::Revoked));
    world.assert_logged(&before, &[&event]).await;
}

pub(super) async fn of_fifty_calls_to_end_a_session_one_ends_it(world: &World) {
    let user = world.signed_up().await;
    let session = world.logged_in(&user).await;
    let before = world.logged().await;
    let answers = race(world, 50, |_, store| {
        let intent = ending(&session);
        async move {
            (
                intent.event.clone(),
                store.end_session(intent).await.unwrap(),
            )
        }
    })
    .await;
    assert_eq!(count(&answers, |a| a.1 == SessionEnded::Ended), 1);
    let (event, _) = answers.iter().find(|a| a.1 == SessionEnded::Ended).unwrap();
    world.assert_logged(&before, &[event]).await;
}

pub(super) async fn all_sessions_end_but_the_one_to_keep(world: &World) {
    let user = world.signed_up().await;
    let stranger = world.signed_up().await;
    let kept = world.logged_in(&user).await;
    let others = [world.logged_in(&user).await, world.logged_in(&user).await];
    let strangers = world.logged_in(&stranger).await;
    let before = world.logged().await;
    let all_but = |keep| EndSessions {
        user_id: user.id,
        keep,
        reason: EndReason::Revoked,
        now: at(60),
        event: event(Action::SessionsEnded),
    };

    let first = all_but(Some(kept.id));
    let first_event = first.event.clone();
    assert_eq!(world.store().end_sessions(first).await.unwrap(), 2);
    for session in others {
        let ended = world.session(session.id).await.ended.unwrap();
        assert_eq!((ended.at, ended.reason), (at(60), EndReason::Revoked));
    }
    assert_eq!(
        world
            .store()
            .end_sessions(all_but(Some(kept.id)))
            .await
            .unwrap(),
        0
    );
    assert_eq!(world.session(kept.id).await, kept);

    let last = all_but(None);
    let last_event = last.event.clone();
    assert_eq!(world.other().end_sessions(last).await.unwrap(), 1);
    assert_eq!(world.session(strangers.id).await, strangers);
    // The call that ended nothing left no line.
    world
        .assert_logged(&before, &[&first_event, &last_event])
        .await;
}

/// A login may come in between any two commands of a call that finds nothing to end.
pub(super) async fn as_many_sessions_end_as_the_calls_that_end_them_tell(world: &World) {
    let user = world.signed_up().await;
    let sessions: Vec<_> = (0..30).map(|_| session(&user)).collect();
    let told = race(world, 60, |n, store| {
        let opened = sessions[n / 2].clone();
        let intent = EndSessions {
            user_id: opened.user_id,
            keep: None,
            reason: EndReason::Revoked,
            now: at(60),
            event: event(Action::SessionsEnded),
        };
        async move {
            if n % 2 == 0 {
                let opened = store.open_session(opening(&opened, 1000)).await.unwrap();
                assert!(matches!(opened, SessionOpened::Opened { .. }), "{opened:?}");
                return 0;
            }
            store.end_sessions(intent).await.unwrap()
        }
    })
    .await;
    let mut ended = 0;
    for session in sessions {
        ended += u64::from(world.session(session.id).await.ended.is_some());
    }
    assert_eq!(told.iter().sum::<u64>(), ended);
}
