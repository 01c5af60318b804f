//! Opening a session: the gate, the proof, the limit, in one change.

use countersign_app::ports::store::{OpenSession, SessionOpened};
use countersign_domain::gate::may_issue;
use countersign_domain::password::PasswordHash;
use countersign_domain::session::EndReason;
use mongodb::bson::{Bson, Document, doc};

use crate::accounts::{USERS, record, user_with};
use crate::audit;
use crate::change::{Change, Step, Tx};
use crate::error::Fault;
use crate::fields::Fields;
use crate::sessions::{SESSIONS, ending, live_at, session_document};
use crate::values::id;

impl Change for OpenSession {
    type Outcome = SessionOpened;

    /// The present moment is the session's beginning. The decision leans on the user and on the
    /// number of their sessions: the user is written, by this and by every other change that opens a
    /// session for them, shuts them out, deletes them or replaces their password.
    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<SessionOpened>, Fault> {
        let session = &self.session;
        let now = session.created_at;
        let found = user_with(tx, session.user_id, [join_live(self)]).await?;
        let Some(found) = found else {
            return Ok(Step::Leave(SessionOpened::Stale));
        };
        let record = record(&found)?;
        if let Err(refusal) = may_issue(&record.account.user, Some(session), now) {
            return Ok(Step::Leave(SessionOpened::Refused(refusal)));
        }
        if self.proved.is_some() && self.proved != record.password {
            return Ok(Step::Leave(SessionOpened::Stale));
        }
        // The longest unused come last.
        let live = Fields::of(&found).each("live")?.into_iter();
        let room = usize::try_from(self.max_sessions.saturating_sub(1)).unwrap_or(usize::MAX);
        let displaced = live.skip(room).map(|live| Ok(id(&live.id("_id")?)));
        let displaced: Vec<Bson> = displaced.collect::<Result<_, Fault>>()?;
        let gone = u64::try_from(displaced.len()).unwrap_or(u64::MAX);

        let mut writes = tx.writes();
        let mut touch = doc! {"$inc": {"touched": 1_i64}};
        if let Some(rehash) = self.rehash.as_ref().map(PasswordHash::expose) {
            touch.insert("$set", doc! {"password": rehash});
        }
        writes.update(USERS, doc! {"_id": id(session.user_id.as_uuid())}, touch);
        if !displaced.is_empty() {
            writes.update_all(
                SESSIONS,
                doc! {"_id": {"$in": displaced}},
                ending(EndReason::Displaced, now),
            );
        }
        writes.insert(SESSIONS, session_document(session));
        audit::add(&mut writes, &self.event);
        tx.write(writes).await?;
        Ok(Step::Commit(SessionOpened::Opened {
            account: record.account,
            displaced: gone,
        }))
    }
}

/// Joins in the ids of the user's live sessions, the last used first.
fn join_live(intent: &OpenSession) -> Document {
    doc! {"$lookup": {
        "from": SESSIONS,
        "localField": "_id",
        "foreignField": "user_id",
        "pipeline": [
            {"$match": live_at(intent.session.created_at)},
            {"$sort": {"last_seen_at": -1, "_id": -1}},
            {"$project": {"_id": 1}},
        ],
        "as": "live",
    }}
}
