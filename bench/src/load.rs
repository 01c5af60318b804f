//! Load: so many clients, each sending the next request when it has the answer to the last, for so
//! long. Bounded in time and number, loopback only.

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::client::{Call, Client};

/// What a load came to.
#[derive(Clone, Debug, Default)]
pub struct Load {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    pub refused: u64,
    /// The time of each answered call, the shortest first.
    pub times: Vec<Duration>,
}

/// Puts together what the clients saw.
pub fn sum_up(mut times: Vec<Duration>, refused: u64, took: Duration) -> Load {
    times.sort_unstable();
    Load {
        per_second: times.len() as f64 / took.as_secs_f64(),
        p50: percentile(&times, 0.5),
        p99: percentile(&times, 0.99),
        refused,
        times,
    }
}

/// The time that so large a share of the calls took at most. The shortest time comes first.
pub fn percentile(times: &[Duration], share: f64) -> Duration {
    let place = ((times.len() as f64 - 1.0).max(0.0) * share) as usize;
    times.get(place).copied().unwrap_or_default()
}

/// One connection for each call sends it over and over until `time` is over.
pub async fn repeat(address: SocketAddr, calls: Vec<Call>, time: Duration) -> Load {
    let until = Instant::now() + time;
    each(calls.len(), move |n| {
        let call = calls[n].clone();
        async move {
            let mut client = Client::connect(address).await;
            let (mut times, mut refused) = (Vec::new(), 0);
            while Instant::now() < until {
                let (status, _, took) = client.send(&call).await;
                if status == 200 {
                    times.push(took)
                } else {
                    refused += 1
                }
            }
            (times, refused)
        }
    })
    .await
}

/// Runs one task a client and sums up what they give: the times of what was answered, and how many
/// were refused.
pub async fn each<F>(clients: usize, task: impl Fn(usize) -> F) -> Load
where
    F: Future<Output = (Vec<Duration>, u64)> + Send + 'static,
{
    let start = Instant::now();
    let tasks: Vec<_> = (0..clients).map(|n| tokio::spawn(task(n))).collect();
    let (mut times, mut refused) = (Vec::new(), 0);
    for task in tasks {
        let (more, no) = task.await.expect("a client runs to its end");
        times.extend(more);
        refused += no;
    }
    sum_up(times, refused, start.elapsed())
}
