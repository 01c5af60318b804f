//! Personal access tokens.

use countersign_app::ports::store::{CreatePersonalToken, PersonalTokenCreated, StoreResult};
use countersign_domain::audit::AuditEvent;
use countersign_domain::gate::may_issue;
use countersign_domain::id::{PersonalTokenId, UserId};
use countersign_domain::names::Label;
use countersign_domain::opaque::TokenHash;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::Account;
use countersign_domain::time::Timestamp;
use countersign_token::Scope;
use mongodb::bson::{Document, doc};

use crate::accounts::{USERS, join_account, joined_account, record, user_with};
use crate::audit;
use crate::change::{Change, Step, Tx};
use crate::db::Db;
use crate::error::Fault;
use crate::fields::Fields;
use crate::standing;
use crate::values::{bytes, id, moment, put, texts};
use crate::writes::Writes;

pub(crate) const TOKENS: &str = "personal_tokens";

/// A token as a document.
pub(crate) fn token_document(token: &PersonalToken) -> Document {
    let mut document = doc! {
        "_id": id(token.id.as_uuid()),
        "user_id": id(token.user_id.as_uuid()),
        "name": token.name.as_str(),
        "scopes": texts(token.scopes.iter().map(Scope::as_str)),
        "hash": bytes(token.hash.as_bytes()),
        "created_at": moment(token.created_at),
        "expires_at": moment(token.expires_at),
    };
    put(
        &mut document,
        "last_used_at",
        token.last_used_at.map(moment),
    );
    put(&mut document, "revoked_at", token.revoked_at.map(moment));
    document
}

/// Reads a token.
pub(crate) fn token(fields: Fields<'_>) -> StoreResult<PersonalToken> {
    Ok(PersonalToken {
        id: PersonalTokenId::from_uuid(fields.id("_id")?),
        user_id: UserId::from_uuid(fields.id("user_id")?),
        name: Label::from_stored(fields.text("name")?),
        scopes: fields.scopes("scopes")?,
        hash: TokenHash::from_bytes(fields.bytes("hash")?),
        created_at: fields.moment("created_at")?,
        expires_at: fields.moment("expires_at")?,
        last_used_at: fields.moment_or_none("last_used_at")?,
        revoked_at: fields.moment_or_none("revoked_at")?,
    })
}

/// See [`countersign_app::ports::Store::personal_token`].
pub(crate) async fn by_id(
    db: &Db,
    token_id: PersonalTokenId,
) -> StoreResult<Option<(PersonalToken, Account)>> {
    let mut pipeline = vec![doc! {"$match": {"_id": id(token_id.as_uuid())}}];
    pipeline.extend(join_account());
    let Some(found) = db.first(TOKENS, pipeline).await? else {
        return Ok(None);
    };
    Ok(Some((token(Fields::of(&found))?, joined_account(&found)?)))
}

fn live_at(now: Timestamp) -> Document {
    doc! {"revoked_at": {"$exists": false}, "expires_at": {"$gt": moment(now)}}
}

/// See [`countersign_app::ports::Store::live_personal_tokens`].
pub(crate) async fn live(
    db: &Db,
    user_id: UserId,
    now: Timestamp,
) -> StoreResult<Vec<PersonalToken>> {
    let mut filter = doc! {"user_id": id(user_id.as_uuid())};
    filter.extend(live_at(now));
    let pipeline = vec![
        doc! {"$match": filter},
        doc! {"$sort": {"created_at": -1, "_id": -1}},
    ];
    let found = db.all(TOKENS, pipeline).await?;
    found.iter().map(|found| token(Fields::of(found))).collect()
}

impl Change for CreatePersonalToken {
    type Outcome = PersonalTokenCreated;

