//! How often the busiest use cases wait for the database. Counted by the store itself, after one
//! call of each kind has made the connections and whatever else is made once.

use std::sync::Arc;

use countersign_domain::audit::Action;
use countersign_domain::names::Identifier;
use countersign_domain::session::Session;
use countersign_domain::user::User;

use super::samples::{current, event, hash, rotation, session, sign_up, user};
use super::world::World;
use crate::ports::Store;
use crate::ports::store::{OpenSession, Rotated, SessionOpened, SignUp, SignedUp};

async fn spent<T>(store: &dyn Store, call: impl Future<Output = T>) -> (u64, T) {
    let before = store.activity().round_trips;
    let answer = call.await;
    (store.activity().round_trips - before, answer)
}

async fn log_in(store: &dyn Store, user: &User) -> Session {
    let identifier: Identifier = user.email.as_ref().unwrap().as_str().parse().unwrap();
    let record = store.login_record(&identifier).await.unwrap().unwrap();
    let session = session(user);
    let intent = OpenSession {
        session: session.clone(),
        proved: record.password,
        rehash: None,
        max_sessions: 100,
        event: event(Action::LoggedIn),
    };
    let opened = store.open_session(intent).await.unwrap();
    assert!(matches!(opened, SessionOpened::Opened { .. }), "{opened:?}");
    session
}

async fn refresh(store: &dyn Store, session: &Session, second: i64) -> Session {
    let intent = rotation(session, current(session), second);
    match store.rotate(intent).await.unwrap() {
        Rotated::Rotated(session, _) => session,
        other => panic!("{other:?}"),
    }
}

/// A user with a role, so that the roles count, too.
async fn member(world: &World) -> User {
    world.role("editor", "posts:write").await;
    let mut user = user();
    user.roles.insert("editor".parse().unwrap());
    world.signed_up_as(user).await
}

pub(super) async fn a_call_with_a_token_costs_one_round_trip(world: &World) {
    let user = member(world).await;
    let session = world.logged_in(&user).await;
    let store: Arc<dyn Store> = world.instance(1);
    let read = || store.session_of(user.id, session.id);
    read().await.unwrap().unwrap();
    let (trips, found) = spent(&*store, read()).await;
    let (found, account) = found.unwrap().unwrap();
    assert_eq!((found, account.user), (session.clone(), user.clone()));
    assert!(trips > 0, "the store does not count");
    assert!(trips <= world.budget().check, "{trips} round trips");

    // The session of another user is none.
    let stranger = world.signed_up().await;
    let found = store.session_of(stranger.id, session.id).await.unwrap();
    assert!(found.is_none());
}

pub(super) async fn a_login_costs_three_round_trips_at_most(world: &World) {
    let user = member(world).await;
    let store = world.instance(0);
    log_in(&*store, &user).await;
    let (trips, _) = spent(&*store, log_in(&*store, &user)).await;
    assert!(trips > 0, "the store does not count");
    assert!(trips <= world.budget().login, "{trips} round trips");
}

pub(super) async fn a_refresh_costs_one_round_trip(world: &World) {
    let user = member(world).await;
    let store = world.instance(0);
    let session = log_in(&*store, &user).await;
    let session = refresh(&*store, &session, 60).await;
    let (trips, _) = spent(&*store, refresh(&*store, &session, 120)).await;
    assert!(trips > 0, "the store does not count");
    assert!(trips <= world.budget().refresh, "{trips} round trips");
}

pub(super) async fn a_sign_up_costs_two_round_trips_at_most(world: &World) {
    let store = world.instance(0);
    for warm in [false, true] {
        let user = user();
        let intent = SignUp {
            password: Some(hash("first")),
            session: Some(session(&user)),
            ..sign_up(&user)
        };
        let (trips, answer) = spent(&*store, store.sign_up(intent)).await;
        assert_eq!(answer.unwrap(), SignedUp::Created);
        if warm {
            assert!(trips > 0, "the store does not count");
            assert!(trips <= world.budget().sign_up, "{trips} round trips");
        }
    }
}
