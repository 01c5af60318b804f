//! Clients that send nothing, or very slowly, to hold connections.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Server, Wire};

const SETTINGS: [(&str, &str); 2] = [
    ("HTTP_HEADER_TIMEOUT", "400ms"),
    ("HTTP_MAX_CONNECTIONS", "2"),
];

/// How long the server kept a connection that was sent `head`.
fn kept(server: &Server, head: &[u8]) -> Duration {
    let mut stream = TcpStream::connect(server.api).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(head).unwrap();
    let begun = Instant::now();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    begun.elapsed()
}

#[test]
fn a_client_that_sends_no_headers_or_half_of_them_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &SETTINGS);
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for head in [
        &b""[..],
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow",
        b"PRI * HT",
        preface,
    ] {
        let kept = kept(&server, head);
        assert!(kept < Duration::from_secs(5), "{kept:?} for {head:?}");
    }
    server.stop();
}

#[test]
fn a_pause_between_requests_is_no_slow_header() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &SETTINGS);
    let mut wire = server.connect();
    wire.get("/openapi.json", None).unwrap().expect(200);
    thread::sleep(Duration::from_millis(1300));
    wire.get("/openapi.json", None).unwrap().expect(200);
    // But half a request after the pause is.
    wire.raw().write_all(b"GET / HTTP/1.1\r\nX-Slow").unwrap();
    let begun = Instant::now();
    let _ = wire.raw().read(&mut [0; 64]);
    assert!(begun.elapsed() < Duration::from_secs(5));
    server.stop();
}

#[test]
fn connections_past_the_limit_wait_until_one_is_free() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &SETTINGS);
    let mut open: Vec<Wire<TcpStream>> = (0..2).map(|_| server.connect()).collect();
    for wire in &mut open {
        wire.get("/openapi.json", None).unwrap().expect(200);
    }
    let api = server.api;
    let third = thread::spawn(move || {
        Wire::connect(api)
            .unwrap()
            .get("/openapi.json", None)
            .unwrap()
            .expect(200);
        Instant::now()
    });
    thread::sleep(Duration::from_millis(500));
    let freed = Instant::now();
    drop(open.pop());
    assert!(
        third.join().unwrap() > freed,
        "it was let in past the limit"
    );
    server.stop();
}

#[test]
fn http_2_is_spoken_in_clear_text_by_those_who_know() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let mut stream = TcpStream::connect(server.api).unwrap();
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).unwrap();
    assert_eq!(frame[3], 4, "a SETTINGS frame comes first: {frame:?}");
    server.stop();
}