    /// The present moment is the token's beginning. The user is written, so that two tokens can't
    /// both be the last one allowed, and none is left behind by a deletion or a password change.
    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<PersonalTokenCreated>, Fault> {
        if let Some(lost) = standing::lost(tx, &self.by, self.event.at).await? {
            return Ok(Step::Leave(PersonalTokenCreated::CallerLost(lost)));
        }
        let token = &self.token;
        let join_live = doc! {"$lookup": {
            "from": TOKENS,
            "localField": "_id",
            "foreignField": "user_id",
            "pipeline": [{"$match": live_at(token.created_at)}, {"$project": {"_id": 1}}],
            "as": "live",
        }};
        let Some(found) = user_with(tx, token.user_id, [join_live]).await? else {
            return Ok(Step::Leave(PersonalTokenCreated::NotFound));
        };
        let user = record(&found)?.account.user;
        if let Err(refusal) = may_issue(&user, None, token.created_at) {
            return Ok(Step::Leave(PersonalTokenCreated::Refused(refusal)));
        }
        let live = Fields::of(&found).each("live")?.len();
        if live >= usize::try_from(self.max_tokens).unwrap_or(usize::MAX) {
            return Ok(Step::Leave(PersonalTokenCreated::TooMany));
        }
        let mut writes = tx.writes();
        writes.touch(USERS, doc! {"_id": id(token.user_id.as_uuid())});
        standing::hold(&mut writes, &self.by);
        writes.insert(TOKENS, token_document(token));
        audit::add(&mut writes, &self.event);
        tx.write(writes).await?;
        Ok(Step::Commit(PersonalTokenCreated::Created))
    }
}

/// See [`countersign_app::ports::Store::revoke_personal_token`].
pub(crate) struct Revoke {
    pub user_id: UserId,
    pub id: PersonalTokenId,
    pub now: Timestamp,
    pub event: AuditEvent,
}

impl Change for Revoke {
    type Outcome = bool;

    fn writes_at_once(&self) -> bool {
        true
    }

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<bool>, Fault> {
        let mut filter = doc! {
            "_id": id(self.id.as_uuid()),
            "user_id": id(self.user_id.as_uuid()),
        };
        filter.extend(live_at(self.now));
        let update = doc! {"$set": {"revoked_at": moment(self.now)}};
        guarded(tx, filter, update, &self.event).await
    }
}

/// See [`countersign_app::ports::Store::note_personal_token_use`].
pub(crate) struct NoteUse {
    pub id: PersonalTokenId,
    pub now: Timestamp,
    pub event: AuditEvent,
}

impl Change for NoteUse {
    type Outcome = bool;

    fn writes_at_once(&self) -> bool {
        true
    }

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<bool>, Fault> {
        let long_ago = self.now.minus(PersonalToken::USE_NOTED_EVERY);
        let filter = doc! {
            "_id": id(self.id.as_uuid()),
            "$or": [
                {"last_used_at": {"$exists": false}},
                {"last_used_at": {"$lte": moment(long_ago)}},
            ],
        };
        let update = doc! {"$set": {"last_used_at": moment(self.now)}};
        guarded(tx, filter, update, &self.event).await
    }
}

/// Changes the token that the filter finds, with its event; nothing if it finds none.
async fn guarded(
    tx: &mut Tx<'_>,
    filter: Document,
    update: Document,
    event: &AuditEvent,
) -> Result<Step<bool>, Fault> {
    let mut writes = tx.writes();
    let changed = writes.update(TOKENS, filter, update);
    audit::add(&mut writes, event);
    let written = tx.write(writes).await?;
    Ok(if written.found(changed) == 0 {
        Step::Leave(false)
    } else {
        Step::Commit(true)
    })
}

/// Revokes all tokens of a user, as a part of another change.
pub(crate) fn revoke_all(writes: &mut Writes, user_id: UserId, now: Timestamp) {
    writes.update_all(
        TOKENS,
        doc! {"user_id": id(user_id.as_uuid()), "revoked_at": {"$exists": false}},
        doc! {"$set": {"revoked_at": moment(now)}},
    );
}
