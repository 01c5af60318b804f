//! A history in order, and what a store holds after it: what the tests then break.

use countersign_app::ports::store_admin::IdempotencyRecord;
use countersign_domain::audit::{Action, Actor};
use countersign_domain::id::{PersonalTokenId, SessionId, UserId};
use countersign_domain::keys::{KeyPurpose, KeyRecord};
use countersign_domain::names::Label;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::session::{EndReason, Ended};
use countersign_domain::time::Timestamp;
use countersign_token::Scopes;
use uuid::Uuid;

use super::super::{FinalState, Rules, check};
use crate::history::{Answer, Completion, Invocation, Operation, Outcome, Seen, What};
use crate::marks;
use crate::random::Random;
use crate::workload::maker;

pub(super) const USER: usize = 0;
pub(super) const ROTATION: usize = 2;
pub(super) const END: usize = 4;
pub(super) const PASSWORD: usize = 5;
pub(super) const PROFILE: usize = 6;
pub(super) const REVOCATION: usize = 8;
pub(super) const TURN: usize = 10;
pub(super) const CUT_OFF: usize = 11;
pub(super) const REFUSED: usize = 12;
pub(super) const READ: usize = 13;

/// A history, and what a store holds after it.
pub(super) struct Story {
    pub operations: Vec<Operation>,
    pub state: FinalState,
    pub random: Random,
}

pub(super) fn mark(number: u64) -> Uuid {
    Uuid::from_u64_pair(7, number)
}

pub(super) fn user() -> Uuid {
    *UserId::from_parts(Timestamp::from_millis(1), [1; 10]).as_uuid()
}

pub(super) fn session(number: u8) -> Uuid {
    *SessionId::from_parts(Timestamp::from_millis(1), [number; 10]).as_uuid()
}

pub(super) fn sign_up(user: Uuid, email: &str, session: Option<(Uuid, Uuid)>) -> What {
    What::SignUp {
        user,
        email: email.to_owned(),
        username: None,
        admin: true,
        password: mark(100),
        session,
        key: Some(mark(101)),
    }
}

pub(super) fn rotate(generation: u32, presented: u64, successor: u64) -> What {
    What::Rotate {
        session: session(1),
        generation,
        presented: mark(presented),
        successor: mark(successor),
        reuse_event: mark(9_000 + successor),
    }
}

