//! The first start, with nothing configured but free ports.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use crate::support::Server;

#[test]
fn a_first_start_makes_the_data_directory_for_its_owner_alone_and_says_where_everything_is() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let mode = |path: &str| {
        let metadata = fs::metadata(dir.path().join(path)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode("data"), 0o700);
    assert_eq!(mode("data/countersign.db"), 0o600);
    assert_eq!(mode("data/master.key"), 0o600);
    let mut names: Vec<_> = fs::read_dir(dir.path().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("countersign.db-"))
        .collect();
    names.sort();
    assert_eq!(names, ["countersign.db", "master.key"]);

    for word in [
        "/graphql",
        "/graphiql",
        "/v1",
        "/openapi.json",
        "/.well-known/jwks.json",
        "/metrics",
        "/healthz",
        "/readyz",
        "data",
        "countersign users create --admin",
        "countersign grant",
    ] {
        assert!(
            server.announcement.contains(word),
            "{word}: {}",
            server.announcement
        );
    }
    server.get("/.well-known/jwks.json", None).expect(200);
    server.get("/openapi.json", None).expect(200);
    server.get("/graphiql", None).expect(200);
    server.stop();
}

#[test]
fn a_port_that_is_taken_is_named_with_the_setting_that_chooses_another() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = Server::begin(dir.path(), &[("HTTP_LISTEN", &address)]).refused();
    assert!(
        said.contains(&address) && said.contains("http.listen"),
        "{said}"
    );
    assert!(
        !dir.path().join("data").exists(),
        "it made something all the same"
    );
}

#[test]
fn a_lost_master_key_is_told_and_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    Server::start(dir.path()).stop();
    let key = dir.path().join("data/master.key");
    let kept = fs::read(&key).unwrap();

    fs::remove_file(&key).unwrap();
    let said = Server::begin(dir.path(), &[]).refused();
    assert!(said.contains("restore that file"), "{said}");
    assert!(!key.exists());

    let other = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let said = Server::begin(dir.path(), &[("KEYS_MASTER_KEY", other)]).refused();
    assert!(
        said.contains("can't be opened with this master key"),
        "{said}"
    );

    fs::write(&key, kept).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    Server::start(dir.path()).stop();
}
