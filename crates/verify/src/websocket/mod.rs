//! GraphQL subscriptions over WebSocket (the protocol `graphql-transport-ws`) that live as long as the token
//! they were opened with. Nothing is delivered after its end; a client that wants to go on shows a new one.
//!
//! * **Opening.** The payload of `connection_init` holds the token: `{"Authorization": "Bearer …"}` or
//!   `{"authToken": "…"}`. `connection_ack` says in `expiresAt` (seconds since 1970) when it ends.
//! * **Renewing.** A second `connection_init` is forbidden by the protocol (4429). So the new token comes in the
//!   payload of a `ping`, under the same names; the `pong` says the new `expiresAt`. It must be of the same
//!   caller and allow no less, since what runs was let in by the old one. While the issuer's keys are out of
//!   reach the `pong` says so in `code`, and the old token goes on serving until its end.
//! * **Closing.** 4401 for no token or a bad one: trying again won't help. 4403 for one that has ended, at opening
//!   or later, or that does not fit in renewing: come again with another. 1013 while keys are out of reach.
//!   Clients such as `graphql-ws` try again after the latter two and ask for new connection parameters then.
//!
//! No cookie and no header of the upgrade is looked at, so that no page of a stranger can open a connection
//! in its visitor's name.

#[cfg(feature = "axum-websocket")]
mod axum_socket;
mod close;
mod connection;
mod credentials;
mod message;
mod operations;
mod session;

use std::time::Duration;

use async_graphql::Executor;
use futures::{Sink, Stream};

pub use self::close::Close;
use self::connection::Connection;
use crate::verifier::Verifier;

/// The name of the protocol, for `Sec-WebSocket-Protocol`.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// How long a client may take to say `connection_init`.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Operations that may run in one connection at a time.
const MOST_OPERATIONS: usize = 100;

/// Serves subscriptions, and queries and mutations too, over WebSocket. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Subscriptions<E> {
    verifier: Verifier,
    executor: E,
    required: bool,
    init_timeout: Duration,
    most_operations: usize,
}

/// What goes out to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A message, as text.
    Text(String),
    /// The end of the connection; nothing comes after it.
    Close(Close),
}

impl<E: Executor> Subscriptions<E> {
    /// Serves callers with a token only. `executor` is a schema.
    pub fn required(verifier: Verifier, executor: E) -> Self {
        Self {
            verifier,
            executor,
            required: true,
            init_timeout: INIT_TIMEOUT,
            most_operations: MOST_OPERATIONS,
        }
    }

    /// Also serves connections without a token, without a principal. A bad token is refused all the same.
    pub fn optional(verifier: Verifier, executor: E) -> Self {
        Self {
            required: false,
            ..Self::required(verifier, executor)
        }
    }

    /// How long a client may take to say `connection_init`; 10 seconds if nothing is said.
    #[must_use]
    pub fn with_init_timeout(mut self, timeout: Duration) -> Self {
        self.init_timeout = timeout;
        self
    }

    /// How many operations may run in one connection at a time; 100 if nothing is said.
    #[must_use]
    pub fn with_most_operations(mut self, most: usize) -> Self {
        self.most_operations = most;
        self
    }

    /// Serves one connection until one side ends it. `incoming` are the client's text messages; what is no
    /// text comes as an empty one. For axum there is `serve_axum`.
    pub async fn serve<I, O>(&self, incoming: I, outgoing: O)
    where
        I: Stream<Item = String> + Send,
        O: Sink<Outgoing> + Send,
    {
        Connection::new(self, incoming, outgoing).run().await;
    }
}
