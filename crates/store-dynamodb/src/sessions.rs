//! Ends of sessions: of one, which moves it out of its user's partition, and of all at once, which
//! counts up the user's epoch: one small change, however many they are. Sessions of an earlier
//! epoch are ended for every reader and for every refresh, and are moved out afterwards.

use std::time::Duration;

use countersign_app::ports::store::{EndSession, EndSessions, SessionEnded, StoreResult};
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::session::{EndReason, Ended};
use countersign_domain::time::Timestamp;
use tokio::time::Instant;

use crate::accounts::Partition;
use crate::cells::n;
use crate::service::{Pause, Service};
use crate::together::together;
use crate::transaction::{About, Outcome, Transaction};
use crate::user_rows::UserRow;
use crate::{DynamoDbStore, audit, layout, user_rows};

/// How many ended sessions one transaction moves.
const MOVED_AT_ONCE: usize = 40;

/// How many of these transactions are under way at once.
const AT_ONCE: usize = 4;

/// How long a call that is done already goes on tidying up at most.
const TIDYING: Duration = Duration::from_millis(500);

/// Ends all sessions of a user but the one to keep, as part of a change of the user; tells how many
/// of them were live. Those that have run out are ended with them, since by the clock of another
/// instance they may live: the epoch is counted up if there is any. Nothing may be left over of an earlier time (see [`Service::tidy_partition`]): the user
/// says of one time alone when and why it was.
pub(crate) fn end_all(
    change: &mut Transaction,
    partition: &Partition,
    new: &mut UserRow,
    keep: Option<SessionId>,
    ended: Ended,
) -> StoreResult<u64> {
    let (kept, others): (Vec<_>, Vec<_>) = partition
        .sessions
        .iter()
        .partition(|row| Some(row.session.id) == keep);
    if others.is_empty() {
        return Ok(0);
    }
    let live = others.iter().filter(|row| row.session.is_live(ended.at));
    let count = live.count();
    new.epoch += 1;
    new.cut = Some(ended);
    for row in kept {
        let session = &row.session;
        let keys = [
            layout::live_session(session.user_id, session.id),
            layout::session(session.id),
        ];
        for key in keys {
            let of = vec![(":epoch", n(new.epoch)), (":before", n(row.epoch))];
            let same = "#epoch = :before";
            change.update_if(About::Session, &key, "SET #epoch = :epoch", same, of)?;
        }
    }
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

impl Service {
    /// Reads a user's partition for a change that may end all sessions. Those that an earlier one
    /// ended, and that are still there, are moved out first.
    pub async fn tidy_partition(&self, user: UserId) -> StoreResult<Option<Partition>> {
        let mut pause = Pause::default();
        loop {
            let Some(mut partition) = self.partition(user).await? else {
                return Ok(None);
            };
            if self.move_ended(&partition).await? {
                // Nobody adds to them: a session is opened in the epoch that the user is in.
                let sessions = &mut partition.sessions;
                sessions.retain(|row| row.session.ended.is_none());
                return Ok(Some(partition));
            }
            pause.wait().await;
        }
    }

    /// Moves the sessions that a user ended all at once out of their partition. Tells whether all
    /// were still as they were read.
    async fn move_ended(&self, partition: &Partition) -> StoreResult<bool> {
        let sessions = partition.sessions.iter();
        let ended: Vec<_> = sessions
            .filter_map(|row| Some((row, row.session.ended?)))
            .collect();
        let mut moves = Vec::new();
        for some in ended.chunks(MOVED_AT_ONCE) {
            let mut change = self.transaction();
            for (row, ended) in some {
                row.end(&mut change, *ended)?;
            }
            moves.push(self.commit(change));
        }
        let outcomes = together(moves, AT_ONCE).await?;
        Ok(outcomes.iter().all(Outcome::is_done))
    }
}

impl DynamoDbStore {
    /// Tidies up behind a change that ended all sessions, until its call has to be answered. What
    /// is left over is ended all the same.
    pub(crate) async fn tidy_up(&self, user: UserId, until: Instant) {
        let until = until.min(Instant::now() + TIDYING);
        match self
            .service
            .beside(until, self.service.tidy_partition(user))
            .await
        {
            Some(Ok(_)) => {}
            Some(Err(error)) => tracing::debug!(%error, "ended sessions will be moved later"),
            None => tracing::debug!("ended sessions will be moved later"),
        }
    }

    pub(crate) async fn end_one(&self, intent: &EndSession) -> StoreResult<SessionEnded> {
        let mut pause = Pause::default();
        loop {
            let (user, id) = (intent.user_id, intent.session_id);
            let Some((row, owner, _)) = self.service.session_row(user, id).await? else {
                return Ok(SessionEnded::NotFound);
            };
            if row.is_past(&owner) || row.session.ended.is_some() {
                return Ok(SessionEnded::NotFound);
            }
            // One that has run out is ended, too: by the clock of another instance it may live.
            let is_live = row.session.is_live(intent.now);
            let mut change = self.service.transaction();
            set_changed(&mut change, user, row.epoch)?;
            row.end(&mut change, ended(intent.now, intent.reason))?;
            if is_live {
                audit::insert(&mut change, &intent.event)?;
            }
            if self.service.commit(change).await?.is_done() {
                return Ok(if is_live {
                    SessionEnded::Ended
                } else {
                    SessionEnded::NotFound
                });
            }
            pause.wait().await;
        }
    }

    pub(crate) async fn end_several(&self, intent: &EndSessions) -> StoreResult<u64> {
        let mut pause = Pause::default();
        loop {
            let Some(partition) = self.service.tidy_partition(intent.user_id).await? else {
                return Ok(0);
            };
            let mut change = self.service.transaction();
            let mut new = partition.user.clone();
            let ended = ended(intent.now, intent.reason);
            let count = end_all(&mut change, &partition, &mut new, intent.keep, ended)?;
            if new.epoch == partition.user.epoch {
                return Ok(0);
            }
            user_rows::replace(&mut change, Some(&partition.user), &new)?;
            if count > 0 {
                audit::insert(&mut change, &intent.event)?;
            }
            if self.service.commit(change).await?.is_done() {
                return Ok(count);
            }
            pause.wait().await;
        }
    }
}

pub(crate) fn ended(at: Timestamp, reason: EndReason) -> Ended {
    Ended { at, reason }
}

/// Counts a user's revision up, whatever it is: which sessions they have changes with it, so that
/// nobody decides on another set than there is. A session of another epoch than the user's was
/// ended meanwhile, though its own row does not say so yet.
pub(crate) fn set_changed(change: &mut Transaction, user: UserId, epoch: u64) -> StoreResult<()> {
    change.update_if(
        About::User,
        &layout::user(user),
        "ADD #rev :one",
        "#epoch = :epoch",
        vec![(":one", n(1)), (":epoch", n(epoch))],
    )
}
