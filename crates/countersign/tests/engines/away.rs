//! A server that starts while its database is away, and servers that don't share a master key.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::database::Database;
use crate::on_each_engine;
use crate::support::account::registration;
use crate::support::{Account, Server};

/// How long the server may take to notice that the database is there.
const RECOVER_WITHIN: Duration = Duration::from_secs(5);

fn a_server_started_without_its_database_says_503_and_serves_once_it_is_there(
    engine: &'static str,
) {
    let database = Database::start(engine);
    let dir = tempfile::tempdir().unwrap();
    let url = database.url();
    database.kill();
    let server = Server::start_with(dir.path(), &[("STORE_URL", &url)]);
    assert_eq!(server.ops("/readyz").status, 503);
    assert_eq!(server.ops("/healthz").status, 200);
    let answers = [
        server.post("/v1/register", &registration("ada@example.com")),
        server.get("/v1/me", Some("no token")),
        server.get("/.well-known/jwks.json", None),
    ];
    for answer in answers {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
    }

    database.start_again();
    let begun = Instant::now();
    while server.ops("/readyz").status != 200 {
        assert!(begun.elapsed() < RECOVER_WITHIN, "{}", server.log());
        sleep(Duration::from_millis(50));
    }
    let ada = Account::sign_up(&server, "ada");
    server.get("/v1/me", Some(&ada.access)).expect(200);
    server.stop();
}

fn an_instance_with_another_master_key_is_told_what_to_do(engine: &'static str) {
    let database = Database::start(engine);
    let [one, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let url = database.url();
    let store = ("STORE_URL", url.as_str());
    let production = [store, ("MODE", "production")];
    let said = Server::begin(one.path(), &production).refused();
    assert!(said.contains("openssl rand"), "{said}");
    assert!(!one.path().join("data/master.key").exists());

    // In development the first one makes it.
    Server::start_with(one.path(), &[store]).stop();
    let said = Server::begin(other.path(), &[store]).refused();
    assert!(said.contains("copy it from another instance"), "{said}");
    assert!(!other.path().join("data/master.key").exists());

    let wrong = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let said = Server::begin(other.path(), &[store, ("KEYS_MASTER_KEY", wrong)]).refused();
    assert!(said.contains("keys.master_key_file"), "{said}");

    let right = std::fs::read_to_string(one.path().join("data/master.key")).unwrap();
    let right = ("KEYS_MASTER_KEY", right.trim());
    Server::start_with(other.path(), &[store, right]).stop();
}

on_each_engine!(
    a_server_started_without_its_database_says_503_and_serves_once_it_is_there,
    an_instance_with_another_master_key_is_told_what_to_do,
);
