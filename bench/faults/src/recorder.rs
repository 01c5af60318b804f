//! Writes the history of a process to its standard output, line by line and at once: what is in the
//! pipe survives the process.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign_domain::time::Timestamp;
use uuid::Uuid;

use crate::clock::{Clock, real_micros};
use crate::history::{Completion, History, Invocation, Line, Outcome, What};

/// The recorder of a process.
pub struct Recorder {
    process: u8,
    /// The time that the stores are told.
    pub clock: Clock,
    next: AtomicU64,
    output: Mutex<std::io::Stdout>,
}

impl Recorder {
    /// The recorder of this process in a run that began at the real time `begun`.
    pub fn new(process: u8, begun: u64) -> Self {
        Self {
            process,
            clock: Clock::new(begun, process),
            next: AtomicU64::new(History::first_of(process)),
            output: Mutex::new(std::io::stdout()),
        }
    }

    /// Notes that something is about to be asked, and gives the operation's name.
    pub fn invoked(&self, worker: u16, event: Option<Uuid>, now: Timestamp, what: What) -> u64 {
        let operation = self.next.fetch_add(1, Ordering::Relaxed);
        self.write(&Line::Invoked(Invocation {
            operation,
            process: self.process,
            worker,
            at: real_micros(),
            event,
            now: now.as_millis(),
            what,
        }));
        operation
    }

    /// Notes what came of it.
    pub fn completed(&self, operation: u64, outcome: Outcome) {
        let at = real_micros();
        self.write(&Line::Completed(Completion {
            operation,
            at,
            outcome,
        }));
    }

    /// Notes that a command is carried out.
    pub fn finished(&self, command: u64) {
        self.write(&Line::Finished(command));
    }

    fn write(&self, line: &Line) {
        let Ok(mut text) = serde_json::to_vec(line) else {
            return;
        };
        text.push(b'\n');
        let Ok(mut output) = self.output.lock() else {
            return;
        };
        // A process that nobody listens to any more has nothing to do.
        if output
            .write_all(&text)
            .and_then(|()| output.flush())
            .is_err()
        {
            std::process::exit(1);
        }
    }
}
