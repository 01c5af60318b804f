//! The path below which everything is, where a gateway or a proxy passes it on: a stage (`/prod`), a
//! mapping of a custom domain (`/auth`). It is taken off a request before its route is looked for, and
//! put before every address that an answer names. A request without it is served as well: whatever is
//! in front may have taken it off.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use http::Uri;
use http::uri::PathAndQuery;
use tower::{ServiceExt as _, service_fn};

tokio::task_local! {
    static BASE: Arc<str>;
}

/// An address of this instance, as an answer names it.
pub(crate) fn link(path: &str) -> String {
    let with_base = BASE.try_with(|base| format!("{base}{path}"));
    with_base.unwrap_or_else(|_| path.to_owned())
}

/// The base path of the request that is being answered; empty at the root.
pub(crate) fn current() -> Option<Arc<str>> {
    BASE.try_with(Arc::clone).ok()
}

/// Puts the routes below `base`, such as `/auth`; as they are if it is empty.
pub(crate) fn mount(routes: Router, base: &str) -> Router {
    if base.is_empty() {
        return routes;
    }
    let base: Arc<str> = base.into();
    Router::new().fallback_service(service_fn(move |mut request: Request| {
        let (routes, base) = (routes.clone(), Arc::clone(&base));
        async move {
            if let Some(inner) = below(request.uri(), &base) {
                *request.uri_mut() = inner;
            }
            BASE.scope(base, routes.oneshot(request)).await
        }
    }))
}

/// The address without its base; `None` if it has none.
fn below(uri: &Uri, base: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(base)?;
    let inner = match rest.as_bytes().first() {
        Some(b'/') => rest.to_owned(),
        Some(b'?') | None => format!("/{rest}"),
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(inner).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_taken_off_as_a_whole_or_not_at_all() {
        for (path, inner) in [
            ("/auth/v1/me?a=b", Some("/v1/me?a=b")),
            ("/auth/", Some("/")),
            ("/auth", Some("/")),
            ("/auth?a=b", Some("/?a=b")),
            ("/auth/auth/v1", Some("/auth/v1")),
            ("/authority", None),
            ("/v1/me", None),
            ("/", None),
        ] {
            let found = below(&path.parse().unwrap(), "/auth");
            assert_eq!(found.map(|uri| uri.to_string()).as_deref(), inner, "{path}");
        }
    }
}
