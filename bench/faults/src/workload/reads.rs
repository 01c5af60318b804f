//! The reads. Each is recorded with what it showed.

use countersign_app::ports::store::LoginRecord;
use countersign_domain::id::UserId;
use countersign_domain::keys::KeySet;
use countersign_domain::role::Account;
use countersign_domain::session::Session;
use uuid::Uuid;

use super::Worker;
use crate::history::{Answer, Outcome, Seen, What};
use crate::marks;

fn nobody() -> Outcome {
    Outcome::Refused("nobody".to_owned())
}

/// How a session stands in an answer.
pub(super) fn seen(session: &Session) -> Seen {
    Seen {
        id: *session.id.as_uuid(),
        generation: session.refresh.generation,
        hash: marks::of_hash(&session.refresh.current),
    }
}

/// The version of an account, as an answer.
pub(super) fn version(account: &Account) -> Answer {
    Answer {
        version: Some(account.user.version),
        ..Answer::default()
    }
}

impl Worker {
    /// Looks at something, and does nothing with it.
    pub(super) async fn look(&mut self, user: Uuid) {
        match self.random.below(4) {
            0 => drop(self.account(user).await),
            1 => drop(self.login(user).await),
            2 => drop(self.tokens(user).await),
            _ => drop(self.sessions(user).await),
        }
        self.pause().await;
    }

    pub(super) async fn account(&mut self, user: Uuid) -> Option<Account> {
        let (_, account) = self
            .call(
                None,
                self.now(),
                What::ReadAccount { user },
                self.store.account(UserId::from_uuid(user)),
                |account| match account {
                    Some(account) => Outcome::Done(version(account)),
                    None => nobody(),
                },
            )
            .await;
        account.flatten()
    }

    pub(super) async fn login(&mut self, user: Uuid) -> Option<LoginRecord> {
        let (_, record) = self
            .call(
                None,
                self.now(),
                What::ReadLogin { user },
                self.store.login_record_by_id(UserId::from_uuid(user)),
                |record| match record {
                    Some(record) => Outcome::Done(Answer {
                        password: record.password.as_ref().map(marks::of_password),
                        ..version(&record.account)
                    }),
                    None => nobody(),
                },
            )
            .await;
        record.flatten()
    }

    /// Who has an e-mail address.
    pub(super) async fn owner(&mut self, email: &str) -> Option<Uuid> {
        let identifier = email.parse().ok()?;
        let (_, record) = self
            .call(
                None,
                self.now(),
                What::ReadName {
                    email: email.to_owned(),
                },
                self.store.login_record(&identifier),
                |record| match record {
                    Some(record) => Outcome::Done(Answer {
                        user: Some(*record.account.user.id.as_uuid()),
                        ..version(&record.account)
                    }),
                    None => nobody(),
                },
            )
            .await;
        Some(*record.flatten()?.account.user.id.as_uuid())
    }

    pub(super) async fn sessions(&mut self, user: Uuid) -> Vec<Session> {
        let now = self.now();
        let (_, sessions) = self
            .call(
                None,
                now,
                What::ReadSessions { user },
                self.store.live_sessions(UserId::from_uuid(user), now),
                |sessions| {
                    Outcome::Done(Answer {
                        seen: sessions.iter().map(seen).collect(),
                        ..Answer::default()
                    })
                },
            )
            .await;
        sessions.unwrap_or_default()
    }

    /// The ids of the live personal access tokens.
    pub(super) async fn tokens(&mut self, user: Uuid) -> Vec<Uuid> {
        let now = self.now();
        let (outcome, _) = self
            .call(
                None,
                now,
                What::ReadTokens { user },
                self.store
                    .live_personal_tokens(UserId::from_uuid(user), now),
                |tokens| {
                    let seen = tokens.iter().map(|token| Seen {
                        id: *token.id.as_uuid(),
                        generation: 0,
                        hash: marks::of_hash(&token.hash),
                    });
                    Outcome::Done(Answer {
                        seen: seen.collect(),
                        ..Answer::default()
                    })
                },
            )
            .await;
        match outcome {
            Outcome::Done(answer) => answer.seen.iter().map(|seen| seen.id).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) async fn keys(&mut self) -> Option<KeySet> {
        let (_, keys) = self
            .call(
                None,
                self.now(),
                What::ReadKeys,
                self.store.keys(),
                |keys| {
                    Outcome::Done(Answer {
                        version: Some(keys.version),
                        ..Answer::default()
                    })
                },
            )
            .await;
        keys
    }
}
