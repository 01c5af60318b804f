//! `GraphiQL`, for trying queries in a browser, from the binary alone: no CDN. Served in development
//! only. The assets are bundled from npm by `crates/web/graphiql/build.mjs`; their licences stand in
//! `assets/NOTICE` beside them.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
};

/// Where the page is.
pub const PATH: &str = "/graphiql";

const SCRIPT: &[u8] = include_bytes!("../../graphiql/assets/graphiql.js.gz");
const STYLE: &[u8] = include_bytes!("../../graphiql/assets/graphiql.css.gz");
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL · Countersign</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="graphiql/graphiql.css">
<script src="graphiql/graphiql.js" defer></script>
<div id="graphiql">GraphiQL needs JavaScript.</div>
</html>
"#;

/// Scripts from here alone, none inline, no `eval`. The editor writes style elements of its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The page and its assets.
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(PATH, get(page))
        .route(
            "/graphiql/graphiql.js",
            get(async || packed("text/javascript; charset=utf-8", SCRIPT)),
        )
        .route(
            "/graphiql/graphiql.css",
            get(async || packed("text/css; charset=utf-8", STYLE)),
        )
}

async fn page() -> Response {
    let headers: [(HeaderName, &str); 2] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, PAGE).into_response()
}

/// An asset, compressed as it is: every browser takes gzip.
fn packed(content_type: &'static str, bytes: &'static [u8]) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (CONTENT_TYPE, content_type),
        (CONTENT_ENCODING, "gzip"),
        (CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, bytes).into_response()
}
