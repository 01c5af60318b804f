//! Runs functions as Lambda does: one event an instance at a time, warm instances again, more of
//! them on demand up to a bound, and none that has failed to start, crashed or run out of time.

mod api;
mod command;
mod environment;
mod instance;
mod stamp;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use crate::report::{Happening, Invocation, Reporter};
use crate::stack::Function;
use crate::template::Place;
use api::Event;
pub(crate) use api::MAX_ANSWER;
use command::{Bootstraps, Start};
pub(crate) use instance::Failure;
use instance::{Alive, Instance};

/// How long a function may take until it first asks for an event; Lambda's ten seconds.
const INIT: Duration = Duration::from_secs(10);

/// The functions of a stack.
#[derive(Debug)]
pub(crate) struct Functions {
    all: BTreeMap<String, Pool>,
    commands: BTreeMap<String, String>,
    inherited: Vec<(OsString, OsString)>,
    extra: environment::Extra,
    bootstraps: Bootstraps,
    reporter: Reporter,
    clock: fn() -> Timestamp,
    alive: Mutex<Option<Alive>>,
    stopped: watch::Sender<bool>,
}

/// When the code was changed that an instance runs.
type Stamp = Option<SystemTime>;

#[derive(Debug)]
struct Pool {
    function: Function,
    places: Semaphore,
    idle: Mutex<Vec<(Stamp, Instance)>>,
}

/// What functions are run with.
pub(crate) struct Setting {
    pub(crate) commands: BTreeMap<String, String>,
    pub(crate) inherited: Vec<(OsString, OsString)>,
    pub(crate) extra: environment::Extra,
    pub(crate) max_instances: usize,
    pub(crate) reporter: Reporter,
    pub(crate) clock: fn() -> Timestamp,
}

pub(crate) use environment::Extra;

impl Functions {
    /// The functions, and what tells when all of their processes have ended.
    pub(crate) fn new(
        functions: Vec<Function>,
        setting: Setting,
    ) -> io::Result<(Self, mpsc::Receiver<()>)> {
        let (alive, ended) = mpsc::channel(1);
        let all = functions.into_iter().map(|function| {
            let places = Semaphore::new(setting.max_instances.clamp(1, Semaphore::MAX_PERMITS));
            (
                function.name.clone(),
                Pool {
                    function,
                    places,
                    idle: Mutex::default(),
                },
            )
        });
        let functions = Self {
            all: all.collect(),
            commands: setting.commands,
            inherited: environment::inherited(setting.inherited),
            extra: setting.extra,
            bootstraps: Bootstraps::write()?,
            reporter: setting.reporter,
            clock: setting.clock,
            alive: Mutex::new(Some(alive)),
            stopped: watch::Sender::new(false),
        };
        Ok((functions, ended))
    }

    /// What keeps each function from being started, in words.
    pub(crate) fn missing(&self) -> Vec<String> {
        let missing = |pool: &Pool| self.start_of(&pool.function).err();
        self.all.values().filter_map(missing).collect()
    }

    /// Ends every process, at work or not, and lets none start.
    pub(crate) fn stop(&self) {
        self.stopped.send_replace(true);
        self.alive
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        for pool in self.all.values() {
            pool.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clear();
        }
    }

    /// Invokes a function with an event, and gives what it answered.
    pub(crate) async fn invoke(&self, name: &str, payload: Bytes) -> Result<Bytes, Failure> {
        let mut stopped = self.stopped.subscribe();
        tokio::select! {
            biased;
            // What is dropped here is killed by that.
            _ = stopped.wait_for(|stopped| *stopped) => Err(being_stopped()),
            answered = self.run(name, payload) => answered,
        }
    }

