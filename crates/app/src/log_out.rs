//! Logging out: the session ends, and every token of it with it.

use countersign_domain::access::Principal;
use countersign_domain::audit::{Action, Actor};
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::session::EndReason;

use crate::ports::store::{EndSession, SessionEnded};
use crate::{App, AppError, Origin};

/// What comes of it.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoggedOut {
    /// The session is ended, or was before.
    LoggedOut,
    /// The caller is a script with a personal access token, which is revoked instead.
    NotInSession,
}

impl App {
    /// Ends the caller's own session.
    pub async fn log_out(
        &self,
        caller: &Principal,
        origin: &Origin,
    ) -> Result<LoggedOut, AppError> {
        let Some(session_id) = caller.session_id() else {
            return Ok(LoggedOut::NotInSession);
        };
        self.end_own(caller.user_id, session_id, origin).await?;
        Ok(LoggedOut::LoggedOut)
    }

    /// Ends the session of a refresh token, for a client whose access token has expired. A token
    /// that is none changes nothing and is answered alike (RFC 7009 §2.2).
    pub async fn log_out_with_refresh_token(
        &self,
        refresh_token: &str,
        origin: &Origin,
    ) -> Result<LoggedOut, AppError> {
        if let Some((token, _)) = self.parse_refresh(refresh_token, self.now()).await?
            && let Some((session, _)) = self.ports.store.session(token.session_id()).await?
        {
            self.end_own(session.user_id, session.id, origin).await?;
        }
        Ok(LoggedOut::LoggedOut)
    }

    async fn end_own(
        &self,
        user_id: UserId,
        session_id: SessionId,
        origin: &Origin,
    ) -> Result<(), AppError> {
        let actor = Actor::User(user_id);
        let event = self
            .event(
                origin,
                actor,
                Action::SessionEnded,
                Some(user_id),
                Some(session_id),
            )
            .with("reason", EndReason::LoggedOut.as_str());
        let intent = EndSession {
            user_id,
            session_id,
            reason: EndReason::LoggedOut,
            now: self.now(),
            event,
        };
        // A session that has ended before is as good as one ended now.
        match self.ports.store.end_session(intent).await? {
            SessionEnded::Ended | SessionEnded::NotFound => Ok(()),
        }
    }
}
