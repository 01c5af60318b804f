//! Measures the server on each engine it can store in, with few users and with many. The instances
//! of an engine run side by side, each on a server of its own, and are measured in turn: what
//! slows the machine for a while slows all of them.

mod call;
mod engine;
mod fill;
mod instance;
mod metrics;
mod settle;
mod show;
mod verdict;

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use call::What;
pub use engine::Engine;
use engine::Place;
use instance::Instance;
use serde_json::{Map, Value};

/// What to measure.
#[derive(Clone)]
pub struct Plan {
    pub engines: Vec<Engine>,
    /// The numbers of users, the fewest first.
    pub users: Vec<u64>,
    pub rounds: usize,
    /// How long each measurement of a round takes.
    pub time: Duration,
    /// How long an engine may be filled for each number of users.
    pub fill: Duration,
    /// Where the engines' data goes.
    pub base: PathBuf,
}

/// Measures all engines and prints their tables. One that fails does not stop the others; gives
/// whether none did.
pub async fn run(plan: Plan, output: &Path) -> bool {
    let mut figures = Map::new();
    for engine in &plan.engines {
        let value = match or_panic(measure(*engine, plan.clone())).await {
            Some((tables, value)) => {
                println!("{tables}");
                value
            }
            None => {
                println!("\n### {}: failed, see above\n", engine.name());
                Value::Null
            }
        };
        figures.insert(engine.name().to_owned(), value);
        // After each: what was measured is not lost with what comes later.
        crate::write(output, &Value::Object(figures.clone()));
    }
    figures.values().all(|value| !value.is_null())
}

/// `None` if the future panics. It is no task of its own, which would outlive an interrupted
/// measurement and leave its servers running.
async fn or_panic<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| {
        let poll = AssertUnwindSafe(|| future.as_mut().poll(context));
        match catch_unwind(poll) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Some(value)),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

async fn measure(engine: Engine, plan: Plan) -> (String, Value) {
    eprintln!("{}:", engine.name());
    let hash = crate::raw::phc(crate::scenarios::PASSWORD);
    let mut filled = Vec::new();
    for users in &plan.users {
        let mut place = Place::new(engine, &plan.base, &users.to_string()).await;
        let result = fill::fill(&place, *users, &hash, plan.fill).await;
        if result.users < *users {
            eprintln!("  no more time to fill: {} users it is", result.users);
        }
        place.restart().await;
        filled.push((place, result));
    }
    let mut instances = Vec::new();
    for (place, result) in filled {
        instances.push(Instance::new(place, result).await);
    }
    settle::settle().await;
    for round in 0..plan.rounds {
        eprintln!("  round {} of {}", round + 1, plan.rounds);
        for what in What::ALL {
            for instance in &mut instances {
                instance.measure(what, plan.time).await;
            }
        }
    }
    // The hashing threads give their memory back when they have had nothing to do for a while.
    tokio::time::sleep(Duration::from_secs(5)).await;
    for instance in &mut instances {
        instance.weigh();
    }
    let verdicts = verdict::judge(engine, &instances);
    (
        show::tables(engine, &instances, &verdicts),
        show::json(&instances, &verdicts),
    )
}
