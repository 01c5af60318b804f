//! One connection in the hands of one call. Statements go out together, as one text, and cost one
//! round trip. The link knows whether a transaction is open or an answer is still under way: dropped
//! like that, the connection is closed and the server rolls back; only a clean one goes back.

use std::time::Instant;

use countersign_app::ports::StoreError;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use tokio::sync::SemaphorePermit;

use crate::error::Fault;
use crate::pool::Pool;
use crate::sql::Sql;

/// What is known about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As new: it can be given to another call.
    Clean,
    /// A transaction is open, or may be after a statement failed.
    Open,
    /// An answer is under way.
    Busy,
}

/// See the module.
pub(crate) struct Link<'p> {
    pool: &'p Pool,
    conn: Option<Conn>,
    made: Instant,
    reused: bool,
    state: State,
    _permit: SemaphorePermit<'p>,
}

impl<'p> Link<'p> {
    pub fn new(
        pool: &'p Pool,
        permit: SemaphorePermit<'p>,
        conn: Conn,
        made: Instant,
        reused: bool,
    ) -> Self {
        Self {
            pool,
            conn: Some(conn),
            made,
            reused,
            state: State::Clean,
            _permit: permit,
        }
    }

    /// Whether another call had the connection before.
    pub fn was_reused(&self) -> bool {
        self.reused
    }

    /// Reads, outside of a transaction.
    pub async fn read(&mut self, sql: Sql) -> Result<Answers, Fault> {
        self.run(sql, State::Clean, false).await
    }

    /// One statement that changes something, as a transaction of its own, or several such.
    pub async fn write(&mut self, sql: Sql) -> Result<Answers, Fault> {
        self.run(sql, State::Clean, true).await
    }

    /// A whole transaction.
    pub async fn transaction(&mut self, sql: Sql) -> Result<Answers, Fault> {
        let sql = Sql::new("START TRANSACTION", [])
            .and(sql)
            .then("COMMIT", []);
        let mut answers = self.run(sql, State::Clean, true).await?;
        answers.skip();
        Ok(answers)
    }

    /// The same for statements that depend on whether one before them changed anything: it leaves a
    /// mark then, and there is none at the beginning.
    pub async fn marked_transaction(&mut self, sql: Sql) -> Result<Answers, Fault> {
        let sql = Sql::new("DO LAST_INSERT_ID(0)", [])
            .then("START TRANSACTION", [])
            .and(sql)
            .then("COMMIT", []);
        let mut answers = self.run(sql, State::Clean, true).await?;
        answers.skip();
        answers.skip();
        Ok(answers)
    }

    /// Opens a transaction and runs its first statements, which lock and read.
    pub async fn begin(&mut self, sql: Sql) -> Result<Answers, Fault> {
        let sql = Sql::new("START TRANSACTION", []).and(sql);
        let mut answers = self.run(sql, State::Open, false).await?;
        answers.skip();
        Ok(answers)
    }

    /// Goes on in the open transaction.
    pub async fn go_on(&mut self, sql: Sql) -> Result<Answers, Fault> {
        self.run(sql, State::Open, false).await
    }

    /// Runs the last statements of the open transaction and commits it.
    pub async fn commit(&mut self, sql: Sql) -> Result<Answers, Fault> {
        self.run(sql.then("COMMIT", []), State::Clean, true).await
    }

    /// Rolls the open transaction back and reads, in one.
    pub async fn roll_back_and_read(&mut self, sql: Sql) -> Result<Answers, Fault> {
        let sql = Sql::new("ROLLBACK", []).and(sql);
        let mut answers = self.run(sql, State::Clean, false).await?;
        answers.skip();
        Ok(answers)
    }

    /// Ends a transaction that is still open: it changed nothing that matters. If that fails, the
    /// connection is closed, which has the same effect.
    pub async fn settle(&mut self) {
        if self.state == State::Open {
            let _ = self
                .run(Sql::new("ROLLBACK", []), State::Clean, false)
                .await;
        }
    }

    /// Closes the connection.
    pub fn close(&mut self) {
        self.conn = None;
    }

    /// Sends a text, reads all answers to it, and leaves the connection in the state `after`.
    /// `can_commit` says whether the text may change something for good.
    async fn run(&mut self, sql: Sql, after: State, can_commit: bool) -> Result<Answers, Fault> {
        let Some(conn) = self.conn.as_mut() else {
            return Err(Fault::Lost {
                unknown: false,
                reason: "the connection to the server is closed".to_owned(),
            });
        };
        self.state = State::Busy;
        self.pool.activity.round_trip();
        match answers(conn, sql.into_text()).await {
            Ok(answers) => {
                self.state = after;
                Ok(answers)
            }
            Err(error) => {
                let fault = Fault::of(error, can_commit);
                match fault {
                    // The server stopped in the middle of the text: what came before stands.
                    Fault::Refused(_) => self.state = State::Open,
                    _ => self.close(),
                }
                Err(fault)
            }
        }
    }
}

impl Drop for Link<'_> {
    fn drop(&mut self) {
        if let (State::Clean, Some(conn)) = (self.state, self.conn.take()) {
            self.pool.give_back(conn, self.made);
        }
    }
}

async fn answers(conn: &mut Conn, text: String) -> mysql_async::Result<Answers> {
    let mut result = conn.query_iter(text).await?;
    let mut answers = Vec::new();
    loop {
        match result.columns() {
            Some(columns) if columns.is_empty() => {
                answers.push(Answer::Changed(result.affected_rows()));
                // Goes on to the next answer; there are no rows.
                result.next().await?;
            }
            Some(_) => {
                let mut rows = Vec::new();
                while let Some(row) = result.next().await? {
                    rows.push(row);
                }
                answers.push(Answer::Rows(rows));
            }
            // Nothing more, or an error in place of the next answer, which this brings out.
            None => {
                result.next().await?;
                return Ok(Answers(answers.into_iter()));
            }
        }
    }
}

enum Answer {
    Changed(u64),
    Rows(Vec<Row>),
}

/// What came back for the statements of one text, in their order.
pub(crate) struct Answers(std::vec::IntoIter<Answer>);

impl Answers {
    /// Passes over one.
    pub fn skip(&mut self) {
        self.0.next();
    }

    /// How many rows the next statement found or made.
    pub fn changed(&mut self) -> Result<u64, Fault> {
        match self.0.next() {
            Some(Answer::Changed(count)) => Ok(count),
            _ => Err(unexpected()),
        }
    }

    /// The rows that the next statement read.
    pub fn rows(&mut self) -> Result<Vec<Row>, Fault> {
        match self.0.next() {
            Some(Answer::Rows(rows)) => Ok(rows),
            _ => Err(unexpected()),
        }
    }
}

impl Answers {
    /// Goes on with the last statement that read rows.
    pub fn last_rows(self) -> Self {
        let mut answers: Vec<_> = self.0.collect();
        let last = answers
            .iter()
            .rposition(|answer| matches!(answer, Answer::Rows(_)));
        Self(answers.split_off(last.unwrap_or(0)).into_iter())
    }
}

fn unexpected() -> Fault {
    Fault::Told(StoreError::Corrupt(
        "the server gave another kind of answer than the statement has".to_owned(),
    ))
}
