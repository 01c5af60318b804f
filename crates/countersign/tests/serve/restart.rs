//! A restart changes nothing for clients.

use crate::support::account::login;
use crate::support::{Account, Server};

#[test]
fn a_restart_keeps_accounts_sessions_tokens_and_keys() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let mut ada = Account::sign_up(&server, "ada");
    let keys = server.get("/.well-known/jwks.json", None).expect(200).body;
    server.stop();
    let log = dir.path().join("data/countersign.db-wal");
    assert!(
        std::fs::metadata(log).map_or(0, |m| m.len()) == 0,
        "the log was not emptied"
    );

    let server = Server::start(dir.path());
    assert_eq!(
        server.get("/.well-known/jwks.json", None).expect(200).body,
        keys
    );
    server.get("/v1/me", Some(&ada.access)).expect(200);
    assert_eq!(ada.refresh(&mut server.connect()).unwrap(), 200);
    server.post("/v1/login", &login(&ada.email)).expect(200);
    server.stop();
}
