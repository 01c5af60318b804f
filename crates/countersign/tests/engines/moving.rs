//! `store copy` from the embedded file to an engine and back: whoever held something still does.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::commands::run;
use crate::database::Database;
use crate::on_each_engine;
use crate::support::account::{PASSWORD, login};
use crate::support::{Account, Server};

/// A server on a store takes what was given out on another.
fn welcomes(dir: &Path, store: &str, ada: &mut Account) {
    let server = Server::start_with(dir, &[("STORE_URL", store)]);
    server.get("/v1/me", Some(&ada.access)).expect(200);
    assert_eq!(ada.refresh(&mut server.connect()).unwrap(), 200);
    server.get("/v1/me", Some(&ada.access)).expect(200);
    server.post("/v1/login", &login(&ada.email)).expect(200);
    let mut wrong = login(&ada.email);
    wrong["password"] = "wrong".into();
    server.post("/v1/login", &wrong).expect(401);
    server.stop();
}

fn everything_moves_there_and_back_and_stays_good(engine: &'static str) {
    let database = Database::start(engine);
    let (url, dir) = (database.url(), tempfile::tempdir().unwrap());
    let server = Server::start(dir.path());
    let mut ada = Account::sign_up(&server, "ada");
    for n in 0..20 {
        Account::sign_up(&server, &format!("guest{n}"));
    }
    server.stop();

    let from_file = "sqlite:data/countersign.db";
    // It may hold a password, which no flag takes.
    let address = dir.path().join("new-store-url");
    std::fs::write(&address, &url).unwrap();
    std::fs::set_permissions(&address, Permissions::from_mode(0o600)).unwrap();
    let to = ["store", "copy", "--to-file", "new-store-url", "--json"];
    let there = run(dir.path(), from_file, &to).json();
    welcomes(dir.path(), &url, &mut ada);
    let full = run(dir.path(), from_file, &to);
    assert_eq!(full.code, 4, "{}", full.err);

    let back = ["store", "copy", "--to", "sqlite:back.db", "--json"];
    let back = run(dir.path(), &url, &back).json();
    let users = |answer: &serde_json::Value| answer["kinds"][1].clone();
    assert_eq!(users(&there)["kind"], "users");
    assert_eq!(users(&there)["count"], 21);
    assert_eq!(users(&there)["checksum"].as_str().unwrap().len(), 64);
    assert_eq!(users(&back)["count"], 21);
    welcomes(dir.path(), "sqlite:back.db", &mut ada);
    run(dir.path(), "sqlite:back.db", &["store", "check"]).ok();
    assert!(!there.to_string().contains(PASSWORD));
}

on_each_engine!(everything_moves_there_and_back_and_stays_good);
