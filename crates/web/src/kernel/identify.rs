//! Who calls: the bearer token of a request to a [`Caller`]. Absent is anonymous; anything else that
//! is not good is refused with 401 (RFC 6750 §3) and never goes on as an anonymous call.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use countersign_app::Origin;
use countersign_app::authenticate::{Authenticated, Caller};
use countersign_domain::access::Rule;
use countersign_verify::Bearer;
use http::HeaderMap;

use crate::problem::Problem;
use crate::{Call, WebState};

/// Who shows the token in these headers; `None` if there is none.
pub async fn caller(
    web: &WebState,
    headers: &HeaderMap,
    origin: &Origin,
) -> Result<Option<Arc<Caller>>, Problem> {
    match Bearer::from_headers(headers) {
        Bearer::Absent => Ok(None),
        Bearer::Malformed(error) => Err(error.into()),
        Bearer::Token(token) => match web.app.authenticate(token, origin).await? {
            Authenticated::Valid(caller) => Ok(Some(Arc::from(caller))),
            Authenticated::Invalid(invalid) => Err(invalid.into()),
        },
    }
}

/// A middleware for one route: lets in whom the rule names and nobody else, before the handler runs
/// or the body is read. A public route does not look at the token.
pub(crate) async fn guard(
    State((web, rule)): State<(WebState, Rule)>,
    mut request: Request,
    next: Next,
) -> Response {
    if rule != Rule::Public {
        let mut call = request
            .extensions()
            .get::<Call>()
            .cloned()
            .unwrap_or_default();
        match caller(&web, request.headers(), &call.origin).await {
            Ok(caller) => call.caller = caller,
            Err(problem) => return problem.into_response(),
        }
        if let Err(denied) = call.check(rule) {
            return Problem::from(denied).into_response();
        }
        request.extensions_mut().insert(call);
    }
    next.run(request).await
}
