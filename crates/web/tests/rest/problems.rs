use std::time::Duration;

use axum::response::IntoResponse;
use countersign_app::ports::{HashingBusy, StoreError};
use countersign_app::{AppError, KeyRingError};
use countersign_domain::gate::Refusal;
use countersign_domain::standing::Lost;
use countersign_web::problem::{Code, Problem};
use http_body_util::BodyExt;
use insta::assert_json_snapshot;
use serde_json::{Map, Value};

use crate::support::Server;

#[tokio::test]
async fn every_code_has_its_status_title_and_words() {
    let mut all = Map::new();
    for code in Code::ALL {
        let response = Problem::new(*code).into_response();
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        assert_eq!(response.status(), code.status());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert!(
            all.insert(code.as_str().to_owned(), body).is_none(),
            "{code:?}"
        );
    }
    assert_json_snapshot!(all);
}

#[tokio::test]
async fn the_type_of_every_problem_leads_to_its_explanation() {
    let server = Server::start().await;
    for code in Code::ALL {
        let path = Problem::new(*code).type_uri();
        let answer = server.get(&path).send().await.expect(200).json();
        assert_eq!(answer["code"], code.as_str());
        assert_eq!(answer["status"], code.status().as_u16());
    }
    server.get("/problems/nonsense").send().await.expect(404);
}

#[tokio::test]
async fn what_broke_inside_stays_inside() {
    let unavailable = || AppError::Store(StoreError::Unavailable("disk /var/db".to_owned()));
    for (error, status, code, retry_after) in [
        (
            AppError::Store(StoreError::Corrupt("row 7".to_owned())),
            500,
            "internal",
            None,
        ),
        (
            AppError::Keys(KeyRingError::Missing("sign with")),
            500,
            "internal",
            None,
        ),
        (
            AppError::Keys(KeyRingError::Contended),
            500,
            "internal",
            None,
        ),
        (unavailable(), 503, "unavailable", Some("1")),
        (
            AppError::from(Lost::Refused(Refusal::SessionEnded)),
            401,
            "invalid_token",
            None,
        ),
        (AppError::from(Lost::Gone), 401, "invalid_token", None),
        (
            AppError::from(Lost::Authority),
            503,
            "unavailable",
            Some("1"),
        ),
        (
            AppError::Busy(HashingBusy {
                retry_after: Duration::from_millis(1200),
            }),
            503,
            "busy",
            Some("2"),
        ),
        (
            AppError::Throttled {
                retry_after: Duration::ZERO,
            },
            429,
            "throttled",
            Some("1"),
        ),
    ] {
        let response = Problem::from(error).into_response();
        assert_eq!(response.status(), status);
        let header = response
            .headers()
            .get("retry-after")
            .map(|value| value.to_str().unwrap());
        assert_eq!(header, retry_after);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["code"], code);
        let text = body.to_string();
        assert!(
            !text.contains("row 7") && !text.contains("/var/db") && !text.contains("sign with")
        );
    }
}
