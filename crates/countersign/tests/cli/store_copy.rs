//! `store copy`.

use countersign_app::Tokens;
use countersign_app::authenticate::Authenticated;
use countersign_app::refresh::{Refresh, Refreshed};
use countersign_app::{Origin, ports::StoreAdmin as _};
use countersign_domain::opaque::expose;
use countersign_store_sqlite::{SqliteOptions, SqliteStore};
use serde_json::Value;

use crate::support::{Instance, PASSWORD};

/// What somebody holds who logged in before.
pub(crate) struct Holder {
    tokens: Tokens,
}

impl Holder {
    /// Somebody with an account, and another who never logs in.
    pub(crate) fn on(instance: &Instance) -> Self {
        instance.user("grace", &["--no-password"]);
        instance.user("ada", &["--admin"]);
        let tokens = instance.log_in("ada", PASSWORD).unwrap();
        Self { tokens }
    }

    /// All that they hold is good, and the refresh token rotates.
    #[track_caller]
    pub(crate) fn is_welcome(&mut self, instance: &Instance) {
        let app = instance.open().app;
        instance.block_on(async {
            let token = expose(&self.tokens.access_token);
            let known = app.authenticate(token, &Origin::default()).await.unwrap();
            assert!(matches!(known, Authenticated::Valid(_)), "{known:?}");
            let refresh = Refresh {
                refresh_token: expose(&self.tokens.refresh_token).to_owned(),
                scopes: None,
                audience: None,
            };
            let refreshed = app.refresh(refresh, &Origin::default()).await.unwrap();
            let Refreshed::Refreshed { tokens, .. } = refreshed else {
                panic!("{refreshed:?}");
            };
            self.tokens = tokens;
        });
        assert!(instance.log_in("ada", PASSWORD).is_some());
        assert!(instance.log_in("ada", "wrong").is_none());
    }
}

#[track_caller]
pub(crate) fn number(answer: &Value, kind: &str) -> u64 {
    let kinds = answer["kinds"].as_array().unwrap();
    let found = kinds.iter().find(|copied| copied["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}: {answer}"))["count"]
        .as_u64()
        .unwrap()
}

#[test]
fn everything_moves_to_another_file_and_stays_good() {
    let instance = Instance::started();
    let mut ada = Holder::on(&instance);
    let answer = instance
        .run(&["store", "copy", "--to", "sqlite:new/copy.db", "--json"])
        .json();
    assert_eq!(number(&answer, "users"), 2);
    assert_eq!(number(&answer, "keys"), 1);
    assert_eq!(answer["resumed"], false);
    assert!(answer["to"].as_str().unwrap().ends_with("new/copy.db"));

    instance.use_store("sqlite:new/copy.db");
    ada.is_welcome(&instance);
    let listed = instance.run(&["users", "list", "--json"]).json_lines();
    assert_eq!(listed.len(), 2);
    instance.run(&["store", "check"]).ok();
}

#[test]
fn words_say_what_was_copied_and_what_to_take_care_of() {
    let instance = Instance::started();
    let ran = instance.run(&["store", "copy", "--to", "sqlite:copy.db"]);
    assert!(ran.err.contains("No server should write"), "{}", ran.err);
    assert!(ran.err.contains("same master key"), "{}", ran.err);
    let words = ran.ok();
    assert!(
        words.contains("audit_events") && words.contains("both sides agree"),
        "{words}"
    );
}

#[test]
fn a_store_that_holds_something_is_never_copied_into() {
    let instance = Instance::started();
    let other = Instance::started();
    let to = format!("sqlite:{}", other.path("data/countersign.db").display());
    let copy = instance.run(&["store", "copy", "--to", &to, "--json"]);
    let error: Value = serde_json::from_str(&copy.fails_with(4)).unwrap();
    assert_eq!(error["error"]["code"], "copy_target_not_empty");
    let itself = ["store", "copy", "--to", "sqlite:data/countersign.db"];
    let message = instance.run(&itself).fails_with(4);
    assert!(message.contains("same store"), "{message}");
}

/// As a copy leaves it that was killed.
fn begin_copy(instance: &Instance, to: &str) {
    let source = format!("sqlite:{}", instance.path("data/countersign.db").display());
    instance.block_on(async {
        let options = SqliteOptions::default();
        let from = SqliteStore::open_existing(instance.path("data/countersign.db"), options);
        let target = SqliteStore::open(instance.path(to), SqliteOptions::default()).unwrap();
        let mut batches = 0;
        let mut killed = |_| {
            batches += 1;
            if batches == 2 {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            }
        };
        let copied =
            countersign_app::operate::copy(&from.unwrap(), &source, &target, &mut killed).await;
        assert_eq!(copied.unwrap_err().code(), "copy_stopped");
        assert!(target.copy_mark().await.unwrap().is_some());
    });
}

#[test]
fn a_copy_that_was_interrupted_goes_on_and_nothing_serves_it_before() {
    let instance = Instance::started();
    let mut ada = Holder::on(&instance);
    begin_copy(&instance, "half.db");
    let store = ["--set", "store.url=sqlite:half.db"];
    for command in [&["serve"][..], &["users", "list"], &["keys", "list"]] {
        let message = instance.run(&[command, &store].concat()).fails_with(5);
        assert!(
            message.contains("is not finished") && message.contains("data/countersign.db"),
            "{message}"
        );
    }
    let doctor = instance.run(&[&["doctor"][..], &store].concat());
    assert!(doctor.out.contains("store copy again"), "{}", doctor.out);
    doctor.fails_with(1);

    let another = Instance::started();
    let half = format!("sqlite:{}", instance.path("half.db").display());
    another.run(&["store", "copy", "--to", &half]).fails_with(4);

    let copy = ["store", "copy", "--to", "sqlite:half.db", "--json"];
    assert_eq!(instance.run(&copy).json()["resumed"], true);
    instance.use_store("sqlite:half.db");
    ada.is_welcome(&instance);
}

#[test]
fn addresses_with_a_password_come_from_files() {
    let instance = Instance::started();
    let secret = "postgres://auth:sekret@db.example/auth";
    for flag in ["--from", "--to"] {
        let arguments = ["store", "copy", flag, secret, "--to-file", "x"];
        let arguments = if flag == "--to" {
            &arguments[..4]
        } else {
            &arguments
        };
        let message = instance.run(arguments).fails_with(2);
        assert!(
            message.contains(&format!("{flag}-file")) && !message.contains("sekret"),
            "{message}"
        );
    }
    let nowhere = ["store", "copy", "--to", "nowhere:x"];
    let message = instance.run(&nowhere).fails_with(2);
    assert!(message.contains("postgres://"), "{message}");
    instance.run(&["store", "copy"]).fails_with(2);
    let no_file = ["store", "copy", "--to-file", "nowhere"];
    instance.run(&no_file).fails_with(2);

    instance.write("to", "sqlite:from-a-file.db\n");
    crate::support::set_mode(&instance.path("to"), 0o600);
    instance.run(&["store", "copy", "--to-file", "to"]).ok();
    assert!(instance.path("from-a-file.db").exists());
}

#[cfg(not(feature = "postgres"))]
#[test]
fn an_engine_that_is_not_built_in_is_named_with_its_feature() {
    let instance = Instance::nowhere();
    instance.use_store("postgres://auth:sekret@db.example/auth");
    for command in [&["users", "list"][..], &["migrate"], &["serve"]] {
        let message = instance.run(command).fails_with(5);
        assert!(
            message.contains("--features postgres") && message.contains("released"),
            "{message}"
        );
        assert!(!message.contains("sekret"), "{message}");
    }
}
