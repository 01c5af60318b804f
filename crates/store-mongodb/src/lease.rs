//! The right to migrate, which one instance has at a time: a document that says whose it is and until
//! when, by the server's clock, so that the lease of an instance that died runs out by itself.

use std::time::Duration;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use mongodb::bson::{DateTime, doc};
use uuid::Uuid;

use crate::db::{Db, unexpected};
use crate::error::{OrStoreError, code, codes};
use crate::migrations::SCHEMA;
use crate::values::id;

pub(crate) const LEASE: &str = "lease";

/// How long a lease is good unless it is renewed.
const TERM: Duration = Duration::from_secs(15);

/// How often it is renewed, and how often another one looks whether it is free.
const RENEW: Duration = Duration::from_secs(4);
const LOOK: Duration = Duration::from_millis(100);

/// A lease that was taken.
pub(crate) struct Lease<'d> {
    db: &'d Db,
    owner: Uuid,
}

impl<'d> Lease<'d> {
    /// Takes it, as soon as nobody has it.
    pub async fn take(db: &'d Db) -> StoreResult<Self> {
        let mut random = [0; 16];
        for half in random.chunks_mut(8) {
            use std::hash::{BuildHasher as _, Hasher as _, RandomState};
            let bytes = RandomState::new().build_hasher().finish().to_be_bytes();
            half.copy_from_slice(&bytes);
        }
        let lease = Self {
            db,
            owner: Uuid::from_bytes(random),
        };
        while !lease.try_take().await? {
            tokio::time::sleep(LOOK).await;
        }
        Ok(lease)
    }

    /// Does the work while the lease is renewed; stops it if the lease is lost.
    pub async fn hold<T>(&self, work: impl Future<Output = T>) -> StoreResult<T> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(RENEW) => {
                    if !self.try_take().await? {
                        let text = "another instance took over the migration".to_owned();
                        return Err(StoreError::Unavailable(text));
                    }
                }
            }
        }
    }

    /// Takes it if it is free, and renews it if it is ours. If it is somebody else's the update finds
    /// nothing, wants to add the document, and is refused because it is there.
    async fn try_take(&self) -> StoreResult<bool> {
        let hello = self.db.hello().await?;
        let now = hello.get_datetime("localTime").copied();
        let now = now.map_err(|_| unexpected("localTime"))?;
        let term = i64::try_from(TERM.as_millis()).unwrap_or(i64::MAX);
        let until = DateTime::from_millis(now.timestamp_millis().saturating_add(term));
        let filter = doc! {
            "_id": LEASE,
            "$or": [{"until": {"$lt": now}}, {"owner": id(&self.owner)}],
        };
        let update = doc! {"$set": {"owner": id(&self.owner), "until": until}};
        let schema = self.db.collection(SCHEMA);
        match schema.update_one(filter, update).upsert(true).await {
            Err(error) if codes(&error).contains(&code::DUPLICATE_KEY) => Ok(false),
            written => written.or_store_error().map(|_| true),
        }
    }

    /// Gives it back. If that fails it runs out by itself.
    pub async fn give_back(self) {
        let ours = doc! {"_id": LEASE, "owner": id(&self.owner)};
        if let Err(error) = self.db.collection(SCHEMA).delete_one(ours).await {
            let error = crate::error::store_error(&error);
            tracing::warn!(%error, "the lease for migrations runs out by itself");
        }
    }
}
