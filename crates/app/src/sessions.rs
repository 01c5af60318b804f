//! A user's own sessions: list them, end one, end the others, end all.

use countersign_domain::access::Principal;
use countersign_domain::audit::Action;
use countersign_domain::id::SessionId;
use countersign_domain::session::{EndReason, Session};

use crate::ports::store::{EndSession, EndSessions, SessionEnded};
use crate::{App, AppError, Origin};

impl App {
    /// The caller's live sessions, the newest first.
    pub async fn sessions(&self, caller: &Principal) -> Result<Vec<Session>, AppError> {
        Ok(self
            .ports
            .store
            .live_sessions(caller.user_id, self.now())
            .await?)
    }

    /// Ends one of the caller's own sessions. Somebody else's is `NotFound`, as one that never was.
    pub async fn end_session(
        &self,
        caller: &Principal,
        session_id: SessionId,
        origin: &Origin,
    ) -> Result<SessionEnded, AppError> {
        let user_id = caller.user_id;
        let event = self
            .event(
                origin,
                caller.actor(),
                Action::SessionEnded,
                Some(user_id),
                Some(session_id),
            )
            .with("reason", EndReason::Revoked.as_str());
        let now = self.now();
        let reason = EndReason::Revoked;
        let intent = EndSession {
            user_id,
            session_id,
            reason,
            now,
            event,
        };
        Ok(self.ports.store.end_session(intent).await?)
    }

    /// Ends all of the caller's sessions, or all but the one they call in; tells how many.
    pub async fn end_sessions(
        &self,
        caller: &Principal,
        keep_this: bool,
        origin: &Origin,
    ) -> Result<u64, AppError> {
        let keep = if keep_this { caller.session_id() } else { None };
        let user_id = caller.user_id;
        let event = self.event(
            origin,
            caller.actor(),
            Action::SessionsEnded,
            Some(user_id),
            keep,
        );
        let now = self.now();
        let intent = EndSessions {
            user_id,
            keep,
            reason: EndReason::Revoked,
            now,
            event,
        };
        Ok(self.ports.store.end_sessions(intent).await?)
    }
}
