//! A store with more than one batch of most things, and shorthands for what the tests do with it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use countersign_app::operate::{CopyError, CopyReport, Progress, copy};
use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store_admin::{IdempotencyRecord, Record, RecordKind};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, PersonalTokenId, SessionId, UserId};
use countersign_domain::keys::{KeyPurpose, KeyRecord, KeySet};
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::{Role, RoleName, RoleNames};
use countersign_domain::session::{RefreshState, Session};
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_store_sqlite::{SqliteOptions, SqliteStore};
use countersign_token::{Algorithm, Scopes};
use tempfile::TempDir;

/// How the tests call their source.
pub const NAME: &str = "sqlite:/source.db";

pub fn at(n: i64) -> Timestamp {
    Timestamp::from_seconds(4_102_444_800 + n)
}

fn random(n: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&n.to_be_bytes());
    bytes
}

fn hash(kind: u8, n: u64) -> TokenHash {
    let mut bytes = [kind; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    TokenHash::from_bytes(bytes)
}

pub fn user(n: u64) -> Record {
    let mut roles = RoleNames::from(["editor".parse().unwrap()]);
    if n == 0 {
        roles.insert(RoleName::admin());
    }
    let user = User {
        id: UserId::from_parts(at(0), random(n)),
        username: Some(format!("user{n}").parse().unwrap()),
        email: Some(format!("User{n}@example.com").parse().unwrap()),
        email_verified: n.is_multiple_of(2),
        display_name: None,
        state: UserState::Active,
        roles,
        scopes: Scopes::default(),
        created_at: at(0),
        updated_at: at(1),
        version: 1,
    };
    Record::User(user, Some(PasswordHash::from_stored(format!("$test${n}"))))
}

/// The session of the user with the same number.
pub fn session(n: u64) -> Record {
    Record::Session(Session {
        id: SessionId::from_parts(at(0), random(n)),
        user_id: UserId::from_parts(at(0), random(n)),
        device: Some("phone".parse().unwrap()),
        address: None,
        asked_scopes: None,
        audience: None,
        amr: vec!["pwd".to_owned()],
        authenticated_at: at(0),
        created_at: at(0),
        last_seen_at: at(0),
        idle_expires_at: at(60),
        expires_at: at(600),
        ended: None,
        refresh: RefreshState {
            generation: 1,
            current: hash(1, n),
            previous: Some(hash(2, n)),
            nonce: [3; 32],
            rotated_at: at(0),
        },
    })
}

fn token(n: u64) -> Record {
    Record::PersonalToken(PersonalToken {
        id: PersonalTokenId::from_parts(at(0), random(n)),
        user_id: UserId::from_parts(at(0), random(n)),
        name: "deploy".parse().unwrap(),
        scopes: Scopes::default(),
        hash: hash(3, n),
        created_at: at(0),
        expires_at: at(60),
        last_used_at: None,
        revoked_at: None,
    })
}

fn idempotency_key(n: u64) -> Record {
    Record::IdempotencyKey(IdempotencyRecord {
        key: hash(4, n),
        request: hash(5, n),
        user_id: UserId::from_parts(at(0), random(n)),
        expires_at: at(60),
    })
}

pub fn event(n: u64) -> Record {
    Record::AuditEvent(AuditEvent {
        id: EventId::from_parts(at(0), random(n)),
        at: at(0),
        actor: Actor::System,
        action: Action::SignedUp,
        user_id: Some(UserId::from_parts(at(0), random(n))),
        session_id: None,
        address: None,
        request_id: None,
        detail: BTreeMap::new(),
    })
}

fn role() -> Record {
    Record::Role(Role {
        name: "editor".parse().unwrap(),
        description: "edits".parse().unwrap(),
        scopes: Scopes::default(),
    })
}

fn keys() -> Record {
    let key = |id: &str, purpose| KeyRecord {
        id: id.parse().unwrap(),
        purpose,
        sealed: vec![1, 2, 3],
        public: None,
        created_at: at(0),
        active_from: at(0),
        retired_at: None,
        dead_from: None,
    };
    Record::Keys(KeySet {
        version: 3,
        keys: vec![
            key("k1", KeyPurpose::Sign(Algorithm::Hs256)),
            key("k2", KeyPurpose::MarkRefresh),
        ],
    })
}

pub fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, SqliteOptions::default()).unwrap()
}

/// A new store with `users` users, and what is theirs.
pub async fn source(folder: &TempDir, users: u64) -> SqliteStore {
    let store = open(&folder.path().join("source.db"));
    store.write_records(vec![role()]).await.unwrap();
    for kind in [user, session, token, idempotency_key, event] {
        let all: Vec<Record> = (0..users).map(kind).collect();
        for some in all.chunks(1_000) {
            store.write_records(some.to_vec()).await.unwrap();
        }
    }
    store.write_records(vec![keys()]).await.unwrap();
    store
}

/// Copies with the usual name.
pub async fn run(
    source: &SqliteStore,
    target: &SqliteStore,
    mut progress: impl FnMut(Progress) -> ControlFlow<()> + Send,
) -> Result<CopyReport, CopyError> {
    copy(source, NAME, target, &mut progress).await
}

pub fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Does it, although the caller can't wait: on a thread with a runtime of its own.
pub fn meanwhile<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_all().build().unwrap();
            runtime.block_on(work)
        });
        thread.join().unwrap()
    })
}

/// All records of a kind.
pub async fn all(store: &SqliteStore, kind: RecordKind) -> Vec<Record> {
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let batch = store.read_records(kind, after.as_deref(), 1_000).await;
        let batch = batch.unwrap();
        records.extend(batch.records);
        after = batch.next;
        if after.is_none() {
            return records;
        }
    }
}
