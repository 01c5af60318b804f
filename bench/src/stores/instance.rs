//! A server on one filled store, and what was measured of it so far.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::call::{Callers, What};
use super::engine::Place;
use super::fill::Filled;
use super::metrics::Counters;
use crate::load::{Load, percentile};
use crate::report::median;
use crate::server::{Memory, Server};

/// What was measured of one kind of call.
#[derive(Default)]
pub struct Measured {
    /// One client, a load a round.
    pub one: Vec<Load>,
    /// Many clients, the same.
    pub crowd: Vec<Load>,
    /// Round trips of the calls of the one client, in all rounds together.
    trips: Option<f64>,
    /// How long a write took, in seconds: the mean of each round of the one client.
    writes: Vec<f64>,
}

impl Measured {
    /// Calls of the one client.
    pub fn calls(&self) -> usize {
        self.one.iter().map(|load| load.times.len()).sum()
    }

    /// Round trips a call.
    pub fn round_trips(&self) -> Option<f64> {
        self.trips.map(|trips| trips / self.calls() as f64)
    }

    /// Milliseconds from the use case's call of the store until the write is durable: the mean of a
    /// round, and of the rounds the median.
    pub fn write_ms(&self) -> Option<f64> {
        (!self.writes.is_empty()).then(|| median(&self.writes) * 1000.0)
    }
}

/// How many calls were told that the store is busy.
pub fn refused(loads: &[Load]) -> u64 {
    loads.iter().map(|load| load.refused).sum()
}

/// The median of the rounds' rates.
pub fn per_second(loads: &[Load]) -> f64 {
    median(&loads.iter().map(|load| load.per_second).collect::<Vec<_>>())
}

/// A percentile of all calls of all rounds, in milliseconds.
pub fn all_ms(loads: &[Load], share: f64) -> f64 {
    let mut times: Vec<_> = loads.iter().flat_map(|load| load.times.clone()).collect();
    times.sort_unstable();
    percentile(&times, share).as_secs_f64() * 1000.0
}

/// A server on one filled store.
pub struct Instance {
    pub filled: Filled,
    pub calls: Vec<(What, Measured)>,
    pub memory_at_start: Memory,
    /// After the last measurement.
    pub memory: Memory,
    server: Server,
    ops: SocketAddr,
    callers: Arc<Callers>,
    // The last to go: the server is stopped before its store.
    place: Place,
}

impl Instance {
    /// Starts it.
    pub async fn new(place: Place, filled: Filled) -> Self {
        let (server, ops) = Server::with_metrics(&place.data(), place.url.as_deref()).await;
        let memory_at_start = server.memory();
        let callers = Callers::new(server.address, filled.users).await;
        let calls = What::ALL.map(|what| (what, Measured::default()));
        Self {
            filled,
            calls: calls.into(),
            memory_at_start,
            memory: memory_at_start,
            server,
            ops,
            callers,
            place,
        }
    }

    /// Measures one kind of call for a round: alone, then in a crowd.
    pub async fn measure(&mut self, what: What, time: Duration) {
        let before = Counters::read(self.ops).await;
        let one = self.callers.call(what, 1, time).await;
        let after = Counters::read(self.ops).await;
        let crowd = self.callers.call(what, what.crowd(), time).await;
        eprintln!(
            "  {} users, {}: {:.0}/s; alone {:.0}/s, p50 {:.2} ms",
            self.filled.users,
            what.name(),
            crowd.per_second,
            one.per_second,
            one.p50.as_secs_f64() * 1000.0
        );
        let (_, measured) = self
            .calls
            .iter_mut()
            .find(|(other, _)| *other == what)
            .expect("every call has its place");
        measured.one.push(one);
        measured.crowd.push(crowd);
        if let (Some(before), Some(after)) = (before.round_trips(), after.round_trips()) {
            *measured.trips.get_or_insert_default() += after - before;
        }
        if let Some(intent) = what.intent() {
            let (before, after) = (before.writes(intent), after.writes(intent));
            if after.0 > before.0 {
                let mean = (after.1 - before.1) / (after.0 - before.0);
                measured.writes.push(mean);
            }
        }
    }

    /// Notes the memory that the server holds now.
    pub fn weigh(&mut self) {
        self.memory = self.server.memory();
    }

    /// The engine, its version, and whether it is an emulator.
    pub fn about(&self) -> &str {
        &self.place.about
    }

    /// What was measured of one kind of call.
    pub fn of(&self, what: What) -> &Measured {
        let mut calls = self.calls.iter();
        let (_, measured) = calls.find(|(other, _)| *other == what).expect("its place");
        measured
    }
}
