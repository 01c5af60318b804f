//! The writes of one change, over all collections, in the order in which they are done. They go to
//! the server as one command (`bulkWrite`, new in `MongoDB` 8.0), and come back with how many documents
//! each of them found: so a guard that finds nothing is seen, and the change undone.

use mongodb::Namespace;
use mongodb::bson::{Document, doc};
use mongodb::options::{
    DeleteManyModel, InsertOneModel, ReplaceOneModel, UpdateManyModel, UpdateOneModel, WriteModel,
};
use mongodb::results::VerboseBulkWriteResult;

/// Writes in the making.
pub(crate) struct Writes {
    database: String,
    models: Vec<WriteModel>,
}

/// The place of a write among the others.
pub(crate) type Place = usize;

impl Writes {
    /// Of a database.
    pub fn to(database: &str) -> Self {
        Self {
            database: database.to_owned(),
            models: Vec::new(),
        }
    }

    pub fn into_models(self) -> Vec<WriteModel> {
        self.models
    }

    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    fn namespace(&self, collection: &str) -> Namespace {
        Namespace::new(&self.database, collection)
    }

    fn push(&mut self, model: impl Into<WriteModel>) -> Place {
        self.models.push(model.into());
        self.models.len() - 1
    }

    /// Adds a document.
    pub fn insert(&mut self, collection: &str, document: Document) -> Place {
        let model = InsertOneModel::builder()
            .namespace(self.namespace(collection))
            .document(document);
        self.push(model.build())
    }

    /// Changes the document that `filter` finds.
    pub fn update(&mut self, collection: &str, filter: Document, update: Document) -> Place {
        let model = UpdateOneModel::builder()
            .namespace(self.namespace(collection))
            .filter(filter)
            .update(update);
        self.push(model.build())
    }

    /// The same, and adds the document if there is none.
    pub fn upsert(&mut self, collection: &str, filter: Document, update: Document) -> Place {
        let model = UpdateOneModel::builder()
            .namespace(self.namespace(collection))
            .filter(filter)
            .update(update)
            .upsert(true);
        self.push(model.build())
    }

    /// Puts a whole document in the place of the one that `filter` finds, or where there is none.
    pub fn replace(&mut self, collection: &str, filter: Document, document: Document) -> Place {
        let model = ReplaceOneModel::builder()
            .namespace(self.namespace(collection))
            .filter(filter)
            .replacement(document)
            .upsert(true);
        self.push(model.build())
    }

    /// Changes all documents that `filter` finds.
    pub fn update_all(&mut self, collection: &str, filter: Document, update: Document) -> Place {
        let model = UpdateManyModel::builder()
            .namespace(self.namespace(collection))
            .filter(filter)
            .update(update);
        self.push(model.build())
    }

    /// Deletes all documents that `filter` finds.
    pub fn delete_all(&mut self, collection: &str, filter: Document) -> Place {
        let model = DeleteManyModel::builder()
            .namespace(self.namespace(collection))
            .filter(filter);
        self.push(model.build())
    }

    /// Marks a document as leaned upon: a change that goes on beside this one, and writes it, is
    /// rolled back, or this one is.
    pub fn touch(&mut self, collection: &str, filter: Document) -> Place {
        self.update(collection, filter, doc! {"$inc": {"touched": 1_i64}})
    }
}

/// What writes found.
pub(crate) struct Written(VerboseBulkWriteResult);

impl Written {
    pub fn of(result: VerboseBulkWriteResult) -> Self {
        Self(result)
    }

    /// How many documents the update or deletion at this place found.
    pub fn found(&self, place: Place) -> u64 {
        let updated = self.0.update_results.get(&place);
        let deleted = self.0.delete_results.get(&place);
        let updated = updated.map_or(0, |update| update.matched_count);
        updated + deleted.map_or(0, |delete| delete.deleted_count)
    }

    /// Whether the upsert at this place made a new document.
    pub fn is_new(&self, place: Place) -> bool {
        let updated = self.0.update_results.get(&place);
        updated.is_some_and(|update| update.upserted_id.is_some())
    }
}
