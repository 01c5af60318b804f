//! What happens to a refresh token that comes in (RFC 9700 §4.14.2).
//!
//! A store calls [`judge`] inside its atomic change, on the session as it stands there: so that of
//! any number of simultaneous refreshes one rotates, and the rest are judged against its result.

use std::time::Duration;

use crate::gate::{Refusal, may_issue};
use crate::opaque::TokenHash;
use crate::session::{RefreshState, Session};
use crate::time::Timestamp;
use crate::user::User;

/// The token that came in; it was made by this instance, or it would not have got here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// Its place in the line.
    pub generation: u32,
    /// Its hash.
    pub hash: TokenHash,
}

/// What to do.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is the current token: replace it by the successor.
    Rotate,
    /// It is the token spent a moment ago, by the same client, whose answer got lost: give the
    /// identical successor, derived with this nonce, again.
    Retry {
        /// What the current token was derived with.
        nonce: [u8; 32],
    },
    /// It was spent before: it is in two hands. End the session.
    Reused,
    /// The user or the session may not have a token.
    Refused(Refusal),
    /// This store has never seen it (it may have been restored from a backup).
    Unknown,
}

/// Judges a presented token against the session and user as they stand at `now`. A token spent no
/// longer than `retry_window` ago, with no later one spent since, counts as a retry; with a window of
/// zero none does, not even in the same millisecond.
pub fn judge(
    user: &User,
    session: &Session,
    presented: &Presented,
    now: Timestamp,
    retry_window: Duration,
) -> Judgement {
    let RefreshState {
        generation,
        current,
        previous,
        nonce,
        rotated_at,
    } = &session.refresh;
    if let Err(refusal) = may_issue(user, Some(session), now) {
        return Judgement::Refused(refusal);
    }
    if presented.generation == *generation {
        return if presented.hash == *current {
            Judgement::Rotate
        } else {
            Judgement::Unknown
        };
    }
    if presented.generation > *generation {
        return Judgement::Unknown;
    }
    let was_last = presented.generation.checked_add(1) == Some(*generation)
        && previous
            .as_ref()
            .is_some_and(|previous| *previous == presented.hash);
    let in_window = !retry_window.is_zero() && now.since(*rotated_at) <= retry_window;
    if was_last && in_window {
        return Judgement::Retry { nonce: *nonce };
    }
    Judgement::Reused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::session;
    use crate::session::{EndReason, Ended};
    use crate::user::UserState;
    use crate::user::tests::user;

    const WINDOW: Duration = Duration::from_secs(10);

    fn presented(generation: u32, hash: u8) -> Presented {
        Presented {
            generation,
            hash: TokenHash::from_bytes([hash; 32]),
        }
    }

    /// The third token (hash 3) is current, made at second 150 out of the second (hash 2).
    fn rotated_twice() -> (User, Session) {
        let user = user(1);
        let mut session = session(user.id);
        session.refresh = RefreshState {
            generation: 2,
            current: TokenHash::from_bytes([3; 32]),
            previous: Some(TokenHash::from_bytes([2; 32])),
            nonce: [8; 32],
            rotated_at: Timestamp::from_seconds(150),
        };
        (user, session)
    }

    #[test]
    fn without_a_window_nothing_counts_as_a_retry() {
        let (user, session) = rotated_twice();
        let now = session.refresh.rotated_at;
        let judged = |window| judge(&user, &session, &presented(1, 2), now, window);
        assert_eq!(judged(Duration::ZERO), Judgement::Reused);
        assert!(matches!(judged(WINDOW), Judgement::Retry { .. }));
    }

    #[test]
    fn each_token_of_a_line_is_judged_by_its_place_and_time() {
        let (user, session) = rotated_twice();
        let retry = || Judgement::Retry { nonce: [8; 32] };
        for (token, second, expected) in [
            (presented(2, 3), 155, Judgement::Rotate),
            (presented(2, 9), 155, Judgement::Unknown),
            (presented(3, 4), 155, Judgement::Unknown),
            (presented(1, 2), 150, retry()),
            (presented(1, 2), 160, retry()),
            (presented(1, 2), 161, Judgement::Reused),
            (presented(1, 9), 155, Judgement::Reused),
            (presented(0, 1), 150, Judgement::Reused),
            (
                presented(2, 3),
                200,
                Judgement::Refused(Refusal::SessionExpired),
            ),
        ] {
            let now = Timestamp::from_seconds(second);
            assert_eq!(
                judge(&user, &session, &token, now, WINDOW),
                expected,
                "generation {} at {second}",
                token.generation
            );
        }
    }

    #[test]
    fn the_gate_comes_before_the_token() {
        let (user, session) = rotated_twice();
        let now = Timestamp::from_seconds(155);
        let disabled = User {
            state: UserState::Disabled,
            ..user.clone()
        };
        let ended = Session {
            ended: Some(Ended {
                at: now,
                reason: EndReason::LoggedOut,
            }),
            ..session.clone()
        };
        assert_eq!(
            judge(&disabled, &session, &presented(2, 3), now, WINDOW),
            Judgement::Refused(Refusal::UserDisabled)
        );
        assert_eq!(
            judge(&user, &ended, &presented(0, 1), now, WINDOW),
            Judgement::Refused(Refusal::SessionEnded)
        );
    }
}
