//! `kill -9` at random moments under load. After each restart every acknowledged write is there, and
//! of those that were not acknowledged there is all or nothing.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use countersign_app::ports::Store as _;
use countersign_app::ports::store::{AuditFilter, UserFilter};
use countersign_domain::audit::Action;
use countersign_domain::page::{Cursor, PageRequest};
use countersign_store_sqlite::{SqliteOptions, SqliteStore};
use rustix::process::Signal;

use crate::support::account::{login, registration};
use crate::support::{Account, Server, Wire};

const ROUNDS: u64 = 20;
const CLIENTS: u64 = 4;

/// What a client knows to be true.
#[derive(Debug)]
struct Known {
    account: Account,
    log_out: LogOut,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum LogOut {
    NotAsked,
    /// The answer did not come: it may be done or not.
    Asked,
    Acknowledged,
}

/// Signs up, refreshes and logs out until the server is gone.
fn use_until_gone(address: SocketAddr, name: &str, known: &Mutex<Vec<Known>>) -> io::Result<()> {
    let mut wire = Wire::connect(address)?;
    for n in 0.. {
        let email = format!("{name}-{n}@example.com");
        let answer = wire
            .post("/v1/register", &registration(&email))?
            .expect(201);
        let mut account = Account::from_answer(email, &answer.json());
        let mine = {
            let mut known = known.lock().unwrap();
            known.push(Known {
                account: account.clone(),
                log_out: LogOut::NotAsked,
            });
            known.len() - 1
        };
        let mine = |change: &dyn Fn(&mut Known)| change(&mut known.lock().unwrap()[mine]);
        for _ in 0..3 {
            assert_eq!(account.refresh(&mut wire)?, 200);
            mine(&|known| known.account = account.clone());
        }
        if n % 2 == 0 {
            mine(&|known| known.log_out = LogOut::Asked);
            wire.send("POST", "/v1/logout", Some(&account.access), None)?
                .expect(204);
            mine(&|known| known.log_out = LogOut::Acknowledged);
        }
    }
    Ok(())
}

/// Waits until each client is in the middle of it, however slow the machine is.
fn busy(known: &Mutex<Vec<Known>>) {
    let clients = usize::try_from(CLIENTS).unwrap();
    for _ in 0..2_000 {
        if known.lock().unwrap().len() >= clients {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("the server took no sign-up");
}

/// What was acknowledged is still so.
fn check(server: &Server, known: &[Known]) {
    let mut wire = server.connect();
    for Known { account, log_out } in known {
        let mut account = account.clone();
        let me = wire.get("/v1/me", Some(&account.access)).unwrap().status;
        let refreshed = account.refresh(&mut wire).unwrap();
        match (log_out, me, refreshed) {
            (LogOut::NotAsked | LogOut::Asked, 200, 200)
            | (LogOut::Acknowledged | LogOut::Asked, 401, 400 | 401) => {}
            other => panic!("{other:?} for {}", account.email),
        }
        wire.post("/v1/login", &login(&account.email))
            .unwrap()
            .expect(200);
    }
}

/// The database is sound, and each account has its event and its session.
async fn check_database(path: &Path) -> usize {
    let store = SqliteStore::open_existing(path, SqliteOptions::default()).unwrap();
    assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new());
    let (mut users, mut page) = (Vec::new(), PageRequest::forward(None, PageRequest::MAX));
    loop {
        let found = store.users(&UserFilter::default(), &page).await.unwrap();
        users.extend(found.items);
        if !found.more {
            break;
        }
        page.cursor = users.last().map(|user| Cursor::after(user.id.as_uuid()));
    }
    let (mut events, mut page) = (Vec::new(), PageRequest::forward(None, PageRequest::MAX));
    let filter = AuditFilter {
        action: Some(Action::SignedUp),
        ..AuditFilter::default()
    };
    loop {
        let found = store.audit_events(&filter, &page).await.unwrap();
        events.extend(found.items);
        if !found.more {
            break;
        }
        page.cursor = events.last().map(|event| Cursor::after(event.id.as_uuid()));
    }
    assert_eq!(users.len(), events.len());
    for user in &users {
        let event = events.iter().find(|event| event.user_id == Some(user.id));
        let event = event.unwrap_or_else(|| panic!("no event for {}", user.id));
        let session = store.session(event.session_id.unwrap()).await.unwrap();
        assert_eq!(session.unwrap().1.user.id, user.id);
    }
    users.len()
}

#[test]
fn kill_nine_at_any_moment_loses_nothing_acknowledged_and_leaves_no_half() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut moments = Moments(0x9e37_79b9_7f4a_7c15);
    let mut total = 0;
    for round in 0..ROUNDS {
        let mut server = Server::start(dir.path());
        let known = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (known, address) = (&known, server.api);
                let name = format!("r{round}c{client}");
                scope.spawn(move || use_until_gone(address, &name, known).unwrap_err());
            }
            busy(&known);
            thread::sleep(Duration::from_millis(moments.next(0, 300)));
            server.signal(Signal::KILL);
        });
        server.ended();
        let known = known.into_inner().unwrap();
        total += known.len();
        let users = runtime.block_on(check_database(&dir.path().join("data/countersign.db")));
        assert!(users >= total, "{users} users, {total} acknowledged");

        let server = Server::start(dir.path());
        check(&server, &known);
        // The next round begins from a kill too.
        server.signal(Signal::KILL);
    }
}

/// Moments without rhythm, the same in each run (xorshift).
struct Moments(u64);

impl Moments {
    fn next(&mut self, least: u64, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        least + self.0 % (most - least)
    }
}
