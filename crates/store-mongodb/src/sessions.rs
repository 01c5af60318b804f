//! Sessions: their documents, the read that every call with an access token makes, and their ends.

use countersign_app::ports::store::{EndSession, EndSessions, SessionEnded, StoreResult};
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::names::Label;
use countersign_domain::opaque::TokenHash;
use countersign_domain::role::Account;
use countersign_domain::session::{EndReason, Ended, RefreshState, Session};
use countersign_domain::time::Timestamp;
use countersign_token::{Audience, Scope};
use mongodb::bson::{Document, doc};

use crate::accounts::{join_account, joined_account};
use crate::audit;
use crate::change::{Change, Step, Tx};
use crate::db::Db;
use crate::error::{Fault, OrStoreError};
use crate::fields::Fields;
use crate::values::{bytes, id, moment, put, texts};
use crate::writes::{Place, Writes};

pub(crate) const SESSIONS: &str = "sessions";

/// A session as a document. `over_at` is when it ends or ended, for clearing away.
pub(crate) fn session_document(session: &Session) -> Document {
    let over_at = session
        .ended
        .map_or(session.ends_at(), |ended| ended.at.min(session.ends_at()));
    let mut document = doc! {
        "_id": id(session.id.as_uuid()),
        "user_id": id(session.user_id.as_uuid()),
        "amr": texts(session.amr.iter().map(String::as_str)),
        "authenticated_at": moment(session.authenticated_at),
        "created_at": moment(session.created_at),
        "expires_at": moment(session.expires_at),
        "over_at": moment(over_at),
    };
    let asked = session.asked_scopes.as_ref();
    let asked = asked.map(|asked| texts(asked.iter().map(Scope::as_str)));
    put(
        &mut document,
        "device",
        session.device.as_ref().map(Label::as_str),
    );
    put(
        &mut document,
        "address",
        session.address.map(|address| address.to_string()),
    );
    put(&mut document, "asked_scopes", asked);
    put(
        &mut document,
        "audience",
        session.audience.as_ref().map(Audience::as_str),
    );
    put(
        &mut document,
        "ended_at",
        session.ended.map(|ended| moment(ended.at)),
    );
    put(
        &mut document,
        "end_reason",
        session.ended.map(|ended| ended.reason.as_str()),
    );
    document.extend(refresh_fields(session));
    document
}

/// The fields of a session that a refresh changes, beside `over_at`.
pub(crate) fn refresh_fields(session: &Session) -> Document {
    let refresh = &session.refresh;
    let mut document = doc! {
        "last_seen_at": moment(session.last_seen_at),
        "idle_expires_at": moment(session.idle_expires_at),
        "generation": i64::from(refresh.generation),
        "current_hash": bytes(refresh.current.as_bytes()),
        "nonce": bytes(&refresh.nonce),
        "rotated_at": moment(refresh.rotated_at),
    };
    let previous = refresh.previous.as_ref().map(TokenHash::as_bytes);
    put(
        &mut document,
        "previous_hash",
        previous.map(|hash| bytes(hash)),
    );
    document
}

/// Reads a session.
pub(crate) fn session(fields: Fields<'_>) -> StoreResult<Session> {
    let ended_at = fields.moment_or_none("ended_at")?;
    Ok(Session {
        id: SessionId::from_uuid(fields.id("_id")?),
        user_id: UserId::from_uuid(fields.id("user_id")?),
        device: fields.text_or_none("device")?.map(Label::from_stored),
        address: fields.parsed_or_none("address")?,
        asked_scopes: fields.scopes_or_none("asked_scopes")?,
        audience: fields.parsed_or_none("audience")?,
        amr: fields
            .texts("amr")?
            .into_iter()
            .map(str::to_owned)
            .collect(),
        authenticated_at: fields.moment("authenticated_at")?,
        created_at: fields.moment("created_at")?,
        last_seen_at: fields.moment("last_seen_at")?,
        idle_expires_at: fields.moment("idle_expires_at")?,
        expires_at: fields.moment("expires_at")?,
        ended: match ended_at {
            Some(at) => Some(Ended {
                at,
                reason: fields.named("end_reason", EndReason::from_name)?,
            }),
            None => None,
        },
        refresh: RefreshState {
            generation: fields.number("generation")?,
            current: TokenHash::from_bytes(fields.bytes("current_hash")?),
            previous: fields
                .bytes_or_none("previous_hash")?
                .map(TokenHash::from_bytes),
            nonce: fields.bytes("nonce")?,
            rotated_at: fields.moment("rotated_at")?,
        },
    })
}

/// Reads a session with the account that was joined in.
pub(crate) fn with_account(document: &Document) -> StoreResult<(Session, Account)> {
    Ok((session(Fields::of(document))?, joined_account(document)?))
}

/// The session that `filter` finds, with its account.
pub(crate) fn and_account(filter: Document) -> Vec<Document> {
    let mut pipeline = vec![doc! {"$match": filter}];
    pipeline.extend(join_account());
    pipeline
}

