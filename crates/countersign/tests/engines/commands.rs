//! Commands of the binary, run in a directory of a server, and those that operators use with a
//! database on a network.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::database::Database;
use crate::on_each_engine;
use crate::support::Server;

/// What came of a command.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.out, self.err);
        self.out
    }

    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }
}

/// Runs a command on a store.
pub fn run(dir: &Path, store: &str, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .current_dir(dir)
        .env_clear()
        .envs(crate::support::server::EMULATOR)
        .env("COUNTERSIGN_STORE_URL", store)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn a_database_is_migrated_by_command_and_then_served_without_migrating(engine: &'static str) {
    let database = Database::start(engine);
    let (url, dir) = (database.url(), tempfile::tempdir().unwrap());
    let check = || run(dir.path(), &url, &["migrate", "--check", "--json"]);
    let missing: Value = serde_json::from_str(&check().out).unwrap();
    assert!(!missing["missing"].as_array().unwrap().is_empty());
    assert_eq!(check().code, 1);

    let never = [("STORE_URL", url.as_str()), ("STORE_MIGRATE", "false")];
    let said = Server::begin(dir.path(), &never).refused();
    assert!(said.contains("countersign migrate"), "{said}");
    let users = run(dir.path(), &url, &["users", "list"]);
    assert_eq!(users.code, 5, "{}", users.err);

    let migrated = run(dir.path(), &url, &["migrate", "--json"]).json();
    assert_eq!(migrated["applied"], missing["missing"]);
    assert_eq!(check().json()["missing"], serde_json::json!([]));
    let again = run(dir.path(), &url, &["migrate"]).ok();
    assert_eq!(again, "the database was up to date\n");
    Server::start_with(dir.path(), &never).stop();
}

fn the_commands_of_an_operator_work(engine: &'static str) {
    let database = Database::start(engine);
    let (url, dir) = (database.url(), tempfile::tempdir().unwrap());
    Server::start_with(dir.path(), &[("STORE_URL", &url)]).stop();
    let command = |arguments: &[&str]| run(dir.path(), &url, arguments);
    let create = ["users", "create", "--username", "ada", "--no-password"];
    command(&create).ok();
    command(&["roles", "define", "editor", "posts:write"]).ok();
    command(&["grant", "ada", "editor"]).ok();
    let shown = command(&["users", "show", "ada", "--json"]).json();
    assert_eq!(shown["roles"], serde_json::json!(["editor"]));
    std::fs::write(
        dir.path().join("people.csv"),
        "username,email\ngrace,grace@example.com\nalan,alan@example.com\n",
    )
    .unwrap();
    command(&["users", "import", "people.csv"]).ok();
    assert_eq!(
        command(&["users", "list", "--json"]).ok().lines().count(),
        3
    );
    command(&["keys", "rotate", "--now"]).ok();
    command(&["store", "check"]).ok();

    let doctor = command(&["doctor", "--json", "--set", "http.listen=127.0.0.1:1"]);
    for check in ["store", "integrity", "master key"] {
        let well = format!("{{\"check\":\"{check}\",\"result\":\"ok\"");
        assert!(doctor.out.contains(&well), "{check}: {}", doctor.out);
    }
    let backup = command(&["backup", "--to", "copy.db"]);
    assert_eq!(backup.code, 4, "{}", backup.err);
    assert!(backup.err.contains("store copy"), "{}", backup.err);
    assert!(!dir.path().join("copy.db").exists());
}

on_each_engine!(
    a_database_is_migrated_by_command_and_then_served_without_migrating,
    the_commands_of_an_operator_work,
);
