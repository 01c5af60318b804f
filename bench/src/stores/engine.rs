//! The engines under measure. All but SQLite are throw-away servers of their own, which
//! `scripts/servers/` starts and stops.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::ValueEnum;
use tokio::time::timeout;

/// The first start may have to install the server.
const START: Duration = Duration::from_secs(15 * 60);

/// What Countersign stores in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    Sqlite,
    Postgres,
    Mysql,
    Mongodb,
    Dynamodb,
}

impl Engine {
    /// As the option and the script call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mongodb => "mongodb",
            Self::Dynamodb => "dynamodb",
        }
    }

    /// The fewest refreshes in a second, where one is asked for.
    pub fn refresh_aim(self) -> Option<f64> {
        match self {
            Self::Sqlite => Some(3_000.0),
            Self::Postgres => Some(1_000.0),
            Self::Mysql | Self::Mongodb | Self::Dynamodb => None,
        }
    }
}

/// A place to store in, empty at first. Its server stops, and its data is deleted, with this value.
pub struct Place {
    engine: Engine,
    folder: PathBuf,
    /// The engine, its version, and whether it is an emulator.
    pub about: String,
    /// For `store.url`; `None` for a file in the data directory.
    pub url: Option<String>,
}

impl Place {
    /// Makes it, in a folder below `base`.
    pub async fn new(engine: Engine, base: &Path, name: &str) -> Self {
        let folder = base.join(format!("{}-{name}", engine.name()));
        std::fs::create_dir_all(&folder).expect("a folder for the engine");
        let mut place = Self {
            engine,
            folder,
            about: "SQLite, embedded".to_owned(),
            url: None,
        };
        if engine != Engine::Sqlite {
            place.start().await;
        }
        place
    }

    async fn start(&mut self) {
        let start = tokio::process::Command::from(self.script("start"))
            .kill_on_drop(true)
            .status();
        let status = timeout(START, start)
            .await
            .expect("the engine starts in time")
            .expect("the script runs");
        assert!(status.success(), "{} starts", self.engine.name());
        let read = |name: &str| {
            let text = std::fs::read_to_string(self.folder.join("server").join(name));
            text.expect("the script wrote it").trim().to_owned()
        };
        (self.about, self.url) = (read("about"), Some(read("url")));
    }

    /// Starts a real server anew: so that it has written out what a long fill left behind. An
    /// emulator might forget all of it.
    pub async fn restart(&mut self) {
        if self.url.is_some() && !self.is_emulator() {
            let stopped = self.script("stop").status().expect("the script runs");
            assert!(stopped.success(), "{} stops", self.engine.name());
            self.start().await;
        }
    }

    /// Whether it only behaves like the engine.
    pub fn is_emulator(&self) -> bool {
        self.about.contains("emulator")
    }

    /// For Countersign's own files.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// For files that are needed on the way.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn script(&self, verb: &str) -> Command {
        let mut command = Command::new(format!("scripts/servers/{}", self.engine.name()));
        command
            .arg(verb)
            .arg(self.folder.join("server"))
            .env("COUNTERSIGN_SERVER_DURABLE", "1")
            .stdout(Stdio::null());
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.engine != Engine::Sqlite {
            // `bench/run` does it again, should this fail.
            drop(self.script("stop").status());
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
