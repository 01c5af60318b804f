//! REST APIs: stages, resources, answers.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{Stack, send};

#[tokio::test]
async fn paths_without_the_stage_and_paths_without_a_route_are_403() {
    let stack = Stack::start().await;
    let root = stack.url("Rest").trim_end_matches("/prod").to_owned();
    let outside = send(reqwest::Client::new().get(format!("{root}/public"))).await;
    assert_eq!(
        (outside.status, outside.json()),
        (403, json!({"message": "Forbidden"}))
    );
    assert!(
        stack
            .last_request()
            .reason
            .unwrap()
            .contains("/prod/public"),
        "it says what to try"
    );
    for (method, path) in [("GET", "/nowhere"), ("POST", "/public"), ("GET", "/whole")] {
        let none = send(stack.request(method, "Rest", path)).await;
        let words = json!({"message": "Missing Authentication Token"});
        assert_eq!((none.status, none.json()), (403, words), "{method} {path}");
    }
    stack.stop().await;
}

#[tokio::test]
async fn answers_that_make_no_sense_are_502() {
    let stack = Stack::start().await;
    for what in [
        "text",
        "object",
        "nothing",
        "unstringified",
        "throws",
        "crashes",
        "large",
    ] {
        let answer = stack.get("Rest", &format!("/odd/{what}")).await;
        let words = json!({"message": "Internal server error"});
        assert_eq!((answer.status, answer.json()), (502, words), "{what}");
    }
    let empty = stack.get("Rest", "/odd/nobody").await;
    assert_eq!((empty.status, empty.body.len()), (204, 0));
    stack.stop().await;
}

#[tokio::test]
async fn headers_that_rest_apis_put_aside_are_put_aside() {
    let stack = Stack::start().await;
    let answer = stack.get("Rest", "/public").await;
    assert_eq!(answer.header("www-authenticate"), None);
    assert_eq!(
        answer.header("x-amzn-remapped-www-authenticate"),
        Some("Bearer")
    );
    assert!(answer.header("x-amzn-requestid").is_some());
    let cookies = stack.get("Rest", "/odd/cookies").await;
    let all: Vec<_> = cookies.headers.get_all("set-cookie").iter().collect();
    assert_eq!(all, ["c=3", "d=4"]);
    stack.stop().await;
}

#[tokio::test]
async fn bytes_pass_only_as_a_declared_media_type() {
    let stack = Stack::start().await;
    let request = stack.request("GET", "Rest", "/odd/image");
    let decoded = send(request.header("Accept", "image/png")).await;
    assert_eq!(decoded.body, [0x89, 0x50, 0, 0xff]);
    let request = stack
        .request("POST", "Rest", "/other/1")
        .header("Authorization", "Bearer jill");
    let request = request
        .header("Content-Type", "image/png")
        .body(vec![0xff, 0]);
    let event = send(request).await.json()["event"].clone();
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("/wA="), &json!(true))
    );
    stack.stop().await;
}

#[tokio::test]
async fn a_preflight_is_answered_without_function_or_authorizer() {
    let stack = Stack::start().await;
    let answer = send(stack.request("OPTIONS", "Rest", "/private")).await;
    assert_eq!(answer.status, 200);
    let origin = answer.header("access-control-allow-origin");
    assert_eq!(origin, Some("https://app.example.com"));
    assert!(
        answer
            .header("access-control-allow-methods")
            .unwrap()
            .contains("GET")
    );
    assert_eq!(stack.invocations().len(), 0);
    stack.stop().await;
}

#[tokio::test]
async fn requests_over_the_limits_are_413() {
    let stack = Stack::start().await;
    for size in [10 * 1024 * 1024 + 1, 7 * 1024 * 1024] {
        let request = stack
            .request("POST", "Rest", "/odd/text")
            .body("x".repeat(size));
        let answer = send(request).await;
        assert_eq!(
            (answer.status, answer.json()),
            (413, json!({"message": "Request Too Long"})),
            "{size}"
        );
    }
    assert_eq!(stack.invocations().len(), 0);
    stack.stop().await;
}

#[tokio::test]
async fn header_names_keep_the_letters_of_the_client() {
    let stack = Stack::start().await;
    let address = stack
        .url("Rest")
        .trim_start_matches("http://")
        .trim_end_matches("/prod")
        .to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "GET /prod/public?a=1&a=2&b=%20x HTTP/1.1\r\nHost: {address}\r\nX-LETTERS: Kept\r\nx-twice: 1\r\nx-twice: 2\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let event = serde_json::from_str::<serde_json::Value>(body).unwrap()["event"].clone();
    assert_eq!(event["headers"]["X-LETTERS"], "Kept");
    assert_eq!(event["headers"]["x-twice"], "2");
    assert_eq!(event["multiValueHeaders"]["x-twice"], json!(["1", "2"]));
    assert_eq!(event["queryStringParameters"], json!({"a": "2", "b": " x"}));
    assert_eq!(
        event["multiValueQueryStringParameters"],
        json!({"a": ["1", "2"], "b": [" x"]})
    );
    stack.stop().await;
}