/// See [`countersign_app::ports::Store::session`].
pub(crate) async fn by_id(
    db: &Db,
    session_id: SessionId,
) -> StoreResult<Option<(Session, Account)>> {
    let filter = doc! {"_id": id(session_id.as_uuid())};
    let found = db.first(SESSIONS, and_account(filter)).await?;
    found.as_ref().map(with_account).transpose()
}

/// See [`countersign_app::ports::Store::session_of`]: one command, by primary keys. Whose session it
/// is, is looked at here, so that the question stays one for a key alone.
pub(crate) async fn of_user(
    db: &Db,
    user_id: UserId,
    session_id: SessionId,
) -> StoreResult<Option<(Session, Account)>> {
    let found = by_id(db, session_id).await?;
    Ok(found.filter(|(session, _)| session.user_id == user_id))
}

/// Sessions that have neither ended nor run out.
pub(crate) fn live_at(now: Timestamp) -> Document {
    doc! {
        "ended_at": {"$exists": false},
        "idle_expires_at": {"$gt": moment(now)},
        "expires_at": {"$gt": moment(now)},
    }
}

/// See [`countersign_app::ports::Store::live_sessions`].
pub(crate) async fn live(db: &Db, user_id: UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
    let mut filter = doc! {"user_id": id(user_id.as_uuid())};
    filter.extend(live_at(now));
    let pipeline = vec![
        doc! {"$match": filter},
        doc! {"$sort": {"created_at": -1, "_id": -1}},
    ];
    let found = db.all(SESSIONS, pipeline).await?;
    found
        .iter()
        .map(|found| session(Fields::of(found)))
        .collect()
}

/// Sessions that have run out, and were not ended.
fn run_out_at(now: Timestamp) -> Document {
    doc! {
        "ended_at": {"$exists": false},
        "$or": [
            {"idle_expires_at": {"$lte": moment(now)}},
            {"expires_at": {"$lte": moment(now)}},
        ],
    }
}

/// The update that ends sessions.
pub(crate) fn ending(reason: EndReason, now: Timestamp) -> Document {
    doc! {
        "$set": {"ended_at": moment(now), "end_reason": reason.as_str()},
        "$min": {"over_at": moment(now)},
    }
}

/// Ends all sessions of a user but the one to keep, as a part of another change; the place tells how
/// many of them were live.
pub(crate) fn end_all(
    writes: &mut Writes,
    user_id: UserId,
    keep: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> Place {
    let mut others = doc! {"user_id": id(user_id.as_uuid())};
    if let Some(keep) = keep {
        others.insert("_id", doc! {"$ne": id(keep.as_uuid())});
    }
    let mut live = others.clone();
    live.extend(live_at(now));
    let counted = writes.update_all(SESSIONS, live, ending(reason, now));
    // What has run out by this instance's clock may live by that of another: it is ended, too.
    others.extend(run_out_at(now));
    writes.update_all(SESSIONS, others, ending(reason, now));
    counted
}

/// Ends sessions of a user in which there was nothing to end by the clock of this instance, because
/// they have run out: by another's they may live. `only` one, or all but the one to `keep`.
pub(crate) async fn end_run_out(
    db: &Db,
    user_id: UserId,
    only: Option<SessionId>,
    keep: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> StoreResult<()> {
    let mut run_out = doc! {"user_id": id(user_id.as_uuid())};
    run_out.extend(run_out_at(now));
    if let Some(only) = only {
        run_out.insert("_id", id(only.as_uuid()));
    } else if let Some(keep) = keep {
        run_out.insert("_id", doc! {"$ne": id(keep.as_uuid())});
    }
    let sessions = db.collection(SESSIONS);
    sessions
        .update_many(run_out, ending(reason, now))
        .await
        .or_store_error()?;
    Ok(())
}

impl Change for EndSession {
    type Outcome = SessionEnded;

    fn writes_at_once(&self) -> bool {
        true
    }

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<SessionEnded>, Fault> {
        let mut filter = doc! {
            "_id": id(self.session_id.as_uuid()),
            "user_id": id(self.user_id.as_uuid()),
        };
        filter.extend(live_at(self.now));
        let mut writes = tx.writes();
        let ended = writes.update(SESSIONS, filter, ending(self.reason, self.now));
        audit::add(&mut writes, &self.event);
        let written = tx.write(writes).await?;
        Ok(if written.found(ended) == 0 {
            Step::Leave(SessionEnded::NotFound)
        } else {
            Step::Commit(SessionEnded::Ended)
        })
    }
}

impl Change for EndSessions {
    type Outcome = u64;

    fn writes_at_once(&self) -> bool {
        true
    }

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<u64>, Fault> {
        let mut writes = tx.writes();
        let ended = end_all(&mut writes, self.user_id, self.keep, self.reason, self.now);
        audit::add(&mut writes, &self.event);
        let ended = tx.write(writes).await?.found(ended);
        Ok(if ended == 0 {
            Step::Leave(0)
        } else {
            Step::Commit(ended)
        })
    }
}
