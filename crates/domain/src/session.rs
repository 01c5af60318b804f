//! Sessions: one login on one device, from its beginning to its end.
//!
//! A session is also the family of its refresh tokens: there is one current token, known by its
//! hash, and ending the session ends them all. It ends by being idle, by its absolute age (ASVS 5.0
//! V7.3), or because somebody ended it.

use std::net::IpAddr;

use countersign_token::{Audience, Scopes};
use serde::Serialize;

use crate::id::{SessionId, UserId};
use crate::names::Label;
use crate::opaque::TokenHash;
use crate::time::Timestamp;

/// Why a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Its user logged out.
    LoggedOut,
    /// Its user ended it from another session, or an administrator did.
    Revoked,
    /// The password was changed elsewhere.
    PasswordChanged,
    /// A spent refresh token came back.
    RefreshReused,
    /// The user logged in on more devices than are allowed, and this was the one longest unused.
    Displaced,
    /// The user was disabled or locked.
    UserShut,
}

impl EndReason {
    const ALL: [Self; 6] = [
        Self::LoggedOut,
        Self::Revoked,
        Self::PasswordChanged,
        Self::RefreshReused,
        Self::Displaced,
        Self::UserShut,
    ];

    /// The stable name, as stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Revoked => "revoked",
            Self::PasswordChanged => "password_changed",
            Self::RefreshReused => "refresh_reused",
            Self::Displaced => "displaced",
            Self::UserShut => "user_shut",
        }
    }

    /// Reads the stable name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == name)
    }
}

/// That a session was ended, when and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EndReason,
}

/// Where a session's refresh tokens stand. Only hashes: the tokens are with the client alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshState {
    /// Counts the rotations, from 0.
    pub generation: u32,
    /// The hash of the one token that can be spent.
    pub current: TokenHash,
    /// The hash of the token spent last, if any was.
    pub previous: Option<TokenHash>,
    /// What the current token was derived with; worth nothing without the previous token.
    pub nonce: [u8; 32],
    /// When the current token was made.
    pub rotated_at: Timestamp,
}

/// One login on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session; the `sid` of its access tokens.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// What the client calls the device, or what its `User-Agent` says.
    pub device: Option<Label>,
    /// The client's address at login.
    pub address: Option<IpAddr>,
    /// What the login asked to be narrowed to; `None` for everything the user may do.
    pub asked_scopes: Option<Scopes>,
    /// Which API the login asked tokens for; `None` for the instance's own.
    pub audience: Option<Audience>,
    /// How the user proved who they are (RFC 8176 §2), such as `pwd`.
    pub amr: Vec<String>,
    /// When they did (`auth_time`).
    pub authenticated_at: Timestamp,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_seen_at: Timestamp,
    /// When it ends if it is not refreshed before.
    pub idle_expires_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// That it was ended, if it was.
    pub ended: Option<Ended>,
    /// Its refresh tokens.
    pub refresh: RefreshState,
}

impl Session {
    /// Whether the session may be used at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.ends_at()
    }

    /// When the session ends if nothing happens to it.
    pub fn ends_at(&self) -> Timestamp {
        self.idle_expires_at.min(self.expires_at)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A session of `user_id` that began at second 100, idles out at 200 and ends at 1000.
    pub(crate) fn session(user_id: UserId) -> Session {
        let at = Timestamp::from_seconds(100);
        Session {
            id: SessionId::from_parts(at, [9; 10]),
            user_id,
            device: None,
            address: None,
            asked_scopes: None,
            audience: None,
            amr: vec!["pwd".to_owned()],
            authenticated_at: at,
            created_at: at,
            last_seen_at: at,
            idle_expires_at: Timestamp::from_seconds(200),
            expires_at: Timestamp::from_seconds(1000),
            ended: None,
            refresh: RefreshState {
                generation: 0,
                current: TokenHash::from_bytes([1; 32]),
                previous: None,
                nonce: [0; 32],
                rotated_at: at,
            },
        }
    }

    #[test]
    fn a_session_lives_until_it_idles_out_ages_out_or_is_ended() {
        let at = Timestamp::from_seconds;
        let user_id = UserId::from_parts(at(1), [1; 10]);
        let fresh = session(user_id);
        let aged = Session {
            idle_expires_at: at(2000),
            ..fresh.clone()
        };
        let ended = Session {
            ended: Some(Ended {
                at: at(150),
                reason: EndReason::LoggedOut,
            }),
            ..fresh.clone()
        };
        for (session, now, live) in [
            (&fresh, 199, true),
            (&fresh, 200, false),
            (&aged, 999, true),
            (&aged, 1000, false),
            (&ended, 160, false),
        ] {
            assert_eq!(session.is_live(at(now)), live, "at {now}");
        }
    }

    #[test]
    fn every_end_reason_survives_its_name() {
        for reason in EndReason::ALL {
            assert_eq!(EndReason::from_name(reason.as_str()), Some(reason));
        }
    }
}
