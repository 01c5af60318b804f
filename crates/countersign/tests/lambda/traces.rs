//! A function may be frozen as soon as it asks for its next event: what has to be sent is sent before.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::thread;

use crate::event::{Event, Kind};
use crate::function::Function;

const SAMPLED: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
const TRACE_ID: [u8; 16] = [
    0x57, 0x59, 0xe9, 0x88, 0xbd, 0x86, 0x2e, 0x3f, 0xe1, 0xbe, 0x46, 0xa9, 0x94, 0x27, 0x27, 0x93,
];

#[test]
fn traces_join_x_rays_and_are_sent_before_the_next_event_is_asked_for() {
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let (received, calls) = channel();
    thread::spawn(move || {
        let (mut stream, _) = collector.accept().unwrap();
        let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
        // The exporter waits for an answer; its one call fits into some reads.
        while !bytes.windows(16).any(|window| window == TRACE_ID) {
            let read = stream.read(&mut buffer).unwrap();
            assert!(read > 0, "the call ended without the trace");
            bytes.extend_from_slice(&buffer[..read]);
        }
        received.send(bytes).unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let dir = tempfile::tempdir().unwrap();
    let settings = [("TELEMETRY_OTLP_ENDPOINT", endpoint.as_str())];
    let function = Function::start(dir.path(), &settings).traced(SAMPLED);
    function
        .send(&Event::get(Kind::HttpApi, "/v1/me"))
        .expect(401);
    function.waits();
    let sent = calls
        .try_recv()
        .expect("nothing was sent before the function may freeze");
    let text = String::from_utf8_lossy(&sent);
    assert!(text.contains("/v1/traces"), "{text}");
}
