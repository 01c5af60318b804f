//! What the store asks of the service: never a scan on a request's way, within the service's limits,
//! and nothing that an operator should not read in a message.

#![expect(
    clippy::unwrap_used,
    reason = "this is test code: it ends at the first surprise"
)]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use countersign_app::ports::Store;
use countersign_app::ports::store::{
    AuditFilter, ChangeKeys, ClaimTask, ImportUser, Prune, StoreLimits, UpdateProfile, UserFilter,
};
use countersign_domain::audit::Action;
use countersign_domain::names::Identifier;
use countersign_domain::page::PageRequest;
use countersign_domain::session::Session;
use countersign_domain::user::{User, UserState};
use countersign_store_dynamodb::DynamoDbStore;
use support::front::Front;
use support::samples::{
    at, authority, defining, deleting, ending, ending_all, event, opening, password, role,
    rotation, session, setting, sign_up, token, undefining, user,
};
use support::{Table, open, patient};

/// Every method of the port that stands in a request's way, once.
async fn use_everything(store: &DynamoDbStore) {
    let user = User {
        roles: ["editor".parse().unwrap()].into(),
        ..user()
    };
    let first = session(&user);
    let _ = store.define_role(defining(&role("editor"))).await.unwrap();
    let _ = store.sign_up(sign_up(&user, Some(&first))).await.unwrap();
    let email: Identifier = user.email.as_ref().unwrap().as_str().parse().unwrap();
    store.login_record(&email).await.unwrap().unwrap();
    store.login_record_by_id(user.id).await.unwrap().unwrap();
    let second = session(&user);
    let _ = store.open_session(opening(&second)).await.unwrap();
    store.account(user.id).await.unwrap().unwrap();
    store.session(first.id).await.unwrap().unwrap();
    store.session_of(user.id, first.id).await.unwrap().unwrap();
    let _ = store.rotate(rotation(&first, 60)).await.unwrap();
    let _ = store.rotate(rotation(&first, 600)).await.unwrap();
    let pat = token(&user);
    let _ = store.create_personal_token(pat.clone()).await.unwrap();
    let id = pat.token.id;
    store.personal_token(id).await.unwrap().unwrap();
    let line = event(Action::PersonalTokenUsed);
    store
        .note_personal_token_use(id, at(1), line)
        .await
        .unwrap();
    store.live_sessions(user.id, at(1)).await.unwrap();
    store.live_personal_tokens(user.id, at(1)).await.unwrap();
    let revoked = event(Action::PersonalTokenRevoked);
    store
        .revoke_personal_token(user.id, id, at(2), revoked)
        .await
        .unwrap();
    let page = PageRequest::backward(None, 10);
    for filter in [
        UserFilter::default(),
        UserFilter {
            state: Some(UserState::Active),
            role: Some("editor".parse().unwrap()),
            prefix: None,
        },
        UserFilter {
            prefix: Some("us".to_owned()),
            ..UserFilter::default()
        },
    ] {
        store.users(&filter, &page).await.unwrap();
    }
    store.login_records(&page).await.unwrap();
    store.roles().await.unwrap();
    for (user_id, action) in [
        (None, None),
        (Some(user.id), Some(Action::LoggedIn)),
        (None, Some(Action::LoggedIn)),
    ] {
        let filter = AuditFilter {
            user_id,
            action,
            ..AuditFilter::default()
        };
        store.audit_events(&filter, &page).await.unwrap();
    }
    store.keys().await.unwrap();
    store.ping().await.unwrap();
    change_everything(store, &user, &second).await;
}

