//! Puts the layers round the routes, in the one order that works.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;

use super::{cors, credentials, deadline, fallback, observe, panics, ready, secure};
use crate::WebState;

/// Puts the kernel round `routes`. The last layer added is the first that a request passes.
pub fn wrap(routes: Router<WebState>, web: WebState) -> Router {
    let routes = routes
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(DefaultBodyLimit::max(web.settings.body_limit))
        .layer(from_fn(credentials::refuse_strays))
        .layer(from_fn_with_state(web.clone(), deadline::deadline))
        .layer(from_fn(ready::ready))
        .layer(CatchPanicLayer::custom(panics::answer));
    let routes = match cors::layer(&web.settings.cors_origins) {
        Some(cors) => routes.layer(cors),
        None => routes,
    };
    routes
        .layer(from_fn_with_state(web.clone(), secure::secure))
        .layer(from_fn_with_state(web.clone(), observe::observe))
        .with_state(web)
}
