//! Sessions: opened, refreshed, ended.

use std::time::Duration;

use countersign_domain::audit::AuditEvent;
use countersign_domain::gate::Refusal;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use countersign_domain::refresh::Presented;
use countersign_domain::role::Account;
use countersign_domain::session::{EndReason, Session};
use countersign_domain::time::Timestamp;

/// See [`Store::open_session`](crate::ports::Store::open_session).
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// The session. The present moment is its `created_at`.
    pub session: Session,
    /// The hash that the password was verified against.
    pub proved: Option<PasswordHash>,
    /// The hash to store in its place.
    pub rehash: Option<PasswordHash>,
    /// The most live sessions the user may have, this one included; at least 1.
    pub max_sessions: u32,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::open_session`](crate::ports::Store::open_session).
#[must_use]
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives for a moment, and is matched at once"
)]
pub enum SessionOpened {
    /// The session is open.
    Opened {
        /// The account as it stood in the change.
        account: Account,
        /// How many sessions had to go.
        displaced: u64,
    },
    /// The gate said no.
    Refused(Refusal),
    /// The password was changed since it was proved, or the user is gone.
    Stale,
}

/// See [`Store::rotate`](crate::ports::Store::rotate).
#[derive(Clone, Debug)]
pub struct RotateRefresh {
    /// Whose token family it is.
    pub session_id: SessionId,
    /// The token that came in.
    pub presented: Presented,
    /// The hash of its successor, should this call be the one that rotates.
    pub successor: TokenHash,
    /// What the successor was derived with.
    pub nonce: [u8; 32],
    /// How long a repeated call gets the same answer.
    pub retry_window: Duration,
    /// The present moment.
    pub now: Timestamp,
    /// When the session then idles out.
    pub idle_expires_at: Timestamp,
    /// The event if it rotates.
    pub event: AuditEvent,
    /// The event if it is a reuse.
    pub reuse_event: AuditEvent,
}

/// See [`Store::rotate`](crate::ports::Store::rotate).
#[must_use]
#[derive(Clone, Debug)]
pub enum Rotated {
    /// This call rotated: the session and account as they stand now.
    Rotated(Session, Account),
    /// Another call rotated a moment ago; derive the same successor with this nonce.
    Retried {
        /// What the current token was derived with.
        nonce: [u8; 32],
        /// The session.
        session: Session,
        /// The account.
        account: Account,
    },
    /// The token was spent before; the session is ended.
    Reused {
        /// Whose it was.
        user_id: UserId,
    },
    /// The gate said no.
    Refused(Refusal),
    /// There is no such session or token.
    Unknown,
}

/// See [`Store::end_session`](crate::ports::Store::end_session).
#[derive(Clone, Debug)]
pub struct EndSession {
    /// Whose.
    pub user_id: UserId,
    /// Which.
    pub session_id: SessionId,
    /// Why.
    pub reason: EndReason,
    /// The present moment.
    pub now: Timestamp,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::end_session`](crate::ports::Store::end_session).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnded {
    /// It is ended.
    Ended,
    /// The user has no live session with this id.
    NotFound,
}

/// See [`Store::end_sessions`](crate::ports::Store::end_sessions).
#[derive(Clone, Debug)]
pub struct EndSessions {
    /// Whose.
    pub user_id: UserId,
    /// All but this one.
    pub keep: Option<SessionId>,
    /// Why.
    pub reason: EndReason,
    /// The present moment.
    pub now: Timestamp,
    /// The event.
    pub event: AuditEvent,
}
