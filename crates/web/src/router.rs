//! The whole of the HTTP interface, to be served with
//! `into_make_service_with_connect_info::<SocketAddr>()`.

use axum::Router;

use crate::{WebState, console, graphql, kernel, rest};

/// REST, the well-known addresses and GraphQL behind the kernel, below the base path if there is one.
pub fn router(web: WebState) -> Router {
    let mut routes = rest::router(&web).merge(graphql::router(&web));
    if web.monitor.is_some() {
        routes = routes.merge(console::router());
    }
    let settings = web.settings.clone();
    kernel::base_path::mount(kernel::wrap(routes, web), settings.base_path())
}
