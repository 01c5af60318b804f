//! The runtime API of AWS Lambda: hands out events one at a time, and takes what becomes of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

const PREFIX: &str = "/2018-06-01/runtime/";

/// An event on its way to the function.
pub struct Invocation {
    pub id: String,
    pub event: String,
    pub time: Duration,
    pub trace: String,
}

/// What became of an event.
#[derive(Debug)]
pub struct Outcome {
    pub id: String,
    pub is_error: bool,
    pub body: Value,
}

/// The emulator: it ends with the process that it serves.
pub struct Emulator {
    pub address: SocketAddr,
    events: Sender<Invocation>,
    outcomes: Receiver<Outcome>,
    asked: Receiver<()>,
}

/// What its connections share.
struct Shared {
    events: Mutex<Receiver<Invocation>>,
    outcomes: Sender<Outcome>,
    asked: Sender<()>,
}

impl Emulator {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (events, waiting) = channel();
        let (done, outcomes) = channel();
        let (asks, asked) = channel();
        let shared = Arc::new(Shared {
            events: Mutex::new(waiting),
            outcomes: done,
            asked: asks,
        });
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self {
            address,
            events,
            outcomes,
            asked,
        }
    }

    pub fn send(&self, invocation: Invocation) {
        self.events.send(invocation).unwrap();
    }

    pub fn outcome(&self, patience: Duration) -> Option<Outcome> {
        self.outcomes.recv_timeout(patience).ok()
    }

    /// Waits until the function asks for an event: whatever it does after an answer is then done.
    pub fn asked(&self, patience: Duration) -> bool {
        self.asked.recv_timeout(patience).is_ok()
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some((line, body)) = read(&mut reader) {
            let mut words = line.split_whitespace();
            let (method, path) = (words.next().unwrap(), words.next().unwrap());
            let path = path.strip_prefix(PREFIX).unwrap();
            let answer = match (method, path) {
                ("GET", "invocation/next") => {
                    let _ = self.asked.send(());
                    let Ok(event) = self.events.lock().unwrap().recv() else {
                        return;
                    };
                    next(&event)
                }
                ("POST", path) => {
                    let mut parts = path.split('/').skip(1);
                    let id = parts.next().unwrap().to_owned();
                    let _ = self.outcomes.send(Outcome {
                        id,
                        is_error: parts.next() == Some("error"),
                        body: serde_json::from_slice(&body).unwrap(),
                    });
                    "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
                }
                other => panic!("{other:?} is not a part of the runtime API"),
            };
            if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the deadline of an invocation is a time of day"
)]
fn next(invocation: &Invocation) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let Invocation {
        id,
        event,
        time,
        trace,
    } = invocation;
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
         lambda-runtime-aws-request-id: {id}\r\n\
         lambda-runtime-deadline-ms: {}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:auth\r\n\
         lambda-runtime-trace-id: {trace}\r\n\
         content-length: {}\r\n\r\n{event}",
        (now + *time).as_millis(),
        event.len()
    )
}

/// One request: its first line and its body.
fn read(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        is_chunked |= line == "transfer-encoding: chunked";
    }
    let mut body = vec![0; length];
    if is_chunked {
        body = chunks(reader)?;
    } else {
        reader.read_exact(&mut body).ok()?;
    }
    Some((first, body))
}

fn chunks(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}
