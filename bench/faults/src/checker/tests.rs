//! The check itself is put to the test: a history in order, and then the same with one thing wrong.

mod story;

use countersign_domain::audit::Action;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::time::Timestamp;

use super::{Rules, check};
use crate::history::{Answer, Outcome, Seen, What};
use crate::marks;
use crate::workload::maker;
use story::{
    CUT_OFF, END, PASSWORD, PROFILE, READ, REFUSED, REVOCATION, ROTATION, Story, TURN, USER, mark,
    rotate, session, sign_up, story, user,
};

#[test]
fn a_history_in_order_has_no_violation() {
    assert_eq!(story().broken(), [""; 0]);
}

#[test]
fn an_acknowledged_write_that_is_gone_is_found_unless_it_may_be_lost() {
    let mut story = story();
    story.forget(PROFILE);
    let rule = "an acknowledged write is in the log";
    assert!(story.broken().contains(&rule));

    let may_lose = Rules { may_lose: true };
    let owner = &mut story.state.users.get_mut(&user()).unwrap().0;
    (owner.version, owner.display_name) = (1, None);
    let found = check(&story.operations, &story.state, may_lose);
    assert_eq!((found.lost, found.violations), (1, Vec::new()));
}

type Breakage = (&'static str, fn(&mut Story));

/// Each thing that may go wrong, and the rule that must notice.
const BREAKAGES: &[Breakage] = &[
    ("an event is in the log once", |story| {
        let again = story.state.events[USER].clone();
        story.state.events.push(again);
    }),
    ("an event was asked for", |story| {
        let now = story.now();
        let event = maker::event(&mut story.random, now, Action::LoggedIn, None, None);
        story.state.events.push(event);
    }),
    ("an event is as it was asked for", |story| {
        story.state.events[ROTATION].user_id = None;
    }),
    ("a refused write left no event", |story| {
        story.remember(REFUSED, Action::Refreshed, Some(session(1)));
    }),
    ("a refresh token is spent once", |story| {
        story.add(rotate(1, 1, 5), None, Some(Action::Refreshed));
    }),
    (
        "a rotation spends the token that the one before made",
        |story| {
            story.add(rotate(2, 66, 67), None, Some(Action::Refreshed));
        },
    ),
    ("a rotation is whole or absent", |story| {
        let stored = story.state.sessions.get_mut(&session(1)).unwrap();
        stored.refresh.current = marks::hash(mark(80));
    }),
    ("a rotation is whole or absent", |story| {
        story.add(rotate(2, 2, 3), None, Some(Action::Refreshed));
    }),
    ("a sign-up is whole or absent", |story| {
        story.remember(CUT_OFF, Action::SignedUp, None);
    }),
    ("a sign-up is whole or absent", |story| {
        let nobody = *UserId::from_parts(Timestamp::from_millis(9), [9; 10]).as_uuid();
        let mut half = story.state.users[&user()].clone();
        half.0.id = UserId::from_uuid(nobody);
        story.state.users.insert(nobody, half);
    }),
    ("a sign-up is whole or absent", |story| {
        story.state.sessions.remove(&session(1));
    }),
    ("a sign-up is whole or absent", |story| {
        story.state.idempotency.clear();
    }),
    ("an idempotency key makes one user", |story| {
        let other = *UserId::from_parts(Timestamp::from_millis(8), [8; 10]).as_uuid();
        let again = sign_up(other, "c@example.com", None);
        story.add(again, None, Some(Action::SignedUp));
    }),
    ("a name is one user's", |story| {
        let mut other = story.state.users[&user()].clone();
        other.0.id = UserId::from_parts(Timestamp::from_millis(8), [8; 10]);
        story.state.users.insert(*other.0.id.as_uuid(), other);
    }),
    ("there is always a working admin", |story| {
        let owner = &mut story.state.users.get_mut(&user()).unwrap().0;
        owner.roles.clear();
    }),
    ("a deletion is whole or absent", |story| {
        let deletion = What::DeleteUser { user: user() };
        story.add(deletion, None, Some(Action::UserDeleted));
    }),
    ("a change of password is whole or absent", |story| {
        let owner = story.state.users.get_mut(&user()).unwrap();
        owner.1 = Some(marks::password(mark(100)));
    }),
    ("a password is replaced once", |story| {
        let mut again = story.operations[PASSWORD].invoked.what.clone();
        if let What::ChangePassword { new, .. } = &mut again {
            *new = mark(104);
        }
        story.add(again, None, Some(Action::PasswordChanged));
    }),
    ("a password that was replaced opens nothing", |story| {
        let late = What::OpenSession {
            user: user(),
            session: session(4),
            hash: mark(90),
            proved: Some(mark(100)),
            rehash: None,
        };
        story.add(late, None, Some(Action::LoggedIn));
    }),
    ("the version of a user counts the changes", |story| {
        story.state.users.get_mut(&user()).unwrap().0.version = 3;
    }),
    ("a version of a user is made once", |story| {
        let again = story.operations[PROFILE].invoked.what.clone();
        story.add(again, None, Some(Action::ProfileUpdated));
    }),
    ("a change of a user is whole or absent", |story| {
        story.state.users.get_mut(&user()).unwrap().0.display_name = None;
    }),
    ("a login is whole or absent", |story| {
        story.state.sessions.remove(&session(2));
    }),
    ("a session was asked for", |story| {
        let mut stray = story.state.sessions[&session(2)].clone();
        stray.id = SessionId::from_uuid(session(7));
        story.state.sessions.insert(session(7), stray);
    }),
    ("an end of a session is whole or absent", |story| {
        story.state.sessions.get_mut(&session(2)).unwrap().ended = None;
    }),
    ("an end of a session is whole or absent", |story| {
        story.operations[END].completed = None;
        story.forget(END);
    }),
    ("ending all sessions ends each", |story| {
        if let What::ChangePassword { keep, .. } = &mut story.operations[PASSWORD].invoked.what {
            *keep = None;
        }
    }),
    ("as many sessions ended as was told", |story| {
        if let Some(completed) = &mut story.operations[PASSWORD].completed {
            completed.outcome = Outcome::Done(Answer {
                count: Some(1),
                ..Answer::default()
            });
        }
    }),
    ("a session that ended gives no token", |story| {
        let what = What::Rotate {
            session: session(2),
            generation: 0,
            presented: mark(50),
            successor: mark(51),
            reuse_event: mark(52),
        };
        story.add(what, None, Some(Action::Refreshed));
    }),
    ("a personal access token is whole or absent", |story| {
        story.state.tokens.clear();
    }),
    ("a revocation is whole or absent", |story| {
        story.operations[REVOCATION].completed = None;
        story.forget(REVOCATION);
    }),
    ("a change of keys is whole or absent", |story| {
        story.state.keys.keys.clear();
    }),
    ("the version of the keys counts the changes", |story| {
        story.state.keys.version = 2;
    }),
    ("a turn at a task is given once", |story| {
        let again = story.operations[TURN].invoked.what.clone();
        if let What::ClaimTask { every, .. } = &again {
            assert!(*every < 500);
        }
        story.add(again, Some(Outcome::Done(Answer::default())), None);
        let late = story.operations.len() - 1;
        story.operations[late].invoked.now = story.operations[TURN].invoked.now + 299;
    }),
    ("a read shows what was written", |story| {
        if let Some(completed) = &mut story.operations[READ].completed
            && let Outcome::Done(answer) = &mut completed.outcome
        {
            answer.seen[0].hash = mark(80);
        }
    }),
    ("a read shows no session that ended", |story| {
        if let Some(completed) = &mut story.operations[READ].completed
            && let Outcome::Done(answer) = &mut completed.outcome
        {
            answer.seen.push(Seen {
                id: session(2),
                generation: 0,
                hash: mark(50),
            });
        }
    }),
    ("a read shows each session that is open", |story| {
        if let Some(completed) = &mut story.operations[READ].completed {
            completed.outcome = Outcome::Done(Answer::default());
        }
    }),
    (
        "a repeated refresh gives the token of the first one",
        |story| {
            let answer = Answer {
                nonce: Some(mark(80)),
                ..Answer::default()
            };
            let again = Some(Outcome::Repeated(answer));
            story.add(rotate(1, 1, 6), again, None);
        },
    ),
    ("no read goes back in time", |story| {
        let old = Answer {
            version: Some(1),
            ..Answer::default()
        };
        let read = What::ReadAccount { user: user() };
        story.add(read, Some(Outcome::Done(old)), None);
    }),
    ("no answer is nonsense", |story| {
        let nonsense = Some(Outcome::Broken("a column".to_owned()));
        story.add(What::Record, nonsense, None);
    }),
];

#[test]
fn each_seeded_violation_is_found() {
    for (number, (rule, seed)) in BREAKAGES.iter().enumerate() {
        let mut story = story();
        seed(&mut story);
        let broken = story.broken();
        assert!(broken.contains(rule), "{number}, {rule}: found {broken:?}");
    }
}
