//! Traces, sent to a collector.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use crate::support::account::{PASSWORD, login};
use crate::support::{Account, Server};

/// Takes one call and gives its head and body.
fn one_call(collector: &TcpListener) -> (String, Vec<u8>) {
    let (mut stream, _) = collector.accept().unwrap();
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let head_end = text.find("\r\n\r\n").map(|at| at + 4);
        let length = text
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
        if let (Some(at), Some(length)) = (head_end, length)
            && bytes.len() >= at + length
        {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                .unwrap();
            return (text[..at].to_owned(), bytes.split_off(at));
        }
        assert!(read > 0, "the call ended early");
    }
}

#[test]
fn traces_name_routes_and_hold_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let server = Server::start_with(dir.path(), &[("TELEMETRY_OTLP_ENDPOINT", &endpoint)]);
    let calls = thread::spawn(move || one_call(&collector));
    let ada = Account::sign_up(&server, "ada");
    server.post("/v1/login", &login(&ada.email)).expect(200);
    server.stop();

    let (head, body) = calls.join().unwrap();
    assert!(head.starts_with("post /v1/traces "), "{head}");
    let text = String::from_utf8_lossy(&body);
    for part in ["countersign", "request", "/v1/login", "/v1/register"] {
        assert!(text.contains(part), "{part}");
    }
    for secret in [PASSWORD, &ada.email, &ada.access, &ada.refresh] {
        assert!(!text.contains(secret), "{secret} is in the traces");
    }
}

#[test]
fn a_collector_that_is_not_there_holds_nothing_up() {
    let dir = tempfile::tempdir().unwrap();
    let settings = [("TELEMETRY_OTLP_ENDPOINT", "http://127.0.0.1:9")];
    let server = Server::start_with(dir.path(), &settings);
    Account::sign_up(&server, "ada");
    server.stop();
}

/// A stranger's header could keep a request out of the traces, or join it to anybody's.
#[test]
fn a_trace_is_continued_for_a_trusted_proxy_and_for_nobody_else() {
    const W3C: &str = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
    const X_RAY: &str = "x-amzn-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793;\
                         Parent=53995c3f42cd8ad8;Sampled=1\r\n";
    let (w3c, x_ray) = (
        Some("0af7651916cd43dd8448eb211c80319c"),
        Some("5759e988bd862e3fe1be46a994272793"),
    );
    for (trusted, headers, named) in [
        ("127.0.0.0/8", W3C, w3c),
        ("127.0.0.0/8", X_RAY, x_ray),
        ("127.0.0.0/8", &format!("{X_RAY}{W3C}"), w3c),
        ("127.0.0.0/8", "traceparent: 00-0-0-01\r\n", None),
        ("192.0.2.0/24", W3C, None),
        ("192.0.2.0/24", X_RAY, None),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let settings = [("LOG_FORMAT", "json"), ("HTTP_TRUSTED_PROXIES", trusted)];
        let server = Server::start_with(dir.path(), &settings);
        let mut wire = server.connect();
        let request =
            format!("GET /v1/me HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n");
        wire.raw().write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        wire.raw().read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        let log = server.log();
        let line = log.lines().find(|line| line.contains("answered")).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["span"]["trace_id"].as_str(), named, "{headers}");
        server.stop();
    }
}
