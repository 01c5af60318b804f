//! The runtime API, for one process: hands out the events that it is given, one after the other, and
//! notes when each was asked for and answered.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// What a process said, and when.
pub(crate) enum Said {
    /// It asks for an event.
    Next(Instant),
    /// It has an answer.
    Answer(Instant, Value),
    /// It could not answer.
    Failed(Value),
}

/// The runtime API of one process. Its threads end with the connections of that process.
pub(crate) struct Emulator {
    pub(crate) address: SocketAddr,
    events: Sender<String>,
    said: Receiver<Said>,
}

impl Emulator {
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (events, waiting) = channel();
        let (says, said) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (waiting, says) = (Arc::clone(&waiting), says.clone());
                // A connection that breaks is seen by whoever waits for an answer.
                thread::spawn(move || serve(stream, &waiting, &says));
            }
        });
        Ok(Self {
            address,
            events,
            said,
        })
    }

    pub(crate) fn send(&self, event: &Value) -> io::Result<()> {
        let sent = self.events.send(event.to_string());
        sent.map_err(|_| io::Error::other("nobody asks for events"))
    }

    pub(crate) fn said(&self) -> io::Result<Said> {
        let said = self.said.recv_timeout(Duration::from_secs(30));
        said.map_err(|_| io::Error::other("it says nothing"))
    }
}

fn serve(stream: TcpStream, waiting: &Mutex<Receiver<String>>, says: &Sender<Said>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (line, body) = read(&mut reader)?;
        let now = Instant::now();
        let answer = if line.starts_with("GET") {
            says.send(Said::Next(now)).ok()?;
            let event = waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv();
            next(&event.ok()?)
        } else {
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            let is_answer = line.contains("/response");
            let said = if is_answer {
                Said::Answer(now, body)
            } else {
                Said::Failed(body)
            };
            says.send(said).ok()?;
            "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
        };
        reader.get_mut().write_all(answer.as_bytes()).ok()?;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a deadline is a moment of the system's clock, which Lambda names"
)]
fn next(event: &str) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let deadline = (now + Duration::from_secs(29)).as_millis();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
         lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
         lambda-runtime-deadline-ms: {deadline}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:f\r\n\
         content-length: {}\r\n\r\n{event}",
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
            length = value.trim().parse().ok()?;
        }
        is_chunked |= line == "transfer-encoding: chunked";
    }
    if !is_chunked {
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        return Some((first, body));
    }
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        if size == 0 {
            return Some((first, body));
        }
        chunk.truncate(size);
        body.append(&mut chunk);
    }
}
