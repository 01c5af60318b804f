//! What the server tells about its store, read from its metrics in Prometheus' text format.

use std::net::SocketAddr;

use crate::client::{Call, Client};

/// Counters at one moment.
pub struct Counters(String);

impl Counters {
    /// Asks the operators' address.
    pub async fn read(ops: SocketAddr) -> Self {
        let mut client = Client::connect(ops).await;
        let (status, body, _) = client.send(&Call::get("/metrics")).await;
        assert_eq!(status, 200, "the metrics are answered");
        Self(String::from_utf8_lossy(&body).into_owned())
    }

    /// How often the store waited for its database; `None` from a server that does not count it.
    pub fn round_trips(&self) -> Option<f64> {
        self.sum("countersign_store_round_trips_total", "")
    }

    /// How many writes of this kind there were, and the seconds they took in all.
    pub fn writes(&self, intent: &str) -> (f64, f64) {
        let label = format!("intent=\"{intent}\"");
        let read = |name| self.sum(name, &label).unwrap_or_default();
        (
            read("countersign_store_write_seconds_count"),
            read("countersign_store_write_seconds_sum"),
        )
    }

    /// The sum of the series of a name that have the label.
    fn sum(&self, name: &str, label: &str) -> Option<f64> {
        let series = self.0.lines().filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            let labels = series.strip_prefix(name)?;
            let is_it = labels.is_empty() || labels.starts_with('{');
            (is_it && labels.contains(label)).then(|| value.parse::<f64>().ok())?
        });
        series.reduce(|sum, value| sum + value)
    }
}
