//! Spending a refresh token. On the good way the change and the read of the account go out
//! together: the conditions of the change are those under which
//! [`judge`] says that the token rotates, so that nothing has to be read before. Everything else
//! takes the slow way: read, judge, and change what was read if it is still so.

use countersign_app::ports::store::{RotateRefresh, Rotated, StoreResult};
use countersign_domain::audit::Actor;
use countersign_domain::id::UserId;
use countersign_domain::refresh::{Judgement, judge};
use countersign_domain::session::{EndReason, RefreshState, Session};

use crate::cells::{at, b, n, s, ttl};
use crate::error::lost;
use crate::owners::Owner;
use crate::service::Pause;
use crate::transaction::{About, Transaction};
use crate::{DynamoDbStore, audit, layout, sessions};

impl DynamoDbStore {
    pub(crate) async fn spend(&self, intent: &RotateRefresh) -> StoreResult<Rotated> {
        let Some(owner) = self.owner_of(intent.session_id).await? else {
            return Ok(Rotated::Unknown);
        };
        let change = self.rotation(intent, &owner)?;
        // Sent together: one wait.
        let (read, outcome) = tokio::join!(
            self.service.session_row(owner.user, intent.session_id),
            self.service.commit_beside(change, false)
        );
        if outcome?.is_done() {
            return Ok(match read? {
                Some((row, user, roles)) => {
                    Rotated::Rotated(rotated(row.session, intent), roles.account(&user))
                }
                // Deleted in the same moment: it did rotate, and nobody can say to what any more.
                None => return Err(lost()),
            });
        }
        self.spend_slowly(intent, owner.user).await
    }

    async fn spend_slowly(&self, intent: &RotateRefresh, owner: UserId) -> StoreResult<Rotated> {
        let id = intent.session_id;
        let mut pause = Pause::default();
        loop {
            let Some((row, user, roles)) = self.service.session_row(owner, id).await? else {
                self.owners.forget(*id.as_uuid());
                return Ok(Rotated::Unknown);
            };
            self.owners.remember(*id.as_uuid(), row.owner());
            let (session, now) = (&row.session, intent.now);
            let account = roles.account(&user);
            let presented = &intent.presented;
            let judgement = judge(&user.user, session, presented, now, intent.retry_window);
            match judgement {
                Judgement::Refused(refusal) => return Ok(Rotated::Refused(refusal)),
                Judgement::Rotate => {
                    let change = self.rotation(intent, &row.owner())?;
                    if self.service.commit(change).await?.is_done() {
                        let session = rotated(row.session, intent);
                        return Ok(Rotated::Rotated(session, account));
                    }
                }
                Judgement::Reused => {
                    let mut change = self.service.transaction();
                    sessions::set_changed(&mut change, owner, row.epoch)?;
                    row.end(&mut change, sessions::ended(now, EndReason::RefreshReused))?;
                    let mut event = intent.reuse_event.clone();
                    event.user_id = Some(owner);
                    audit::insert(&mut change, &event)?;
                    if self.service.commit(change).await?.is_done() {
                        return Ok(Rotated::Reused { user_id: owner });
                    }
                }
                Judgement::Retry { nonce } => {
                    return Ok(Rotated::Retried {
                        nonce,
                        session: row.session,
                        account,
                    });
                }
                Judgement::Unknown => return Ok(Rotated::Unknown),
            }
            pause.wait().await;
        }
    }

    /// The rotation, under the conditions that make it one: an active user who has not ended all
    /// sessions since, a session that was not ended and is not over, and the token that is current.
    fn rotation(&self, intent: &RotateRefresh, owner: &Owner) -> StoreResult<Transaction> {
        let Owner {
            user,
            epoch,
            expires_at,
        } = *owner;
        let over_at = intent.idle_expires_at.min(expires_at);
        let mut change = self.service.transaction();
        change.check(
            About::User,
            &layout::user(user),
            "#state = :active AND #epoch = :epoch",
            vec![(":active", s("active")), (":epoch", n(epoch))],
        )?;
        let presented = &intent.presented;
        let mut of = vec![
            (":presented", b(presented.hash.as_bytes())),
            (":generation", n(presented.generation)),
            (":now", at(intent.now)),
            (":next", n(presented.generation.saturating_add(1))),
            (":successor", b(intent.successor.as_bytes())),
            (":nonce", b(&intent.nonce)),
            (":idle", at(intent.idle_expires_at)),
            (":over", at(over_at)),
            (":epoch", n(epoch)),
        ];
        let mut update = "SET #generation = :next, #current = :successor, #previous = :presented, \
                          #nonce = :nonce, #rotated_at = :now, #last_seen_at = :now, \
                          #idle_expires_at = :idle, #over_at = :over"
            .to_owned();
        if let Some(ttl) = ttl(over_at) {
            update.push_str(", #ttl = :ttl");
            of.push((":ttl", ttl));
        } else {
            update.push_str(" REMOVE #ttl");
        }
        let is_current = "#epoch = :epoch AND #generation = :generation AND #current = :presented \
                          AND #idle_expires_at > :now AND #expires_at > :now";
        let key = layout::live_session(user, intent.session_id);
        change.update_if(About::Session, &key, &update, is_current, of)?;
        let mut event = intent.event.clone();
        event.user_id = Some(user);
        event.actor = Actor::User(user);
        audit::insert(&mut change, &event)?;
        Ok(change)
    }
}

/// The session as the rotation left it, from a read of the same moment: what a rotation does not
/// change never changes.
fn rotated(session: Session, intent: &RotateRefresh) -> Session {
    Session {
        last_seen_at: intent.now,
        idle_expires_at: intent.idle_expires_at,
        ended: None,
        refresh: RefreshState {
            generation: intent.presented.generation.saturating_add(1),
            current: intent.successor,
            previous: Some(intent.presented.hash),
            nonce: intent.nonce,
            rotated_at: intent.now,
        },
        ..session
    }
}
