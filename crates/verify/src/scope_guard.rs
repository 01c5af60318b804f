//! The tower layer that insists on scopes (RFC 6750 §3.1, `insufficient_scope`). It looks at the
//! [`Principal`] that [`crate::AuthenticateLayer`] left, and denies where there is none.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use countersign_token::Scopes;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::challenge::Challenge;
use crate::principal::Principal;

/// Lets only callers through who have all of some scopes. Put it inside of [`crate::AuthenticateLayer`].
#[derive(Clone, Debug)]
pub struct RequireScopesLayer(Arc<Scopes>);

impl RequireScopesLayer {
    /// Insists on all of `scopes`; on none it still insists on a caller.
    pub fn new(scopes: impl Into<Scopes>) -> Self {
        Self(Arc::new(scopes.into()))
    }
}

impl<S> Layer<S> for RequireScopesLayer {
    type Service = RequireScopes<S>;

    fn layer(&self, inner: S) -> RequireScopes<S> {
        RequireScopes {
            inner,
            scopes: Arc::clone(&self.0),
        }
    }
}

/// The service of [`RequireScopesLayer`].
#[derive(Clone, Debug)]
pub struct RequireScopes<S> {
    inner: S,
    scopes: Arc<Scopes>,
}

impl<S, In, Out> Service<Request<In>> for RequireScopes<S>
where
    S: Service<Request<In>, Response = Response<Out>>,
    Out: From<String>,
{
    type Response = Response<Out>;
    type Error = S::Error;
    type Future = Guarded<S::Future, Out, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<In>) -> Self::Future {
        let verdict = match request.extensions().get::<Principal>() {
            None => Err(Challenge::TokenRequired),
            Some(principal) => principal.require(&self.scopes).map_err(Challenge::from),
        };
        match verdict {
            Ok(()) => Guarded::Through(Box::pin(self.inner.call(request))),
            Err(challenge) => Guarded::Denied(ready(Ok(challenge.into_response()))),
        }
    }
}

/// The answer of [`RequireScopes`].
#[derive(Debug)]
pub enum Guarded<F, B, E> {
    /// The answer of the service behind.
    Through(Pin<Box<F>>),
    /// The answer of the guard.
    Denied(Ready<Result<Response<B>, E>>),
}

impl<F, B, E> Future for Guarded<F, B, E>
where
    F: Future<Output = Result<Response<B>, E>>,
    Ready<Result<Response<B>, E>>: Unpin,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.get_mut() {
            Self::Through(future) => future.as_mut().poll(cx),
            Self::Denied(answer) => Pin::new(answer).poll(cx),
        }
    }
}
