//! Two servers on one database, each with a data directory of its own, as on two machines, and a
//! round-robin before them.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::database::Database;
use crate::support::Server;
use crate::support::server::EMULATOR;

/// What all instances share, and no database holds.
const MASTER_KEY: &str = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";

pub struct Pair {
    pub servers: [Server; 2],
    pub database: Database,
    next: AtomicUsize,
    _dirs: [TempDir; 2],
}

impl Pair {
    /// Both start at the same moment on an empty database.
    pub fn on(engine: &'static str) -> Self {
        let database = Database::start(engine);
        let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let url = database.url();
        let settings = [
            ("STORE_URL", url.as_str()),
            ("KEYS_MASTER_KEY", MASTER_KEY),
            ("TOKENS_REFRESH_RETRY_WINDOW", "0s"),
        ];
        let starting = [
            Server::begin(dirs[0].path(), &settings),
            Server::begin(dirs[1].path(), &settings),
        ];
        Self {
            servers: starting.map(super::support::server::Starting::listening),
            database,
            next: AtomicUsize::new(0),
            _dirs: dirs,
        }
    }

    /// One or the other, by turns.
    pub fn next(&self) -> &Server {
        &self.servers[self.next.fetch_add(1, Ordering::Relaxed) % 2]
    }

    /// Runs a command of the binary on the database, as on a third machine.
    pub fn command(&self, arguments: &[&str]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(arguments)
            .current_dir(dir.path())
            .env_clear()
            .envs(EMULATOR)
            .env("COUNTERSIGN_HTTP_PUBLIC_URL", "http://auth.localhost")
            .env("COUNTERSIGN_STORE_URL", self.database.url())
            .env("COUNTERSIGN_KEYS_MASTER_KEY", MASTER_KEY)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}
