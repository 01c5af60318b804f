//! GraphQL over HTTP: methods, media types, parameters.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::server::{Answer, Server};

async fn post(server: &Server, content_type: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request =
        Request::post("/graphql").header("accept", "application/graphql-response+json");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    server.send(request.body(body.into()).unwrap()).await
}

async fn get(server: &Server, address: &str) -> Answer {
    server
        .send(Request::get(address).body(Body::empty()).unwrap())
        .await
}

#[tokio::test]
async fn a_query_may_be_asked_by_get() {
    let server = Server::new().await;
    let answer = get(&server, "/graphql?query=%7B__typename%7D").await;
    assert_eq!(answer.body, json!({ "data": { "__typename": "Query" } }));
    assert_eq!(
        answer.headers["content-type"],
        "application/json; charset=utf-8"
    );
    let named = "/graphql?query=query%20A($x:String!)%7Ba:__type(name:$x)%7Bname%7D%7Dquery%20B%7Bb:__typename%7D\
        &operationName=A&variables=%7B%22x%22:%22User%22%7D";
    assert_eq!(
        get(&server, named).await.body,
        json!({ "data": { "a": { "name": "User" } } })
    );
}

#[tokio::test]
async fn a_mutation_by_get_is_refused_and_does_nothing() {
    let server = Server::new().await;
    let signup = "mutation{signup(input:{username:\"jill\",password:\"correct%20horse%20battery%20staple\"}){__typename}}";
    for query in [
        signup.to_owned(),
        format!(
            "query%20A{{__typename}}{}&operationName=B",
            signup.replacen("mutation", "mutation%20B", 1)
        ),
    ] {
        let answer = get(
            &server,
            &format!(
                "/graphql?query={}",
                query
                    .replace('"', "%22")
                    .replace('{', "%7B")
                    .replace('}', "%7D")
            ),
        )
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (405, "BAD_REQUEST"),
            "{}",
            answer.body
        );
        assert_eq!(answer.headers["allow"], "POST");
    }
    let ghost = countersign_domain::names::Identifier::Username("jill".parse().unwrap());
    assert!(
        server
            .instance
            .app
            .user_by_identifier(&ghost)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn other_methods_are_refused() {
    let server = Server::new().await;
    for method in ["PUT", "DELETE", "PATCH"] {
        let request = Request::builder()
            .method(method)
            .uri("/graphql")
            .body(Body::empty())
            .unwrap();
        assert_eq!(server.send(request).await.status, 405, "{method}");
    }
}

// What a page of any origin can make a browser send without asking first.
#[tokio::test]
async fn a_body_that_is_not_json_is_refused_whatever_stands_in_it() {
    let server = Server::new().await;
    let body = json!({ "query": "{ __typename }" }).to_string();
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/graphql"),
        Some("application/json; charset=utf-16"),
    ] {
        let answer = post(&server, content_type, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (415, "BAD_REQUEST"),
            "{content_type:?}"
        );
    }
    let answer = post(&server, Some("Application/JSON; charset=\"UTF-8\""), body).await;
    assert_eq!(answer.body, json!({ "data": { "__typename": "Query" } }));
}

#[tokio::test]
async fn a_batch_is_refused() {
    let server = Server::new().await;
    for body in ["[]", " [{\"query\":\"{ __typename }\"}]"] {
        let answer = post(&server, Some("application/json"), body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "BATCH_REFUSED"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn parameters_have_one_type_each() {
    let server = Server::new().await;
    for body in [
        String::new(),
        "null".to_owned(),
        "{".to_owned(),
        "{}".to_owned(),
        json!({ "query": null }).to_string(),
        json!({ "query": 1 }).to_string(),
        json!({ "query": ["{ __typename }"] }).to_string(),
        json!({ "query": "{ __typename }", "variables": [] }).to_string(),
        json!({ "query": "{ __typename }", "variables": "x" }).to_string(),
        json!({ "query": "{ __typename }", "operationName": 1 }).to_string(),
        json!({ "query": "{ __typename }", "extensions": [] }).to_string(),
        "{\"query\":\"{ __typename }\",\"query\":\"{ x }\"}".to_owned(),
        format!(
            "{{\"query\":\"{{ __typename }}\",\"variables\":{}",
            "{\"a\":".repeat(1000)
        ),
    ] {
        let answer = post(&server, Some("application/json"), body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "BAD_REQUEST"),
            "{body}"
        );
    }
    let body = json!({ "query": "{ __typename }", "variables": null, "operationName": null,
        "extensions": null, "unknown": [1] });
    let answer = post(&server, Some("application/json"), body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for address in [
        "/graphql",
        "/graphql?query=%7Ba%7D&query=%7Bb%7D",
        "/graphql?query=%7Ba%7D&variables=%5B%5D",
    ] {
        assert_eq!(get(&server, address).await.status, 400, "{address}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let server = Server::new().await;
    let body = json!({ "query": format!("{{ __typename }} # {}", "x".repeat(70_000)) });
    let answer = post(&server, Some("application/json"), body.to_string()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (413, "QUERY_TOO_LARGE")
    );
}

#[tokio::test]
async fn nothing_acceptable_is_said_so() {
    let server = Server::new().await;
    let request = Request::get("/graphql?query=%7B__typename%7D").header("accept", "text/html");
    assert_eq!(
        server
            .send(request.body(Body::empty()).unwrap())
            .await
            .status,
        406
    );
}

#[tokio::test]
async fn the_status_of_a_bad_document_depends_on_what_the_client_takes() {
    let server = Server::new().await;
    for (accept, status) in [
        ("application/json", 200),
        ("application/graphql-response+json", 400),
    ] {
        for (query, code) in [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            (
                "query ($id: ID!) { node(id: $id) { id } }",
                "BAD_USER_INPUT",
            ),
            (
                "query A { __typename } query B { __typename }",
                "OPERATION_RESOLUTION_FAILURE",
            ),
            ("subscription { x }", "GRAPHQL_VALIDATION_FAILED"),
        ] {
            let request = Request::post("/graphql")
                .header("content-type", "application/json")
                .header("accept", accept)
                .body(Body::from(json!({ "query": query }).to_string()))
                .unwrap();
            let answer = server.send(request).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (status, code),
                "{accept} {query} {}",
                answer.body
            );
            assert_eq!(answer.body.get("data"), None);
        }
    }
}

#[tokio::test]
async fn a_query_that_skips_everything_answers_with_nothing() {
    let server = Server::new().await;
    let answer = server
        .ask(None, "{ __typename @skip(if: true) }", Value::Null)
        .await;
    assert_eq!(answer.body, json!({ "data": {} }));
}

#[tokio::test]
async fn answers_are_not_kept_by_caches() {
    let server = Server::new().await;
    let answer = get(&server, "/graphql?query=%7B__typename%7D").await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
}
