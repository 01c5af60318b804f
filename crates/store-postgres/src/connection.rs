//! One connection, and what is sent over it: statements together, so that they cost one round trip.
//! Statements are prepared once for each connection.

use std::borrow::Cow;
use std::collections::HashMap;
use std::pin::pin;
use std::time::Instant;

use countersign_app::ports::store::ActivityCounter;
use futures::TryStreamExt;
use futures::future::{MaybeDone, maybe_done};
use tokio::task::AbortHandle;
use tokio_postgres::{Client, Error, Row};

use crate::value::Value;

/// A statement with what is bound to it.
#[derive(Debug)]
pub(crate) struct Statement {
    sql: Cow<'static, str>,
    values: Vec<Value>,
}

impl Statement {
    /// A statement whose `$1`, `$2`… are these.
    pub fn new(sql: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        Self {
            sql: sql.into(),
            values,
        }
    }
}

/// A statement: its text, which is a constant of this crate, and the values it is sent with.
macro_rules! sql {
    ($text:expr $(, $value:expr)* $(,)?) => {
        $crate::connection::Statement::new($text, vec![$($crate::value::Value::from($value)),*])
    };
}
pub(crate) use sql;

/// What a statement gave.
#[derive(Default)]
pub(crate) struct Answer {
    /// The rows it found or returned.
    pub rows: Vec<Row>,
    /// How many rows it changed (or found).
    pub changed: u64,
}

/// A connection with the statements prepared on it.
pub(crate) struct Connection {
    client: Client,
    driver: AbortHandle,
    prepared: HashMap<Cow<'static, str>, tokio_postgres::Statement>,
    /// When it was used last.
    pub used: Instant,
    /// How often the pool had been emptied when it was made.
    pub epoch: u64,
}

impl Connection {
    pub fn new(client: Client, driver: AbortHandle, epoch: u64) -> Self {
        Self {
            client,
            driver,
            prepared: HashMap::new(),
            used: Instant::now(),
            epoch,
        }
    }

    /// Whether it is known to have ended.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Ends it at once, whatever the server does meanwhile.
    pub fn abort(&self) {
        self.driver.abort();
    }

    /// Runs text that has no values, such as `ROLLBACK`. One round trip.
    pub async fn command(&self, text: &str, activity: &ActivityCounter) -> Result<(), Error> {
        activity.round_trip();
        self.client.batch_execute(text).await
    }

    /// Runs `before`, the statements and `after` in this order, sent together: one round trip, and
    /// one more if some are not prepared yet. Waits for all answers, so that afterwards nothing is
    /// under way; gives the first error if there is one. Within a transaction the server refuses
    /// what follows an error, a commit included.
    pub async fn run(
        &mut self,
        before: Option<&str>,
        statements: Vec<Statement>,
        after: Option<&str>,
        activity: &ActivityCounter,
    ) -> Result<Vec<Answer>, Error> {
        self.prepare(&statements, activity).await?;
        activity.round_trip();
        let client = &self.client;
        let mut first = pin!(maybe_done(control(client, before)));
        send(first.as_mut()).await;
        let mut sent = Vec::with_capacity(statements.len());
        for statement in &statements {
            // Prepared above; the text is the fallback.
            let mut answer = Box::pin(maybe_done(one(client, &self.prepared, statement)));
            send(answer.as_mut()).await;
            sent.push(answer);
        }
        let mut last = pin!(maybe_done(control(client, after)));
        send(last.as_mut()).await;

        let mut failure = None;
        let mut answers = Vec::with_capacity(sent.len());
        first.as_mut().await;
        if let Some(Err(error)) = first.as_mut().take_output() {
            failure.get_or_insert(error);
        }
        for mut answer in sent {
            answer.as_mut().await;
            match answer.as_mut().take_output() {
                Some(Ok(answer)) => answers.push(answer),
                Some(Err(error)) => {
                    failure.get_or_insert(error);
                }
                None => {}
            }
        }
        last.as_mut().await;
        if let Some(Err(error)) = last.as_mut().take_output() {
            failure.get_or_insert(error);
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(answers),
        }
    }

    /// Prepares those of the statements that are not, together.
    async fn prepare(
        &mut self,
        statements: &[Statement],
        activity: &ActivityCounter,
    ) -> Result<(), Error> {
        let mut missing: Vec<&Cow<'static, str>> = Vec::new();
        for statement in statements {
            if !self.prepared.contains_key(&statement.sql) && !missing.contains(&&statement.sql) {
                missing.push(&statement.sql);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        activity.round_trip();
        let mut sent = Vec::with_capacity(missing.len());
        for text in missing {
            let mut prepared = Box::pin(maybe_done(self.client.prepare(text)));
            send(prepared.as_mut()).await;
            sent.push((text.clone(), prepared));
        }
        let mut failure = None;
        let mut prepared = Vec::with_capacity(sent.len());
        for (text, mut answer) in sent {
            answer.as_mut().await;
            match answer.as_mut().take_output() {
                Some(Ok(statement)) => prepared.push((text, statement)),
                Some(Err(error)) => {
                    failure.get_or_insert(error);
                }
                None => {}
            }
        }
        self.prepared.extend(prepared);
        failure.map_or(Ok(()), Err)
    }
}

/// Polls a request once, which puts it behind those before it on the way to the server.
async fn send<F: Future>(request: std::pin::Pin<&mut MaybeDone<F>>) {
    let mut request = request;
    let _ = futures::poll!(request.as_mut());
}

async fn control(client: &Client, text: Option<&str>) -> Result<(), Error> {
    match text {
        Some(text) => client.batch_execute(text).await,
        None => Ok(()),
    }
}

async fn one(
    client: &Client,
    prepared: &HashMap<Cow<'static, str>, tokio_postgres::Statement>,
    statement: &Statement,
) -> Result<Answer, Error> {
    let values = statement.values.iter();
    let mut stream = pin!(match prepared.get(&statement.sql) {
        Some(prepared) => client.query_raw(prepared, values).await?,
        None => client.query_raw(statement.sql.as_ref(), values).await?,
    });
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        rows.push(row);
    }
    let changed = stream.rows_affected().unwrap_or(0);
    Ok(Answer { rows, changed })
}
