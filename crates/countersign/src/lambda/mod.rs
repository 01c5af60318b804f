//! The program as an AWS Lambda function: the router of `countersign_web` behind the runtime API, for
//! REST APIs, HTTP APIs, function URLs and application load balancers.
//!
//! A function is frozen whenever it has no request, and nobody tells it so. So nothing here runs
//! beside requests: the database is first spoken to by the request that needs it, the keys are looked
//! after by their age, and what need not be waited for is done between an answer and the next request.
//! It listens nowhere, and knows nothing of users or tokens.

mod after;
mod answer;
mod embedded_metrics;
mod event;
mod function;
mod request;
mod upkeep;
mod xray;

use std::sync::Arc;
use std::time::Instant;

use lambda_runtime::{LambdaEvent, Runtime};
use serde_json::value::RawValue;
use tower::service_fn;

use crate::compose;
use crate::config::{OnLambda, Settings};
use crate::serve::{Logs, ServeError, Stop};

use after::AfterAnswer;
use function::Function;

/// Runs the function until Lambda ends it. `begun` is when the process began.
pub async fn run(
    settings: Settings,
    platform: &OnLambda,
    logs: Logs,
    begun: Instant,
) -> Result<(), ServeError> {
    // AWS-LC takes some 20 ms to gather its first random bytes, which the start need not wait for.
    tokio::task::spawn_blocking(|| aws_lc_rs::rand::fill(&mut [0; 1]));
    let mut stop = Stop::listen().map_err(ServeError::Signals)?;
    let instance = compose::begin(&settings)?;
    let function = Arc::new(Function::new(settings, instance, platform, logs, begun));
    let handler = {
        let function = Arc::clone(&function);
        service_fn(move |event: LambdaEvent<Box<RawValue>>| {
            let function = Arc::clone(&function);
            async move { function.call(event).await }
        })
    };
    let runtime = Runtime::new(handler).layer(AfterAnswer::new(Arc::clone(&function)));
    function.starts_to_wait();
    tokio::select! {
        ended = runtime.run() => ended.map_err(|error| ServeError::Runtime(error.to_string())),
        // Whatever was acknowledged is in the database.
        () = stop.asked() => Ok(()),
    }
}
