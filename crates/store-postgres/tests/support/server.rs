//! A server of a test's own, which it may kill: the shared one is never touched.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../scripts/servers/postgres"
);

/// A server that syncs to the disk as in production. It is stopped when this is dropped.
pub struct Server {
    folder: TempDir,
}

impl Server {
    /// A new one, started.
    pub async fn start() -> Self {
        let server = Self::folder();
        server.run("start", &[]).await;
        server
    }

    /// A streaming replica of this one, started.
    pub async fn replica(&self) -> Self {
        let replica = Self::folder();
        replica.run("replica", &[self.folder.path()]).await;
        replica
    }

    fn folder() -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self { folder }
    }

    /// Its address.
    pub fn url(&self) -> String {
        let text = std::fs::read_to_string(self.path("url")).unwrap();
        text.trim().to_owned()
    }

    /// Its port.
    pub fn port(&self) -> String {
        let text = std::fs::read_to_string(self.path("port")).unwrap();
        text.trim().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `kill -9`.
    pub async fn kill(&self) {
        self.run("kill", &[]).await;
    }

    /// Starts it again, on the data and port it had.
    pub async fn start_again(&self) {
        self.run("start", &[]).await;
    }

    /// Makes a replica the primary.
    pub async fn promote(&self) {
        self.run("promote", &[]).await;
    }

    /// Sends a signal to the server and all its processes.
    pub fn signal(&self, signal: &str) {
        let text = std::fs::read_to_string(self.path("pid")).unwrap();
        let first = text.trim().to_owned();
        let list = std::process::Command::new("ps")
            .args(["-o", "pid=", "--ppid", &first])
            .output()
            .unwrap();
        let children = String::from_utf8(list.stdout).unwrap();
        for pid in std::iter::once(first.as_str()).chain(children.split_whitespace()) {
            let _ = std::process::Command::new("kill")
                .args([signal, pid])
                .stderr(Stdio::null())
                .status();
        }
    }

    async fn run(&self, verb: &str, more: &[&Path]) {
        let status = tokio::process::Command::new(SCRIPT)
            .arg(verb)
            .arg(self.folder.path())
            .args(more)
            .env("COUNTERSIGN_SERVER_DURABLE", "1")
            .status()
            .await
            .unwrap();
        assert!(status.success(), "scripts/servers/postgres {verb}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::process::Command::new(SCRIPT)
            .arg("stop")
            .arg(self.folder.path())
            .status();
    }
}