async fn change_everything(store: &DynamoDbStore, user: &User, second: &Session) {
    let profile = UpdateProfile {
        by: countersign_domain::standing::By::Operator,
        proved: None,
        user_id: user.id,
        expected_version: None,
        username: Some(Some("renamed".parse().unwrap())),
        email: None,
        display_name: None,
        now: at(60),
        event: event(Action::ProfileUpdated),
    };
    let _ = store.update_profile(profile).await.unwrap();
    let _ = store.end_session(ending(second)).await.unwrap();
    let _ = store.open_session(opening(&session(user))).await.unwrap();
    store.end_sessions(ending_all(user, None)).await.unwrap();
    let _ = store.change_password(password(user)).await.unwrap();
    let _ = store.change_authority(authority(user)).await.unwrap();
    let _ = store
        .set_user_state(setting(user, UserState::Locked))
        .await
        .unwrap();
    let import = ImportUser {
        user: support::samples::user(),
        password: None,
        event: event(Action::UserImported),
    };
    let _ = store.import_users(vec![import]).await.unwrap();
    let _ = store
        .delete_role(undefining(&"editor".parse().unwrap()))
        .await
        .unwrap();
    let _ = store.delete_user(deleting(user)).await.unwrap();
    let keys = ChangeKeys {
        expected_version: 0,
        add: Vec::new(),
        retire: Vec::new(),
        remove: Vec::new(),
        event: event(Action::KeysChanged),
    };
    let _ = store.change_keys(keys).await.unwrap();
    store.record(event(Action::LoginRefused)).await.unwrap();
    let every = Duration::from_hours(1);
    let claim = ClaimTask {
        task: "prune",
        now: at(0),
        every,
    };
    store.claim_task(claim).await.unwrap();
    let prune = Prune {
        before: at(900_000),
        audit_before: Some(at(900_000)),
        limit: 10,
        event: event(Action::Pruned),
    };
    store.prune(prune).await.unwrap();
}

#[tokio::test]
async fn nothing_on_a_requests_way_scans() {
    let table = Table::made().await;
    let front = Front::before(&table.endpoint).await;
    let store = open(&table.url_at(&front.endpoint()), patient());
    use_everything(&store).await;
    let operations: BTreeSet<String> = front.seen().into_iter().collect();
    let expected = [
        "BatchGetItem",
        "BatchWriteItem",
        "GetItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    ];
    assert_eq!(operations, expected.map(str::to_owned).into());
    table.drop().await;
}

async fn trips<T>(store: &DynamoDbStore, call: impl Future<Output = T>) -> u64 {
    let before = store.activity().round_trips;
    let _ = call.await;
    store.activity().round_trips - before
}

#[tokio::test]
async fn the_busiest_ways_cost_what_the_documentation_says() {
    let table = Table::made().await;
    let (store, other) = (table.store(), table.store());
    let user = user();
    let (first, second) = (session(&user), session(&user));
    let made = trips(&store, store.sign_up(sign_up(&user, Some(&first)))).await;
    assert_eq!(made, 1, "sign-up");
    let email: Identifier = user.email.as_ref().unwrap().as_str().parse().unwrap();
    let looked_up = trips(&store, store.login_record(&email)).await;
    let opened = trips(&store, store.open_session(opening(&second))).await;
    assert_eq!((looked_up, opened), (1, 2), "login");
    assert_eq!(
        trips(&store, store.session_of(user.id, first.id)).await,
        1,
        "me"
    );
    assert_eq!(
        trips(&store, store.rotate(rotation(&first, 60))).await,
        1,
        "known refresh"
    );
    assert_eq!(
        trips(&other, other.rotate(rotation(&second, 60))).await,
        2,
        "other refresh"
    );
    let pat = token(&user);
    let _ = store.create_personal_token(pat.clone()).await.unwrap();
    assert_eq!(
        trips(&store, store.personal_token(pat.token.id)).await,
        2,
        "new token"
    );
    assert_eq!(
        trips(&store, store.personal_token(pat.token.id)).await,
        1,
        "known token"
    );
    let line = event(Action::LoginRefused);
    assert_eq!(
        trips(&store, store.record(line)).await,
        1,
        "a line of the log"
    );
    table.drop().await;
}

#[tokio::test]
async fn no_message_shows_a_credential_or_a_value() {
    let table = Table::named();
    let store = table.store_with(StoreLimits::default());
    assert!(!format!("{store:?} {}", store.address()).contains("key"));
    // The table is not there: every call says so, and nothing more.
    let user = user();
    let mut errors = vec![
        store.account(user.id).await.unwrap_err(),
        store.ping().await.unwrap_err(),
        store.sign_up(sign_up(&user, None)).await.unwrap_err(),
        store.roles().await.unwrap_err(),
    ];
    let claim = ClaimTask {
        task: "prune",
        now: at(0),
        every: Duration::from_secs(1),
    };
    errors.push(store.claim_task(claim).await.unwrap_err());
    for error in errors {
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("countersign migrate"), "{shown}");
        assert!(
            !shown.contains("user") && !shown.contains("$test$"),
            "{shown}"
        );
    }
}
