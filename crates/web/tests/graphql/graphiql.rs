//! The `GraphiQL` page.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::Value;

use crate::server::Server;

async fn get(server: &Server, path: &str) -> crate::server::Answer {
    server
        .send(Request::get(path).body(Body::empty()).unwrap())
        .await
}

#[tokio::test]
async fn in_development_the_page_runs_scripts_from_here_alone() {
    let server = Server::new().await;
    let page = get(&server, "/graphiql").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"));
    let Value::String(html) = page.body else {
        panic!("not a page")
    };
    assert!(!html.contains("https:") && !html.contains("<script>"));
    for asset in ["/graphiql/graphiql.js", "/graphiql/graphiql.css"] {
        // Relative to the page, so that it works below a base path.
        assert!(html.contains(&format!("=\"{}\"", &asset[1..])));
        let answer = get(&server, asset).await;
        assert_eq!(
            (answer.status, &answer.headers["content-encoding"]),
            (StatusCode::OK, &"gzip".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn in_production_there_is_no_page() {
    let server = Server::with(|_| {}, |web| web.graphql.graphiql = false).await;
    for path in ["/graphiql", "/graphiql/graphiql.js"] {
        assert_eq!(
            get(&server, path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}
