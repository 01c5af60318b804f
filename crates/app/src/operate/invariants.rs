//! What must hold of the records of a store, each for itself and all together. Where it needs to
//! know whether something was there before, it keeps 16 bytes of it.

use std::collections::{BTreeSet, HashSet};

use countersign_domain::audit::AuditEvent;
use countersign_domain::email::EmailAddress;
use countersign_domain::id::{EventId, UserId};
use countersign_domain::keys::{KeyPurpose, KeySet, KeyStage};
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::RoleName;
use countersign_domain::session::Session;
use countersign_domain::time::Timestamp;
use countersign_domain::user::User;
use sha2::{Digest, Sha256};

use super::findings::Findings;
use crate::ports::store_admin::{Record, RecordKind};

/// 16 bytes a thing: its id, or the first half of a hash.
type Seen = HashSet<[u8; 16]>;

/// The records so far. They are to come in the order of [`RecordKind::ALL`].
#[derive(Default)]
pub(super) struct Invariants {
    findings: Findings,
    roles: BTreeSet<RoleName>,
    users: Seen,
    usernames: Seen,
    email_keys: Seen,
    /// The ids of the kind that is being read, but for users.
    ids: Seen,
    kind: Option<RecordKind>,
    has_sessions: bool,
    has_admin: bool,
    /// What there is an active key for.
    active: Vec<KeyPurpose>,
    unreadable: BTreeSet<RecordKind>,
}

impl Invariants {
    /// Looks at one more record.
    pub fn look_at(&mut self, record: &Record, now: Timestamp) {
        if self.kind != Some(record.kind()) {
            self.kind = Some(record.kind());
            self.ids = Seen::new();
        }
        match record {
            Record::Role(role) => {
                if !self.roles.insert(role.name.clone()) {
                    let name = role.name.as_str();
                    self.twice(|| format!("the role {name} is there twice"));
                }
            }
            Record::User(user, _) => self.user(user),
            Record::Session(session) => self.session(session),
            Record::PersonalToken(token) => self.personal_token(token),
            // The user may be gone: a repeated request must not bring them back.
            Record::IdempotencyKey(key) => {
                if !self.ids.insert(half(key.key.as_bytes())) {
                    let user = key.user_id;
                    self.twice(|| format!("an idempotency key of user {user} is there twice"));
                }
            }
            Record::AuditEvent(event) => self.audit_event(event),
            Record::Keys(set) => self.keys(set, now),
        }
    }

    /// Notes that a kind can't be read to its end.
    pub fn unreadable(&mut self, kind: RecordKind, why: &str) {
        self.unreadable.insert(kind);
        let kind = kind.as_str();
        self.findings.error("records_unreadable", || {
            format!("the {kind} can't be read to the end, and the rest was not checked: {why}")
        });
    }

    /// Looks at the whole, and gives what was found.
    pub fn finish(mut self) -> Findings {
        let read = |kind| !self.unreadable.contains(&kind);
        if read(RecordKind::User) && !self.users.is_empty() && !self.has_admin {
            self.findings.warning("no_working_admin", || {
                "no active user has the role admin: make one with `countersign users create`, or \
                 grant the role to one"
                    .to_owned()
            });
        }
        if read(RecordKind::Keys) && self.has_sessions {
            let lacks = "there are sessions, and no active key to";
            let signs = |purpose: &KeyPurpose| matches!(purpose, KeyPurpose::Sign(_));
            if !self.active.iter().any(signs) {
                self.findings
                    .error("no_signing_key", || format!("{lacks} sign access tokens"));
            }
            if !self.active.contains(&KeyPurpose::MarkRefresh) {
                self.findings
                    .error("no_refresh_key", || format!("{lacks} mark refresh tokens"));
            }
        }
        self.findings
    }

    fn twice(&mut self, sentence: impl FnOnce() -> String) {
        self.findings.error("record_twice", sentence);
    }

