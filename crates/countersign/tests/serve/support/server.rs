//! The binary, run as a server on free ports.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Answer, Wire};

pub const PATIENCE: Duration = Duration::from_secs(30);

/// Credentials for the emulator of `DynamoDB`, which takes any.
pub const EMULATOR: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
];

pub struct Server {
    child: Child,
    pub dir: PathBuf,
    pub api: SocketAddr,
    pub ops: SocketAddr,
    /// What it printed when it listened.
    pub announcement: String,
}

/// A server that was started, but is not waited for yet.
pub struct Starting {
    child: Option<Child>,
    dir: PathBuf,
    lines: Receiver<String>,
}

impl Server {
    pub fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    pub fn start_with(dir: &Path, settings: &[(&str, &str)]) -> Self {
        Self::begin(dir, settings).listening()
    }

    /// Starts it without waiting. Settings are environment variables without
    /// their prefix; those of AWS go as they are.
    pub fn begin(dir: &Path, settings: &[(&str, &str)]) -> Starting {
        let log = File::options()
            .create(true)
            .append(true)
            .open(dir.join("server.log"))
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .arg("serve")
            .current_dir(dir)
            .env_clear()
            .envs(EMULATOR)
            .stdin(Stdio::null());
        let defaults = [
            ("HTTP_LISTEN", "127.0.0.1:0"),
            ("HTTP_PUBLIC_URL", "http://auth.localhost"),
            ("OPS_LISTEN", "127.0.0.1:0"),
            ("THROTTLE_ENABLED", "false"),
        ];
        for (name, value) in defaults.iter().chain(settings) {
            if name.starts_with("AWS_") {
                command.env(name, value);
            } else {
                command.env(format!("COUNTERSIGN_{name}"), value);
            }
        }
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Starting {
            child: Some(child),
            dir: dir.to_owned(),
            lines,
        }
    }

    pub fn connect(&self) -> Wire<std::net::TcpStream> {
        Wire::connect(self.api).unwrap()
    }

    /// One request on a connection of its own.
    pub fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.connect().get(path, token).unwrap()
    }

    /// One request on a connection of its own.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.connect().post(path, body).unwrap()
    }

    /// One request to the operators' address.
    pub fn ops(&self, path: &str) -> Answer {
        Wire::connect(self.ops).unwrap().get(path, None).unwrap()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("server.log")).unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for the end.
    pub fn ended(&mut self) -> ExitStatus {
        wait(&mut self.child)
    }

    /// Asks it to stop and waits for its end.
    pub fn stop(mut self) {
        self.signal(Signal::TERM);
        let status = self.ended();
        assert!(status.success(), "{status}\n{}", self.log());
    }
}

impl Starting {
    /// Waits until it listens.
    pub fn listening(mut self) -> Server {
        let announcement = self.announced();
        let api = address(&announcement, "/graphql");
        let ops = address(&announcement, "/readyz");
        let child = self.child.take().unwrap();
        Server {
            child,
            dir: self.dir.clone(),
            api,
            ops,
            announcement,
        }
    }

    /// Waits until it has said everything that it says at the start.
    pub fn announced(&self) -> String {
        let mut announcement = String::new();
        let deadline = Instant::now() + PATIENCE;
        // The last line is how to become admin.
        while !announcement.contains("countersign grant ") {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("it does not listen\n{announcement}\n{}", self.log());
            };
            announcement += &line;
            announcement.push('\n');
        }
        announcement
    }

    /// Waits for its end, where it is meant not to start, and gives what it said.
    pub fn refused(mut self) -> String {
        let status = wait(self.child.as_mut().unwrap());
        assert!(!status.success(), "{status}");
        self.log()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.join("server.log")).unwrap()
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("it does not end");
}

/// The address in the URL with this path, in words for people or in JSON.
fn address(announcement: &str, path: &str) -> SocketAddr {
    let mut words = announcement.split(|c: char| c.is_whitespace() || c == '"');
    let url = words.find(|word| word.contains("://") && word.ends_with(path));
    let url = url.unwrap_or_else(|| panic!("no {path} in {announcement}"));
    let (_, rest) = url.split_once("://").unwrap();
    rest.strip_suffix(path).unwrap().parse().unwrap()
}
