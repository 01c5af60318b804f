//! A database server for one test: started by the script that the other tests use, too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A database server of its own; it ends with this value.
pub struct Database {
    name: &'static str,
    dir: TempDir,
}

impl Database {
    /// Starts one of `scripts/servers`.
    pub fn start(name: &'static str) -> Self {
        let servers = root().join("target/servers");
        fs::create_dir_all(&servers).unwrap();
        let dir = tempfile::Builder::new().prefix("test-").tempdir_in(servers);
        let database = Self {
            name,
            dir: dir.unwrap(),
        };
        database.run("start");
        database
    }

    /// Where it is, for `store.url`.
    pub fn url(&self) -> String {
        let url = fs::read_to_string(self.dir.path().join("url")).unwrap();
        url.trim().to_owned()
    }

    /// `kill -9`.
    pub fn kill(&self) {
        self.run("kill");
    }

    /// Starts it again on the same data and port.
    pub fn start_again(&self) {
        self.run("start");
    }

    fn run(&self, verb: &str) {
        let script = root().join("scripts/servers").join(self.name);
        let output = Command::new(script)
            .arg(verb)
            .arg(self.dir.path())
            .env("COUNTERSIGN_SERVER_DURABLE", "1")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{} {verb}: {}",
            self.name,
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let script = root().join("scripts/servers").join(self.name);
        let _ = Command::new(script)
            .arg("stop")
            .arg(self.dir.path())
            .output();
    }
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}
