//! A server of a test's own, which it may kill, through `scripts/servers/mongodb`.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A running server. It is stopped when this goes.
pub struct Server {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Server {
    /// Starts one that keeps its data on the disk.
    pub fn start(environment: &[(&str, &str)]) -> Self {
        let mut environment = environment.to_vec();
        environment.push(("COUNTERSIGN_SERVER_DURABLE", "1"));
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let server = Self {
            folder: TempDir::new().unwrap(),
            environment: environment.iter().map(own).collect(),
        };
        server.again();
        server
    }

    /// Starts it on the data and at the address that it had.
    pub fn again(&self) {
        self.run("start");
    }

    /// As when its machine loses power.
    pub fn kill(&self) {
        self.run("kill");
    }

    pub fn url(&self) -> String {
        let url = std::fs::read_to_string(self.folder.path().join("url")).unwrap();
        url.trim().to_owned()
    }

    fn run(&self, what: &str) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let script: PathBuf = root.join("scripts/servers/mongodb");
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        let status = Command::new(script)
            .arg(what)
            .arg(self.folder.path())
            .envs(environment)
            .status()
            .unwrap();
        assert!(status.success(), "the server did not {what}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run("stop");
    }
}
