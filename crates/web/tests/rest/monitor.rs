//! `/v1/admin/monitor`, and the page over it.

use countersign_monitor::{Draft, Scalar, Timestamp};
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, Server};

/// What a server keeps of a request, so many seconds before the test's clock.
fn call(server: &Server, ago: i64, route: &str, status: u16, took_ms: f64) {
    let now = server.app.now().as_seconds();
    let at = Timestamp::from_second(now - ago).unwrap();
    let mut draft = Draft::begun(at);
    for (name, value) in [
        ("function", Scalar::Text("countersign")),
        ("id", Scalar::Text(&format!("{route}-{ago}"))),
        ("method", Scalar::Text("POST")),
        ("route", Scalar::Text(route)),
        ("address", Scalar::Text("198.51.100.7")),
        ("status", Scalar::Number(f64::from(status))),
        ("took_ms", Scalar::Number(took_ms)),
    ] {
        assert!(draft.note(name, value), "{name}");
    }
    draft.line(
        Some(at),
        Some("INFO"),
        "answered => using new database connection",
    );
    server.monitor.push(draft.finish("").unwrap());
}

async fn busy() -> (Server, Person) {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    for ago in 0..10 {
        call(
            &server,
            ago,
            "/v1/login",
            200,
            50.0 + f64::from(u8::try_from(ago).unwrap()),
        );
    }
    call(&server, 30, "/v1/login", 401, 5.0);
    call(&server, 90, "/v1/me", 503, 1.0);
    call(&server, 7200, "/v1/me", 200, 1.0);
    (server, root)
}

async fn get(server: &Server, root: &Person, path: &str) -> Value {
    let request = server.get(&format!("/v1/admin/monitor{path}"));
    request
        .bearer(&root.access_token)
        .send()
        .await
        .expect(200)
        .json()
}

#[tokio::test]
async fn the_overview_counts_by_function_and_endpoint_within_the_time_asked_for() {
    let (server, root) = busy().await;
    let hour = get(&server, &root, "").await;
    assert_eq!(hour["total"]["invocations"], 12);
    assert_eq!(
        (&hour["total"]["failed"], &hour["total"]["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(hour["functions"][0]["function"], "countersign");
    let login = &hour["endpoints"][0];
    assert_eq!(
        (&login["route"], &login["invocations"]),
        (&json!("/v1/login"), &json!(11))
    );
    assert_eq!(
        (&login["p50_ms"], &login["p99_ms"]),
        (&json!(54.0), &json!(59.0))
    );
    let in_series: u64 = hour["series"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["invocations"].as_u64().unwrap())
        .sum();
    assert_eq!(in_series, 12);
    assert_eq!(
        get(&server, &root, "?minutes=1").await["total"]["invocations"],
        11
    );
    assert_eq!(
        get(&server, &root, "?minutes=1440").await["total"]["invocations"],
        13
    );
    assert_eq!(
        get(&server, &root, "?route=/v1/me&minutes=5").await["total"]["failed"],
        1
    );
    assert_eq!(
        get(&server, &root, "?function=another").await["total"]["p50_ms"],
        Value::Null
    );
}

#[tokio::test]
async fn an_endpoints_invocations_come_newest_first_and_each_has_its_lines() {
    let (server, root) = busy().await;
    let list = get(&server, &root, "/invocations?route=/v1/login&limit=2").await;
    assert_eq!(list["matching"], 11);
    let ids: Vec<_> = list["invocations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids.len(), 2);
    let failed = get(&server, &root, "/invocations?outcome=failed").await;
    let id = failed["invocations"][0]["id"].as_str().unwrap();
    assert_eq!(id, "/v1/me-90");
    let one = get(
        &server,
        &root,
        &format!("/invocations/{}", id.replace('/', "%2F")),
    )
    .await;
    assert_eq!(
        one["lines"][0]["text"],
        "answered => using new database connection"
    );
    assert_eq!(
        (&one["database_connection"], &one["status"]),
        (&json!("new"), &json!(503))
    );
    let text = one.to_string();
    assert!(
        !text.contains("198.51.100.7") && !text.contains("address"),
        "{text}"
    );
}

#[tokio::test]
async fn it_is_for_those_with_the_scope_and_nobody_else() {
    let (server, root) = busy().await;
    let ada = server.sign_up("ada").await;
    for path in ["", "/invocations", "/invocations/x"] {
        let path = format!("/v1/admin/monitor{path}");
        server.get(&path).send().await.expect(401);
        let answer = server
            .get(&path)
            .bearer(&ada.access_token)
            .send()
            .await
            .expect(403);
        assert_eq!(answer.code(), "insufficient_scope");
    }
    // The page asks for no more than it needs: such a token opens this and nothing else.
    let body = json!({ "identifier": "root", "password": PASSWORD, "scope": "monitor:read" });
    let narrow = server.log_in_with(body).await;
    get(&server, &narrow, "").await;
    server
        .get("/v1/users")
        .bearer(&narrow.access_token)
        .send()
        .await
        .expect(403);
    server
        .get("/v1/me")
        .bearer(&narrow.access_token)
        .send()
        .await
        .expect(403);
    let missing = server
        .get("/v1/admin/monitor/invocations/x")
        .bearer(&root.access_token);
    assert_eq!(missing.send().await.expect(404).code(), "not_found");
}

#[tokio::test]
async fn a_query_that_means_nothing_is_refused() {
    let (server, root) = busy().await;
    for query in [
        "minutes=0",
        "minutes=x",
        "minutes=999999",
        "outcome=fine",
        "cold=perhaps",
        "unknown=1",
        "since=yesterday",
    ] {
        let request = server.get(&format!("/v1/admin/monitor?{query}"));
        let answer = request.bearer(&root.access_token).send().await.expect(400);
        assert_eq!(answer.code(), "invalid_query", "{query}");
    }
}

#[tokio::test]
async fn the_page_is_a_shell_without_data_that_runs_scripts_from_here_alone() {
    let (server, _) = busy().await;
    let page = server.get("/console/monitor").send().await.expect(200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(
        page.header("cross-origin-opener-policy"),
        Some("same-origin")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part}");
    }
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(
        !html.contains("/v1/login") && !html.contains("http"),
        "{html}"
    );
    assert!(!html.contains("<script>") && !html.contains("style=") && !html.contains("onclick"));
    let assets = html
        .split(['"', '\''])
        .filter(|word| word.starts_with("monitor/"));
    let mut scripts = Vec::new();
    for asset in assets {
        let answer = server
            .get(&format!("/console/{asset}"))
            .send()
            .await
            .expect(200);
        let kind = answer.header("content-type").unwrap();
        let is_style = asset.rsplit('.').next() == Some("css");
        let is_right = if is_style {
            "text/css"
        } else {
            "text/javascript"
        };
        assert!(kind.starts_with(is_right), "{asset}: {kind}");
        if answer.header("content-encoding").is_none() && !is_style {
            scripts.push(String::from_utf8(answer.body.to_vec()).unwrap());
        }
    }
    // What a script imports is there as well.
    let imported = scripts[0].split('\'').filter(|word| word.starts_with("./"));
    let mut count = 0;
    for name in imported {
        let path = format!("/console/monitor/{}", name.trim_start_matches("./"));
        server.get(&path).send().await.expect(200);
        count += 1;
    }
    assert!(count >= 5, "{count}");
}
