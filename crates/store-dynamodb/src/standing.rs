//! Looking once more, inside a change, at whose word it is made on. It is read after what the change
//! itself rests on, and the change is made under the condition that it still is so.

use countersign_app::ports::store::StoreResult;
use countersign_domain::access::Proof;
use countersign_domain::id::{PersonalTokenId, UserId};
use countersign_domain::standing::{By, Lost, Standing};
use countersign_domain::time::Timestamp;

use crate::DynamoDbStore;
use crate::cells::n;
use crate::layout;
use crate::roles::Roles;
use crate::token_rows;
use crate::transaction::{About, Transaction};
use crate::user_rows::{self, UserRow};

/// A word that counted when it was looked at.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// The caller and their revision, which the end of any of their sessions counts up, too.
    user: Option<(UserId, u64)>,
    token: Option<(UserId, PersonalTokenId)>,
}

impl Held {
    /// Makes a change of `target` lean on it. The change of a user asks for their revision anyway.
    pub fn guard(&self, change: &mut Transaction, target: Option<UserId>) -> StoreResult<()> {
        if let Some((user, rev)) = self.user
            && target != Some(user)
        {
            let of = vec![(":rev", n(rev))];
            change.check(About::Other, &layout::user(user), "#rev = :rev", of)?;
        }
        if let Some((user, token)) = self.token {
            let stands = "attribute_exists(#pk) AND attribute_not_exists(#revoked_at)";
            change.check(
                About::Other,
                &layout::token(user, token),
                stands,
                Vec::new(),
            )?;
        }
        Ok(())
    }
}

impl DynamoDbStore {
    /// What a caller's word rests on, or what they lost of it. Costs nothing for an operator. To be
    /// called after the user whom the change is of was read.
    pub(crate) async fn standing(
        &self,
        by: &By,
        now: Timestamp,
    ) -> StoreResult<Result<Held, Lost>> {
        let By::Caller(standing) = by else {
            return Ok(Ok(Held::default()));
        };
        let user = standing.user_id;
        Ok(match standing.proof {
            Proof::Session(id) => {
                let found = self.service.session_row(user, id).await?;
                let rev = found.as_ref().map_or(0, |(_, user, _)| user.rev);
                let found = found.map(|(row, user, roles)| (row.session, roles.account(&user)));
                let judged = standing.judge_session(found.as_ref(), now);
                judged.map(|()| Held {
                    user: Some((user, rev)),
                    token: None,
                })
            }
            Proof::PersonalToken(id) => self.standing_by_token(standing, id, now).await?,
        })
    }

    async fn standing_by_token(
        &self,
        standing: &Standing,
        id: PersonalTokenId,
        now: Timestamp,
    ) -> StoreResult<Result<Held, Lost>> {
        let owner = standing.user_id;
        let (user, token) = (layout::user(owner), layout::token(owner, id));
        let keys = [user.clone(), token.clone(), Roles::key(owner)];
        let found = self.service.items(&keys).await?;
        let (Some(user), Some(token)) = (found.get(&user), found.get(&token)) else {
            return Ok(Err(Lost::Gone));
        };
        let row: UserRow = user_rows::read(user)?;
        let account = Roles::found(&found, owner)?.account(&row);
        let found = (token_rows::read(token)?.token, account);
        let judged = standing.judge_token(Some(&found), now);
        Ok(judged.map(|()| Held {
            user: Some((owner, row.rev)),
            token: Some((owner, id)),
        }))
    }
}
