//! What may be wrong with the database in the engine's own terms: a collection or an index that is
//! missing or is not as the migrations made it, and what the server's own check finds.

use std::collections::BTreeMap;

use countersign_app::ports::store::StoreResult;
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};

use crate::db::Db;
use crate::error::{OrStoreError, code, codes};
use crate::migrations::{ALL, commands};

/// See [`countersign_app::ports::StoreAdmin::engine_problems`].
pub(crate) async fn problems(db: &Db) -> StoreResult<Vec<String>> {
    let mut problems = Vec::new();
    let there = db.database.list_collection_names().await.or_store_error()?;
    for (collection, wanted) in wanted()? {
        if !there.contains(&collection) {
            problems.push(format!("the collection {collection} is missing"));
            continue;
        }
        let found = indexes(db, &collection).await?;
        for (name, index) in wanted {
            match found.get(&name) {
                None => problems.push(format!("the index {name} is missing")),
                Some(found) if !same(found, &index) => {
                    problems.push(format!("the index {name} is not as it was made"));
                }
                Some(_) => {}
            }
        }
        problems.extend(validate(db, &collection).await?);
    }
    Ok(problems)
}

/// Collections and their indexes by name, as the migrations make them.
fn wanted() -> StoreResult<BTreeMap<String, BTreeMap<String, Document>>> {
    let mut wanted: BTreeMap<String, BTreeMap<String, Document>> = BTreeMap::new();
    for migration in ALL {
        for command in commands(migration)? {
            if let Ok(collection) = command.get_str("create") {
                wanted.entry(collection.to_owned()).or_default();
            }
            let (Ok(collection), Ok(indexes)) = (
                command.get_str("createIndexes"),
                command.get_array("indexes"),
            ) else {
                continue;
            };
            let of = wanted.entry(collection.to_owned()).or_default();
            for index in indexes.iter().filter_map(Bson::as_document) {
                let name = index.get_str("name").unwrap_or_default();
                of.insert(name.to_owned(), index.clone());
            }
        }
    }
    Ok(wanted)
}

async fn indexes(db: &Db, collection: &str) -> StoreResult<BTreeMap<String, Document>> {
    let command = doc! {"listIndexes": collection};
    let cursor = db.database.run_cursor_command(command);
    let found: Vec<Document> = cursor
        .await
        .or_store_error()?
        .try_collect()
        .await
        .or_store_error()?;
    let named = found.into_iter().map(|index| {
        let name = index.get_str("name").unwrap_or_default().to_owned();
        (name, index)
    });
    Ok(named.collect())
}

/// Whether the fields in their order, and what makes the index unique, are the same.
fn same(found: &Document, wanted: &Document) -> bool {
    let flag = |index: &Document, name: &str| index.get_bool(name).unwrap_or_default();
    let fields = |index: &Document| -> Vec<String> {
        let key = index.get_document("key");
        key.map(|key| key.keys().cloned().collect())
            .unwrap_or_default()
    };
    fields(found) == fields(wanted)
        && ["unique", "sparse"]
            .iter()
            .all(|name| flag(found, name) == flag(wanted, name))
}

/// The server's own check. It needs the role `dbAdmin`; without it, it is left out.
async fn validate(db: &Db, collection: &str) -> StoreResult<Option<String>> {
    match db.command(doc! {"validate": collection}).await {
        Ok(report) if !report.get_bool("valid").unwrap_or(true) => Ok(Some(format!(
            "the server's check finds the collection {collection} damaged: run validate on it"
        ))),
        Ok(_) => Ok(None),
        Err(error) if codes(&error).contains(&code::UNAUTHORIZED) => {
            tracing::warn!(collection, "not checked: that needs the role dbAdmin");
            Ok(None)
        }
        Err(error) => Err(crate::error::store_error(&error)),
    }
}
