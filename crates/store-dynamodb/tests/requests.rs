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

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_app::ports::store::{
    AuditFilter, ChangeAuthority, ChangeKeys, ChangePassword, ClaimTask, Idempotency, ImportUser,
    PasswordChanged, Prune, SignUp, SignedUp, StoreLimits, UpdateProfile, UserChanged, UserDeleted,
    UserFilter,
};
use countersign_app::ports::{Store, StoreAdmin, StoreError};
use countersign_domain::audit::Action;
use countersign_domain::names::Identifier;
use countersign_domain::opaque::TokenHash;
use countersign_domain::page::PageRequest;
use countersign_domain::role::Role;
use countersign_domain::session::Session;
use countersign_domain::user::{User, UserState};
use countersign_store_dynamodb::DynamoDbStore;
use support::front::Front;
use support::samples::{
    at, authority, defining, deleting, ending, ending_all, event, hash, opening, rotation, secret,
    session, setting, sign_up, token, undefining, user,
};
use support::{Table, client, open, patient};

fn role(name: &str) -> Role {
    Role {
        name: name.parse().unwrap(),
        description: "x".repeat(200).parse().unwrap(),
        scopes: "posts:read posts:write".parse().unwrap(),
    }
}

fn password(user: &User) -> ChangePassword {
    ChangePassword {
        by: countersign_domain::standing::By::Operator,
        user_id: user.id,
        expected: None,
        expected_version: None,
        new: hash("second"),
        keep_session: None,
        revoke_personal_tokens: true,
        now: at(60),
        event: event(Action::PasswordChanged),
    }
}

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
async fn more_than_one_transaction_takes_is_ended_revoked_and_deleted_at_once() {
    let table = Table::made().await;
    let store = table.store();
    let user = user();
    let _ = store.sign_up(sign_up(&user, None)).await.unwrap();
    let mut sessions = Vec::new();
    for _ in 0..130 {
        let one = session(&user);
        let _ = store.open_session(opening(&one)).await.unwrap();
        let _ = store.create_personal_token(token(&user)).await.unwrap();
        sessions.push(one);
    }
    let other = table.store();
    let change = ChangePassword {
        keep_session: Some(sessions[0].id),
        ..password(&user)
    };
    let changed = store.change_password(change).await.unwrap();
    assert_eq!(
        changed,
        PasswordChanged::Changed {
            ended_sessions: 129
        }
    );
    assert_eq!(
        other.live_sessions(user.id, at(61)).await.unwrap(),
        [sessions[0].clone()]
    );
    assert_eq!(
        other.live_personal_tokens(user.id, at(61)).await.unwrap(),
        []
    );
    // The one that was kept goes on, on an instance that knows it and on one that does not.
    for (store, second) in [(&store, 70), (&other, 80)] {
        let (live, _) = store.session(sessions[0].id).await.unwrap().unwrap();
        let rotated = store.rotate(rotation(&live, second)).await.unwrap();
        let fits = matches!(rotated, countersign_app::ports::store::Rotated::Rotated(..));
        assert!(fits, "{rotated:?}");
    }
    assert_eq!(
        store.delete_user(deleting(&user)).await.unwrap(),
        UserDeleted::Deleted
    );
    assert!(other.session(sessions[0].id).await.unwrap().is_none());
    assert_eq!(store.engine_problems().await.unwrap(), [""; 0]);
    table.drop().await;
}

#[tokio::test]
async fn a_user_may_hold_more_roles_than_one_transaction_takes() {
    let table = Table::made().await;
    let store = table.store();
    let user = user();
    let _ = store.sign_up(sign_up(&user, None)).await.unwrap();
    let names: Vec<String> = (0..90).map(|n| format!("role{n}")).collect();
    for name in &names {
        let _ = store.define_role(defining(&role(name))).await.unwrap();
    }
    let all = ChangeAuthority {
        grant_roles: names.iter().map(|name| name.parse().unwrap()).collect(),
        ..authority(&user)
    };
    let changed = store.change_authority(all).await.unwrap();
    assert!(matches!(changed, UserChanged::Changed(account) if account.roles.len() == 90));
    let page = PageRequest::forward(None, 10);
    for name in ["role0", "role89"] {
        let filter = UserFilter {
            role: Some(name.parse().unwrap()),
            ..UserFilter::default()
        };
        let found = store.users(&filter, &page).await.unwrap();
        assert_eq!(found.items.len(), 1, "{name}");
    }
    assert_eq!(
        store.delete_user(deleting(&user)).await.unwrap(),
        UserDeleted::Deleted
    );
    let filter = UserFilter {
        role: Some("role89".parse().unwrap()),
        ..UserFilter::default()
    };
    assert_eq!(store.users(&filter, &page).await.unwrap().items, []);
    table.drop().await;
}

