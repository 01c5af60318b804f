//! The three judges: our own verifier, and two in other languages, each a process that is asked batch by
//! batch over its standard input.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use countersign_verify::{Clock, Principal, Refusal, Rejection, Verifier};
use serde::Deserialize;
use tokio::runtime::Runtime;

use crate::world::{NOW, World};

/// What was read from a token that is accepted, or why it is not.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Verdict {
    /// Issuer, user, `iat`, `exp`, client, id, scopes and roles.
    Accepted(Vec<String>),
    Refused(String),
}

impl Verdict {
    pub fn accepts(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }
}

struct Standing;

impl Clock for Standing {
    fn unix_seconds(&self) -> i64 {
        NOW
    }
}

/// `countersign-verify`.
pub struct Ours {
    verifiers: Vec<Verifier>,
    runtime: Runtime,
    /// A check that is left out, by the code of its rejection, to show that it would be noticed.
    lax: Option<String>,
}

impl Ours {
    pub fn new(world: &World, lax: Option<String>) -> Self {
        let verifiers = world.set_ups.iter().map(|set_up| {
            let keys = world.ours.trusted(&set_up.algorithms);
            Verifier::new(set_up.expected(), keys).with_clock(Standing)
        });
        Self {
            verifiers: verifiers.collect(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .build()
                .expect("a runtime"),
            lax,
        }
    }

    pub fn judge(&self, set_up: usize, token: &str) -> Verdict {
        let verifier = &self.verifiers[set_up];
        match self.runtime.block_on(verifier.verify(token)) {
            Ok(principal) => Verdict::Accepted(read(&principal)),
            Err(refusal) => {
                let code = code(&refusal);
                if self.lax.as_deref() == Some(code) {
                    return Verdict::Accepted(vec![]);
                }
                Verdict::Refused(code.to_owned())
            }
        }
    }
}

fn read(principal: &Principal) -> Vec<String> {
    let claims = principal.claims();
    vec![
        claims.iss.to_string(),
        claims.sub.clone(),
        claims.iat.to_string(),
        claims.exp.to_string(),
        claims.client_id.clone(),
        claims.jti.clone(),
        claims.scope.to_string(),
        claims.roles.join(","),
    ]
}

fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Token(rejection) => Rejection::code(*rejection),
        _ => "another_refusal",
    }
}

type Batch = Arc<Vec<(usize, String)>>;

/// A judge that is a process. It works while the caller does something else.
pub struct Process {
    pub name: &'static str,
    questions: Option<SyncSender<Batch>>,
    answers: Receiver<io::Result<Vec<Verdict>>>,
    thread: Option<JoinHandle<()>>,
}

impl Process {
    pub fn start(name: &'static str, command: &mut Command, world: &World) -> io::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(input, "{}", world.described())?;
        let (questions, asked) = sync_channel(4);
        let (answers, answered) = sync_channel(1_000);
        let thread = thread::spawn(move || {
            serve(child, input, BufReader::new(output), &asked, &answers);
        });
        Ok(Self {
            name,
            questions: Some(questions),
            answers: answered,
            thread: Some(thread),
        })
    }

    pub fn ask(&self, batch: &Batch) -> io::Result<()> {
        let questions = self.questions.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        let sent = questions.send(Arc::clone(batch));
        sent.map_err(|_| io::Error::other(format!("{} has ended", self.name)))
    }

    /// The answer to the oldest question that has had none.
    pub fn answer(&self) -> io::Result<Vec<Verdict>> {
        let answer = self.answers.recv();
        answer.map_err(|_| io::Error::other(format!("{} has ended", self.name)))?
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The end of its input is its end.
        self.questions = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    mut child: Child,
    mut input: ChildStdin,
    mut output: BufReader<ChildStdout>,
    asked: &Receiver<Batch>,
    answers: &SyncSender<io::Result<Vec<Verdict>>>,
) {
    for batch in asked {
        let mut ask = || {
            serde_json::to_writer(&mut input, &*batch)?;
            input.write_all(b"\n")?;
            let mut line = String::new();
            output.read_line(&mut line)?;
            let verdicts: Vec<Verdict> = serde_json::from_str(&line)?;
            if verdicts.len() == batch.len() {
                Ok(verdicts)
            } else {
                Err(io::Error::other("a judge has lost tokens"))
            }
        };
        let answer = ask();
        let is_broken = answer.is_err();
        if answers.send(answer).is_err() || is_broken {
            break;
        }
    }
    drop(input);
    let _ = child.wait();
}
