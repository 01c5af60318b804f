//! A client: a process of its own with a store of its own, as an instance of the product is. It reads
//! commands from its standard input, one JSON value a line, and writes its history to its standard
//! output. It can be killed at any moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use countersign_app::ports::Store;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::engines::Engine;
use crate::failure::Outcome;
use crate::random::Random;
use crate::recorder::Recorder;
use crate::workload::{Form, People, Worker};

/// What a client is started with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Which store.
    pub engine: Engine,
    /// Where.
    pub address: String,
    /// The number of the process in the run.
    pub process: u8,
    /// When the run began, in microseconds since 1970.
    pub begun: u64,
    /// What its choices come from.
    pub seed: u64,
}

/// What a client is told to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// So many users, the first `admins` of them administrators.
    Seed {
        /// How many.
        users: u32,
        /// How many of them are administrators.
        admins: u32,
    },
    /// Workers that do one thing after the other, until they are told to stop.
    Load(Load),
    /// Ends the load.
    Stop,
    /// So many sign-ups for one address at once.
    SignUps {
        /// How many.
        count: usize,
        /// The address.
        email: String,
    },
    /// So many refreshes of one token at once.
    Refreshes {
        /// How many.
        count: usize,
        /// The session.
        session: Uuid,
        /// The generation of its token.
        generation: u32,
        /// The hash of its token.
        hash: Uuid,
    },
}

/// A load.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Load {
    /// How many workers.
    pub workers: u16,
    /// How long each waits between two steps, in microseconds, on average.
    pub pause: u64,
    /// The users that all clients know.
    pub users: Vec<Uuid>,
    /// How many bytes of padding are in plain events; 0 for no padding.
    pub filler: usize,
    /// Ends by itself after so many milliseconds.
    pub millis: Option<u64>,
}

/// A task with its number, which comes back when it is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Command {
    /// Its number.
    pub number: u64,
    /// What to do.
    pub task: Task,
}

struct Client {
    store: Arc<dyn Store>,
    recorder: Arc<Recorder>,
    seed: u64,
    stopped: Arc<AtomicBool>,
}

/// Runs a client until its standard input ends.
pub async fn run(settings: Settings) -> Outcome<()> {
    let (store, _) = settings.engine.open(&settings.address)?;
    let client = Arc::new(Client {
        store,
        recorder: Arc::new(Recorder::new(settings.process, settings.begun)),
        seed: settings.seed,
        stopped: Arc::default(),
    });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut tasks = JoinSet::new();
    while let Some(line) = lines.next_line().await? {
        let command: Command = serde_json::from_str(&line)?;
        if matches!(command.task, Task::Load(_)) {
            client.stopped.store(false, Ordering::Relaxed);
        }
        let client = Arc::clone(&client);
        tasks.spawn(async move {
            client.carry_out(command.number, command.task).await;
            client.recorder.finished(command.number);
        });
    }
    Ok(())
}

impl Client {
    fn worker(&self, people: &Arc<People>, number: u16, turn: u64, filler: usize) -> Worker {
        Worker::new(
            Arc::clone(&self.store),
            Arc::clone(&self.recorder),
            Arc::clone(people),
            number,
            self.seed ^ turn.wrapping_mul(0x5851_f42d_4c95_7f2d),
            filler,
        )
    }

    async fn carry_out(&self, turn: u64, task: Task) {
        match task {
            Task::Seed { users, admins } => self.make_users(turn, users, admins).await,
            Task::Load(load) => self.load(turn, load).await,
            Task::Stop => self.stopped.store(true, Ordering::Relaxed),
            Task::SignUps { count, email } => {
                let once = |mut worker: Worker| {
                    let form = Form {
                        email: email.clone(),
                        username: None,
                        admin: false,
                        key: None,
                    };
                    async move { drop(worker.sign_up_once(&form).await) }
                };
                self.at_once(turn, count, once).await;
            }
            Task::Refreshes {
                count,
                session,
                generation,
                hash,
            } => {
                let once = |mut worker: Worker| async move {
                    drop(worker.rotate_once(session, generation, hash).await);
                };
                self.at_once(turn, count, once).await;
            }
        }
    }

    async fn make_users(&self, turn: u64, users: u32, admins: u32) {
        let people = Arc::new(People::new(Vec::new()));
        let mut worker = self.worker(&people, 0, turn, 0);
        let mut random = Random::new(self.seed);
        for number in 0..users {
            let form = Form {
                email: format!("user{number}@example.com"),
                username: Some(format!("user{number}")),
                admin: number < admins,
                key: Some(random.mark()),
            };
            worker.sign_up(&form).await;
        }
    }

    async fn load(&self, turn: u64, load: Load) {
        let people = Arc::new(People::new(load.users));
        let mut workers = JoinSet::new();
        for number in 0..load.workers {
            let mut worker = self.worker(&people, number, turn, load.filler);
            let stopped = Arc::clone(&self.stopped);
            let mut random = Random::new(self.seed ^ turn ^ u64::from(number));
            let until = load
                .millis
                .map(|millis| tokio::time::Instant::now() + Duration::from_millis(millis));
            let is_over = move || until.is_some_and(|until| tokio::time::Instant::now() >= until);
            workers.spawn(async move {
                while !stopped.load(Ordering::Relaxed) && !is_over() {
                    worker.step().await;
                    let pause = random.below(load.pause.saturating_mul(2).max(1));
                    tokio::time::sleep(Duration::from_micros(pause)).await;
                }
            });
        }
        while workers.join_next().await.is_some() {}
    }

    /// Has so many workers begin at the same moment.
    async fn at_once<F>(&self, turn: u64, count: usize, once: impl Fn(Worker) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let people = Arc::new(People::new(Vec::new()));
        let gate = Arc::new(Barrier::new(count.max(1)));
        let mut workers = JoinSet::new();
        for number in 0..count {
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            let work = once(self.worker(&people, number, turn, 0));
            let gate = Arc::clone(&gate);
            workers.spawn(async move {
                gate.wait().await;
                work.await;
            });
        }
        while workers.join_next().await.is_some() {}
    }
}
