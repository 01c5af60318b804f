//! Signing up: everything is written at once and nothing is read, because the unique indexes know
//! better than any read who is there already. Only when one of them refuses is it looked up which.

use countersign_app::ports::store::{Idempotency, SignUp, SignedUp, StoreResult};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::Username;
use countersign_domain::user::User;
use mongodb::bson::{Document, doc};
use uuid::Uuid;

use crate::accounts::{USERS, user_document};
use crate::change::{Change, Step, Tx};
use crate::db::Db;
use crate::error::Fault;
use crate::fields::Fields;
use crate::roles::ROLES;
use crate::sessions::{SESSIONS, session_document};
use crate::values::{bytes, id, moment};
use crate::{audit, standing};

pub(crate) const IDEMPOTENCY_KEYS: &str = "idempotency_keys";

impl Change for SignUp {
    type Outcome = SignedUp;

    fn writes_at_once(&self) -> bool {
        true
    }

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<SignedUp>, Fault> {
        if let Some(lost) = standing::lost(tx, &self.by, self.event.at).await? {
            return Ok(Step::Leave(SignedUp::CallerLost(lost)));
        }
        let mut writes = tx.writes();
        standing::hold(&mut writes, &self.by);
        if let Some(idempotency) = &self.idempotency {
            // A key that is not forgotten yet is not found, and refused as a second one of its kind.
            let forgotten = doc! {
                "_id": bytes(idempotency.key.as_bytes()),
                "expires_at": {"$lte": moment(idempotency.now)},
            };
            let remember = doc! {"$set": remembered(idempotency, self.user.id)};
            writes.upsert(IDEMPOTENCY_KEYS, forgotten, remember);
        }
        // So that a role that is deleted at this moment is not left with its new holder.
        let roles = self.user.roles.iter().filter(|role| !role.is_built_in());
        let held: Vec<_> = roles
            .map(|role| writes.touch(ROLES, doc! {"_id": role.as_str()}))
            .collect();
        writes.insert(USERS, user_document(&self.user, self.password.as_ref()));
        if let Some(session) = &self.session {
            writes.insert(SESSIONS, session_document(session));
        }
        audit::add(&mut writes, &self.event);
        let written = tx.write(writes).await?;
        Ok(if held.iter().any(|role| written.found(*role) == 0) {
            Step::Leave(SignedUp::UnknownRole)
        } else {
            Step::Commit(SignedUp::Created)
        })
    }

    async fn in_the_way(&self, db: &Db) -> StoreResult<Option<SignedUp>> {
        if let Some(idempotency) = &self.idempotency
            && let Some(before) = repeated(db, idempotency).await?
        {
            return Ok(Some(before));
        }
        let owners = Owners::of(db, &self.user).await?;
        Ok(if owners.by_email.is_some() {
            Some(SignedUp::EmailTaken)
        } else if owners.by_username.is_some() {
            Some(SignedUp::UsernameTaken)
        } else {
            None
        })
    }
}

fn remembered(new: &Idempotency, user_id: UserId) -> Document {
    doc! {
        "request": bytes(new.request.as_bytes()),
        "user_id": id(user_id.as_uuid()),
        "expires_at": moment(new.expires_at),
    }
}

/// What a request with this idempotency key led to before, unless the key is forgotten.
async fn repeated(db: &Db, new: &Idempotency) -> StoreResult<Option<SignedUp>> {
    let filter = doc! {
        "_id": bytes(new.key.as_bytes()),
        "expires_at": {"$gt": moment(new.now)},
    };
    let Some(found) = db.one(IDEMPOTENCY_KEYS, filter).await? else {
        return Ok(None);
    };
    let fields = Fields::of(&found);
    let request: [u8; 32] = fields.bytes("request")?;
    Ok(Some(if request == *new.request.as_bytes() {
        SignedUp::Repeated(UserId::from_uuid(fields.id("user_id")?))
    } else {
        SignedUp::KeyReused
    }))
}

/// Who has the names that a user wants.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Owners {
    pub by_email: Option<Uuid>,
    pub by_username: Option<Uuid>,
}

impl Owners {
    /// Looks them up, by the unique indexes.
    pub async fn of(db: &Db, user: &User) -> StoreResult<Self> {
        let email = user.email.as_ref().map(EmailAddress::key);
        let username = user.username.as_ref().map(Username::as_str);
        let mut owners = Self::default();
        if let Some(email) = email {
            owners.by_email = owner(db, doc! {"email_key": email}).await?;
        }
        if let Some(username) = username {
            owners.by_username = owner(db, doc! {"username": username}).await?;
        }
        Ok(owners)
    }
}

async fn owner(db: &Db, filter: Document) -> StoreResult<Option<Uuid>> {
    let found = db.one(USERS, filter).await?;
    let found = found.as_ref().map(Fields::of);
    found.map(|found| found.id("_id")).transpose()
}
