//! The servers under measure: real processes, with data directories of their own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A running server; it ends with this value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// The memory that a process holds, in MiB.
#[derive(Clone, Copy)]
pub struct Memory {
    /// All of it.
    pub resident: f64,
    /// Without the pages of files, which the kernel takes back when others need the room.
    pub own: f64,
}

/// Where the release binaries are: beside this one.
pub fn binary(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().expect("our own path");
    path.set_file_name(name);
    assert!(
        path.exists(),
        "{} is missing: run bench/run",
        path.display()
    );
    path
}

fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

impl Server {
    /// Countersign on a data directory, without throttles, which would be what is measured.
    pub async fn countersign(data: &Path) -> (Self, Duration) {
        Self::serve(data, &[("ops.listen", "off")], None).await
    }

    /// The same with its metrics, on the store of this address (or in the data directory). Gives
    /// the address of the metrics, too.
    pub async fn with_metrics(data: &Path, store: Option<&str>) -> (Self, SocketAddr) {
        let ops = free_address();
        // No token runs out during a measurement.
        let settings = [
            ("ops.listen", &*ops.to_string()),
            ("tokens.access_lifetime", "1h"),
        ];
        let (server, _) = Self::serve(data, &settings, store).await;
        (server, ops)
    }

    async fn serve(
        data: &Path,
        settings: &[(&str, &str)],
        store: Option<&str>,
    ) -> (Self, Duration) {
        let address = free_address();
        let start = Instant::now();
        let mut command = Command::new(binary("countersign"));
        command
            .arg("serve")
            .args(["--set", &format!("http.listen={address}")])
            .args(["--set", &format!("data_dir={}", data.display())])
            .args(["--set", "throttle.enabled=false"])
            .args(["--set", "log.level=warn"])
            .current_dir(data.parent().expect("a parent"))
            .stdout(Stdio::null())
            .kill_on_drop(true);
        for (key, value) in settings {
            command.args(["--set", &format!("{key}={value}")]);
        }
        if let Some(store) = store {
            command.env("COUNTERSIGN_STORE_URL", store);
        }
        let child = command.spawn().expect("countersign starts");
        let server = Self { child, address };
        let ready = server.first_answer(start).await;
        (server, ready)
    }

    /// The bare server.
    pub async fn bare() -> Self {
        let mut child = Command::new(binary("bare"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the bare server starts");
        let stdout = child.stdout.take().expect("its output");
        let line = BufReader::new(stdout)
            .lines()
            .next_line()
            .await
            .expect("a line");
        let address = line.expect("a line").parse().expect("an address");
        Self { child, address }
    }

    /// Asks for the key set until it comes; gives the time since `start`.
    async fn first_answer(&self, start: Instant) -> Duration {
        let call = crate::client::Call::get("/.well-known/jwks.json");
        loop {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "the server does not answer"
            );
            if TcpStream::connect(self.address).await.is_err() {
                tokio::time::sleep(Duration::from_micros(500)).await;
                continue;
            }
            let mut client = crate::client::Client::connect(self.address).await;
            let (status, ..) = client.send(&call).await;
            assert_eq!(status, 200);
            return start.elapsed();
        }
    }

    /// Resident memory, in MiB.
    pub fn resident_mib(&self) -> f64 {
        self.memory().resident
    }

    /// The memory that it holds.
    pub fn memory(&self) -> Memory {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("its status");
        let mib = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            let kib = line.and_then(|line| line.split_whitespace().nth(1));
            kib.expect(name).parse::<f64>().expect("a number") / 1024.0
        };
        Memory {
            resident: mib("VmRSS:"),
            own: mib("RssAnon:"),
        }
    }

    /// Ends it and waits.
    pub async fn stop(mut self) {
        self.child.kill().await.expect("it ends");
    }
}
