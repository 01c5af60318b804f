//! The tower layer that stands before an API: it puts a [`Principal`] into the request's extensions or
//! turns the request away. A bad token is turned away in both modes; they differ only where there is none.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::authentication::Authentication;
use crate::challenge::Challenge;
use crate::principal::Principal;
use crate::verifier::Verifier;

/// What to do with a request without a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Required,
    Optional,
}

/// Authenticates every request.
#[derive(Clone, Debug)]
pub struct AuthenticateLayer {
    verifier: Verifier,
    mode: Mode,
}

impl AuthenticateLayer {
    /// Turns away a request without a token, so that whatever stands behind has a [`Principal`].
    pub fn required(verifier: Verifier) -> Self {
        Self {
            verifier,
            mode: Mode::Required,
        }
    }

    /// Lets a request without a token through, without a [`Principal`].
    pub fn optional(verifier: Verifier) -> Self {
        Self {
            verifier,
            mode: Mode::Optional,
        }
    }
}

impl<S> Layer<S> for AuthenticateLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Authenticate<S> {
        Authenticate {
            inner,
            verifier: self.verifier.clone(),
            mode: self.mode,
        }
    }
}

/// The service of [`AuthenticateLayer`].
#[derive(Clone, Debug)]
pub struct Authenticate<S> {
    inner: S,
    verifier: Verifier,
    mode: Mode,
}

type Answer<B, E> = Pin<Box<dyn Future<Output = Result<Response<B>, E>> + Send>>;

impl<S, In, Out> Service<Request<In>> for Authenticate<S>
where
    S: Service<Request<In>, Response = Response<Out>> + Clone + Send + 'static,
    S::Future: Send,
    In: Send + 'static,
    Out: From<String>,
{
    type Response = Response<Out>;
    type Error = S::Error;
    type Future = Answer<Out, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<In>) -> Self::Future {
        // The clone stays for the next request; the instance that is ready takes this one.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let (verifier, mode) = (self.verifier.clone(), self.mode);
        Box::pin(async move {
            // Whoever put it there, it was not this verifier.
            request.extensions_mut().remove::<Principal>();
            let (parts, body) = request.into_parts();
            let answer = verifier
                .authenticate(&parts.headers, parts.uri.query())
                .await;
            let mut request = Request::from_parts(parts, body);
            match (answer, mode) {
                (Authentication::Valid(principal), _) => {
                    request.extensions_mut().insert(principal);
                }
                (Authentication::Absent, Mode::Optional) => {}
                (Authentication::Absent, Mode::Required) => {
                    return Ok(Challenge::TokenRequired.into_response());
                }
                (Authentication::Invalid(refusal), _) => {
                    return Ok(Challenge::Refused(refusal).into_response());
                }
            }
            inner.call(request).await
        })
    }
}
