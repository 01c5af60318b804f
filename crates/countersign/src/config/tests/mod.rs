//! Tests of the configuration as a whole, from its sources to its settings.

mod agreement;
mod audiences;
mod on_lambda;
mod precedence;
mod refusals;
mod secrets;
mod table;

use std::path::Path;

use tempfile::TempDir;

use super::{ConfigErrors, Flag, Loaded, Settings, Sources, load};

/// A working directory of its own, an environment of its own, and flags.
struct World {
    dir: TempDir,
    sources: Sources,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sources = Sources {
            working_dir: dir.path().to_owned(),
            ..Sources::default()
        };
        Self { dir, sources }
    }

    fn file(self, toml: &str) -> Self {
        self.write("countersign.toml", toml)
    }

    fn dot_env(self, text: &str) -> Self {
        self.write(".env", text)
    }

    fn write(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path().join(name), text).unwrap();
        self.mode(name, 0o600)
    }

    #[cfg(unix)]
    fn mode(self, name: &str, mode: u32) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.path().join(name), permissions).unwrap();
        self
    }

    #[cfg(not(unix))]
    fn mode(self, _: &str, _: u32) -> Self {
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.push((name.into(), value.into()));
        self
    }

    fn set(mut self, argument: &str) -> Self {
        self.sources.flags.push(Flag::set(argument));
        self
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn load(&self) -> Result<Loaded, ConfigErrors> {
        load(&self.sources)
    }

    #[track_caller]
    fn settings(&self) -> Settings {
        self.load()
            .unwrap_or_else(|errors| panic!("{errors}"))
            .settings
    }

    /// The whole report, with the working directory taken out.
    #[track_caller]
    fn report(&self) -> String {
        let report = self.load().unwrap_err().to_string();
        report.replace(&format!("{}/", self.path().display()), "")
    }

    /// The stable codes of the errors.
    #[track_caller]
    fn codes(&self) -> Vec<&'static str> {
        self.load()
            .unwrap_err()
            .0
            .iter()
            .map(|error| error.fault.code())
            .collect()
    }
}

/// 32 bytes as base64.
const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
