//! The operators' address.

use crate::support::account::login;
use crate::support::{Account, Server};

#[test]
fn metrics_and_health_are_on_an_address_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let mut ada = Account::sign_up(&server, "ada");
    server.post("/v1/login", &login(&ada.email)).expect(200);
    server
        .post("/v1/login", &login("nobody@example.com"))
        .expect(401);
    assert_eq!(ada.refresh(&mut server.connect()).unwrap(), 200);
    for n in 0..5 {
        server.get(&format!("/made-up/{n}"), None).expect(404);
    }

    assert_eq!(server.ops("/healthz").expect(200).body, "alive\n");
    assert_eq!(server.ops("/readyz").expect(200).body, "ready\n");
    let metrics = server.ops("/metrics").expect(200);
    assert!(
        metrics
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    for line in [
        "countersign_sign_ups_total{outcome=\"created\"} 1",
        "countersign_logins_total{outcome=\"granted\"} 1",
        "countersign_logins_total{outcome=\"refused\"} 1",
        "countersign_refreshes_total{outcome=\"rotated\"} 1",
        "countersign_sessions_opened_total 2",
        "countersign_store_queue_depth 0",
        "countersign_hashing_queue_depth 0",
        "countersign_store_write_seconds_bucket{intent=\"rotate\"",
        "http_request_duration_seconds_bucket{",
        "route=\"/v1/login\"",
        "route=\"unmatched\"",
        "process_resident_memory_bytes",
    ] {
        assert!(metrics.body.contains(line), "{line}\n{}", metrics.body);
    }
    for told in ["made-up", "ada", "example.com"] {
        assert!(!metrics.body.contains(told), "{told} is in the metrics");
    }
    server.get("/metrics", None).expect(404);
    server.get("/readyz", None).expect(404);
    server.stop();
}

#[test]
fn the_operators_address_can_be_switched_off() {
    let dir = tempfile::tempdir().unwrap();
    let starting = Server::begin(dir.path(), &[("OPS_LISTEN", "off")]);
    let announcement = starting.announced();
    assert!(announcement.contains("/graphql"), "{announcement}");
    assert!(!announcement.contains("/metrics"), "{announcement}");
}
