//! The harness's side of the clients: starts them, tells them what to do, reads what they write, and
//! kills them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::client::{Command, Settings, Task};
use crate::failure::Outcome;
use crate::history::{self, History, Line, Operation};

/// What all clients of a run have written so far. Every line is kept in a file, too, for whoever
/// wants to know how a violation came about.
pub struct Archive {
    inner: Mutex<Inner>,
    completed: watch::Sender<u64>,
    turned_away: AtomicU64,
}

struct Inner {
    history: History,
    answered: BTreeMap<u8, u64>,
    file: BufWriter<File>,
}

impl Archive {
    /// An empty archive that keeps its lines in this file.
    pub fn new(path: &std::path::Path) -> Outcome<Arc<Self>> {
        let inner = Inner {
            history: History::default(),
            answered: BTreeMap::new(),
            file: BufWriter::new(File::create(path)?),
        };
        Ok(Arc::new(Self {
            inner: Mutex::new(inner),
            completed: watch::Sender::new(0),
            turned_away: AtomicU64::new(0),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, text: &str, line: Line) {
        let mut inner = self.lock();
        let is_completed = match &line {
            Line::Completed(completed) => {
                if matches!(completed.outcome, history::Outcome::Unknown(_)) {
                    self.turned_away.fetch_add(1, Ordering::Relaxed);
                } else {
                    let process = History::process_of(completed.operation);
                    inner.answered.insert(process, completed.at);
                }
                true
            }
            _ => false,
        };
        // The file is for people; the check reads the history in memory.
        let _ = writeln!(inner.file, "{text}");
        inner.history.take(line);
        drop(inner);
        if is_completed {
            self.completed.send_modify(|count| *count += 1);
        }
    }

    /// How many operations are complete.
    pub fn count(&self) -> u64 {
        *self.completed.borrow()
    }

    /// How many of them found the store unavailable.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    /// Whether a process has had an answer at this real time or later. The clients wait while they are
    /// not read, so nothing that takes long may be done in the midst of a load.
    pub fn has_answered(&self, process: u8, since: u64) -> bool {
        let inner = self.lock();
        inner.answered.get(&process).is_some_and(|at| *at >= since)
    }

    /// All operations so far, in the order of their invocations.
    pub fn operations(&self) -> Vec<Operation> {
        let mut inner = self.lock();
        let _ = inner.file.flush();
        inner.history.operations()
    }
}

/// A client process.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    reader: JoinHandle<()>,
    finished: watch::Receiver<BTreeSet<u64>>,
    next: u64,
}

impl Client {
    /// Starts a process of this program as a client.
    pub fn start(settings: &Settings, archive: &Arc<Archive>) -> Outcome<Self> {
        let mut child = tokio::process::Command::new(std::env::current_exe()?)
            .arg("client")
            .arg(serde_json::to_string(settings)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (sender, finished) = watch::channel(BTreeSet::new());
        let output = child.stdout.take().ok_or("a client has no output")?;
        Ok(Self {
            input: child.stdin.take(),
            child,
            reader: tokio::spawn(read(output, Arc::clone(archive), sender)),
            finished,
            next: 1,
        })
    }

    /// Gives it a task, and does not wait; gives the number to wait for.
    pub async fn begin(&mut self, task: Task) -> Outcome<u64> {
        let number = self.next;
        self.next += 1;
        let mut line = serde_json::to_vec(&Command { number, task })?;
        line.push(b'\n');
        let input = self.input.as_mut().ok_or("the client is gone")?;
        input.write_all(&line).await?;
        input.flush().await?;
        Ok(number)
    }

    /// Waits until a task is done.
    pub async fn wait(&mut self, number: u64, patience: Duration) -> Outcome<()> {
        let done = self.finished.wait_for(|set| set.contains(&number));
        match timeout(patience, done).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err("a client ended before its task".into()),
            Err(_) => Err("a client took too long for its task".into()),
        }
    }

    /// `kill -9`; what it wrote before is read to the end.
    pub async fn kill(mut self) -> Outcome<()> {
        self.child.kill().await?;
        timeout(Duration::from_secs(10), &mut self.reader).await??;
        Ok(())
    }

    /// Ends it in order.
    pub async fn end(mut self) -> Outcome<()> {
        drop(self.input.take());
        timeout(Duration::from_secs(20), self.child.wait()).await??;
        timeout(Duration::from_secs(10), &mut self.reader).await??;
        Ok(())
    }
}

async fn read(output: ChildStdout, archive: Arc<Archive>, finished: watch::Sender<BTreeSet<u64>>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(text)) = lines.next_line().await {
        // A process that was killed may leave half a line.
        match serde_json::from_str::<Line>(&text) {
            Ok(Line::Finished(number)) => {
                finished.send_modify(|set| set.extend([number]));
            }
            Ok(line) => archive.take(&text, line),
            Err(_) => {}
        }
    }
}
