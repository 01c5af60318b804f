//! One connection: a loop over what the client says, what its operations yield, and the end of its token,
//! which comes before both.

use std::pin::Pin;
use std::time::Duration;

use async_graphql::Executor;
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use serde_json::{Map, Value, json};

use super::close::Close;
use super::message::{FromClient, ToClient};
use super::operations::{Event, Operations};
use super::session::{Renewal, Session};
use super::{Outgoing, Subscriptions};
use crate::graphql::RequestPrincipal as _;

/// How long a client may take to hear that the connection is closed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the loop ends.
enum End {
    /// The client is gone.
    Gone,
    /// We close it.
    Closed(Close),
}

impl<E: Into<Close>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Closed(error.into())
    }
}

pub(super) struct Connection<'a, E, I, O> {
    config: &'a Subscriptions<E>,
    incoming: Pin<Box<I>>,
    outgoing: Pin<Box<O>>,
    operations: Operations,
}

impl<'a, E, I, O> Connection<'a, E, I, O>
where
    E: Executor,
    I: Stream<Item = String> + Send,
    O: Sink<Outgoing> + Send,
{
    pub(super) fn new(config: &'a Subscriptions<E>, incoming: I, outgoing: O) -> Self {
        Self {
            config,
            incoming: Box::pin(incoming),
            outgoing: Box::pin(outgoing),
            operations: Operations::none(),
        }
    }

    pub(super) async fn run(mut self) {
        let end = match self.open().await {
            Ok(session) => self.serve(session).await,
            Err(end) => Err(end),
        };
        if let Err(End::Closed(close)) = end {
            // What it may still have to say is dropped with the operations.
            let closing = self.outgoing.send(Outgoing::Close(close));
            let _ = tokio::time::timeout(PATIENCE, closing).await;
        }
        let _ = tokio::time::timeout(PATIENCE, self.outgoing.close()).await;
    }

    /// Waits for `connection_init`, and answers it.
    async fn open(&mut self) -> Result<Session, End> {
        let config = self.config;
        let waiting = tokio::time::timeout(config.init_timeout, self.init_payload());
        let payload = waiting.await.map_err(|_| Close::InitTimeout)??;
        let session = Session::open(&config.verifier, config.required, payload.as_ref()).await?;
        let payload = session.expires_at();
        self.say(&ToClient::ConnectionAck { payload }).await?;
        Ok(session)
    }

    async fn init_payload(&mut self) -> Result<Option<Map<String, Value>>, End> {
        loop {
            match self.heard().await? {
                FromClient::ConnectionInit { payload } => return Ok(payload),
                FromClient::Ping { .. } => self.say(&ToClient::Pong { payload: None }).await?,
                FromClient::Pong {} => {}
                FromClient::Subscribe { .. } | FromClient::Complete { .. } => {
                    return Err(Close::Unauthorized(None).into());
                }
            }
        }
    }

    async fn serve(&mut self, mut session: Session) -> Result<(), End> {
        loop {
            tokio::select! {
                biased;
                () = session.until_check() => session.check()?,
                text = self.incoming.next() => {
                    let message = parsed(text)?;
                    self.obey(message, &mut session).await?;
                }
                (id, event) = self.operations.next() => {
                    session.check()?;
                    self.tell(&id, event, &session).await?;
                }
            }
        }
    }

    async fn obey(&mut self, message: FromClient, session: &mut Session) -> Result<(), End> {
        match message {
            FromClient::ConnectionInit { .. } => Err(Close::TooManyInitRequests.into()),
            FromClient::Ping { payload } => {
                let payload = match session.renew(payload.as_ref()).await? {
                    Renewal::NoToken => None,
                    Renewal::Answered(answer) => Some(answer),
                };
                self.say(&ToClient::Pong { payload }).await
            }
            FromClient::Pong {} => Ok(()),
            FromClient::Complete { id } => {
                self.operations.stop(&id);
                Ok(())
            }
            FromClient::Subscribe { id, payload } => {
                session.check()?;
                if self.operations.contains(&id) {
                    return Err(Close::SubscriberExists.into());
                }
                if self.operations.len() >= self.config.most_operations {
                    let error = json!({
                        "message": "too many operations run in this connection, complete one first",
                        "extensions": { "code": "TOO_MANY_OPERATIONS" },
                    });
                    let payload = [error];
                    return self.say(&ToClient::Error { id: &id, payload }).await;
                }
                let request = payload.with_principal(session.caller());
                let results = self.config.executor.execute_stream(request, None);
                self.operations.start(id, results);
                Ok(())
            }
        }
    }

    /// Tells the client, unless the token ends while it is slow to listen.
    async fn tell(&mut self, id: &str, event: Event, session: &Session) -> Result<(), End> {
        let message = match event {
            Event::Next(payload) => ToClient::Next { id, payload },
            Event::Ended => ToClient::Complete { id },
        };
        tokio::select! {
            biased;
            said = self.say(&message) => said,
            () = session.until_check() => session.check().map_err(End::from),
        }
    }

    async fn say(&mut self, message: &ToClient<'_>) -> Result<(), End> {
        let Some(text) = message.text() else {
            return Ok(());
        };
        let sending = self.outgoing.send(Outgoing::Text(text));
        sending.await.map_err(|_| End::Gone)
    }

    async fn heard(&mut self) -> Result<FromClient, End> {
        parsed(self.incoming.next().await)
    }
}

fn parsed(text: Option<String>) -> Result<FromClient, End> {
    let text = text.ok_or(End::Gone)?;
    FromClient::parse(&text).ok_or(End::Closed(Close::InvalidMessage))
}
