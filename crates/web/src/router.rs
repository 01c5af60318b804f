//! The whole of the HTTP interface, to be served with
//! `into_make_service_with_connect_info::<SocketAddr>()`.

use axum::Router;

use crate::{WebState, graphql, kernel, rest};

/// REST, the well-known addresses and GraphQL behind the kernel.
pub fn router(web: WebState) -> Router {
    let routes = rest::router(&web).merge(graphql::router(&web));
    kernel::wrap(routes, web)
}
