//! SIGTERM under load: every request is answered, or its connection was refused before it was sent.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::account::login;
use crate::support::{Account, Server, Wire};

/// Calls over keep-alive connections until the server is gone; gives the failures.
fn call_until_refused(
    address: SocketAddr,
    mut account: Account,
    logs_in: bool,
    done: &AtomicUsize,
) -> Vec<String> {
    let mut failures = Vec::new();
    loop {
        let mut wire = match Wire::connect(address) {
            Ok(wire) => wire,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return failures,
            Err(error) => {
                failures.push(format!("connect: {error}"));
                return failures;
            }
        };
        for turn in 0.. {
            let answer = match turn % 3 {
                0 if logs_in => wire.post("/v1/login", &login(&account.email)),
                1 => {
                    let body = serde_json::json!({ "refresh_token": account.refresh });
                    let answer = wire.post("/v1/refresh", &body);
                    if let Ok(answer) = &answer {
                        account = Account::from_answer(account.email, &answer.json());
                    }
                    answer
                }
                _ => wire.get("/v1/me", Some(&account.access)),
            };
            match answer {
                Ok(answer) if answer.status == 200 => {
                    done.fetch_add(1, Ordering::Relaxed);
                    if answer.closes() {
                        break;
                    }
                }
                Ok(answer) => failures.push(format!("{answer:?}")),
                Err(error) => {
                    failures.push(format!("{error}"));
                    break;
                }
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

#[test]
fn no_request_fails_when_the_server_is_told_to_stop_under_load() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let accounts: Vec<_> = (0..8)
        .map(|n| Account::sign_up(&server, &format!("user{n}")))
        .collect();
    let done = AtomicUsize::new(0);
    let (address, done) = (server.api, &done);
    thread::scope(|scope| {
        let clients: Vec<_> = accounts
            .into_iter()
            .enumerate()
            .map(|(n, account)| {
                scope.spawn(move || call_until_refused(address, account, n < 2, done))
            })
            .collect();
        thread::sleep(Duration::from_millis(700));
        let before = done.load(Ordering::Relaxed);
        server.signal(Signal::TERM);
        for client in clients {
            let failures = client.join().unwrap();
            assert!(failures.is_empty(), "{failures:?}");
        }
        assert!(before > 20, "too little load: {before}");
    });
    assert!(server.ended().success());
    assert!(server.log().contains("Drained"), "{}", server.log());
}

#[test]
fn a_connection_without_a_request_holds_the_end_up_for_a_moment_only() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let mut idle = server.connect();
    idle.get("/.well-known/jwks.json", None)
        .unwrap()
        .expect(200);
    let untouched = server.connect();
    server.ops("/readyz").expect(200);
    let begun = Instant::now();
    server.signal(Signal::TERM);
    // Whoever comes within the moment is still answered, and told to go elsewhere.
    thread::sleep(Duration::from_millis(200));
    assert_eq!(server.ops("/readyz").expect(503).body, "draining\n");
    server.ops("/healthz").expect(200);
    let answer = idle
        .get("/.well-known/jwks.json", None)
        .unwrap()
        .expect(200);
    assert!(answer.closes(), "{answer:?}");
    assert!(server.ended().success());
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    drop(untouched);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let mut idle = server.connect();
    idle.get("/.well-known/jwks.json", None)
        .unwrap()
        .expect(200);
    server.signal(Signal::INT);
    thread::sleep(Duration::from_millis(200));
    server.signal(Signal::INT);
    assert_eq!(server.ended().code(), Some(130));
}