    fn user(&mut self, user: &User) {
        let id = user.id;
        if !self.users.insert(*id.as_uuid().as_bytes()) {
            self.twice(|| format!("the user {id} is there twice"));
        }
        if user.username.is_none() && user.email.is_none() {
            self.findings.error("user_nameless", || {
                format!("user {id} has neither a username nor an e-mail address")
            });
        }
        if let Some(name) = &user.username
            && !self.usernames.insert(of_text(name.as_str()))
        {
            self.findings.error("username_twice", || {
                format!("user {id} has a username that another user has, too")
            });
        }
        if let Some(email) = &user.email {
            self.email(id, email);
        }
        self.has_admin |= user.is_working_admin();
        if self.unreadable.contains(&RecordKind::Role) {
            return;
        }
        for name in &user.roles {
            if !name.is_built_in() && !self.roles.contains(name) {
                let name = name.as_str();
                self.findings.error("role_unknown", || {
                    format!("user {id} has the role {name}, which does not exist")
                });
            }
        }
    }

    fn email(&mut self, id: UserId, email: &EmailAddress) {
        if !self.email_keys.insert(of_text(email.key())) {
            self.findings.error("email_twice", || {
                format!("user {id} has an e-mail address that another user has, too")
            });
        }
        match email.as_str().parse::<EmailAddress>() {
            Ok(parsed) if parsed.key() == email.key() => {}
            Ok(_) => self.findings.error("email_key", || {
                format!(
                    "the e-mail address of user {id} is not found by the key that belongs to it"
                )
            }),
            Err(_) => self.findings.warning("email_form", || {
                format!("the e-mail address of user {id} has a form that is no longer accepted")
            }),
        }
    }

    fn is_stranger(&self, id: UserId) -> bool {
        !self.unreadable.contains(&RecordKind::User)
            && !self.users.contains(id.as_uuid().as_bytes())
    }

    fn session(&mut self, session: &Session) {
        self.has_sessions = true;
        let (id, user) = (session.id, session.user_id);
        if !self.ids.insert(*id.as_uuid().as_bytes()) {
            self.twice(|| format!("the session {id} is there twice"));
        }
        if self.is_stranger(user) {
            self.findings.error("session_user", || {
                format!("session {id} is of user {user}, who does not exist")
            });
        }
        if session.created_at > session.expires_at || session.created_at > session.idle_expires_at {
            self.findings.error("session_times", || {
                format!("session {id} of user {user} ends before it begins")
            });
        }
        let refresh = &session.refresh;
        let is_first = refresh.generation == 0;
        let has_spent = refresh.previous.is_some();
        if is_first == has_spent || refresh.previous.as_ref() == Some(&refresh.current) {
            self.findings.error("session_refresh", || {
                format!(
                    "session {id} of user {user} has refresh tokens that do not follow each other"
                )
            });
        }
    }

    fn personal_token(&mut self, token: &PersonalToken) {
        let (id, user) = (token.id, token.user_id);
        if !self.ids.insert(*id.as_uuid().as_bytes()) {
            self.twice(|| format!("the personal access token {id} is there twice"));
        }
        if self.is_stranger(user) {
            self.findings.error("personal_token_user", || {
                format!("personal access token {id} is of user {user}, who does not exist")
            });
        }
        if token.created_at > token.expires_at {
            self.findings.error("personal_token_times", || {
                format!("personal access token {id} of user {user} ends before it begins")
            });
        }
    }

    fn audit_event(&mut self, event: &AuditEvent) {
        let id = event.id;
        if !self.ids.insert(*id.as_uuid().as_bytes()) {
            self.twice(|| format!("the audit event {id} is there twice"));
        }
        // INVARIANT of the port: a span of time is looked for as a span of ids.
        let millis = event.at.as_millis();
        let from = EventId::least_at(event.at);
        let until = EventId::least_at(Timestamp::from_millis(millis.saturating_add(1)));
        let out = from.is_some_and(|from| id < from) || until.is_some_and(|until| id >= until);
        if out {
            self.findings.error("event_time", || {
                format!("audit event {id} has another time than its id says")
            });
        }
    }

    fn keys(&mut self, set: &KeySet, now: Timestamp) {
        for key in &set.keys {
            let id = key.id.as_str();
            if !self.ids.insert(of_text(id)) {
                self.twice(|| format!("the key {id} is there twice"));
            }
            if key.sealed.is_empty() {
                self.findings
                    .error("key_empty", || format!("the key {id} has no private part"));
            }
            if key.stage(now) == KeyStage::Active {
                self.active.push(key.purpose);
            }
        }
    }
}

fn of_text(text: &str) -> [u8; 16] {
    half(&Sha256::digest(text.as_bytes()).into())
}

fn half(hash: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    for (to, from) in half.iter_mut().zip(hash) {
        *to = *from;
    }
    half
}

#[cfg(test)]
mod tests;
