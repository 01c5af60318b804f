//! An instance: the use cases on top of what stands behind their ports, as the configuration says.

use std::sync::Arc;

use countersign_app::ports::{Entropy, MasterKey, Store};
use countersign_app::{App, KeyRing, Ports};
use countersign_methods::password::PasswordMethod;
use countersign_store_sqlite::SqliteStore;
use countersign_web::WebSettings;

use super::measured_store::MeasuredStore;
use super::no_master_key::NoMasterKey;
use super::settings::{app_settings, password_settings, sqlite_options, store_path, web_settings};
use super::{ComposeError, LocalMasterKey, SystemClock, SystemEntropy, data_dir, master_key};
use crate::config::Settings;

/// The parts, put together.
pub struct Instance {
    /// The use cases.
    pub app: Arc<App>,
    /// The store behind them, for what is not a use case: backup, integrity check, counters.
    pub store: Arc<SqliteStore>,
    /// The password method behind them, for its counters and its strength estimate.
    pub passwords: Arc<PasswordMethod>,
    /// How the transports are set.
    pub web: WebSettings,
}

/// Opens an instance for a server: makes the data directory, the database and the master key if
/// they are not there, brings the schema up to date, and loads the keys, making those that are
/// missing. Several processes may do so at once.
pub async fn open(settings: &Settings) -> Result<Instance, ComposeError> {
    data_dir::create(&settings.data_dir)?;
    let store = Arc::new(SqliteStore::open(
        store_path(settings),
        sqlite_options(settings),
    )?);
    let master = master_key::find_or_create(settings, store.as_ref()).await?;
    with_keys(settings, store, master).await
}

/// Opens an instance that is there and makes nothing but keys that are missing: for commands that
/// sign or verify, or that change keys.
pub async fn open_existing(settings: &Settings) -> Result<Instance, ComposeError> {
    let store = existing_store(settings)?;
    let master = master_key::find(settings)?;
    with_keys(settings, store, master).await
}

/// Opens an instance that is there without its keys: for commands about users, roles and sessions,
/// which then run without the master key.
pub fn open_without_keys(settings: &Settings) -> Result<Instance, ComposeError> {
    let store = existing_store(settings)?;
    assemble(settings, store, Arc::new(NoMasterKey))
}

fn existing_store(settings: &Settings) -> Result<Arc<SqliteStore>, ComposeError> {
    let store = SqliteStore::open_existing(store_path(settings), sqlite_options(settings))?;
    let pending = store.migrations_pending()?;
    if pending.is_empty() {
        Ok(Arc::new(store))
    } else {
        Err(ComposeError::NotMigrated(pending))
    }
}

async fn with_keys(
    settings: &Settings,
    store: Arc<SqliteStore>,
    master: LocalMasterKey,
) -> Result<Instance, ComposeError> {
    let instance = assemble(settings, store, Arc::new(master))?;
    instance.app.keep_keys().await?;
    Ok(instance)
}

fn assemble(
    settings: &Settings,
    store: Arc<SqliteStore>,
    master: Arc<dyn MasterKey>,
) -> Result<Instance, ComposeError> {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    let passwords = PasswordMethod::new(password_settings(settings)?, Arc::clone(&entropy))?;
    let passwords = Arc::new(passwords);
    let measured: Arc<dyn Store> = Arc::new(MeasuredStore::new(Arc::clone(&store)));
    let app_settings = app_settings(settings)?;
    let keys = Arc::new(KeyRing::new(Arc::clone(&measured), master, &app_settings)?);
    let ports = Ports {
        store: measured,
        passwords: Arc::clone(&passwords) as _,
        clock: Arc::new(SystemClock),
        entropy,
    };
    let app = Arc::new(App::new(ports, app_settings, keys));
    Ok(Instance {
        app,
        store,
        passwords,
        web: web_settings(settings),
    })
}
