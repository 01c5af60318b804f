//! Values to test with.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign_app::ports::Store;
use countersign_app::ports::store::{AuditFilter, OpenSession, SignUp, SignedUp};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::page::PageRequest;
use countersign_domain::role::RoleNames;
use countersign_domain::session::{RefreshState, Session};
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};

fn random() -> [u8; 10] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(4_102_444_800 + second)
}

pub fn event(action: Action) -> AuditEvent {
    AuditEvent {
        id: EventId::from_parts(at(0), random()),
        at: at(0),
        actor: Actor::System,
        action,
        user_id: None,
        session_id: None,
        address: None,
        request_id: None,
        detail: BTreeMap::new(),
    }
}

pub fn user() -> User {
    let id = UserId::from_parts(at(0), random());
    let name = id.as_uuid().simple().to_string();
    User {
        id,
        username: Some(format!("u{name}").parse().unwrap()),
        email: Some(format!("{name}@example.com").parse().unwrap()),
        email_verified: false,
        display_name: None,
        state: UserState::Active,
        roles: RoleNames::new(),
        scopes: countersign_token::Scopes::default(),
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    }
}

pub fn sign_up(user: &User) -> SignUp {
    SignUp {
        by: countersign_domain::standing::By::Operator,
        user: user.clone(),
        password: None,
        session: None,
        idempotency: None,
        event: event(Action::SignedUp),
    }
}

/// A user who signed up.
pub async fn signed_up(store: &dyn Store) -> User {
    let user = user();
    assert_eq!(
        store.sign_up(sign_up(&user)).await.unwrap(),
        SignedUp::Created
    );
    user
}

pub fn opening(user: &User) -> OpenSession {
    let session = Session {
        id: SessionId::from_parts(at(0), random()),
        user_id: user.id,
        device: None,
        address: None,
        asked_scopes: None,
        audience: None,
        amr: vec!["pwd".to_owned()],
        authenticated_at: at(0),
        created_at: at(0),
        last_seen_at: at(0),
        idle_expires_at: at(3_600),
        expires_at: at(86_400),
        ended: None,
        refresh: RefreshState {
            generation: 0,
            current: TokenHash::from_bytes([7; 32]),
            previous: None,
            nonce: [0; 32],
            rotated_at: at(0),
        },
    };
    OpenSession {
        session,
        proved: None,
        rehash: None,
        max_sessions: 1_000,
        event: event(Action::LoggedIn),
    }
}

/// How many events of an action there are, up to a page of them.
pub async fn logged(store: &dyn Store, action: Action) -> usize {
    let filter = AuditFilter {
        action: Some(action),
        ..AuditFilter::default()
    };
    let page = PageRequest::forward(None, PageRequest::MAX);
    store
        .audit_events(&filter, &page)
        .await
        .unwrap()
        .items
        .len()
}
