//! What is done once an answer is with the gateway and before the next request is asked for: the only
//! time that a function has to itself. Its caller does not wait for it; the next one of this instance
//! would, so it is short.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lambda_runtime::{Error, LambdaInvocation};
use tower::{Layer, Service};

use super::function::Function;

/// Has the function do its upkeep after each answer.
pub(super) struct AfterAnswer(Arc<Function>);

impl AfterAnswer {
    pub(super) fn new(function: Arc<Function>) -> Self {
        Self(function)
    }
}

impl<S> Layer<S> for AfterAnswer {
    type Service = Followed<S>;

    fn layer(&self, inner: S) -> Followed<S> {
        Followed {
            inner,
            function: Arc::clone(&self.0),
        }
    }
}

/// A service that is followed by upkeep.
pub(super) struct Followed<S> {
    inner: S,
    function: Arc<Function>,
}

impl<S> Service<LambdaInvocation> for Followed<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
    S::Future: 'static,
{
    type Response = ();
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let deadline = invocation.context.deadline;
        let answered = self.inner.call(invocation);
        let function = Arc::clone(&self.function);
        Box::pin(async move {
            answered.await?;
            function.after_answer(deadline).await;
            Ok(())
        })
    }
}
