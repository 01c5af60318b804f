//! Measures the two paths that matter: the read behind every call with an access token, and durable
//! refreshes from many clients at once.
//!
//! `cargo run --release -p countersign-store-sqlite --example measure -- FOLDER [USERS]`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use countersign_app::ports::Store;
use countersign_app::ports::store::{DefineRole, ImportUser, OpenSession, RotateRefresh, Rotated};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::refresh::Presented;
use countersign_domain::session::{RefreshState, Session};
use countersign_domain::standing::By;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_store_sqlite::{SqliteOptions, SqliteStore};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const SESSIONS: usize = 512;
const CLIENTS: usize = 64;
const SPAN: Duration = Duration::from_secs(5);

static NEXT: AtomicU64 = AtomicU64::new(1);

fn now() -> Timestamp {
    Timestamp::from_seconds(4_102_444_800)
}

fn number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Ten bytes spread as random ones are, so that pages are touched as in life.
fn random() -> [u8; 10] {
    let spread = number().wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    let mut bytes = [0; 10];
    for (byte, from) in bytes.iter_mut().zip(spread) {
        *byte = from;
    }
    bytes
}

fn hash() -> TokenHash {
    let mut bytes = [0; 32];
    for (byte, from) in bytes.iter_mut().zip(number().to_be_bytes()) {
        *byte = from;
    }
    TokenHash::from_bytes(bytes)
}

fn event(action: Action, user_id: UserId, session_id: Option<SessionId>) -> AuditEvent {
    AuditEvent {
        id: EventId::from_parts(now(), random()),
        at: now(),
        actor: Actor::User(user_id),
        action,
        user_id: Some(user_id),
        session_id,
        address: Some([192, 0, 2, 1].into()),
        request_id: Some("01997f3a-0000-7000-8000-000000000000".to_owned()),
        detail: BTreeMap::new(),
    }
}

fn user() -> Outcome<User> {
    let n = number();
    Ok(User {
        id: UserId::from_parts(now(), random()),
        username: Some(format!("user{n}").parse()?),
        email: Some(format!("user{n}@example.com").parse()?),
        email_verified: true,
        display_name: Some(format!("User {n}").parse()?),
        state: UserState::Active,
        roles: ["editor".parse()?].into(),
        scopes: "reports:read".parse()?,
        created_at: now(),
        updated_at: now(),
        version: 1,
    })
}

fn session(user_id: UserId) -> Outcome<Session> {
    Ok(Session {
        id: SessionId::from_parts(now(), random()),
        user_id,
        device: Some("Firefox on Linux".parse()?),
        address: Some([192, 0, 2, 1].into()),
        asked_scopes: None,
        audience: None,
        amr: vec!["pwd".to_owned()],
        authenticated_at: now(),
        created_at: now(),
        last_seen_at: now(),
        idle_expires_at: now().plus(Duration::from_hours(24)),
        expires_at: now().plus(Duration::from_hours(240)),
        ended: None,
        refresh: RefreshState {
            generation: 0,
            current: hash(),
            previous: None,
            nonce: [0; 32],
            rotated_at: now(),
        },
    })
}

async fn fill(store: &SqliteStore, users: usize) -> Outcome<Vec<Session>> {
    let role = countersign_domain::role::Role {
        name: "editor".parse()?,
        description: "Edits.".parse()?,
        scopes: "posts:read posts:write".parse()?,
    };
    let system = UserId::from_parts(now(), random());
    let _ = store
        .define_role(DefineRole {
            by: By::Operator,
            role,
            event: event(Action::RoleDefined, system, None),
        })
        .await?;
    let mut ids = Vec::new();
    for _ in 0..users.div_ceil(1000) {
        let mut batch = Vec::new();
        for _ in 0..1000 {
            let user = user()?;
            ids.push(user.id);
            let event = event(Action::UserImported, user.id, None);
            batch.push(ImportUser {
                user,
                password: None,
                event,
            });
        }
        let _ = store.import_users(batch).await?;
    }
    let mut sessions = Vec::new();
    for id in ids
        .iter()
        .step_by((ids.len() / SESSIONS).max(1))
        .take(SESSIONS)
    {
        let session = session(*id)?;
        let intent = OpenSession {
            session: session.clone(),
            proved: None,
            rehash: None,
            max_sessions: 10,
            event: event(Action::LoggedIn, *id, Some(session.id)),
        };
        let _ = store.open_session(intent).await?;
        sessions.push(session);
    }
    Ok(sessions)
}

async fn reads(store: &SqliteStore, sessions: &[Session]) -> Outcome<u64> {
    let start = Instant::now();
    let mut count = 0;
    for session in sessions.iter().cycle() {
        if start.elapsed() > SPAN {
            break;
        }
        store
            .session(session.id)
            .await?
            .ok_or("a session is missing")?;
        count += 1;
    }
    Ok(count)
}

async fn refresh(store: &SqliteStore, session: &mut Session) -> Outcome<()> {
    let intent = RotateRefresh {
        session_id: session.id,
        presented: Presented {
            generation: session.refresh.generation,
            hash: session.refresh.current,
        },
        successor: hash(),
        nonce: [7; 32],
        retry_window: Duration::from_secs(10),
        now: now(),
        idle_expires_at: now().plus(Duration::from_millis(86_400_000 + number())),
        event: event(Action::Refreshed, session.user_id, Some(session.id)),
        reuse_event: event(Action::RefreshReused, session.user_id, Some(session.id)),
    };
    match store.rotate(intent).await? {
        Rotated::Rotated(next, _) => {
            *session = next;
            Ok(())
        }
        _ => Err("a refresh was refused".into()),
    }
}

async fn refreshes(store: &Arc<SqliteStore>, sessions: &[Session]) -> Outcome<Vec<Duration>> {
    let start = Instant::now();
    let mut tasks = Vec::new();
    for share in sessions.chunks(sessions.len().div_ceil(CLIENTS)) {
        let (store, mut share) = (Arc::clone(store), share.to_vec());
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while start.elapsed() < SPAN {
                for session in &mut share {
                    let begun = Instant::now();
                    refresh(&store, session).await?;
                    times.push(begun.elapsed());
                }
            }
            Outcome::Ok(times)
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    times.sort_unstable();
    Ok(times)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn per_second(count: u64, span: Duration) -> f64 {
    count as f64 / span.as_secs_f64()
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let users = arguments.next().map_or(Ok(1000), |n| n.parse())?;
    let options = match arguments.next() {
        Some(pages) => SqliteOptions {
            checkpoint_pages: pages.parse()?,
            ..Default::default()
        },
        None => SqliteOptions::default(),
    };
    let store = Arc::new(SqliteStore::open(folder.join("measure.db"), options)?);
    let sessions = fill(&store, users).await?;

    let count = reads(&store, &sessions).await?;
    println!(
        "session()  {:>9.0} /s on one thread",
        per_second(count, SPAN)
    );

    let before = store.metrics();
    let times = refreshes(&store, &sessions).await?;
    let after = store.metrics();
    let at = |part: usize| {
        times
            .get(times.len() * part / 1000)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "rotate()   {:>9.0} /s from {CLIENTS} clients, {:.0} commits/s; p50 {:?} p99 {:?} p99.9 {:?} max {:?}",
        per_second(u64::try_from(times.len())?, SPAN),
        per_second(after.commits - before.commits, SPAN),
        at(500),
        at(990),
        at(999),
        times.last().copied().unwrap_or_default(),
    );
    let wal = std::fs::metadata(folder.join("measure.db-wal"))?.len();
    println!("log        {:>9} KiB", wal / 1024);
    Ok(())
}