impl Story {
    /// The next moment: operations follow one another.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_000 + i64::try_from(self.operations.len()).unwrap() * 100)
    }

    /// Something was asked and answered; `action` is that of its event, if it was carried out.
    pub fn add(&mut self, what: What, outcome: Option<Outcome>, action: Option<Action>) {
        let now = self.now();
        let (whose, which) = match &what {
            What::SignUp { user, .. }
            | What::ChangePassword { user, .. }
            | What::UpdateProfile { user, .. }
            | What::CreateToken { user, .. }
            | What::RevokeToken { user, .. } => (Some(*user), None),
            What::OpenSession { user, session, .. } | What::EndSession { user, session } => {
                (Some(*user), Some(*session))
            }
            What::Rotate { session, .. } => (Some(user()), Some(*session)),
            _ => (None, None),
        };
        let kind = action.unwrap_or(Action::Pruned);
        let mut event = maker::event(&mut self.random, now, kind, whose, which);
        event.actor = Actor::System;
        let at = u64::try_from(now.as_millis()).unwrap();
        let operation = u64::try_from(self.operations.len()).unwrap();
        let is_read = matches!(
            what,
            What::ClaimTask { .. } | What::ReadSessions { .. } | What::ReadAccount { .. }
        );
        self.operations.push(Operation {
            invoked: Invocation {
                operation,
                process: 1,
                worker: 0,
                at,
                event: (!is_read).then(|| *event.id.as_uuid()),
                now: now.as_millis(),
                what,
            },
            completed: outcome.map(|outcome| Completion {
                operation,
                at: at + 50,
                outcome,
            }),
        });
        if action.is_some() {
            self.state.events.push(event);
        }
    }

    pub fn done(&mut self, what: What, action: Action) {
        self.add(what, Some(Outcome::Done(Answer::default())), Some(action));
    }

    /// Takes the event of an operation out of the log.
    pub fn forget(&mut self, operation: usize) {
        let event = self.operations[operation].invoked.event.unwrap();
        self.state.events.retain(|e| *e.id.as_uuid() != event);
    }

    /// Puts an event into the log for an operation that has none there.
    pub fn remember(&mut self, operation: usize, action: Action, session: Option<Uuid>) {
        let invoked = &self.operations[operation].invoked;
        let now = Timestamp::from_millis(invoked.now);
        let mut event = maker::event(&mut self.random, now, action, Some(user()), session);
        event.id = countersign_domain::id::EventId::from_uuid(invoked.event.unwrap());
        self.state.events.push(event);
    }

    /// The rules that are broken.
    pub fn broken(&self) -> Vec<&'static str> {
        let found = check(&self.operations, &self.state, Rules::default());
        let mut rules: Vec<_> = found.violations.iter().map(|v| v.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

/// A history in order.
#[expect(
    clippy::too_many_lines,
    reason = "it is one list of what happened, in its order"
)]
pub(super) fn story() -> Story {
    let mut story = Story {
        operations: Vec::new(),
        state: FinalState::default(),
        random: Random::new(5),
    };
    let mut random = Random::new(6);
    let mut owner = maker::user(&mut random, story.now(), "a@example.com", None, true);
    owner.id = UserId::from_uuid(user());
    let mut first = maker::session(&mut random, story.now(), user(), mark(0));
    first.id = SessionId::from_uuid(session(1));
    story.done(
        sign_up(user(), "a@example.com", Some((session(1), mark(0)))),
        Action::SignedUp,
    );
    for (generation, next) in [(0, 1), (1, 2)] {
        let answer = Answer {
            seen: vec![Seen {
                id: session(1),
                generation: generation + 1,
                hash: mark(next),
            }],
            ..Answer::default()
        };
        story.add(
            rotate(generation, next - 1, next),
            Some(Outcome::Done(answer)),
            Some(Action::Refreshed),
        );
    }
    first.refresh.generation = 2;
    first.refresh.current = marks::hash(mark(2));
    first.refresh.previous = Some(marks::hash(mark(1)));
    first.refresh.nonce = marks::bytes(mark(2));
    first.refresh.rotated_at = Timestamp::from_millis(story.operations[ROTATION].invoked.now);
    first.last_seen_at = first.refresh.rotated_at;

    let mut second = maker::session(&mut random, story.now(), user(), mark(50));
    second.id = SessionId::from_uuid(session(2));
    let opened = What::OpenSession {
        user: user(),
        session: session(2),
        hash: mark(50),
        proved: Some(mark(100)),
        rehash: None,
    };
    story.done(opened, Action::LoggedIn);
    second.ended = Some(Ended {
        at: story.now(),
        reason: EndReason::LoggedOut,
    });
    let ended = What::EndSession {
        user: user(),
        session: session(2),
    };
    story.done(ended, Action::SessionEnded);
    let changed = What::ChangePassword {
        user: user(),
        expected: mark(100),
        new: mark(102),
        keep: Some(session(1)),
        revoke_tokens: false,
    };
    story.done(changed, Action::PasswordChanged);
    let updated = What::UpdateProfile {
        user: user(),
        display_name: "Ada".to_owned(),
        username: None,
        email: None,
        expected: Some(1),
    };
    let answer = Answer {
        version: Some(2),
        ..Answer::default()
    };
    story.add(
        updated,
        Some(Outcome::Done(answer)),
        Some(Action::ProfileUpdated),
    );
    owner.display_name = Some("Ada".parse().unwrap());
    owner.version = 2;

    let token = *PersonalTokenId::from_parts(story.now(), [3; 10]).as_uuid();
    let created = What::CreateToken {
        user: user(),
        token,
        hash: mark(60),
    };
    story.done(created, Action::PersonalTokenCreated);
    let stored = PersonalToken {
        id: PersonalTokenId::from_uuid(token),
        user_id: UserId::from_uuid(user()),
        name: Label::from_stored("deploy"),
        scopes: Scopes::default(),
        hash: marks::hash(mark(60)),
        created_at: Timestamp::from_millis(1),
        expires_at: Timestamp::from_millis(i64::MAX),
        last_used_at: None,
        revoked_at: Some(story.now()),
    };
    let revoked = What::RevokeToken {
        user: user(),
        token,
    };
    story.done(revoked, Action::PersonalTokenRevoked);
    let keys = What::ChangeKeys {
        expected: 0,
        add: "key-1".to_owned(),
        remove: None,
    };
    story.done(keys, Action::KeysChanged);
    let turn = What::ClaimTask {
        task: "tidy".to_owned(),
        every: 300,
    };
    story.add(turn, Some(Outcome::Done(Answer::default())), None);
    let nobody = *UserId::from_parts(Timestamp::from_millis(9), [9; 10]).as_uuid();
    let cut_off = What::SignUp {
        user: nobody,
        email: "b@example.com".to_owned(),
        username: None,
        admin: false,
        password: mark(103),
        session: Some((session(9), mark(70))),
        key: None,
    };
    story.add(cut_off, None, None);
    story.add(
        rotate(0, 0, 80),
        Some(Outcome::Refused("ended".to_owned())),
        None,
    );
    let seen = Answer {
        seen: vec![Seen {
            id: session(1),
            generation: 2,
            hash: mark(2),
        }],
        ..Answer::default()
    };
    let read = What::ReadSessions { user: user() };
    story.add(read, Some(Outcome::Done(seen)), None);

    let state = &mut story.state;
    state
        .users
        .insert(user(), (owner, Some(marks::password(mark(102)))));
    state.sessions.insert(session(1), first);
    state.sessions.insert(session(2), second);
    state.tokens.insert(token, stored);
    state.idempotency.push(IdempotencyRecord {
        key: marks::hash(mark(101)),
        request: marks::hash(mark(101)),
        user_id: UserId::from_uuid(user()),
        expires_at: Timestamp::from_millis(i64::MAX),
    });
    state.keys.version = 1;
    state.keys.keys.push(KeyRecord {
        id: "key-1".parse().unwrap(),
        purpose: KeyPurpose::MarkRefresh,
        sealed: Vec::new(),
        public: None,
        created_at: Timestamp::from_millis(1),
        active_from: Timestamp::from_millis(1),
        retired_at: None,
        dead_from: None,
    });
    story
}
