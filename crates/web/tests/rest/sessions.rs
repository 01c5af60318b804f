use serde_json::json;

use crate::support::Server;

/// CVE-2025-61928: somebody else's session is nobody's.
#[tokio::test]
async fn one_ends_ones_own_sessions_and_no_others() {
    let server = Server::start().await;
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let phone = server.log_in("ada").await;
    let end = |id: &str| {
        server
            .request("DELETE", &format!("/v1/sessions/{id}"))
            .bearer(&ada.access_token)
            .send()
    };
    let foreign = end(&bob.session_id).await.expect(404);
    let never = end("0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55")
        .await
        .expect(404);
    assert_eq!(foreign.whole(), never.whole());
    assert_eq!(
        end("' OR 1=1 --".replace(' ', "%20").as_str())
            .await
            .expect(404)
            .whole(),
        never.whole()
    );
    server
        .get("/v1/me")
        .bearer(&bob.access_token)
        .send()
        .await
        .expect(200);
    end(&phone.session_id).await.expect(204);
    end(&phone.session_id).await.expect(404);
    server
        .get("/v1/me")
        .bearer(&phone.access_token)
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn all_others_end_and_this_one_stays_or_all_end() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    server.log_in("ada").await;
    server.log_in("ada").await;
    let end = |query: &str| {
        let path = format!("/v1/sessions{query}");
        server
            .request("DELETE", &path)
            .bearer(&ada.access_token)
            .send()
    };
    assert_eq!(
        end("?others=maybe").await.expect(400).code(),
        "invalid_query"
    );
    assert_eq!(end("?other=true").await.expect(400).code(), "invalid_query");
    assert_eq!(
        end("?others=true&others=false").await.expect(400).code(),
        "invalid_query"
    );
    assert_eq!(
        end("?others=true").await.expect(200).json(),
        json!({ "ended_sessions": 2 })
    );
    assert_eq!(
        end("").await.expect(200).json(),
        json!({ "ended_sessions": 1 })
    );
    end("").await.expect(401);
}
