//! Logins, refreshes, and the ends of sessions.

use std::time::Duration;

use countersign_app::ports::store::{
    EndSession, EndSessions, OpenSession, RotateRefresh, Rotated, SessionEnded, SessionOpened,
};
use countersign_domain::audit::Action;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::refresh::Presented;
use countersign_domain::session::EndReason;
use uuid::Uuid;

use super::maker::{self, LONG};
use super::reads::{seen, version};
use super::{LIMIT, Worker, is_unknown};
use crate::clock::span;
use crate::history::{Answer, Outcome, What};
use crate::marks;

/// How often a refresh with an unknown outcome is tried again.
const TRIES: u32 = 6;

impl Worker {
    pub(super) async fn log_in(&mut self, user: Uuid) {
        let Some(record) = self.login(user).await else {
            return self.pause().await;
        };
        let proved = record.password;
        let (now, hash) = (self.now(), self.random.mark());
        let session = maker::session(&mut self.random, now, user, hash);
        let id = *session.id.as_uuid();
        let rehash = (proved.is_some() && self.random.percent(10)).then(|| self.random.mark());
        let event = maker::event(
            &mut self.random,
            now,
            Action::LoggedIn,
            Some(user),
            Some(id),
        );
        let what = What::OpenSession {
            user,
            session: id,
            hash,
            proved: proved.as_ref().map(marks::of_password),
            rehash,
        };
        let intent = OpenSession {
            session,
            proved,
            rehash: rehash.map(marks::password),
            max_sessions: LIMIT,
            event: event.clone(),
        };
        let call = self.store.open_session(intent);
        let (outcome, _) = self
            .call(Some(&event), now, what, call, |opened| match opened {
                SessionOpened::Opened { account, displaced } => Outcome::Done(Answer {
                    count: Some(*displaced),
                    ..version(account)
                }),
                SessionOpened::Refused(why) => Outcome::Refused(why.as_str().to_owned()),
                SessionOpened::Stale => Outcome::Refused("stale".to_owned()),
            })
            .await;
        if is_unknown(&outcome) {
            self.pause().await;
        }
    }

    /// Refreshes a session, once or a few times; now and then with a token that was spent.
    pub(super) async fn refresh(&mut self, user: Uuid) {
        let sessions = self.sessions(user).await;
        let Some(session) = self.random.pick(&sessions) else {
            return self.log_in(user).await;
        };
        let id = *session.id.as_uuid();
        let mut presented = (
            session.refresh.generation,
            marks::of_hash(&session.refresh.current),
        );
        match session.refresh.previous {
            // A client that did not get its answer.
            Some(previous) if self.random.percent(6) => {
                presented = (presented.0.saturating_sub(1), marks::of_hash(&previous));
            }
            // A thief.
            Some(_) if self.random.percent(2) => {
                presented = (presented.0.saturating_sub(1), self.random.mark());
            }
            _ => {}
        }
        for _ in 0..=self.random.below(4) {
            let Some(next) = self.rotate(id, presented).await else {
                break;
            };
            presented = next;
        }
    }

    /// Spends a refresh token, again and again while the outcome is unknown; gives the next token.
    pub(super) async fn rotate(
        &mut self,
        session: Uuid,
        (generation, presented): (u32, Uuid),
    ) -> Option<(u32, Uuid)> {
        for _ in 0..TRIES {
            let (outcome, successor) = self.rotate_once(session, generation, presented).await;
            match outcome {
                Outcome::Done(_) => return Some((generation.saturating_add(1), successor)),
                Outcome::Unknown(_) => self.pause().await,
                _ => return None,
            }
        }
        None
    }

    /// Spends a refresh token; gives the hash of the successor.
    pub async fn rotate_once(
        &mut self,
        session: Uuid,
        generation: u32,
        presented: Uuid,
    ) -> (Outcome, Uuid) {
        let (now, successor) = (self.now(), self.random.mark());
        let mut event = |action| maker::event(&mut self.random, now, action, None, Some(session));
        let (event, reuse_event) = (event(Action::Refreshed), event(Action::RefreshReused));
        let what = What::Rotate {
            session,
            generation,
            presented,
            successor,
            reuse_event: *reuse_event.id.as_uuid(),
        };
        let intent = RotateRefresh {
            session_id: SessionId::from_uuid(session),
            presented: Presented {
                generation,
                hash: marks::hash(presented),
            },
            successor: marks::hash(successor),
            nonce: marks::bytes(successor),
            retry_window: span(Duration::from_secs(10)),
            now,
            idle_expires_at: now.plus(LONG),
            event: event.clone(),
            reuse_event,
        };
        let call = self.store.rotate(intent);
        let (outcome, _) = self
            .call(Some(&event), now, what, call, |rotated| match rotated {
                Rotated::Rotated(session, account) => Outcome::Done(Answer {
                    seen: vec![seen(session)],
                    ..version(account)
                }),
                Rotated::Retried { nonce, session, .. } => Outcome::Repeated(Answer {
                    nonce: Some(marks::of_bytes(nonce)),
                    seen: vec![seen(session)],
                    ..Answer::default()
                }),
                Rotated::Reused { .. } => Outcome::Reused,
                Rotated::Refused(why) => Outcome::Refused(why.as_str().to_owned()),
                Rotated::Unknown => Outcome::Refused("unknown".to_owned()),
            })
            .await;
        (outcome, successor)
    }

    pub(super) async fn end_one_session(&mut self, user: Uuid) {
        let sessions = self.sessions(user).await;
        let Some(session) = self.random.pick(&sessions) else {
            return self.pause().await;
        };
        let (now, session_id) = (self.now(), session.id);
        let session = *session_id.as_uuid();
        let event = maker::event(
            &mut self.random,
            now,
            Action::SessionEnded,
            Some(user),
            Some(session),
        );
        let intent = EndSession {
            user_id: UserId::from_uuid(user),
            session_id,
            reason: EndReason::LoggedOut,
            now,
            event: event.clone(),
        };
        let what = What::EndSession { user, session };
        let call = self.store.end_session(intent);
        self.call(Some(&event), now, what, call, |ended| match ended {
            SessionEnded::Ended => Outcome::Done(Answer::default()),
            SessionEnded::NotFound => Outcome::Refused("not found".to_owned()),
        })
        .await;
    }

    pub(super) async fn end_all_sessions(&mut self, user: Uuid) {
        let sessions = self.sessions(user).await;
        let kept = self.random.pick(&sessions).map(|session| session.id);
        let keep = kept.filter(|_| self.random.percent(50));
        let now = self.now();
        let event = maker::event(
            &mut self.random,
            now,
            Action::SessionsEnded,
            Some(user),
            None,
        );
        let intent = EndSessions {
            user_id: UserId::from_uuid(user),
            keep,
            reason: EndReason::Revoked,
            now,
            event: event.clone(),
        };
        let keep = keep.map(|id| *id.as_uuid());
        let what = What::EndSessions { user, keep };
        let call = self.store.end_sessions(intent);
        self.call(Some(&event), now, what, call, |ended| match ended {
            0 => Outcome::Refused("none to end".to_owned()),
            ended => Outcome::Done(Answer {
                count: Some(*ended),
                ..Answer::default()
            }),
        })
        .await;
    }
}
