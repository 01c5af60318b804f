//! Requests of the `http` crate without any framework: those of hyper, of `lambda_http`, of whatever gives
//! an `http::Request`.

use http::Request;

use crate::authentication::Authentication;
use crate::challenge::Challenge;
use crate::principal::Principal;
use crate::verifier::Verifier;

impl Verifier {
    /// Looks at the headers and the query of a request: who calls? The body is not looked at.
    ///
    /// ```
    /// use countersign_verify::{Authentication, Verifier};
    /// use http::{Request, Response};
    ///
    /// async fn greet(verifier: &Verifier, request: Request<String>) -> Response<String> {
    ///     match verifier.authenticate_request(&request).await {
    ///         Authentication::Valid(caller) => Response::new(format!("hello {}", caller.subject())),
    ///         Authentication::Absent => Response::new("hello, whoever you are".to_owned()),
    ///         Authentication::Invalid(refusal) => {
    ///             countersign_verify::Challenge::from(refusal).into_response()
    ///         }
    ///     }
    /// }
    /// ```
    pub fn authenticate_request<'a, B>(
        &'a self,
        request: &'a Request<B>,
    ) -> impl Future<Output = Authentication> + Send + use<'a, B> {
        // The body stays outside: it need not be shareable between threads.
        self.authenticate(request.headers(), request.uri().query())
    }

    /// Insists on a caller. Errors: the [`Challenge`] to answer with.
    ///
    /// A Lambda function behind API Gateway, a function URL or a load balancer, with `lambda_http`, whose
    /// requests are `http::Request<lambda_http::Body>`:
    ///
    /// ```
    /// use countersign_verify::Verifier;
    /// use lambda_http::{Body, Error, Request, Response};
    ///
    /// async fn handler(verifier: &Verifier, request: Request) -> Result<Response<Body>, Error> {
    ///     let caller = match verifier.require(&request).await {
    ///         Ok(caller) => caller,
    ///         Err(challenge) => return Ok(challenge.into_response()),
    ///     };
    ///     Ok(Response::new(format!("hello {}", caller.subject()).into()))
    /// }
    /// ```
    pub fn require<'a, B>(
        &'a self,
        request: &'a Request<B>,
    ) -> impl Future<Output = Result<Principal, Challenge>> + Send + use<'a, B> {
        let answer = self.authenticate_request(request);
        async move {
            match answer.await {
                Authentication::Valid(principal) => Ok(principal),
                Authentication::Absent => Err(Challenge::TokenRequired),
                Authentication::Invalid(refusal) => Err(refusal.into()),
            }
        }
    }
}
