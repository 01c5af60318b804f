//! The history of a run: what was asked of which store when, and what came of it. The clients write
//! it line by line to their standard output, each invocation before its call: so that it is known
//! even of a process that was killed in the midst what it may have done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was asked. All ids, hashes, nonces and passwords are marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    SignUp {
        user: Uuid,
        email: String,
        username: Option<String>,
        admin: bool,
        password: Uuid,
        session: Option<(Uuid, Uuid)>,
        key: Option<Uuid>,
    },
    OpenSession {
        user: Uuid,
        session: Uuid,
        hash: Uuid,
        proved: Option<Uuid>,
        rehash: Option<Uuid>,
    },
    Rotate {
        session: Uuid,
        generation: u32,
        presented: Uuid,
        successor: Uuid,
        reuse_event: Uuid,
    },
    ChangePassword {
        user: Uuid,
        expected: Uuid,
        new: Uuid,
        keep: Option<Uuid>,
        revoke_tokens: bool,
    },
    EndSession {
        user: Uuid,
        session: Uuid,
    },
    EndSessions {
        user: Uuid,
        keep: Option<Uuid>,
    },
    SetState {
        user: Uuid,
        state: String,
        expected: Option<u64>,
    },
    ChangeAuthority {
        user: Uuid,
        grant: String,
        revoke: Option<String>,
        admin: Option<bool>,
        expected: Option<u64>,
    },
    UpdateProfile {
        user: Uuid,
        display_name: String,
        username: Option<String>,
        email: Option<String>,
        expected: Option<u64>,
    },
    DeleteUser {
        user: Uuid,
    },
    CreateToken {
        user: Uuid,
        token: Uuid,
        hash: Uuid,
    },
    RevokeToken {
        user: Uuid,
        token: Uuid,
    },
    ChangeKeys {
        expected: u64,
        add: String,
        remove: Option<String>,
    },
    Record,
    ClaimTask {
        task: String,
        every: u64,
    },
    ReadSessions {
        user: Uuid,
    },
    ReadAccount {
        user: Uuid,
    },
    ReadLogin {
        user: Uuid,
    },
    ReadName {
        email: String,
    },
    ReadTokens {
        user: Uuid,
    },
    ReadKeys,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done, or read.
    Done(Answer),
    /// An earlier attempt had done it; this one changed nothing.
    Repeated(Answer),
    /// A spent token came in; its session was ended.
    Reused,
    /// It was refused; nothing was changed.
    Refused(String),
    /// The store was unavailable: it may have been done or not.
    Unknown(String),
    /// The store answered what it never should.
    Broken(String),
}

/// What an answer told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// The version of the user or the keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// How many sessions ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The nonce of a repeated rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Uuid>,
    /// The user of a repeated sign-up, or who has a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// The password that is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Uuid>,
    /// Sessions, or personal access tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
}

/// A session or a personal access token in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its id.
    pub id: Uuid,
    /// The generation of the session's refresh token.
    pub generation: u32,
    /// The hash of the current refresh token, or of the personal access token.
    pub hash: Uuid,
}

/// That something was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// Names the operation in the run.
    pub operation: u64,
    /// The process and the worker in it.
    pub process: u8,
    /// See `process`.
    pub worker: u16,
    /// The real time, in microseconds since 1970.
    pub at: u64,
    /// The id of its audit event, if it has one.
    pub event: Option<Uuid>,
    /// What the store was told for the present moment; no other attempt was told the same.
    pub now: i64,
    /// What was asked.
    pub what: What,
}

/// What came of it, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// Which operation.
    pub operation: u64,
    /// The real time, in microseconds since 1970.
    pub at: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// A line of a client's output.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Something was asked.
    Invoked(Invocation),
    /// Something came of it.
    Completed(Completion),
    /// A command was carried out.
    Finished(u64),
}

/// An operation. Without a completion its process died first.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What was asked.
    pub invoked: Invocation,
    /// What came of it.
    pub completed: Option<Completion>,
}

impl Operation {
    /// What came of it, if that is known.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.completed.as_ref().map(|completed| &completed.outcome)
    }

    /// Whether it was acknowledged as done by itself.
    pub fn is_done(&self) -> bool {
        matches!(self.outcome(), Some(Outcome::Done(_)))
    }

    /// What the answer told, if there was one.
    pub fn answer(&self) -> Option<&Answer> {
        match self.outcome() {
            Some(Outcome::Done(answer) | Outcome::Repeated(answer)) => Some(answer),
            _ => None,
        }
    }

    /// Whether nobody was told what came of it.
    pub fn is_unknown(&self) -> bool {
        matches!(self.outcome(), None | Some(Outcome::Unknown(_)))
    }

    /// When it was over. A call that was given up may be carried out later still: never, as far as is
    /// known.
    pub fn ended_at(&self) -> u64 {
        match &self.completed {
            Some(completed) if !self.is_unknown() => completed.at,
            _ => u64::MAX,
        }
    }
}

/// Puts the lines of all clients together, in the order of the invocations.
#[derive(Default)]
pub struct History {
    operations: BTreeMap<u64, Operation>,
}

impl History {
    /// The name that the first operation of a process has.
    pub fn first_of(process: u8) -> u64 {
        u64::from(process) << 40
    }

    /// The process whose operation has this name.
    pub fn process_of(operation: u64) -> u8 {
        u8::try_from(operation >> 40).unwrap_or(u8::MAX)
    }

    /// Takes one more line.
    pub fn take(&mut self, line: Line) {
        match line {
            Line::Invoked(invoked) => {
                let operation = Operation {
                    invoked,
                    completed: None,
                };
                self.operations
                    .insert(operation.invoked.operation, operation);
            }
            Line::Completed(completed) => {
                if let Some(operation) = self.operations.get_mut(&completed.operation) {
                    operation.completed = Some(completed);
                }
            }
            Line::Finished(_) => {}
        }
    }

    /// The operations.
    pub fn operations(&self) -> Vec<Operation> {
        let mut operations: Vec<_> = self.operations.values().cloned().collect();
        operations.sort_by_key(|operation| operation.invoked.at);
        operations
    }
}
