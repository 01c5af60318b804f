//! What every scenario stands on: an engine's database, two clients that share it, and the archive of
//! what they say.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use uuid::Uuid;

use crate::checker::{FinalState, Found, Rules, check};
use crate::client::{Load, Settings, Task};
use crate::clock::real_micros;
use crate::engines::Engine;
use crate::failure::Outcome;
use crate::history::{Operation, What};
use crate::processes::{Archive, Client};
use crate::report::{Measures, Outage, Row};

/// How many users all clients know, and how many of them are administrators.
const USERS: (u32, u32) = (48, 3);
/// How many workers a client has.
const WORKERS: u16 = 12;
/// How long a worker rests between two steps, in microseconds: where calls take no time, hardly, so
/// that some are under way whenever the process is killed.
const REST: u64 = 120_000;
const SHORT_REST: u64 = 8_000;
/// No single task takes longer.
const PATIENCE: Duration = Duration::from_mins(2);

/// A database with its clients.
pub struct Stage {
    engine: Engine,
    scenario: &'static str,
    /// Where the harness itself reaches the database.
    direct: String,
    /// Where the clients do.
    led: String,
    begun: u64,
    started: Instant,
    seed: u64,
    processes: u8,
    clients: Vec<Client>,
    running: Vec<u8>,
    loads: Vec<u64>,
    users: Vec<Uuid>,
    /// What the clients say.
    pub archive: Arc<Archive>,
    /// When the database was out of reach.
    pub outages: Vec<Outage>,
}

