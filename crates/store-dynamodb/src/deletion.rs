//! Deleting a user. The transaction takes the user and their names, and with them the meaning of
//! all that is theirs: every reader asks for the user, too. A note of what is left over stands in
//! the same transaction, until the sessions and tokens are cleared away; so a user of the same id
//! who is brought in again gets nothing of it.

use std::time::Duration;

use countersign_app::ports::store::{DeleteUser, StoreResult, UserDeleted};
use countersign_domain::id::{PersonalTokenId, SessionId, UserId};
use tokio::time::Instant;

use crate::accounts::Partition;
use crate::cells::{Row, at};
use crate::layout::{self, Key};
use crate::requests::{Range, Write};
use crate::service::{Pause, Service};
use crate::transaction::{About, Transaction};
use crate::users::is_last_admin;
use crate::{DynamoDbStore, audit, user_rows};
use countersign_domain::time::Timestamp;

/// How many tokens are revoked in the transaction of a password change.
const REVOKED_BESIDE: usize = 40;

/// How long a deletion that is done already goes on clearing away at most.
const CLEARING: Duration = Duration::from_secs(1);

impl Service {
    /// Clears away what a deleted user left over.
    pub async fn clear_leftovers(&self, id: UserId) -> StoreResult<()> {
        loop {
            let range = Range {
                partition: layout::user_partition(id),
                limit: Some(200),
                ..Range::default()
            };
            let items = self.range(&range).await?;
            let keys: Vec<Key> = items.iter().filter_map(Key::of).collect();
            if keys.is_empty() {
                break;
            }
            // First what points here, so that nothing is ever left pointing at nothing.
            let mut writes = Vec::with_capacity(keys.len() * 2);
            for key in &keys {
                match (key.sk.split('#').next(), key.id()) {
                    (Some("S"), Some(id)) => {
                        writes.push(Write::Delete(layout::session(SessionId::from_uuid(id))));
                    }
                    (Some("T"), Some(id)) => {
                        let id = PersonalTokenId::from_uuid(id);
                        writes.push(Write::Delete(layout::token_owner(id)));
                    }
                    // The user is here again: they were not deleted.
                    _ => return Ok(()),
                }
            }
            writes.extend(keys.into_iter().map(Write::Delete));
            self.write_all(&writes).await?;
        }
        self.write_all(&[Write::Delete(layout::leftover(id))]).await
    }

    /// Finishes what interrupted deletions left over.
    pub async fn clear_all_leftovers(&self) -> StoreResult<()> {
        let range = Range {
            partition: layout::leftovers(),
            limit: Some(100),
            ..Range::default()
        };
        for item in self.range(&range).await? {
            if let Some(id) = Key::of(&item).and_then(|key| key.id()) {
                self.clear_leftovers(UserId::from_uuid(id)).await?;
            }
        }
        Ok(())
    }
}

impl DynamoDbStore {
    pub(crate) async fn remove_user(&self, intent: &DeleteUser) -> StoreResult<UserDeleted> {
        let id = intent.user_id;
        let mut pause = Pause::default();
        loop {
            let found = self.service.user_row(id).await?;
            let held = match self.standing(&intent.by, intent.event.at).await? {
                Ok(held) => held,
                Err(lost) => return Ok(UserDeleted::CallerLost(lost)),
            };
            let Some((old, _)) = found else {
                return Ok(UserDeleted::NotFound);
            };
            let expected = intent.expected_version;
            if expected.is_some_and(|expected| expected != old.user.version) {
                return Ok(UserDeleted::VersionConflict);
            }
            let mut change = self.service.transaction();
            user_rows::remove(&mut change, &old)?;
            change.put(Row::new(&layout::leftover(id), "leftover").item())?;
            held.guard(&mut change, Some(id))?;
            audit::insert(&mut change, &intent.event)?;
            let outcome = self.service.commit(change).await?;
            if outcome.is_done() {
                return Ok(UserDeleted::Deleted);
            }
            if is_last_admin(&outcome) {
                return Ok(UserDeleted::LastAdmin);
            }
            pause.wait().await;
        }
    }

    /// Clears up behind a deletion, until its call has to be answered.
    pub(crate) async fn clear_up(&self, user: UserId, until: Instant) {
        let until = until.min(Instant::now() + CLEARING);
        match self
            .service
            .beside(until, self.service.clear_leftovers(user))
            .await
        {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::debug!(%error, "a deleted user is cleared away later"),
            None => tracing::debug!("a deleted user is cleared away later"),
        }
    }

    /// Revokes all tokens of a user as part of a change of theirs. Those that do not fit are revoked
    /// before it: a token that is revoked without cause can be made anew, one that is forgotten can
    /// not be taken back.
    pub(crate) async fn revoke_all(
        &self,
        change: &mut Transaction,
        partition: &Partition,
        now: Timestamp,
    ) -> StoreResult<()> {
        let tokens = partition.tokens.iter().map(|row| &row.token);
        let standing: Vec<_> = tokens.filter(|token| token.revoked_at.is_none()).collect();
        let (beside, before) = standing.split_at(standing.len().min(REVOKED_BESIDE));
        for some in before.chunks(Transaction::MOST) {
            let mut earlier = self.service.transaction();
            for token in some {
                revoke(&mut earlier, token.user_id, token.id, now)?;
            }
            self.service.commit(earlier).await?;
        }
        for token in beside {
            revoke(change, token.user_id, token.id, now)?;
        }
        Ok(())
    }
}

fn revoke(
    change: &mut Transaction,
    user: UserId,
    id: PersonalTokenId,
    now: Timestamp,
) -> StoreResult<()> {
    let key = layout::token(user, id);
    let update = "SET #revoked_at = if_not_exists(#revoked_at, :now)";
    let of = vec![(":now", at(now))];
    change.update_if(About::Other, &key, update, "attribute_exists(#pk)", of)
}
