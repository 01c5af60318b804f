//! Opens a store by its address: the one place that names the engines, each behind its Cargo feature.
//! Everything above works with what they have in common.

use std::sync::Arc;

use countersign_app::ports::{Store, StoreAdmin};
use countersign_store_sqlite::SqliteStore;

use super::ComposeError;
use super::settings::sqlite_options;
use crate::config::{self, Engine, StoreAddress, StoreUrl};

/// A store, whatever its engine.
#[derive(Clone)]
pub struct OpenStore {
    /// What the use cases need of it.
    pub store: Arc<dyn Store>,
    /// What an operator needs of it.
    pub admin: Arc<dyn StoreAdmin>,
    /// The same as an `SQLite` file, if it is one: for its backup and its own counters.
    pub sqlite: Option<Arc<SqliteStore>>,
    /// Its address, without secrets.
    pub address: String,
    /// Whether other machines can reach it too.
    pub is_shared: bool,
}

/// What to do where there is no database file yet. Databases on a network are there or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMissing {
    /// Make it, and bring its schema up to date.
    Make,
    /// Refuse.
    Refuse,
}

/// Opens a store. One on a network is not spoken to before the first call.
pub fn open_store(
    url: &StoreUrl,
    settings: &config::Store,
    if_missing: IfMissing,
) -> Result<OpenStore, ComposeError> {
    let path = match url {
        StoreUrl::Network(engine, address) => return on_network(*engine, address, settings),
        StoreUrl::Sqlite(path) => path,
    };
    // The same wherever the command is run.
    let place = std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let options = sqlite_options(settings);
    let store = Arc::new(match if_missing {
        IfMissing::Make => SqliteStore::open(path, options)?,
        IfMissing::Refuse => SqliteStore::open_existing(path, options)?,
    });
    Ok(OpenStore {
        store: Arc::clone(&store) as _,
        admin: Arc::clone(&store) as _,
        sqlite: Some(store),
        address: StoreUrl::Sqlite(place).to_string(),
        is_shared: false,
    })
}

fn on_network(
    engine: Engine,
    address: &StoreAddress,
    settings: &config::Store,
) -> Result<OpenStore, ComposeError> {
    match engine {
        #[cfg(feature = "postgres")]
        Engine::Postgres => {
            use countersign_store_postgres::{PostgresOptions, PostgresStore};
            let options = PostgresOptions {
                limits: limits(settings),
                ca_file: settings.ca_file.clone(),
            };
            let store = PostgresStore::new(address.expose(), options);
            let store = store.map_err(|e| refused(engine, e.code(), &e))?;
            Ok(shared(address, store))
        }
        #[cfg(feature = "mysql")]
        Engine::Mysql => {
            use countersign_store_mysql::{MySqlOptions, MySqlStore};
            let options = MySqlOptions {
                limits: limits(settings),
                ca_file: settings.ca_file.clone(),
            };
            let store = MySqlStore::new(address.expose(), options);
            let store = store.map_err(|e| refused(engine, e.code(), &e))?;
            Ok(shared(address, store))
        }
        #[cfg(feature = "mongodb")]
        Engine::Mongodb => {
            use countersign_store_mongodb::{MongoDbOptions, MongoDbStore};
            let options = MongoDbOptions {
                limits: limits(settings),
                ca_file: settings.ca_file.clone(),
            };
            let store = MongoDbStore::new(address.expose(), options);
            let store = store.map_err(|e| refused(engine, e.code(), &e))?;
            Ok(shared(address, store))
        }
        #[cfg(feature = "dynamodb")]
        Engine::Dynamodb => {
            use countersign_store_dynamodb::{DynamoDbOptions, DynamoDbStore};
            let options = DynamoDbOptions {
                limits: limits(settings),
                ca_file: settings.ca_file.clone(),
            };
            let store = DynamoDbStore::new(address.expose(), options);
            let store = store.map_err(|e| refused(engine, e.code(), &e))?;
            Ok(shared(address, store))
        }
        #[cfg(not(all(
            feature = "postgres",
            feature = "mysql",
            feature = "mongodb",
            feature = "dynamodb"
        )))]
        _ => {
            let _ = (address, settings);
            Err(ComposeError::EngineNotBuilt(engine))
        }
    }
}

#[cfg(any(
    feature = "postgres",
    feature = "mysql",
    feature = "mongodb",
    feature = "dynamodb"
))]
use of_engines::{limits, refused, shared};

/// What the engines on a network share; without any of them there is no use for it.
#[cfg(any(
    feature = "postgres",
    feature = "mysql",
    feature = "mongodb",
    feature = "dynamodb"
))]
mod of_engines {
    use std::fmt::Display;
    use std::sync::Arc;

    use countersign_app::ports::store::StoreLimits;
    use countersign_app::ports::{Store, StoreAdmin};

    use super::{ComposeError, OpenStore};
    use crate::config::{self, Engine, StoreAddress};

    pub(super) fn limits(settings: &config::Store) -> StoreLimits {
        StoreLimits {
            connections: settings.max_connections,
            acquire: settings.acquire_timeout,
            call: settings.timeout,
            bulk: StoreLimits::default().bulk.max(settings.timeout),
        }
    }

    pub(super) fn shared<S: Store + StoreAdmin + 'static>(
        address: &StoreAddress,
        store: S,
    ) -> OpenStore {
        let store = Arc::new(store);
        OpenStore {
            store: Arc::clone(&store) as _,
            admin: store,
            sqlite: None,
            address: address.to_string(),
            is_shared: true,
        }
    }

    pub(super) fn refused(
        engine: Engine,
        code: &'static str,
        reason: &impl Display,
    ) -> ComposeError {
        ComposeError::Address {
            engine,
            code,
            reason: reason.to_string(),
        }
    }
}
