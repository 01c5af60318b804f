//! The driver's client, set up so that nothing in the address can weaken what the store promises, and
//! the reads that are made outside of transactions.

use std::sync::Arc;
use std::time::Duration;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ActivityCounter, StoreLimits, StoreResult};
use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::options::{
    Acknowledgment, ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use mongodb::{Client, Collection, Database};

use crate::address::Address;
use crate::error::OrStoreError;
use crate::watch;

/// How often the driver looks whether the server is still there while nobody asks anything.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// How long a connection may lie idle: shorter than what networks forget without a word.
const IDLE: Duration = Duration::from_mins(5);

/// A connected database.
pub(crate) struct Db {
    pub client: Client,
    pub database: Database,
}

/// Writes are acknowledged by the majority of the replica set, and are in its journals.
pub(crate) fn majority() -> WriteConcern {
    WriteConcern::builder()
        .w(Acknowledgment::Majority)
        .journal(true)
        .build()
}

impl Db {
    pub async fn connect(
        address: &Address,
        limits: &StoreLimits,
        counter: &Arc<ActivityCounter>,
    ) -> StoreResult<Self> {
        // Looks up the members behind a name of the kind mongodb+srv, and nothing else.
        let options = ClientOptions::parse(address.connection.clone()).await;
        let mut options = options.or_store_error()?;
        options.app_name.get_or_insert("countersign".to_owned());
        options.write_concern = Some(majority());
        // Each read says its own.
        options.read_concern = None;
        options.selection_criteria =
            Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        options.retry_writes = Some(true);
        options.max_pool_size = Some(limits.connections.max(1));
        options.connect_timeout = Some(limits.acquire);
        options.server_selection_timeout = Some(limits.acquire);
        options.heartbeat_freq = Some(HEARTBEAT);
        options.max_idle_time = Some(IDLE);
        watch::listen(&mut options, counter);
        let client = Client::with_options(options).or_store_error()?;
        let database = client.database(&address.database);
        Ok(Self { client, database })
    }

    /// A collection.
    pub fn collection(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }

    /// What a pipeline gives, all of one moment: what it joins belongs together.
    pub async fn all(
        &self,
        collection: &str,
        pipeline: Vec<Document>,
    ) -> StoreResult<Vec<Document>> {
        let cursor = self
            .collection(collection)
            .aggregate(pipeline)
            .read_concern(ReadConcern::snapshot())
            .batch_size(ONE_BATCH)
            .await
            .or_store_error()?;
        cursor.try_collect().await.or_store_error()
    }

    /// The first thing that a pipeline gives.
    pub async fn first(
        &self,
        collection: &str,
        pipeline: Vec<Document>,
    ) -> StoreResult<Option<Document>> {
        Ok(self.all(collection, pipeline).await?.into_iter().next())
    }

    /// One document by its key.
    pub async fn one(&self, collection: &str, filter: Document) -> StoreResult<Option<Document>> {
        let collection = self.collection(collection);
        let found = collection.find_one(filter);
        let found = found.read_concern(ReadConcern::majority()).await;
        found.or_store_error()
    }

    /// What `hello` says of the server.
    pub async fn hello(&self) -> StoreResult<Document> {
        let hello = self.database.run_command(doc! {"hello": 1}).await;
        hello.or_store_error()
    }

    /// What a command of this crate's own gives.
    pub async fn command(&self, command: Document) -> Result<Document, mongodb::error::Error> {
        self.database.run_command(command).await
    }
}

/// As many documents as any list of the store has at most, so that none takes a second round trip.
pub(crate) const ONE_BATCH: u32 = 10_000;

/// The complaint about an answer that has not what it should.
pub(crate) fn unexpected(what: &str) -> StoreError {
    StoreError::Corrupt(format!("the server's answer lacks {what}"))
}
