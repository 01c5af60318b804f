//! Several requests of one call under way at once.

use countersign_app::ports::store::StoreResult;
use futures::{StreamExt, TryStreamExt, stream};

/// Carries out all calls, `at_once` of them at a time, and gives their answers in their order.
pub(crate) async fn together<T>(
    calls: Vec<impl Future<Output = StoreResult<T>>>,
    at_once: usize,
) -> StoreResult<Vec<T>> {
    stream::iter(calls).buffered(at_once).try_collect().await
}
