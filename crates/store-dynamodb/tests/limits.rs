//! More than one transaction or one item takes, what expires, and what was left half done.

#[path = "support/mod.rs"]
mod support;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_app::ports::store::{
    AuditFilter, ChangeAuthority, ChangePassword, Idempotency, ImportUser, PasswordChanged, SignUp,
    SignedUp, UserChanged, UserDeleted, UserFilter,
};
use countersign_app::ports::{Store, StoreAdmin, StoreError};
use countersign_domain::audit::Action;
use countersign_domain::opaque::TokenHash;
use countersign_domain::page::PageRequest;
use countersign_domain::user::User;
use support::samples::{
    at, authority, defining, deleting, event, opening, password, role, rotation, secret, session,
    sign_up, token, user,
};
use support::{Table, client};

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
