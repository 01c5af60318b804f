//! An instance: the use cases on top of what stands behind their ports, as the configuration says.

use std::sync::Arc;

use countersign_app::operate::unfinished_copy;
use countersign_app::ports::{Entropy, MasterKeyError, Store, StoreAdmin};
use countersign_app::{App, KeyRing, KeyRingError, Ports};
use countersign_methods::password::PasswordMethod;
use countersign_store_sqlite::SqliteStore;
use countersign_web::WebSettings;

use super::late_master_key::LateMasterKey;
use super::measured_store::MeasuredStore;
use super::settings::{app_settings, password_settings, web_settings};
use super::stores::{IfMissing, OpenStore, open_store};
use super::{ComposeError, SystemClock, SystemEntropy, data_dir, master_key};
use crate::config::Settings;

/// The parts, put together.
pub struct Instance {
    /// The use cases.
    pub app: Arc<App>,
    /// The store behind them.
    pub store: Arc<dyn Store>,
    /// Its operator's side.
    pub admin: Arc<dyn StoreAdmin>,
    /// The same as an `SQLite` file, if it is one.
    pub sqlite: Option<Arc<SqliteStore>>,
    /// The address of the store, without secrets.
    pub address: String,
    /// The password method behind them, for its counters and its strength estimate.
    pub passwords: Arc<PasswordMethod>,
    /// How the transports are set.
    pub web: WebSettings,
    is_shared: bool,
    master: Arc<LateMasterKey>,
}

/// Begins an instance for a server: makes the data directory, and a database file if the store is
/// one. Nobody may use it before [`Instance::prepare`] is done.
pub fn begin(settings: &Settings) -> Result<Instance, ComposeError> {
    data_dir::create(&settings.data_dir)?;
    let if_missing = if settings.store.migrate {
        IfMissing::Make
    } else {
        IfMissing::Refuse
    };
    assemble(settings, if_missing)
}

/// Opens an instance for a server. Several processes may do so at once.
pub async fn open(settings: &Settings) -> Result<Instance, ComposeError> {
    let instance = begin(settings)?;
    instance.prepare(settings).await?;
    Ok(instance)
}

/// Opens an instance that is there and makes nothing but keys that are missing: for commands that
/// sign or verify, or that change keys.
pub async fn open_existing(settings: &Settings) -> Result<Instance, ComposeError> {
    let instance = open_without_keys(settings).await?;
    instance.master.give(master_key::find(settings).await?);
    instance.keep_keys().await?;
    Ok(instance)
}

/// Opens an instance that is there without its keys: for commands about users, roles and sessions,
/// which then run without the master key.
pub async fn open_without_keys(settings: &Settings) -> Result<Instance, ComposeError> {
    let instance = assemble(settings, IfMissing::Refuse)?;
    instance.refuse_old_schema().await?;
    instance.refuse_unfinished_copy().await?;
    Ok(instance)
}

impl Instance {
    /// Does what needs the store to answer: brings the schema up to date (or, if that is not wanted,
    /// sees that it is), finds the master key or makes it if the store holds nothing sealed under
    /// another, and loads the keys, making those that are missing. May be called again if it failed
    /// ([`ComposeError::is_temporary`]), and by several processes at once.
    pub async fn prepare(&self, settings: &Settings) -> Result<(), ComposeError> {
        if settings.store.migrate {
            let applied = self.admin.migrate().await?;
            if !applied.is_empty() {
                tracing::info!(applied = applied.join(", "), "migrated the database");
            }
        } else {
            self.refuse_old_schema().await?;
        }
        self.refuse_unfinished_copy().await?;
        if !self.master.is_there() {
            let store = self.store.as_ref();
            let found = master_key::find_or_create(settings, store, self.is_shared).await?;
            self.master.give(found);
        }
        self.keep_keys().await
    }

    async fn keep_keys(&self) -> Result<(), ComposeError> {
        match self.app.keep_keys().await {
            Err(KeyRingError::Master(MasterKeyError::CannotOpen)) if self.is_shared => {
                Err(ComposeError::MasterKeyDiffers(self.address.clone()))
            }
            other => Ok(other.map(drop)?),
        }
    }

    async fn refuse_old_schema(&self) -> Result<(), ComposeError> {
        let pending = self.admin.pending_migrations().await?;
        if pending.is_empty() {
            Ok(())
        } else {
            Err(ComposeError::NotMigrated(pending))
        }
    }

    /// A half of somebody's users is no instance.
    async fn refuse_unfinished_copy(&self) -> Result<(), ComposeError> {
        match unfinished_copy(self.admin.as_ref()).await? {
            None => Ok(()),
            Some(from) => Err(ComposeError::UnfinishedCopy {
                from,
                into: self.address.clone(),
            }),
        }
    }
}

fn assemble(settings: &Settings, if_missing: IfMissing) -> Result<Instance, ComposeError> {
    let OpenStore {
        store,
        admin,
        sqlite,
        address,
        is_shared,
    } = open_store(&settings.store.url, &settings.store, if_missing)?;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    let passwords = PasswordMethod::new(password_settings(settings)?, Arc::clone(&entropy))?;
    let passwords = Arc::new(passwords);
    let measured: Arc<dyn Store> = Arc::new(MeasuredStore::new(Arc::clone(&store)));
    let app_settings = app_settings(settings)?;
    let master = Arc::new(LateMasterKey::default());
    let keys = KeyRing::new(
        Arc::clone(&measured),
        Arc::clone(&master) as _,
        &app_settings,
    )?;
    let ports = Ports {
        store: measured,
        passwords: Arc::clone(&passwords) as _,
        clock: Arc::new(SystemClock),
        entropy,
    };
    let app = Arc::new(App::new(ports, app_settings, Arc::new(keys)));
    Ok(Instance {
        app,
        store,
        admin,
        sqlite,
        address,
        passwords,
        web: web_settings(settings),
        is_shared,
        master,
    })
}
