//! By which index each question is answered, as the server explains it. The filters are the conditions
//! that the store's questions lead with: the emulator explains nothing that has more conditions than its
//! index has fields, and nothing that is joined in.

use countersign_app::ports::StoreAdmin as _;
use mongodb::bson::{Document, doc};

use crate::common::TestDatabase;
use crate::common::samples::signed_up;

/// The name of the index that the winning plan reads, if it reads one.
fn index(plan: &Document) -> Option<&str> {
    if let Ok(name) = plan.get_str("indexName") {
        return Some(name);
    }
    // MongoDB finds a document by its key without a plan worth a name.
    let stage = plan.get_str("stage").unwrap_or_default();
    if matches!(stage, "IDHACK" | "EXPRESS_IXSCAN") {
        return Some("_id_");
    }
    plan.get_document("inputStage").ok().and_then(index)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_is_answered_by_its_index() {
    let database = TestDatabase::new();
    let store = database.patient();
    store.migrate().await.unwrap();
    signed_up(&store).await;
    for (collection, filter, wanted) in [
        ("users", doc! {"_id": 1}, "_id_"),
        ("users", doc! {"email_key": "a"}, "users_by_email"),
        ("users", doc! {"username": "a"}, "users_by_username"),
        (
            "users",
            doc! {"username": {"$gte": "a", "$lt": "b"}},
            "users_by_username",
        ),
        (
            "users",
            doc! {"email_key": {"$in": ["a", "b"]}},
            "users_by_email",
        ),
        ("users", doc! {"roles": "admin"}, "users_by_role"),
        ("users", doc! {"state": "active"}, "users_by_state"),
        ("sessions", doc! {"_id": 1}, "_id_"),
        ("sessions", doc! {"user_id": 1}, "sessions_by_user"),
        (
            "sessions",
            doc! {"over_at": {"$lt": 1_i64}},
            "sessions_by_end",
        ),
        (
            "personal_tokens",
            doc! {"user_id": 1},
            "personal_tokens_by_user",
        ),
        (
            "personal_tokens",
            doc! {"expires_at": {"$lt": 1_i64}},
            "personal_tokens_by_end",
        ),
        (
            "idempotency_keys",
            doc! {"expires_at": {"$lt": 1_i64}},
            "idempotency_keys_by_end",
        ),
        ("audit_events", doc! {"user_id": 1}, "audit_events_by_user"),
        (
            "audit_events",
            doc! {"action": "a"},
            "audit_events_by_action",
        ),
    ] {
        let explain = doc! {"explain": {"find": collection, "filter": filter.clone()}};
        let report = database.run(explain).await;
        let plan = report.get_document("queryPlanner").unwrap();
        let plan = plan.get_document("winningPlan").unwrap();
        // Newer servers put the plan one level deeper.
        let plan = plan.get_document("queryPlan").unwrap_or(plan);
        assert_eq!(index(plan), Some(wanted), "{collection}: {filter} {plan}");
    }
    database.discard().await;
}
