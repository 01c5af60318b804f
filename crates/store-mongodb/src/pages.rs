//! Pages of a collection by its key.

use countersign_app::ports::store::StoreResult;
use countersign_domain::page::{Direction, Page, PageRequest};
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::ReadConcern;

use crate::db::Db;
use crate::error::OrStoreError;
use crate::values::id;

/// A query for one page in the making.
pub(crate) struct Listing<'q> {
    collection: &'static str,
    request: &'q PageRequest,
    filter: Document,
    // What is asked of a field of which something is asked already.
    more: Vec<Bson>,
}

impl<'q> Listing<'q> {
    /// Of a collection, in the order of its key.
    pub fn of(collection: &'static str, request: &'q PageRequest) -> Self {
        let mut listing = Self {
            collection,
            request,
            filter: Document::new(),
            more: Vec::new(),
        };
        if let Some(cursor) = &request.cursor {
            listing.require(match request.direction {
                Direction::Forward => doc! {"_id": {"$gt": id(cursor.id())}},
                Direction::Backward => doc! {"_id": {"$lt": id(cursor.id())}},
            });
        }
        listing
    }

    /// Adds a condition.
    pub fn require(&mut self, condition: Document) {
        if condition.keys().any(|name| self.filter.contains_key(name)) {
            self.more.push(Bson::Document(condition));
        } else {
            self.filter.extend(condition);
        }
    }

    /// What to look for.
    pub fn filter(&self) -> Document {
        let mut filter = self.filter.clone();
        if !self.more.is_empty() {
            filter.insert("$and", self.more.clone());
        }
        filter
    }

    /// The order.
    pub fn sort(&self) -> Document {
        doc! {"_id": match self.request.direction {
            Direction::Forward => 1,
            Direction::Backward => -1,
        }}
    }

    /// One document more than the page has, which tells whether there are more.
    pub fn limit(&self) -> i64 {
        i64::from(self.request.limit()) + 1
    }

    /// Runs it.
    pub async fn read<T>(
        self,
        db: &Db,
        read: impl Fn(&Document) -> StoreResult<T>,
    ) -> StoreResult<Page<T>> {
        let found = db
            .collection(self.collection)
            .find(self.filter())
            .sort(self.sort())
            .limit(self.limit())
            .batch_size(u32::from(self.request.limit()) + 1)
            .read_concern(ReadConcern::majority())
            .await
            .or_store_error()?;
        let found: Vec<Document> = found.try_collect().await.or_store_error()?;
        let rows = found.iter().map(read).collect::<StoreResult<_>>()?;
        Ok(Page::from_rows(rows, self.request))
    }
}
