//! Ending one session of somebody else.

use countersign_domain::audit::Action;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::session::EndReason;

use super::Admin;
use super::users::Reach;
use crate::ports::store::{EndSession, SessionEnded};
use crate::{App, AppError, Origin};

/// What comes of ending one session of a user.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSessionOutcome {
    /// It is ended.
    Ended,
    /// The user may do more than the administrator.
    NotYours,
    /// There is no such user, or they have no live session with this id.
    NotFound,
}

impl App {
    /// Ends one live session of a user.
    pub async fn end_session_of(
        &self,
        by: Admin<'_>,
        user_id: UserId,
        session_id: SessionId,
        origin: &Origin,
    ) -> Result<EndSessionOutcome, AppError> {
        match self.reach(by, user_id).await? {
            Reach::Covered(_) => {}
            Reach::NotYours => return Ok(EndSessionOutcome::NotYours),
            Reach::NotFound => return Ok(EndSessionOutcome::NotFound),
        }
        let reason = EndReason::Revoked;
        let (action, user, session) = (Action::SessionEnded, Some(user_id), Some(session_id));
        let event = self
            .event(origin, by.actor(), action, user, session)
            .with("reason", reason.as_str());
        let intent = EndSession {
            user_id,
            session_id,
            reason,
            now: self.now(),
            event,
        };
        Ok(match self.ports.store.end_session(intent).await? {
            SessionEnded::Ended => EndSessionOutcome::Ended,
            SessionEnded::NotFound => EndSessionOutcome::NotFound,
        })
    }
}
