//! On whose word a change is made, and whether that word still counts when the change is made.
//!
//! A caller is known by the time a use case begins, and may be thrown out before it ends: the session
//! is ended, the token revoked, the account shut, a role taken. Whatever such a caller would leave
//! behind for good is judged once more by the store, inside the change itself, with this module.

use countersign_token::Scopes;

use crate::access::{Principal, Proof};
use crate::gate::{Refusal, may_issue};
use crate::id::UserId;
use crate::personal_token::PersonalToken;
use crate::role::Account;
use crate::session::Session;
use crate::time::Timestamp;

/// On whose word a change is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody on the machine's command line, the instance itself, or a stranger who signs up:
    /// there is nothing that could have been taken from them.
    Operator,
    /// Somebody over the network.
    Caller(Standing),
}

/// What a caller's word rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who it is.
    pub user_id: UserId,
    /// How they proved it.
    pub proof: Proof,
    /// What they could do when the change was decided on.
    pub scopes: Scopes,
}

/// What a caller lost between the decision and the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Their account is shut, or their session is over.
    Refused(Refusal),
    /// What they proved who they are with is not there any more, or is revoked or expired.
    Gone,
    /// A part of what they could do.
    Authority,
}

impl From<&Principal> for By {
    fn from(caller: &Principal) -> Self {
        Self::Caller(Standing {
            user_id: caller.user_id,
            proof: caller.proof,
            scopes: caller.scopes.clone(),
        })
    }
}

impl Standing {
    /// Whether a word given in a session still counts at `now`, by what the store holds inside the
    /// change.
    pub fn judge_session(
        &self,
        found: Option<&(Session, Account)>,
        now: Timestamp,
    ) -> Result<(), Lost> {
        let (session, account) = found.ok_or(Lost::Gone)?;
        self.judge(account, Some(session), now)
    }

    /// The same for a word given with a personal access token.
    pub fn judge_token(
        &self,
        found: Option<&(PersonalToken, Account)>,
        now: Timestamp,
    ) -> Result<(), Lost> {
        let (token, account) = found.ok_or(Lost::Gone)?;
        if !token.is_live(now) {
            return Err(Lost::Gone);
        }
        self.judge(account, None, now)
    }

    fn judge(
        &self,
        account: &Account,
        session: Option<&Session>,
        now: Timestamp,
    ) -> Result<(), Lost> {
        if account.user.id != self.user_id {
            return Err(Lost::Gone);
        }
        may_issue(&account.user, session, now).map_err(Lost::Refused)?;
        if self.scopes.is_subset(&account.effective_scopes()) {
            Ok(())
        } else {
            Err(Lost::Authority)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PersonalTokenId;
    use crate::opaque::TokenHash;
    use crate::session::tests::session;
    use crate::session::{EndReason, Ended};
    use crate::user::UserState;
    use crate::user::tests::user;

    fn account(n: u8) -> Account {
        Account {
            user: user(n),
            roles: Vec::new(),
        }
    }

    fn standing(account: &Account, proof: Proof, scopes: &str) -> Standing {
        Standing {
            user_id: account.user.id,
            proof,
            scopes: scopes.parse().unwrap(),
        }
    }

    #[test]
    fn a_word_given_in_a_session_counts_as_long_as_the_session_the_account_and_the_scopes_stand() {
        let at = Timestamp::from_seconds;
        let account = account(1);
        let session = session(account.user.id);
        let of = |scopes| standing(&account, Proof::Session(session.id), scopes);
        let live = (session.clone(), account.clone());
        let ended = Session {
            ended: Some(Ended {
                at: at(101),
                reason: EndReason::PasswordChanged,
            }),
            ..session.clone()
        };
        let mut shut = account.clone();
        shut.user.state = UserState::Disabled;
        let mine = "account:write";
        for (found, scopes, now, answer) in [
            (Some(live.clone()), mine, 110, Ok(())),
            (None, mine, 110, Err(Lost::Gone)),
            (
                Some((ended, account.clone())),
                mine,
                110,
                Err(Lost::Refused(Refusal::SessionEnded)),
            ),
            (
                Some(live.clone()),
                mine,
                300,
                Err(Lost::Refused(Refusal::SessionExpired)),
            ),
            (
                Some((session.clone(), shut)),
                mine,
                110,
                Err(Lost::Refused(Refusal::UserDisabled)),
            ),
            (
                Some((session.clone(), super::tests::account(2))),
                mine,
                110,
                Err(Lost::Gone),
            ),
            (Some(live), "users:write", 110, Err(Lost::Authority)),
        ] {
            let answered = of(scopes).judge_session(found.as_ref(), at(now));
            assert_eq!(answered, answer, "{scopes} at {now}");
        }
    }

    #[test]
    fn a_word_given_with_a_personal_token_counts_as_long_as_the_token_works() {
        let at = Timestamp::from_seconds;
        let account = account(1);
        let token = PersonalToken {
            id: PersonalTokenId::from_parts(at(1), [7; 10]),
            user_id: account.user.id,
            name: "deploy".parse().unwrap(),
            scopes: Scopes::default(),
            hash: TokenHash::from_bytes([7; 32]),
            created_at: at(1),
            expires_at: at(200),
            last_used_at: None,
            revoked_at: None,
        };
        let revoked = PersonalToken {
            revoked_at: Some(at(100)),
            ..token.clone()
        };
        let of = standing(&account, Proof::PersonalToken(token.id), "account:read");
        for (found, now, answer) in [
            (Some(&token), 110, Ok(())),
            (Some(&token), 200, Err(Lost::Gone)),
            (Some(&revoked), 110, Err(Lost::Gone)),
            (None, 110, Err(Lost::Gone)),
        ] {
            let found = found.map(|token| (token.clone(), account.clone()));
            assert_eq!(of.judge_token(found.as_ref(), at(now)), answer, "at {now}");
        }
    }
}
