//! One instance of a function: a process, its runtime API, and its end. Its whole process group is
//! killed when it takes too long, and when we stop; a process that ignores signals is killed too.

use std::ffi::OsString;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::api::{Answer, Api, Event, Phase};
use super::command::Start;
use crate::report::{Happening, Reporter};

/// How an instance ended, in words.
type Ended = Option<String>;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// The function said so.
    Error(Value),
    /// The time of the template is over.
    Timeout(Duration),
    /// The process ended.
    Crashed(String),
    /// The process could not be started, or said that it can't.
    Init(String),
}

/// A running process.
#[derive(Debug)]
pub(crate) struct Instance {
    events: mpsc::Sender<Event>,
    phase: watch::Receiver<Phase>,
    ended: watch::Receiver<Ended>,
    /// Dropping it kills the process.
    _kill: oneshot::Sender<()>,
    pid: Option<u32>,
    started: Instant,
}

/// Held by whatever has to end before the program may.
pub(crate) type Alive = mpsc::Sender<()>;

impl Instance {
    /// Starts the process.
    pub(crate) async fn start(
        name: &str,
        start: Start,
        mut environment: Vec<(OsString, OsString)>,
        reporter: &Reporter,
        alive: Alive,
    ) -> Result<Self, Failure> {
        let failed = |what: &str, error: std::io::Error| Failure::Init(format!("{what}: {error}"));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.map_err(|error| failed("no port for the runtime API", error))?;
        let address = listener
            .local_addr()
            .map_err(|error| failed("no port for the runtime API", error))?;
        environment.push(("AWS_LAMBDA_RUNTIME_API".into(), address.to_string().into()));
        let started = Instant::now();
        let mut command = Command::new(&start.program);
        command
            .args(&start.arguments)
            .current_dir(&start.directory)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| {
            failed(
                &format!("{} can't be started", start.program.display()),
                error,
            )
        })?;
        let (events, receiver) = mpsc::channel(1);
        let (phase_sender, phase) = watch::channel(Phase::Starting);
        let (ended_sender, ended) = watch::channel(None);
        let (kill, killed) = oneshot::channel();
        let pid = child.id();
        let mut beside = JoinSet::new();
        beside.spawn(serve(listener, Api::new(receiver, phase_sender, address)));
        let mut lines = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            lines.spawn(copy(stdout, name.to_owned(), reporter.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            lines.spawn(copy(stderr, name.to_owned(), reporter.clone()));
        }
        tokio::spawn(async move {
            let how = watch_over(child, killed).await;
            // What it wrote before its end is read to its end, but for what others hold open.
            let _ = tokio::time::timeout(Duration::from_millis(500), lines.join_all()).await;
            ended_sender.send_replace(Some(how));
            drop((beside, alive));
        });
        Ok(Self {
            events,
            phase,
            ended,
            _kill: kill,
            pid,
            started,
        })
    }

    /// Waits until it asks for its first event, and gives how long that took.
    pub(crate) async fn ready(&mut self, within: Duration) -> Result<Duration, Failure> {
        let settled = self.phase.wait_for(|phase| *phase != Phase::Starting);
        let phase = tokio::select! {
            biased;
            phase = settled => phase.map(|phase| phase.clone()).ok(),
            ended = self.ended.wait_for(Option::is_some) => {
                return Err(Failure::Crashed(how(ended.ok().and_then(|how| how.clone()))));
            }
            () = tokio::time::sleep(within) => {
                return Err(Failure::Init(format!(
                    "it has not asked for an event within {} s", within.as_secs()
                )));
            }
        };
        match phase {
            Some(Phase::Ready) => Ok(self.started.elapsed()),
            Some(Phase::Failed(error)) => Err(Failure::Error(error)),
            _ => Err(Failure::Crashed(how(None))),
        }
    }

    /// Gives it an event and waits for its answer.
    pub(crate) async fn invoke(
        &mut self,
        event: Event,
        answer: oneshot::Receiver<Answer>,
        within: Duration,
    ) -> Result<bytes::Bytes, Failure> {
        if self.events.send(event).await.is_err() {
            return Err(Failure::Crashed(how(None)));
        }
        let before = self.ended.clone();
        tokio::select! {
            biased;
            answered = answer => match answered {
                Ok(Answer::Result(bytes)) => Ok(bytes),
                Ok(Answer::Error(error)) => Err(Failure::Error(error)),
                Err(_) => Err(Failure::Crashed(how(before.borrow().clone()))),
            },
            ended = self.ended.wait_for(Option::is_some) => {
                Err(Failure::Crashed(how(ended.ok().and_then(|how| how.clone()))))
            }
            () = tokio::time::sleep(within) => Err(Failure::Timeout(within)),
        }
    }

    /// Whether it can take another event.
    pub(crate) fn is_alive(&self) -> bool {
        self.ended.borrow().is_none() && !matches!(*self.phase.borrow(), Phase::Failed(_))
    }

    /// The most memory that it has had, in MiB, where the system says it.
    pub(crate) async fn peak_memory_mb(&self) -> Option<u64> {
        let status = tokio::fs::read_to_string(format!("/proc/{}/status", self.pid?))
            .await
            .ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        Some(kib.div_ceil(1024))
    }
}

fn how(ended: Ended) -> String {
    ended.unwrap_or_else(|| "its process ended".to_owned())
}

async fn watch_over(mut child: Child, killed: oneshot::Receiver<()>) -> String {
    let group = child.id();
    let status = tokio::select! {
        status = child.wait() => status,
        // Also when whoever holds the other end is gone.
        _ = killed => {
            kill_group(group);
            let _ = child.start_kill();
            child.wait().await
        }
    };
    // Whatever it started goes with it.
    kill_group(group);
    match status {
        Ok(status) => format!("its process ended ({status})"),
        Err(error) => format!("its process can't be waited for: {error}"),
    }
}

#[cfg(unix)]
fn kill_group(leader: Option<u32>) {
    let leader = leader.and_then(|pid| i32::try_from(pid).ok());
    if let Some(group) = leader.and_then(rustix::process::Pid::from_raw) {
        // Gone already is as good.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_leader: Option<u32>) {}

async fn serve(listener: TcpListener, api: Arc<Api>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // No file descriptor is left for now.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let api = Arc::clone(&api);
        let service = service_fn(move |request| Arc::clone(&api).answer(request));
        connections.spawn(async move {
            // A connection that breaks belongs to a process that ends.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn copy(stream: impl AsyncRead + Unpin, function: String, reporter: Reporter) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                let line = text.trim_end_matches(['\n', '\r']).to_owned();
                reporter.tell(&Happening::Line {
                    function: function.clone(),
                    line,
                });
            }
        }
    }
}
