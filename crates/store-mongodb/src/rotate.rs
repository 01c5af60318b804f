//! Spending a refresh token: read, judged and written in one change.

use countersign_app::ports::store::{RotateRefresh, Rotated};
use countersign_domain::audit::Actor;
use countersign_domain::refresh::{Judgement, judge};
use countersign_domain::session::{EndReason, RefreshState, Session};
use mongodb::bson::doc;

use crate::audit;
use crate::change::{Change, Step, Tx};
use crate::error::Fault;
use crate::sessions::{SESSIONS, and_account, ending, refresh_fields, with_account};
use crate::values::{id, moment};

impl Change for RotateRefresh {
    type Outcome = Rotated;

    /// The session is written, so of two refreshes one is rolled back, and judged anew against what
    /// the other made of it. The user is only read: whatever shuts a user out ends, and so writes, all
    /// their sessions that have not ended.
    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<Rotated>, Fault> {
        let filter = doc! {"_id": id(self.session_id.as_uuid())};
        let Some(found) = tx.first(SESSIONS, and_account(filter.clone())).await? else {
            return Ok(Step::Leave(Rotated::Unknown));
        };
        let (session, account) = with_account(&found)?;
        let judgement = judge(
            &account.user,
            &session,
            &self.presented,
            self.now,
            self.retry_window,
        );
        let mut writes = tx.writes();
        let outcome = match judgement {
            Judgement::Rotate => {
                let session = rotated(session, self);
                let mut set = refresh_fields(&session);
                set.insert("over_at", moment(session.ends_at()));
                writes.update(SESSIONS, filter, doc! {"$set": set});
                let mut event = self.event.clone();
                event.user_id = Some(session.user_id);
                event.actor = Actor::User(session.user_id);
                audit::add(&mut writes, &event);
                Rotated::Rotated(session, account)
            }
            Judgement::Reused => {
                let end = ending(EndReason::RefreshReused, self.now);
                writes.update(SESSIONS, filter, end);
                let mut event = self.reuse_event.clone();
                event.user_id = Some(session.user_id);
                audit::add(&mut writes, &event);
                Rotated::Reused {
                    user_id: session.user_id,
                }
            }
            Judgement::Retry { nonce } => {
                return Ok(Step::Leave(Rotated::Retried {
                    nonce,
                    session,
                    account,
                }));
            }
            Judgement::Refused(refusal) => return Ok(Step::Leave(Rotated::Refused(refusal))),
            Judgement::Unknown => return Ok(Step::Leave(Rotated::Unknown)),
        };
        tx.write(writes).await?;
        Ok(Step::Commit(outcome))
    }
}

/// What a refresh makes of a session.
fn rotated(session: Session, intent: &RotateRefresh) -> Session {
    Session {
        last_seen_at: intent.now,
        idle_expires_at: intent.idle_expires_at,
        refresh: RefreshState {
            generation: session.refresh.generation.saturating_add(1),
            current: intent.successor,
            previous: Some(session.refresh.current),
            nonce: intent.nonce,
            rotated_at: intent.now,
        },
        ..session
    }
}
