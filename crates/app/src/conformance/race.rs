//! Many calls at once, on both instances: each is a task, and all are let go together.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Barrier;

use super::world::World;
use crate::ports::Store;

/// Runs `count` calls at once, by turns on either instance, and gives their answers in order.
pub(super) async fn race<T, F>(
    world: &World,
    count: usize,
    call: impl Fn(usize, Arc<dyn Store>) -> F,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|n| {
            let (start, call) = (Arc::clone(&start), call(n, world.instance(n)));
            tokio::spawn(async move {
                start.wait().await;
                call.await
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(count);
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// How many of `answers` are such.
pub(super) fn count<T>(answers: &[T], such: impl Fn(&T) -> bool) -> usize {
    answers.iter().filter(|answer| such(answer)).count()
}
