//! Personal access tokens: made within the limit, found, revoked, and noted as used.

use countersign_app::ports::store::{CreatePersonalToken, PersonalTokenCreated, StoreResult};
use countersign_domain::audit::AuditEvent;
use countersign_domain::gate::may_issue;
use countersign_domain::id::{PersonalTokenId, UserId};
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::Account;
use countersign_domain::time::Timestamp;

use crate::cells::{at, n};
use crate::layout;
use crate::roles::Roles;
use crate::service::Pause;
use crate::transaction::About;
use crate::{DynamoDbStore, audit, token_rows, user_rows};

impl DynamoDbStore {
    /// Whose a token is: remembered, or read.
    async fn token_owner(&self, id: PersonalTokenId) -> StoreResult<Option<UserId>> {
        if let Some(owner) = self.owners.of(*id.as_uuid()) {
            return Ok(Some(owner.user));
        }
        let Some(item) = self.service.item(&layout::token_owner(id)).await? else {
            return Ok(None);
        };
        let owner = token_rows::owner(&item)?;
        self.owners.remember(*id.as_uuid(), owner);
        Ok(Some(owner.user))
    }

    pub(crate) async fn read_token(
        &self,
        id: PersonalTokenId,
    ) -> StoreResult<Option<(PersonalToken, Account)>> {
        let Some(owner) = self.token_owner(id).await? else {
            return Ok(None);
        };
        let (user, token) = (layout::user(owner), layout::token(owner, id));
        let keys = [user.clone(), token.clone(), Roles::key(owner)];
        let found = self.service.items(&keys).await?;
        let (Some(user), Some(token)) = (found.get(&user), found.get(&token)) else {
            return Ok(None);
        };
        let account = Roles::found(&found, owner)?.account(&user_rows::read(user)?);
        Ok(Some((token_rows::read(token)?.token, account)))
    }

    pub(crate) async fn read_live_tokens(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonalToken>> {
        let Some(partition) = self.service.partition(user).await? else {
            return Ok(Vec::new());
        };
        let tokens = partition.tokens.into_iter().map(|row| row.token);
        let mut live: Vec<_> = tokens.filter(|token| token.is_live(now)).collect();
        live.sort_by_key(|token| std::cmp::Reverse((token.created_at, token.id)));
        Ok(live)
    }

    /// The user's revision, which every change of their tokens counts up, holds the limit.
    pub(crate) async fn keep_token(
        &self,
        intent: &CreatePersonalToken,
    ) -> StoreResult<PersonalTokenCreated> {
        let token = &intent.token;
        let mut pause = Pause::default();
        loop {
            let found = self.service.partition(token.user_id).await?;
            let held = match self.standing(&intent.by, intent.event.at).await? {
                Ok(held) => held,
                Err(lost) => return Ok(PersonalTokenCreated::CallerLost(lost)),
            };
            let Some(partition) = found else {
                return Ok(PersonalTokenCreated::NotFound);
            };
            if let Err(refusal) = may_issue(&partition.user.user, None, token.created_at) {
                return Ok(PersonalTokenCreated::Refused(refusal));
            }
            let tokens = partition.tokens.iter();
            let live = tokens
                .filter(|row| row.token.is_live(token.created_at))
                .count();
            if live >= usize::try_from(intent.max_tokens).unwrap_or(usize::MAX) {
                return Ok(PersonalTokenCreated::TooMany);
            }
            let mut change = self.service.transaction();
            count_up(&mut change, &partition.user)?;
            held.guard(&mut change, Some(token.user_id))?;
            for item in token_rows::items(token) {
                change.put(item)?;
            }
            audit::insert(&mut change, &intent.event)?;
            if self.service.commit(change).await?.is_done() {
                return Ok(PersonalTokenCreated::Created);
            }
            pause.wait().await;
        }
    }

    pub(crate) async fn revoke_token(
        &self,
        user: UserId,
        id: PersonalTokenId,
        now: Timestamp,
        event: &AuditEvent,
    ) -> StoreResult<bool> {
        let mut change = self.service.transaction();
        let is_live = "attribute_exists(#pk) AND attribute_not_exists(#revoked_at) \
                       AND #expires_at > :now";
        change.update_if(
            About::Other,
            &layout::token(user, id),
            "SET #revoked_at = :now",
            is_live,
            vec![(":now", at(now))],
        )?;
        audit::insert(&mut change, event)?;
        Ok(self.service.commit(change).await?.is_done())
    }

    pub(crate) async fn note_token_use(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
        event: &AuditEvent,
    ) -> StoreResult<()> {
        let Some(owner) = self.token_owner(id).await? else {
            return Ok(());
        };
        let every = PersonalToken::USE_NOTED_EVERY;
        let is_due = "attribute_exists(#pk) AND \
                      (attribute_not_exists(#last_used_at) OR #last_used_at <= :due)";
        let mut change = self.service.transaction();
        change.update_if(
            About::Other,
            &layout::token(owner, id),
            "SET #last_used_at = :now",
            is_due,
            vec![(":now", at(now)), (":due", at(now.minus(every)))],
        )?;
        audit::insert(&mut change, event)?;
        // Refused: noted a while ago, or gone.
        self.service.commit(change).await.map(|_| ())
    }
}

/// Counts a user's revision up if it is still the one that was read.
pub(crate) fn count_up(
    change: &mut crate::transaction::Transaction,
    user: &user_rows::UserRow,
) -> StoreResult<()> {
    change.update_if(
        About::User,
        &layout::user(user.id()),
        "SET #rev = :next",
        "#rev = :rev",
        vec![(":rev", n(user.rev)), (":next", n(user.rev + 1))],
    )
}
