//! The function: the binary with the environment that Lambda gives it, and nothing else.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::emulator::{Emulator, Invocation, Outcome};
use crate::event::{Answer, Event};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// What X-Ray says of an invocation that it does not record.
const UNSAMPLED: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

pub struct Function {
    emulator: Emulator,
    child: Child,
    dir: PathBuf,
    invoked: std::cell::Cell<u32>,
    trace: &'static str,
}

impl Function {
    /// In development mode, with its data in `dir`.
    pub fn start(dir: &Path, settings: &[(&str, &str)]) -> Self {
        let data = dir.join("data");
        let mut all = vec![
            ("MODE", "development"),
            ("DATA_DIR", data.to_str().unwrap()),
            ("HTTP_PUBLIC_URL", "https://auth.example.com"),
            ("THROTTLE_ENABLED", "false"),
        ];
        all.extend(settings);
        Self::bare(dir, &all)
    }

    /// With these settings alone.
    pub fn bare(dir: &Path, settings: &[(&str, &str)]) -> Self {
        Self::of_type(dir, "on-demand", settings)
    }

    /// Started before anybody asked, as with provisioned concurrency.
    pub fn started_ahead(dir: &Path) -> Self {
        let settings = [("MODE", "development"), ("DATA_DIR", dir.to_str().unwrap())];
        Self::of_type(dir, "provisioned-concurrency", &settings)
    }

    fn of_type(dir: &Path, initialization: &str, settings: &[(&str, &str)]) -> Self {
        let emulator = Emulator::start();
        let open = |name| {
            let mut options = File::options();
            options.create(true).append(true);
            options.open(dir.join(name)).unwrap()
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.current_dir(dir).env_clear().stdin(Stdio::null());
        for (name, value) in [
            ("AWS_LAMBDA_RUNTIME_API", &*emulator.address.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", "auth"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", initialization),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ] {
            command.env(name, value);
        }
        for (name, value) in settings {
            command.env(format!("COUNTERSIGN_{name}"), value);
        }
        let (out, err) = (open("out.log"), open("function.log"));
        let child = command.stdout(out).stderr(err).spawn().unwrap();
        Self {
            emulator,
            child,
            dir: dir.to_owned(),
            invoked: 0.into(),
            trace: UNSAMPLED,
        }
    }

    /// The next events belong to this trace.
    pub fn traced(mut self, trace: &'static str) -> Self {
        self.trace = trace;
        self
    }

    /// Sends an HTTP event and gives its answer.
    pub fn send(&self, event: &Event) -> Answer {
        self.send_within(event, Duration::from_secs(29))
    }

    /// The same where Lambda would end the function after `time`.
    pub fn send_within(&self, event: &Event, time: Duration) -> Answer {
        let outcome = self.invoke(&event.json(), time);
        assert!(!outcome.is_error, "{outcome:?}\n{}", self.log());
        event.answer(&outcome.body)
    }

    /// Sends any event.
    pub fn invoke(&self, event: &Value, time: Duration) -> Outcome {
        let n = self.invoked.get() + 1;
        self.invoked.set(n);
        let id = format!("aws-request-{n}");
        assert!(self.emulator.asked(PATIENCE), "{}", self.log());
        self.emulator.send(Invocation {
            id: id.clone(),
            event: event.to_string(),
            time,
            trace: self.trace.to_owned(),
        });
        let outcome = self.emulator.outcome(PATIENCE);
        let outcome = outcome.unwrap_or_else(|| panic!("no answer\n{}", self.log()));
        assert_eq!(outcome.id, id);
        outcome
    }

    /// Waits until it asks for its first event.
    pub fn waits(&self) {
        assert!(self.emulator.asked(PATIENCE), "{}", self.log());
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("function.log")).unwrap()
    }

    /// The lines of its log.
    pub fn lines(&self) -> Vec<Value> {
        json_lines(&self.log())
    }

    /// The line of the latest request.
    pub fn last_line(&self) -> Value {
        let mut answered = self.lines().into_iter().filter(|line| {
            let message = line["message"].as_str().unwrap_or_default();
            message.starts_with("answered")
        });
        answered.next_back().unwrap()
    }

    /// The metrics that it wrote.
    pub fn metrics(&self) -> Vec<Value> {
        json_lines(&fs::read_to_string(self.dir.join("out.log")).unwrap())
    }

    /// Waits for its end, where it is meant not to start.
    pub fn refused(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, self.log());
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("it does not end\n{}", self.log());
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect()
}
