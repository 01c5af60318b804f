//! Opening a session: the gate, the proof, the limit, in one change, under the condition that the
//! user and the set of their sessions are still those that were read.

use countersign_app::ports::store::{OpenSession, SessionOpened, StoreResult};
use countersign_domain::gate::may_issue;
use countersign_domain::session::EndReason;

use crate::accounts::Partition;
use crate::roles::Roles;
use crate::service::Pause;
use crate::session_rows::SessionRow;
use crate::transaction::Transaction;
use crate::{DynamoDbStore, audit, personal_tokens, sessions, user_rows};

/// How many sessions are ended beside the opening of one. Where more are too many, the others are
/// ended before.
const ENDED_BESIDE: usize = 30;

impl DynamoDbStore {
    pub(crate) async fn open(&self, intent: &OpenSession) -> StoreResult<SessionOpened> {
        let new = &intent.session;
        let mut pause = Pause::default();
        let mut displaced_before = 0;
        loop {
            // Sent together: one wait.
            let (partition, roles) = tokio::try_join!(
                self.service.partition(new.user_id),
                self.service.roles_beside()
            )?;
            let Some(partition) = partition else {
                return Ok(SessionOpened::Stale);
            };
            let user = &partition.user;
            if let Err(refusal) = may_issue(&user.user, Some(new), new.created_at) {
                return Ok(SessionOpened::Refused(refusal));
            }
            if intent.proved.is_some() && intent.proved != user.password {
                return Ok(SessionOpened::Stale);
            }
            let displaced = too_many(&partition, intent);
            let last = displaced.len() <= ENDED_BESIDE;
            let mut change = self.service.transaction();
            if last {
                add(&mut change, intent, &partition)?;
            } else {
                personal_tokens::count_up(&mut change, user)?;
            }
            let now_ended: Vec<_> = displaced.iter().rev().take(ENDED_BESIDE).collect();
            for row in &now_ended {
                row.end(
                    &mut change,
                    sessions::ended(new.created_at, EndReason::Displaced),
                )?;
            }
            if self.service.commit(change).await?.is_done() {
                displaced_before += u64::try_from(now_ended.len()).unwrap_or(u64::MAX);
                if last {
                    self.owners
                        .remember(*new.id.as_uuid(), row_of(intent, user.epoch).owner());
                    return Ok(opened(&roles, &partition, displaced_before));
                }
                continue;
            }
            pause.wait().await;
        }
    }
}

/// The session itself, and the new hash if there is one.
fn add(change: &mut Transaction, intent: &OpenSession, partition: &Partition) -> StoreResult<()> {
    let user = &partition.user;
    match &intent.rehash {
        Some(rehash) => {
            let mut new = user.clone();
            new.password = Some(rehash.clone());
            user_rows::replace(change, Some(user), &new)?;
        }
        None => personal_tokens::count_up(change, user)?,
    }
    for item in row_of(intent, user.epoch).items() {
        change.put(item)?;
    }
    audit::insert(change, &intent.event)
}

fn row_of(intent: &OpenSession, epoch: u64) -> SessionRow {
    SessionRow {
        session: intent.session.clone(),
        epoch,
    }
}

/// The live sessions that have to give way: those longest unused, the longest last.
fn too_many<'p>(partition: &'p Partition, intent: &OpenSession) -> Vec<&'p SessionRow> {
    let most = usize::try_from(intent.max_sessions.saturating_sub(1)).unwrap_or(usize::MAX);
    let live = partition.live(intent.session.created_at).into_iter();
    live.skip(most).collect()
}

fn opened(roles: &Roles, partition: &Partition, displaced: u64) -> SessionOpened {
    SessionOpened::Opened {
        account: roles.account(&partition.user),
        displaced,
    }
}
