//! The console's monitor: a page that shows what each function and endpoint did, and the API that it asks.
//!
//! The page is a shell without data: whoever opens it signs in with the REST interface and is shown what
//! the scope `monitor:read` lets them see. Its token lives in the page's memory alone. Everything comes
//! from the binary; the chart library is uPlot, packed from npm by `crates/web/console/pack.mjs`.

mod asked;
pub(crate) mod invocations;
pub(crate) mod overview;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
};

/// Where the page is.
pub const PATH: &str = "/console/monitor";

/// Below which address the page and its API are, and nothing else.
pub const PREFIXES: [&str; 2] = ["/console/", "/v1/admin/monitor"];

const PAGE: &str = include_str!("../../console/monitor.html");
const STYLE: &str = include_str!("../../console/monitor.css");
const CHARTS: &[u8] = include_bytes!("../../console/assets/uplot.js.gz");
const CHARTS_STYLE: &[u8] = include_bytes!("../../console/assets/uplot.css.gz");

macro_rules! script {
    ($name:literal) => {
        (
            concat!("/console/monitor/", $name),
            include_str!(concat!("../../console/", $name)),
        )
    };
}

/// The page's own scripts, as they were written.
const SCRIPTS: [(&str, &str); 8] = [
    script!("monitor.js"),
    script!("session.js"),
    script!("sign-in.js"),
    script!("elements.js"),
    script!("charts.js"),
    script!("overview.js"),
    script!("endpoint.js"),
    script!("invocation.js"),
];

/// Scripts and styles from here alone, none inline, no `eval`, and no text that becomes a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The page and its assets.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let pages = Router::new()
        .route(PATH, get(page))
        .route(
            "/console/monitor/monitor.css",
            get(async || plain("text/css; charset=utf-8", STYLE)),
        )
        .route(
            "/console/monitor/uplot.js",
            get(async || packed("text/javascript; charset=utf-8", CHARTS)),
        )
        .route(
            "/console/monitor/uplot.css",
            get(async || packed("text/css; charset=utf-8", CHARTS_STYLE)),
        );
    SCRIPTS.into_iter().fold(pages, |pages, (path, text)| {
        pages.route(
            path,
            get(async move || plain("text/javascript; charset=utf-8", text)),
        )
    })
}

async fn page() -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        // No page that opens this one, or that it opens, holds its window.
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    (headers, PAGE).into_response()
}

/// An asset that changes with the binary: no cache keeps it.
fn plain(content_type: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, content_type)], text).into_response()
}

/// An asset that hardly changes, compressed as it is: every browser takes gzip.
fn packed(content_type: &'static str, bytes: &'static [u8]) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (CONTENT_TYPE, content_type),
        (CONTENT_ENCODING, "gzip"),
        (CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, bytes).into_response()
}
