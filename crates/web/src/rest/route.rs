//! One route: method, address, rule, handler and description. There is no way to make one without
//! its rule.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use countersign_domain::access::Rule;
use http::Method;

use crate::WebState;
use crate::openapi::Doc;

/// One route.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) rule: Rule,
    pub(crate) endpoint: MethodRouter<WebState>,
    pub(crate) doc: Doc,
}

/// A route as it is declared: what a test needs to call it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The method.
    pub method: Method,
    /// The address, with `{name}` for its variable parts.
    pub path: &'static str,
    /// Who may call it.
    pub rule: Rule,
    /// A body that it can read, if it reads one.
    pub body_example: Option<serde_json::Value>,
}

macro_rules! methods {
    ($($name:ident = $method:ident;)*) => {
        $(pub(crate) fn $name<H, T>(
            path: &'static str,
            rule: Rule,
            handler: H,
            doc: fn() -> Doc,
        ) -> Route
        where
            H: Handler<T, WebState>,
            T: 'static,
        {
            let endpoint = on(MethodFilter::$method, handler);
            Route { method: Method::$method, path, rule, endpoint, doc: doc() }
        })*
    };
}

methods! {
    get = GET;
    post = POST;
    put = PUT;
    patch = PATCH;
    delete = DELETE;
}

impl From<&Route> for Declared {
    fn from(route: &Route) -> Self {
        Self {
            method: route.method.clone(),
            path: route.path,
            rule: route.rule,
            body_example: route.doc.body_example(),
        }
    }
}
