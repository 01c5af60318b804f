//! The operations that run in a connection, by the ids that the client gave them.

use std::collections::HashMap;

use async_graphql::Response;
use futures::stream::{AbortHandle, BoxStream, SelectAll, StreamExt as _, abortable};

/// What an operation does.
pub(super) enum Event {
    /// It has a result.
    Next(Box<Response>),
    /// It has ended.
    Ended,
}

/// The operations that run.
pub(super) struct Operations {
    running: HashMap<String, AbortHandle>,
    events: SelectAll<BoxStream<'static, (String, Event)>>,
}

impl Operations {
    pub(super) fn none() -> Self {
        Self {
            running: HashMap::new(),
            events: SelectAll::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    pub(super) fn start(&mut self, id: String, results: BoxStream<'static, Response>) {
        let ended = futures::stream::once(async { Event::Ended });
        let events = results
            .map(|result| Event::Next(Box::new(result)))
            .chain(ended);
        let own = id.clone();
        let (events, handle) = abortable(events.map(move |event| (own.clone(), event)));
        self.running.insert(id, handle);
        self.events.push(events.boxed());
    }

    /// Ends an operation without another word.
    pub(super) fn stop(&mut self, id: &str) {
        if let Some(handle) = self.running.remove(id) {
            handle.abort();
        }
    }

    /// The next event of any of them; never, while none runs.
    pub(super) async fn next(&mut self) -> (String, Event) {
        loop {
            match self.events.next().await {
                Some((id, event)) => {
                    if matches!(event, Event::Ended) {
                        self.running.remove(&id);
                    }
                    return (id, event);
                }
                None => std::future::pending().await,
            }
        }
    }
}