#[tokio::test]
async fn what_is_as_large_as_it_may_be_is_kept_and_what_is_larger_is_refused_in_plain_words() {
    let table = Table::made().await;
    let store = table.store();
    let large = User {
        username: Some("\u{65e5}".repeat(64).parse().unwrap()),
        email: Some(
            format!("{}@{}.example", "l".repeat(64), "d".repeat(63))
                .parse()
                .unwrap(),
        ),
        display_name: Some("\u{1f511}".repeat(100).parse().unwrap()),
        scopes: (0..2_000)
            .map(|n| format!("direct:scope-number-{n}").parse().unwrap())
            .collect(),
        ..user()
    };
    let _ = store
        .sign_up(sign_up(&large, Some(&session(&large))))
        .await
        .unwrap();
    assert_eq!(store.account(large.id).await.unwrap().unwrap().user, large);

    let kept = event(Action::LoginRefused).with("text", "k".repeat(300_000));
    store.record(kept.clone()).await.unwrap();
    let page = PageRequest::forward(None, 10);
    let log = store
        .audit_events(&AuditFilter::default(), &page)
        .await
        .unwrap();
    assert!(log.items.contains(&kept));
    let refused = event(Action::LoginRefused).with("text", "r".repeat(420_000));
    let error = store.record(refused).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    assert!(error.to_string().contains("400 KB"), "{error}");
    assert!(!error.to_string().contains("rrr"), "{error}");
    table.drop().await;
}

#[tokio::test]
async fn what_expires_is_marked_for_the_service_and_what_guards_it_lives_as_long() {
    let table = Table::made().await;
    let store = table.store();
    let user = user();
    let first = session(&user);
    let idempotency = Idempotency {
        key: TokenHash::from_bytes(secret()),
        request: TokenHash::from_bytes(secret()),
        now: at(0),
        expires_at: at(600),
    };
    let intent = SignUp {
        idempotency: Some(idempotency),
        ..sign_up(&user, Some(&first))
    };
    assert_eq!(store.sign_up(intent).await.unwrap(), SignedUp::Created);
    let _ = store.rotate(rotation(&first, 60)).await.unwrap();
    let _ = store.create_personal_token(token(&user)).await.unwrap();
    let items = client(&table.endpoint)
        .scan()
        .table_name(&table.name)
        .send()
        .await
        .unwrap();
    let mut marked = Vec::new();
    for item in items.items() {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let ttl: Option<i64> = match item.get("ttl") {
            Some(AttributeValue::N(ttl)) => Some(ttl.parse().unwrap()),
            _ => None,
        };
        if let Some(ttl) = ttl {
            let end = at(0).as_seconds();
            marked.push((text("kind").unwrap().clone(), (ttl - end) - 30 * 86_400));
        }
    }
    marked.sort();
    let expected = [
        ("idempotency", 600),
        ("owner", 86_400),
        ("owner", 86_400),
        ("session", 3_660),
        ("token", 86_400),
    ];
    assert_eq!(marked, expected.map(|(kind, ttl)| (kind.to_owned(), ttl)));
    table.drop().await;
}

#[tokio::test]
async fn a_deletion_that_was_interrupted_is_finished_and_gives_an_heir_nothing() {
    let table = Table::made().await;
    let store = table.store();
    let user = user();
    let first = session(&user);
    let _ = store.sign_up(sign_up(&user, Some(&first))).await.unwrap();
    // As it is right after the transaction of a deletion.
    let s = |text: String| AttributeValue::S(text);
    let outside = client(&table.endpoint);
    for (pk, sk) in [(format!("U#{}", user.id), "U".to_owned())] {
        let delete = outside.delete_item().table_name(&table.name);
        delete
            .key("pk", s(pk))
            .key("sk", s(sk))
            .send()
            .await
            .unwrap();
    }
    let put = outside
        .put_item()
        .table_name(&table.name)
        .item("kind", s("leftover".to_owned()));
    let put = put
        .item("pk", s("LEFTOVERS".to_owned()))
        .item("sk", s(user.id.to_string()));
    put.send().await.unwrap();
    assert!(store.session(first.id).await.unwrap().is_none());

    let again = User {
        username: Some("heir".parse().unwrap()),
        email: None,
        ..user.clone()
    };
    let import = ImportUser {
        user: again,
        password: None,
        event: event(Action::UserImported),
    };
    let made = store.import_users(vec![import]).await.unwrap();
    assert_eq!(made, [countersign_app::ports::store::Imported::Created]);
    assert!(table.store().session(first.id).await.unwrap().is_none());
    assert_eq!(store.live_sessions(user.id, at(1)).await.unwrap(), []);
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