/// Where a scenario keeps its data: a folder of its own, which a server's user can reach.
pub fn folder(base: &Path, engine: Engine, scenario: &str) -> Outcome<PathBuf> {
    let name = format!("{}-{}", engine.name(), scenario.replace(' ', "-"));
    let folder = std::path::absolute(base)?.join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

impl Stage {
    /// Makes the schema and the users that all clients know, and starts two clients.
    pub async fn set_up(
        engine: Engine,
        scenario: &'static str,
        (direct, led): (String, String),
        history: &Path,
        seed: u64,
    ) -> Outcome<Self> {
        let (_, admin) = engine.open(&direct)?;
        admin.migrate().await?;
        let mut stage = Self {
            engine,
            scenario,
            direct,
            led,
            begun: real_micros(),
            started: Instant::now(),
            seed,
            processes: 0,
            clients: Vec::new(),
            running: Vec::new(),
            loads: Vec::new(),
            users: Vec::new(),
            archive: Archive::new(history)?,
            outages: Vec::new(),
        };
        stage.add_client()?;
        stage.add_client()?;
        let (users, admins) = USERS;
        stage
            .all(&[Some(Task::Seed { users, admins }), None])
            .await?;
        stage.users = signed_up(&stage.archive.operations());
        if stage.users.is_empty() {
            return Err("nobody could sign up".into());
        }
        Ok(stage)
    }

    fn new_client(&mut self) -> Outcome<Client> {
        self.processes += 1;
        let settings = Settings {
            engine: self.engine,
            address: self.led.clone(),
            process: self.processes,
            begun: self.begun,
            seed: self.seed ^ (u64::from(self.processes) << 48),
        };
        self.running.push(self.processes);
        Client::start(&settings, &self.archive)
    }

    fn add_client(&mut self) -> Outcome<()> {
        let client = self.new_client()?;
        self.clients.push(client);
        Ok(())
    }

    /// Gives each client its task at once, and waits until all are done.
    pub async fn all(&mut self, tasks: &[Option<Task>]) -> Outcome<()> {
        let mut begun = Vec::new();
        for (client, task) in self.clients.iter_mut().zip(tasks) {
            begun.push(match task {
                Some(task) => Some(client.begin(task.clone()).await?),
                None => None,
            });
        }
        for (client, number) in self.clients.iter_mut().zip(begun) {
            if let Some(number) = number {
                client.wait(number, PATIENCE).await?;
            }
        }
        Ok(())
    }

    fn usual_load(&self, filler: usize) -> Load {
        Load {
            workers: WORKERS,
            pause: if self.engine.has_server() {
                REST
            } else {
                SHORT_REST
            },
            users: self.users.clone(),
            filler,
            millis: None,
        }
    }

    /// Starts the load on all clients.
    pub async fn begin_load(&mut self, filler: usize) -> Outcome<()> {
        let load = self.usual_load(filler);
        self.loads.clear();
        for client in &mut self.clients {
            self.loads
                .push(client.begin(Task::Load(load.clone())).await?);
        }
        Ok(())
    }

    /// Ends the load, and waits until all is quiet.
    pub async fn end_load(&mut self) -> Outcome<()> {
        for client in &mut self.clients {
            client.begin(Task::Stop).await?;
        }
        let loads = std::mem::take(&mut self.loads);
        for (client, number) in self.clients.iter_mut().zip(loads) {
            client.wait(number, PATIENCE).await?;
        }
        Ok(())
    }

    /// A crowd in each process, for a while.
    pub async fn crowd(&mut self, workers: u16, time: Duration) -> Outcome<()> {
        let load = Load {
            workers,
            pause: 1_000,
            millis: Some(u64::try_from(time.as_millis())?),
            ..self.usual_load(0)
        };
        let task = Some(Task::Load(load));
        self.all(&[task.clone(), task]).await
    }

    /// Kills the last client under its load, and starts another in its place.
    pub async fn kill_client(&mut self) -> Outcome<()> {
        let client = self.clients.pop().ok_or("there is no client")?;
        self.loads.pop();
        client.kill().await?;
        self.running.pop();
        let mut client = self.new_client()?;
        let load = Task::Load(self.usual_load(0));
        self.loads.push(client.begin(load).await?);
        self.clients.push(client);
        self.was_out().await;
        Ok(())
    }

    /// Notes that the database was out of reach until now, and waits until every client
    /// has had an answer since, or has had long enough.
    pub async fn was_out(&mut self) {
        let outage = Outage {
            over: real_micros(),
            processes: self.running.clone(),
        };
        self.outages.push(outage.clone());
        for _ in 0..100 {
            sleep(Duration::from_millis(100)).await;
            let has_answered = |process: &u8| self.archive.has_answered(*process, outage.over);
            if outage.processes.iter().all(has_answered) {
                return;
            }
        }
    }

    /// Whom all clients know.
    pub fn users(&self) -> &[Uuid] {
        &self.users
    }

    /// The engine's store, reached directly.
    pub fn open(&self) -> Outcome<crate::engines::Both> {
        self.engine.open(&self.direct)
    }

    /// When the run began, in microseconds since 1970.
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// How long it has lasted.
    pub fn lasted(&self) -> Duration {
        self.started.elapsed()
    }

    /// Ends the clients, reads what is left, and checks it. `more` adds what the scenario knows.
    pub async fn judge(
        mut self,
        rules: Rules,
        more: impl FnOnce(&[Operation], &FinalState, &mut Found),
    ) -> Outcome<(Row, Self)> {
        for client in std::mem::take(&mut self.clients) {
            client.end().await?;
        }
        let (_, admin) = self.open()?;
        let state = FinalState::read(admin.as_ref()).await?;
        let operations = self.archive.operations();
        let mut found = check(&operations, &state, rules);
        more(&operations, &state, &mut found);
        for problem in admin.engine_problems().await? {
            found.add("the engine finds nothing wrong", problem);
        }
        let measures = Measures::of(&operations, &self.outages);
        let row = Row::new(
            self.engine,
            self.scenario,
            measures,
            found,
            self.started.elapsed(),
        );
        Ok((row, self))
    }
}

/// The users whose sign-up was acknowledged.
fn signed_up(operations: &[Operation]) -> Vec<Uuid> {
    let done = operations.iter().filter_map(Operation::answer);
    let users: std::collections::BTreeSet<_> = done.filter_map(|answer| answer.user).collect();
    let asked = operations.iter().filter_map(|o| match o.invoked.what {
        What::SignUp { user, .. } => Some(user),
        _ => None,
    });
    asked.filter(|user| users.contains(user)).collect()
}