    async fn run(&self, name: &str, payload: Bytes) -> Result<Bytes, Failure> {
        let Some(pool) = self.all.get(name) else {
            let failure = Failure::Init(format!("there is no function {name}"));
            self.reporter.warn(words(&failure));
            return Err(failure);
        };
        // INVARIANT: the semaphore is never closed.
        let _place = pool.places.acquire().await;
        let request_id = crate::chance::uuid();
        let mut report = Invocation {
            function: name.to_owned(),
            aws_request_id: request_id.clone(),
            cold: false,
            init_ms: None,
            took_ms: 0.0,
            max_memory_mb: None,
            memory_mb: pool.function.memory_mb,
            error: None,
        };
        let start = self.start_of(&pool.function);
        let stamp = start.as_ref().ok().and_then(stamp::of);
        let instance = match (pool.take(stamp), start) {
            (Some(instance), _) => Ok(instance),
            (None, Ok(start)) => self.fresh(pool, start, &mut report).await,
            (None, Err(missing)) => Err(Failure::Init(missing)),
        };
        let answered = match instance {
            Err(failure) => Err(failure),
            Ok(mut instance) => {
                let begun = Instant::now();
                let answered = self
                    .hand_over(&mut instance, pool, request_id, payload)
                    .await;
                report.took_ms = begun.elapsed().as_secs_f64() * 1000.0;
                report.max_memory_mb = instance.peak_memory_mb().await;
                // One that ran out of time or crashed is dropped, and killed by that.
                let usable = matches!(answered, Ok(_) | Err(Failure::Error(_)));
                if usable && instance.is_alive() {
                    pool.give_back(stamp, instance);
                }
                answered
            }
        };
        report.error = answered.as_ref().err().map(words);
        self.reporter.tell(&Happening::Invocation(report));
        answered
    }

    fn start_of(&self, function: &Function) -> Result<Start, String> {
        let given = self.commands.get(&function.name).map(String::as_str);
        command::start(function, given, &self.bootstraps)
    }

    async fn fresh(
        &self,
        pool: &Pool,
        start: Start,
        report: &mut Invocation,
    ) -> Result<Instance, Failure> {
        report.cold = true;
        let function = &pool.function;
        let alive = self
            .alive
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(alive) = alive else {
            return Err(being_stopped());
        };
        let environment = environment::of(function, &start, &self.inherited, &self.extra);
        let mut instance =
            Instance::start(&function.name, start, environment, &self.reporter, alive).await?;
        // A start that takes too long is tried again by Lambda within the time of the invocation.
        let init = instance.ready(INIT + function.timeout).await?;
        report.init_ms = Some(init.as_secs_f64() * 1000.0);
        Ok(instance)
    }

    async fn hand_over(
        &self,
        instance: &mut Instance,
        pool: &Pool,
        request_id: String,
        payload: Bytes,
    ) -> Result<Bytes, Failure> {
        let (sender, answer) = oneshot::channel();
        let now = (self.clock)();
        let timeout = pool.function.timeout;
        let left = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
        let event = Event {
            request_id,
            deadline_ms: now.as_millisecond().saturating_add(left),
            arn: Place::default().arn("lambda", &format!("function:{}", pool.function.name)),
            trace_id: crate::chance::trace_id(now),
            payload,
            answer: sender,
        };
        instance.invoke(event, answer, timeout).await
    }
}

fn being_stopped() -> Failure {
    Failure::Init("everything is being stopped".to_owned())
}

impl Pool {
    /// An instance that waits and runs the code as it is now; those with older code are ended.
    fn take(&self, stamp: Stamp) -> Option<Instance> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(own, instance)| *own == stamp && instance.is_alive());
        idle.pop().map(|(_, instance)| instance)
    }

    fn give_back(&self, stamp: Stamp, instance: Instance) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((stamp, instance));
    }
}

/// A failure for people, as Lambda's log has it.
fn words(failure: &Failure) -> String {
    let part = |error: &serde_json::Value, key: &str| {
        error
            .get(key)
            .and_then(serde_json::Value::as_str)
            .unwrap_or("?")
            .to_owned()
    };
    match failure {
        Failure::Error(error) => format!(
            "{}: {}",
            part(error, "errorType"),
            part(error, "errorMessage")
        ),
        Failure::Timeout(time) => format!("timed out after {:.2} seconds", time.as_secs_f64()),
        Failure::Crashed(how) => format!("crashed: {how}"),
        Failure::Init(why) => why.clone(),
    }
}
