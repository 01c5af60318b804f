//! Text that people choose, on each engine: what one of them can't hold is refused at the door on all.

use serde_json::json;

use crate::commands::run;
use crate::database::Database;
use crate::on_each_engine;
use crate::support::account::login;
use crate::support::{Account, Server};

fn a_nul_is_refused_at_the_door_and_is_no_error_of_the_store(engine: &'static str) {
    let database = Database::start(engine);
    let (url, dir) = (database.url(), tempfile::tempdir().unwrap());
    let server = Server::start_with(dir.path(), &[("STORE_URL", url.as_str())]);
    let root = Account::sign_up(&server, "root");
    run(dir.path(), &url, &["grant", &root.email, "admin"]).ok();
    let answer = server.post("/v1/login", &login(&root.email)).expect(200);
    let root = Account::from_answer(root.email, &answer.json());
    for text in ["a\0b", "a\u{1}b"] {
        for (method, path, body) in [
            (
                "PUT",
                "/v1/roles/editor",
                json!({ "description": text, "scope": "a:b" }),
            ),
            (
                "POST",
                "/v1/tokens",
                json!({ "name": text, "scope": "account:read" }),
            ),
            ("PATCH", "/v1/me", json!({ "display_name": text })),
            ("POST", "/v1/users", json!({ "username": text })),
        ] {
            let sent = server
                .connect()
                .send(method, path, Some(&root.access), Some(&body));
            assert_eq!(sent.unwrap().status, 422, "{method} {path} {body}");
        }
    }
    let listed = server.get("/v1/users?prefix=a%00", Some(&root.access));
    assert_eq!(listed.status, 400, "a query is no body");
    let longest = json!({ "description": "é".repeat(500), "scope": "a:b" });
    let kept = server.connect().send(
        "PUT",
        "/v1/roles/editor",
        Some(&root.access),
        Some(&longest),
    );
    assert_eq!(kept.unwrap().status, 201);
    server.stop();
}

on_each_engine!(a_nul_is_refused_at_the_door_and_is_no_error_of_the_store);
