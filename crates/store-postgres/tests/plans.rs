//! No busy call reads a whole table: `PostgreSQL` itself counts how often each table was scanned
//! from end to end, and that count does not move while every call is made on tables that are large
//! enough for it to matter, often enough for prepared plans to become general ones.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use countersign_app::ports::store::{
    AuditFilter, ChangeAuthority, EndSession, EndSessions, Idempotency, ImportUser, Prune, Rotated,
    SetUserState, SignUp, UserFilter,
};
use countersign_app::ports::store_admin::RecordKind;
use countersign_app::ports::{Store, StoreAdmin};
use countersign_domain::audit::Action;
use countersign_domain::id::{PersonalTokenId, SessionId, UserId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::page::{Cursor, PageRequest};
use countersign_domain::session::EndReason;
use countersign_domain::time::Timestamp;
use countersign_domain::user::UserState;
use countersign_store_postgres::PostgresStore;
use countersign_token::Scopes;
use tokio::time::sleep;
use tokio_postgres::Client;

mod support;

use support::Schema;
use support::values::{at, event, opening, rotation, session, sign_up, unique, user};

const FILL: &str = "
    INSERT INTO users (id, username, email, email_key, email_verified, state, scopes, created_at,
        updated_at, version)
    SELECT ('01000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'name' || n,
        'name' || n || '@example.org', 'name' || n || '@example.org', true,
        CASE WHEN n % 50 = 0 THEN 'locked' ELSE 'active' END, '', 0, 0, 1
    FROM generate_series(1, 6000) n;
    INSERT INTO user_roles (user_id, role)
    SELECT id, 'editor' FROM users WHERE version = 1;
    INSERT INTO sessions (id, user_id, amr, authenticated_at, created_at, last_seen_at,
        idle_expires_at, expires_at, generation, current_hash, nonce, rotated_at)
    SELECT u.id, u.id, '[]', 0, 0, 0, 5000000000000, 5000000000000, 0,
        decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), 0 FROM users u;
    INSERT INTO personal_tokens (id, user_id, name, scopes, hash, created_at, expires_at)
    SELECT u.id, u.id, 'ci', '', decode(repeat('00', 32), 'hex'), 0, 5000000000000 FROM users u;
    INSERT INTO audit_events (id, at, actor, action, user_id, detail)
    SELECT u.id, 0, 'system', 'session.refreshed', u.id, '{}' FROM users u;
    INSERT INTO idempotency_keys (key, request, user_id, expires_at)
    SELECT decode(lpad(to_hex(n), 64, '0'), 'hex'), decode(repeat('00', 32), 'hex'),
        ('01000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 5000000000000
    FROM generate_series(1, 6000) n;
    ANALYZE users, user_roles, sessions, personal_tokens, audit_events, idempotency_keys";

async fn scans(beside: &Client) -> BTreeMap<String, i64> {
    let rows = beside
        .query(
            "SELECT relname::text, seq_scan FROM pg_stat_user_tables
             WHERE schemaname = current_schema() AND relname IN ('users', 'user_roles',
                 'sessions', 'personal_tokens', 'audit_events', 'idempotency_keys')",
            &[],
        )
        .await
        .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Every call that a request makes, and the work beside them, once.
async fn every_call(store: &PostgresStore) {
    let new = user();
    let first = session(&new);
    let intent = SignUp {
        session: Some(first.clone()),
        idempotency: Some(Idempotency {
            key: TokenHash::from_bytes([u8::try_from(unique() % 251).unwrap(); 32]),
            request: TokenHash::from_bytes([1; 32]),
            now: at(0),
            expires_at: at(60),
        }),
        ..sign_up(&new)
    };
    let _ = store.sign_up(intent.clone()).await.unwrap();
    let _ = store.sign_up(intent).await.unwrap();
    for identifier in ["name77", "name78@example.org"] {
        let identifier = identifier.parse().unwrap();
        assert!(store.login_record(&identifier).await.unwrap().is_some());
    }
    store.account(new.id).await.unwrap().unwrap();
    store.login_record_by_id(new.id).await.unwrap().unwrap();
    let second = session(&new);
    let _ = store.open_session(opening(&second)).await.unwrap();
    store.session(second.id).await.unwrap().unwrap();
    store.session_of(new.id, second.id).await.unwrap().unwrap();
    store.live_sessions(new.id, at(1)).await.unwrap();
    store.live_personal_tokens(new.id, at(1)).await.unwrap();
    let spent = rotation(&second, 60);
    let rotated = store.rotate(spent.clone()).await.unwrap();
    assert!(matches!(rotated, Rotated::Rotated(..)));
    let _ = store.rotate(spent).await.unwrap();
    let token = PersonalTokenId::from_uuid(uuid_of(700));
    store.personal_token(token).await.unwrap().unwrap();
    store
        .note_personal_token_use(token, at(0), event(Action::PersonalTokenUsed))
        .await
        .unwrap();
    store
        .revoke_personal_token(new.id, token, at(0), event(Action::PersonalTokenRevoked))
        .await
        .unwrap();
    let end = EndSession {
        user_id: new.id,
        session_id: second.id,
        reason: EndReason::LoggedOut,
        now: at(61),
        event: event(Action::SessionEnded),
    };
    let _ = store.end_session(end).await.unwrap();
    let end = EndSessions {
        user_id: new.id,
        keep: Some(SessionId::from_uuid(uuid_of(1))),
        reason: EndReason::LoggedOut,
        now: at(61),
        event: event(Action::SessionsEnded),
    };
    let _ = store.end_sessions(end).await.unwrap();
    store.record(event(Action::LoginRefused)).await.unwrap();
    administer(store, new.id).await;
}

async fn administer(store: &PostgresStore, id: UserId) {
    let state = SetUserState {
        by: countersign_domain::standing::By::Operator,
        user_id: id,
        state: UserState::Locked,
        expected_version: None,
        now: at(62),
        event: event(Action::UserStateChanged),
    };
    let _ = store.set_user_state(state).await.unwrap();
    let authority = ChangeAuthority {
        by: countersign_domain::standing::By::Operator,
        user_id: id,
        grant_roles: ["admin".parse().unwrap()].into(),
        revoke_roles: std::collections::BTreeSet::new(),
        grant_scopes: Scopes::default(),
        revoke_scopes: Scopes::default(),
        expected_version: None,
        now: at(63),
        event: event(Action::AuthorityChanged),
    };
    let _ = store.change_authority(authority).await.unwrap();
    let import = ImportUser {
        user: user(),
        password: None,
        event: event(Action::UserImported),
    };
    let _ = store.import_users(vec![import]).await.unwrap();
    let prune = Prune {
        before: at(-1_000_000_000),
        // Between 1970, where ids begin, and what the log was filled with.
        audit_before: Some(Timestamp::from_seconds(1_000_000_000)),
        limit: 100,
        event: event(Action::Pruned),
    };
    store.prune(prune).await.unwrap();
    lists(store).await;
    for kind in RecordKind::ALL {
        let batch = store.read_records(kind, None, 10).await.unwrap();
        if let Some(mark) = batch.next {
            store.read_records(kind, Some(&mark), 10).await.unwrap();
        }
    }
}

async fn lists(store: &PostgresStore) {
    let pages = [
        PageRequest::forward(None, 20),
        PageRequest::forward(Some(Cursor::after(&uuid_of(3_000))), 20),
        PageRequest::backward(None, 20),
    ];
    for page in pages {
        for filter in [
            UserFilter::default(),
            UserFilter {
                state: Some(UserState::Locked),
                ..UserFilter::default()
            },
            UserFilter {
                role: Some("editor".parse().unwrap()),
                ..UserFilter::default()
            },
            UserFilter {
                prefix: Some("name40".to_owned()),
                ..UserFilter::default()
            },
        ] {
            store.users(&filter, &page).await.unwrap();
        }
        store.login_records(&page).await.unwrap();
        for filter in [
            AuditFilter::default(),
            AuditFilter {
                user_id: Some(UserId::from_uuid(uuid_of(9))),
                ..AuditFilter::default()
            },
            AuditFilter {
                action: Some(Action::Refreshed),
                ..AuditFilter::default()
            },
            AuditFilter {
                since: Some(at(0)),
                until: Some(at(1)),
                ..AuditFilter::default()
            },
        ] {
            store.audit_events(&filter, &page).await.unwrap();
        }
    }
}

/// The id of one of the users that the table was filled with, and of what is theirs.
fn uuid_of(n: u64) -> uuid::Uuid {
    uuid::Uuid::from_u64_pair(0x0100_0000_0000_7000, 0x8000_0000_0000_0000 | n)
}

async fn all_ended(schema: &Schema, beside: &Client) {
    let start = Instant::now();
    while schema.connections_where(beside, "true").await > 0 {
        assert!(start.elapsed() < Duration::from_secs(5));
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn no_call_of_a_request_reads_a_whole_table() {
    let schema = Schema::new();
    schema.store().migrate().await.unwrap();
    let beside = schema.client().await;
    // Connections hand in their counts when they end: building the indexes counted, too.
    all_ended(&schema, &beside).await;
    let store = schema.store();
    beside.batch_execute(FILL).await.unwrap();
    beside
        .batch_execute("SELECT pg_stat_force_next_flush()")
        .await
        .unwrap();
    let before = scans(&beside).await;
    assert_eq!(before.len(), 6);
    for _ in 0..12 {
        every_call(&store).await;
    }
    drop(store);
    all_ended(&schema, &beside).await;
    assert_eq!(scans(&beside).await, before);
    // The count works: this one is counted.
    beside
        .batch_execute("SELECT count(device) FROM sessions; SELECT pg_stat_force_next_flush()")
        .await
        .unwrap();
    assert_eq!(scans(&beside).await["sessions"], before["sessions"] + 1);
    schema.drop_all().await;
}
