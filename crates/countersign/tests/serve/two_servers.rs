//! Two servers on one data directory: an upgrade without a pause, or one a core.

use crate::support::account::login;
use crate::support::{Account, Server};

#[test]
fn two_servers_that_start_at_the_same_moment_share_one_instance() {
    for _ in 0..3 {
        let dir = tempfile::tempdir().unwrap();
        let starting = [
            Server::begin(dir.path(), &[]),
            Server::begin(dir.path(), &[]),
        ];
        let [one, other] = starting.map(super::support::server::Starting::listening);
        let keys = |server: &Server| server.get("/.well-known/jwks.json", None).expect(200).body;
        assert_eq!(keys(&one), keys(&other));

        let mut ada = Account::sign_up(&one, "ada");
        other.get("/v1/me", Some(&ada.access)).expect(200);
        assert_eq!(ada.refresh(&mut other.connect()).unwrap(), 200);
        one.get("/v1/me", Some(&ada.access)).expect(200);
        other.post("/v1/login", &login(&ada.email)).expect(200);
        one.connect()
            .send("POST", "/v1/logout", Some(&ada.access), None)
            .unwrap()
            .expect(204);
        other.get("/v1/me", Some(&ada.access)).expect(401);
        one.stop();
        other.post("/v1/login", &login(&ada.email)).expect(200);
        other.stop();
    }
}
