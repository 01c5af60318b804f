//! The schema, as numbered steps forward that are part of the program: each a list of commands of the
//! server, in JSON. The server has no transactions for such commands, so each of them is harmless when
//! it is given twice (a collection or an index that is there already, as it should be), and a step that
//! was broken off is simply done again.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::schema::{Applied, Migration, SchemaError, pending};
use mongodb::bson::{Document, doc};

use crate::db::Db;
use crate::error::{OrStoreError, code, codes, store_error};
use crate::fields::Fields;
use crate::lease::{LEASE, Lease};

/// The collection that says what was applied, and holds the lease of whoever migrates.
pub(crate) const SCHEMA: &str = "countersign_schema";

/// All steps, in order.
pub(crate) const ALL: &[Migration] = &[Migration {
    version: 1,
    name: "first",
    text: include_str!("../migrations/0001_first.json"),
    serves_from: 1,
}];

/// `MongoDB` 8.0, by the number in its greeting.
const OLDEST_WIRE_VERSION: i32 = 25;

/// Refuses a server that can't keep the promises.
async fn check_server(db: &Db) -> Result<(), SchemaError> {
    let hello = db.hello().await?;
    let wire = hello.get_i32("maxWireVersion").unwrap_or_default();
    let sharded = hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid");
    let refused = |reason: &str| SchemaError::Failed {
        label: ALL.first().map_or_else(String::new, Migration::label),
        reason: reason.to_owned(),
    };
    if wire < OLDEST_WIRE_VERSION {
        return Err(refused(
            "the server is too old: MongoDB 8.0 or newer is needed, for writes to several \
             collections in one command",
        ));
    }
    if !sharded && !hello.contains_key("setName") {
        return Err(refused(
            "the server stands alone, and has no transactions: start it with --replSet and run \
             rs.initiate() once (a replica set of one member will do), or use Atlas",
        ));
    }
    Ok(())
}

/// What the database says was applied; refuses the database of another program.
async fn applied(db: &Db, address: &str) -> Result<Vec<Applied>, SchemaError> {
    let names = db.database.list_collection_names().await.or_store_error()?;
    if !names.iter().any(|name| name == SCHEMA) {
        return if names.iter().all(|name| name.starts_with("system.")) {
            Ok(Vec::new())
        } else {
            Err(SchemaError::Foreign(address.to_owned()))
        };
    }
    let steps = doc! {"$match": {"_id": {"$ne": LEASE}}};
    let found = db.all(SCHEMA, vec![steps, doc! {"$sort": {"_id": 1}}]);
    let steps: StoreResult<_> = found.await?.iter().map(step).collect();
    Ok(steps?)
}

fn step(document: &Document) -> StoreResult<Applied> {
    let fields = Fields::of(document);
    Ok(Applied {
        version: fields.number("_id")?,
        name: fields.text("name")?.to_owned(),
        checksum: fields.text("checksum")?.to_owned(),
        serves_from: fields.number("serves_from")?,
    })
}

/// The steps that the database lacks.
pub(crate) async fn lacking(
    db: &Db,
    address: &str,
) -> Result<Vec<&'static Migration>, SchemaError> {
    check_server(db).await?;
    pending(&applied(db, address).await?, ALL)
}

/// Applies what is missing, under a lease, so that of several instances one does.
pub(crate) async fn apply(db: &Db, address: &str) -> Result<Vec<String>, SchemaError> {
    if lacking(db, address).await?.is_empty() {
        return Ok(Vec::new());
    }
    let lease = Lease::take(db).await?;
    let applied = lease.hold(apply_missing(db, address)).await;
    lease.give_back().await;
    applied?
}

async fn apply_missing(db: &Db, address: &str) -> Result<Vec<String>, SchemaError> {
    let mut done = Vec::new();
    // Looked at again: another instance may have been first.
    for migration in lacking(db, address).await? {
        for command in commands(migration)? {
            run(db, migration, command).await?;
        }
        let record = doc! {
            "_id": i64::from(migration.version),
            "name": migration.name,
            "checksum": migration.checksum(),
            "serves_from": i64::from(migration.serves_from),
        };
        let schema = db.collection(SCHEMA);
        schema.insert_one(record).await.or_store_error()?;
        tracing::info!(
            version = migration.version,
            name = migration.name,
            "migrated the database"
        );
        done.push(migration.label());
    }
    Ok(done)
}

/// The commands of a step, their fields in the order in which they are written down.
pub(crate) fn commands(migration: &Migration) -> StoreResult<Vec<Document>> {
    serde_json::from_str(migration.text)
        .map_err(|_| StoreError::Corrupt(format!("{} can't be read", migration.label())))
}

async fn run(db: &Db, migration: &Migration, mut command: Document) -> Result<(), SchemaError> {
    command.insert("writeConcern", doc! {"w": "majority"});
    match db.command(command).await {
        Err(error) if !codes(&error).contains(&code::NAMESPACE_EXISTS) => {
            match store_error(&error) {
                StoreError::Corrupt(reason) => Err(SchemaError::Failed {
                    label: migration.label(),
                    reason,
                }),
                unavailable @ StoreError::Unavailable(_) => Err(unavailable.into()),
            }
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_can_be_read_and_begins_each_command_with_its_name() {
        for migration in ALL {
            for command in commands(migration).unwrap() {
                let first = command.keys().next().unwrap();
                assert!(
                    matches!(first.as_str(), "create" | "createIndexes"),
                    "{first}"
                );
            }
        }
    }

    #[test]
    fn the_order_of_the_fields_of_an_index_is_kept() {
        let texts: Vec<String> = commands(&ALL[0])
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        let wanted = r#""key": { "user_id": 1, "_id": 1 }"#;
        assert!(texts.iter().any(|text| text.contains(wanted)), "{texts:?}");
    }
}
