//! An instance in a directory of its own, and commands run on it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign::compose;
use countersign::config::{Flag, Settings, Sources, load};
use countersign_app::log_in::{LogIn, LoggedIn};
use countersign_app::{Origin, Tokens};
use countersign_domain::password::Password;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "correct horse staple 77";

/// What came of a command.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The answer, where the command must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.out, self.err);
        self.out
    }

    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    #[track_caller]
    pub(crate) fn json_lines(self) -> Vec<Value> {
        lines(&self.ok())
    }

    /// The message, where the command must have failed so.
    #[track_caller]
    pub(crate) fn fails_with(self, code: i32) -> String {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.out, self.err
        );
        self.err
    }
}

pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A directory with an instance in `data`.
pub(crate) struct Instance {
    dir: TempDir,
}

impl Instance {
    /// With a database and no keys yet.
    pub(crate) fn new() -> Self {
        let instance = Self::nowhere();
        instance.run(&["migrate"]).ok();
        instance
    }

    /// With a database, a master key and keys, as after a first start.
    pub(crate) fn started() -> Self {
        let instance = Self::nowhere();
        drop(instance.open());
        instance
    }

    /// A directory without anything but cheap hashing.
    pub(crate) fn nowhere() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let cheap = "[passwords.argon2]\nmemory = \"7MiB\"\niterations = 5\n";
        std::fs::write(dir.path().join("countersign.toml"), cheap).unwrap();
        Self { dir }
    }

    /// Has every later command use another store.
    pub(crate) fn use_store(&self, url: &str) {
        let path = self.write(".env", &format!("COUNTERSIGN_STORE_URL='{url}'\n"));
        set_mode(&path, 0o600);
    }

    /// As a server would open it.
    pub(crate) fn open(&self) -> compose::Instance {
        let settings = self.settings();
        self.block_on(compose::open(&settings)).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env_clear();
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs a command with a text on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        run(self.command(arguments), stdin)
    }

    /// Makes a user with [`PASSWORD`] and gives their id.
    pub(crate) fn user(&self, name: &str, more: &[&str]) -> String {
        let arguments = [&["users", "create", "--json", "--username", name], more].concat();
        let made = self.run_with(&arguments, PASSWORD).json();
        made["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn settings(&self) -> Settings {
        let data_dir = self.path("data");
        let sources = Sources {
            working_dir: self.dir.path().to_owned(),
            flags: vec![Flag::new(
                "--data-dir",
                "data_dir",
                data_dir.to_str().unwrap(),
            )],
            ..Sources::default()
        };
        load(&sources).unwrap().settings
    }

    /// Logs in beside the command line, as a server would; `None` if refused.
    pub(crate) fn log_in(&self, identifier: &str, password: &str) -> Option<Tokens> {
        self.block_on(async {
            let instance = compose::open(&self.settings()).await.unwrap();
            let command = LogIn {
                identifier: identifier.to_owned(),
                password: Password::new(password).unwrap(),
                device: None,
                scopes: None,
                audience: None,
            };
            match instance
                .app
                .log_in(command, &Origin::default())
                .await
                .unwrap()
            {
                LoggedIn::LoggedIn { tokens, .. } => Some(tokens),
                LoggedIn::Refused | LoggedIn::UnknownAudience => None,
            }
        })
    }

    #[expect(clippy::unused_self, reason = "reads well where it is called")]
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.enable_all().build().unwrap().block_on(future)
    }
}

pub(crate) fn run(mut command: Command, stdin: &str) -> Ran {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may have closed it already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The mode of a file, as in `chmod`.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
