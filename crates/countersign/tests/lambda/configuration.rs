//! What a function is refused to start with, and what it need not be told.

use crate::event::{Event, Kind};
use crate::function::Function;

const MASTER_KEY: &str = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";

#[test]
fn in_production_which_is_the_default_a_function_needs_an_address_and_a_shared_store() {
    let dir = tempfile::tempdir().unwrap();
    let (status, said) = Function::bare(dir.path(), &[]).refused();
    assert_eq!(status.code(), Some(5), "{said}");
    for word in [
        "http.public_url",
        "store.url",
        "dynamodb://",
        "http.base_path",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn in_development_a_file_will_do_and_is_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    function.send(&Event::get(Kind::HttpApi, "/")).expect(200);
    assert!(
        function.log().contains("lost with each instance"),
        "{}",
        function.log()
    );
}

/// Nothing is spoken to before the first request, so the start can't fail for want of it.
#[test]
fn a_start_takes_no_network() {
    let dir = tempfile::tempdir().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = nobody.local_addr().unwrap();
    let url = format!("dynamodb://eu-central-1/countersign?endpoint=http://{endpoint}");
    let settings = [
        ("HTTP_PUBLIC_URL", "https://auth.example.com"),
        ("STORE_URL", url.as_str()),
        ("KEYS_MASTER_KEY", MASTER_KEY),
        ("DATA_DIR", dir.path().to_str().unwrap()),
    ];
    if !cfg!(feature = "dynamodb") {
        let (_, said) = Function::bare(dir.path(), &settings).refused();
        assert!(said.contains("--features dynamodb"), "{said}");
        return;
    }
    let function = Function::bare(dir.path(), &settings);
    function.waits();
    nobody.set_nonblocking(true).unwrap();
    assert!(nobody.accept().is_err(), "somebody called");
}
