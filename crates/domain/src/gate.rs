//! The issuance gate: the one question every grant asks before a token is made.
//!
//! Login, refresh, personal access tokens, and every grant that comes later ask
//! [`may_issue`], so that a sibling flow can't forget a state (`attacks.md`, fourth class).

use crate::session::Session;
use crate::time::Timestamp;
use crate::user::{User, UserState};

/// Why no token is issued. For the audit log; strangers are told nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The user was disabled by an administrator.
    UserDisabled,
    /// The user is locked.
    UserLocked,
    /// The session was ended.
    SessionEnded,
    /// The session idled out or reached its age.
    SessionExpired,
    /// The session belongs to somebody else.
    NotTheirs,
}

impl Refusal {
    /// The stable name in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserDisabled => "user_disabled",
            Self::UserLocked => "user_locked",
            Self::SessionEnded => "session_ended",
            Self::SessionExpired => "session_expired",
            Self::NotTheirs => "not_theirs",
        }
    }
}

/// Whether `user` may have a token now, within `session` where the grant has one.
pub fn may_issue(user: &User, session: Option<&Session>, now: Timestamp) -> Result<(), Refusal> {
    match user.state {
        UserState::Active => {}
        UserState::Disabled => return Err(Refusal::UserDisabled),
        UserState::Locked => return Err(Refusal::UserLocked),
    }
    let Some(session) = session else {
        return Ok(());
    };
    if session.user_id != user.id {
        Err(Refusal::NotTheirs)
    } else if session.ended.is_some() {
        Err(Refusal::SessionEnded)
    } else if !session.is_live(now) {
        Err(Refusal::SessionExpired)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::session;
    use crate::session::{EndReason, Ended};
    use crate::user::tests::user;

    #[test]
    fn a_token_is_issued_to_an_active_user_in_a_live_session_of_theirs_alone() {
        let at = Timestamp::from_seconds;
        let active = user(1);
        let disabled = User {
            state: UserState::Disabled,
            ..active.clone()
        };
        let locked = User {
            state: UserState::Locked,
            ..active.clone()
        };
        let live = session(active.id);
        let ended = Session {
            ended: Some(Ended {
                at: at(101),
                reason: EndReason::Revoked,
            }),
            ..live.clone()
        };
        let foreign = session(user(2).id);
        for (user, session, now, answer) in [
            (&active, None, 110, Ok(())),
            (&active, Some(&live), 110, Ok(())),
            (&disabled, None, 110, Err(Refusal::UserDisabled)),
            (&disabled, Some(&live), 110, Err(Refusal::UserDisabled)),
            (&locked, Some(&live), 110, Err(Refusal::UserLocked)),
            (&active, Some(&ended), 110, Err(Refusal::SessionEnded)),
            (&active, Some(&live), 300, Err(Refusal::SessionExpired)),
            (&active, Some(&foreign), 110, Err(Refusal::NotTheirs)),
        ] {
            assert_eq!(may_issue(user, session, at(now)), answer);
        }
    }
}
