//! Throw-away servers, by `scripts/servers/NAME`: started so that they sync to the disk as in
//! production, killed, started again on the same data, and stopped at the end, however it comes.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::engines::Engine;
use crate::failure::Outcome;

/// A server. It is stopped when it is dropped.
pub struct Server {
    engine: Engine,
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = std::process::Command::new(script(self.engine));
        stop.arg("stop").arg(&self.folder);
        // There is nobody to tell, and `run` stops what is left.
        let _ = quiet(&mut stop).status();
    }
}

fn script(engine: Engine) -> PathBuf {
    Path::new("scripts/servers").join(engine.name())
}

fn quiet(command: &mut std::process::Command) -> &mut std::process::Command {
    // A server that went on holding a pipe would keep its reader from the end.
    command
        .env("COUNTERSIGN_SERVER_DURABLE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
}

impl Server {
    /// Starts a new server with its data in this folder.
    pub async fn start(engine: Engine, folder: &Path) -> Outcome<Self> {
        let server = Self {
            engine,
            folder: folder.to_owned(),
        };
        server.call("start", &[]).await?;
        Ok(server)
    }

    /// Starts a streaming replica of a primary.
    pub async fn replica(primary: &Self, folder: &Path) -> Outcome<Self> {
        let server = Self {
            engine: primary.engine,
            folder: folder.to_owned(),
        };
        server.call("replica", &[&primary.folder]).await?;
        Ok(server)
    }

    /// Makes a replica the primary.
    pub async fn promote(&self) -> Outcome<()> {
        self.call("promote", &[]).await
    }

    /// `kill -9`.
    pub async fn kill(&self) -> Outcome<()> {
        self.call("kill", &[]).await
    }

    /// Starts it again on the same data and port.
    pub async fn start_again(&self) -> Outcome<()> {
        self.call("start", &[]).await
    }

    /// The address that it wrote down, of a database for us alone.
    pub fn address(&self) -> Outcome<String> {
        let address = self.read("url")?;
        Ok(match self.engine {
            // Through the proxy there is one member to talk to, whatever the set says of itself.
            Engine::MongoDb => format!("{address}/countersign?directConnection=true"),
            _ => address,
        })
    }

    /// What it says of itself.
    pub fn about(&self) -> Outcome<String> {
        self.read("about")
    }

    /// Whether what it was told survives it. An emulator may keep all in memory, and says so.
    pub fn keeps_data(&self) -> Outcome<bool> {
        let about = self.about()?;
        Ok(!["moto", "in memory"]
            .iter()
            .any(|word| about.contains(word)))
    }

    /// A file in its folder.
    pub fn read(&self, name: &str) -> Outcome<String> {
        let path = self.folder.join(name);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(text.trim().to_owned())
    }

    async fn call(&self, verb: &str, more: &[&Path]) -> Outcome<()> {
        let mut command = std::process::Command::new(script(self.engine));
        command.arg(verb).arg(&self.folder).args(more);
        quiet(&mut command);
        let status = Command::from(command).status().await?;
        if status.success() {
            Ok(())
        } else {
            let name = self.engine.name();
            Err(format!("scripts/servers/{name} {verb} failed: {status}").into())
        }
    }
}
