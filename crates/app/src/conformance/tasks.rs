//! Tasks that instances share: each turn goes to one of them.

use std::time::Duration;

use super::race::{count, race};
use super::samples::at;
use super::world::World;
use crate::ports::store::ClaimTask;

const EVERY: Duration = Duration::from_mins(10);

fn claim(task: &'static str, second: i64) -> ClaimTask {
    ClaimTask {
        task,
        now: at(second),
        every: EVERY,
    }
}

pub(super) async fn of_fifty_instances_that_ask_at_once_one_gets_the_turn(world: &World) {
    for round in 0..3 {
        let intent = claim("prune", round * 600);
        let answers = race(world, 50, |_, store| async move {
            store.claim_task(intent).await.unwrap()
        })
        .await;
        assert_eq!(count(&answers, |got| *got), 1, "in round {round}");
    }
}

pub(super) async fn a_turn_comes_again_after_its_time(world: &World) {
    let (store, other) = (world.store(), world.other());
    assert!(store.claim_task(claim("prune", 0)).await.unwrap());
    assert!(!store.claim_task(claim("prune", 0)).await.unwrap());
    assert!(!other.claim_task(claim("prune", 599)).await.unwrap());
    assert!(other.claim_task(claim("prune", 600)).await.unwrap());
    assert!(!store.claim_task(claim("prune", 1_199)).await.unwrap());
    assert!(store.claim_task(claim("prune", 5_000)).await.unwrap());
}

pub(super) async fn tasks_do_not_stand_in_each_others_way(world: &World) {
    let store = world.store();
    assert!(store.claim_task(claim("prune", 0)).await.unwrap());
    assert!(store.claim_task(claim("report", 0)).await.unwrap());
    assert!(!store.claim_task(claim("report", 1)).await.unwrap());
}
