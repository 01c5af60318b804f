//! The calls that are measured, and the clients that make them over and over.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::client::{Call, Client};
use crate::load::{Load, sum_up};
use crate::scenarios::PASSWORD;

/// How many sessions are used in turn, each of a user of its own.
const SESSIONS: u64 = 512;
/// The status of a call for which the store has no time.
const BUSY: u16 = 503;
/// How long a client waits after it.
const PAUSE: Duration = Duration::from_millis(50);
/// How long all of them may take to log in.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    Me,
    Refresh,
    LogIn,
    SignUp,
}

impl What {
    pub const ALL: [Self; 4] = [Self::Me, Self::Refresh, Self::LogIn, Self::SignUp];

    pub fn name(self) -> &'static str {
        match self {
            Self::Me => "me",
            Self::Refresh => "refresh",
            Self::LogIn => "login",
            Self::SignUp => "sign-up",
        }
    }

    /// How many clients make it a crowd: as many as in the other figures.
    pub fn crowd(self) -> usize {
        match self {
            Self::Me => 32,
            Self::Refresh => 64,
            Self::LogIn | Self::SignUp => 8,
        }
    }

    /// The write behind it, as the server's metrics call it.
    pub fn intent(self) -> Option<&'static str> {
        match self {
            Self::Me => None,
            Self::Refresh => Some("rotate"),
            Self::LogIn => Some("open_session"),
            Self::SignUp => Some("sign_up"),
        }
    }
}

struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    fn read(answer: &Value) -> Self {
        let read = |name: &str| answer[name].as_str().expect("a token").to_owned();
        Self {
            access: read("access_token"),
            refresh: read("refresh_token"),
        }
    }
}

/// Everybody who calls one server: who they are, and the sessions they have.
pub struct Callers {
    address: SocketAddr,
    users: u64,
    next_login: AtomicU64,
    next_name: AtomicU64,
    sessions: Mutex<Vec<Tokens>>,
}

impl Callers {
    /// Logs in users from all over the `users` there are.
    pub async fn new(address: SocketAddr, users: u64) -> Arc<Self> {
        let callers = Arc::new(Self {
            address,
            users,
            next_login: AtomicU64::new(0),
            next_name: AtomicU64::new(0),
            sessions: Mutex::default(),
        });
        let next = Arc::new(AtomicU64::new(0));
        let begun = Instant::now();
        let tasks: Vec<_> = (0..What::LogIn.crowd())
            .map(|_| {
                let (callers, next) = (Arc::clone(&callers), Arc::clone(&next));
                tokio::spawn(async move {
                    let mut client = Client::connect(address).await;
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= SESSIONS {
                            break;
                        }
                        let call = log_in(n * users / SESSIONS);
                        // A slow engine refuses some of a crowd.
                        let mut answer = client.send(&call).await;
                        while answer.0 == BUSY && begun.elapsed() < PATIENCE {
                            sleep(PAUSE).await;
                            answer = client.send(&call).await;
                        }
                        assert_eq!(answer.0, 200, "they log in");
                        let answer = serde_json::from_slice(&answer.1).expect("JSON");
                        let tokens = Tokens::read(&answer);
                        callers.sessions.lock().expect("unpoisoned").push(tokens);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("they log in");
        }
        callers
    }

    /// So many clients call over and over until the time is over. All must be answered, or be
    /// told that the store is busy, which is counted.
    pub async fn call(self: &Arc<Self>, what: What, clients: usize, time: Duration) -> Load {
        let mut shares: Vec<Vec<Tokens>> = (0..clients).map(|_| Vec::new()).collect();
        let sessions = std::mem::take(&mut *self.sessions.lock().expect("unpoisoned"));
        for (n, tokens) in sessions.into_iter().enumerate() {
            shares[n % clients].push(tokens);
        }
        let start = Instant::now();
        let until = start + time;
        let tasks: Vec<_> = shares
            .into_iter()
            .map(|share| tokio::spawn(Arc::clone(self).client(what, share, until)))
            .collect();
        let (mut times, mut refused) = (Vec::new(), 0);
        for task in tasks {
            let (more, no) = task.await.expect("a client runs to its end");
            times.extend(more);
            refused += no;
        }
        sum_up(times, refused, start.elapsed())
    }

    async fn client(
        self: Arc<Self>,
        what: What,
        mut sessions: Vec<Tokens>,
        until: Instant,
    ) -> (Vec<Duration>, u64) {
        let mut client = Client::connect(self.address).await;
        let (mut times, mut refused) = (Vec::new(), 0);
        let mut turn = 0;
        while Instant::now() < until {
            let at = turn % sessions.len();
            turn += 1;
            let (call, expected) = match what {
                What::Me => (Call::get("/v1/me").bearer(&sessions[at].access), 200),
                What::Refresh => {
                    let token = &sessions[at].refresh;
                    let body = json!({ "refresh_token": token });
                    (Call::post("/v1/refresh", &body), 200)
                }
                What::LogIn => {
                    // A stride that is prime to the number of users: far apart, and repeatable.
                    let n = self.next_login.fetch_add(7919, Ordering::Relaxed);
                    (log_in(n % self.users), 200)
                }
                What::SignUp => {
                    let n = self.next_name.fetch_add(1, Ordering::Relaxed);
                    (sign_up(n), 201)
                }
            };
            let (status, body, took) = client.send(&call).await;
            if status == BUSY {
                refused += 1;
                sleep(PAUSE).await;
                continue;
            }
            assert_eq!(
                status,
                expected,
                "{}: {}",
                what.name(),
                String::from_utf8_lossy(&body)
            );
            times.push(took);
            if what == What::Refresh {
                let answer = serde_json::from_slice(&body).expect("JSON");
                sessions[at] = Tokens::read(&answer);
            }
        }
        self.sessions.lock().expect("unpoisoned").extend(sessions);
        (times, refused)
    }
}

fn log_in(user: u64) -> Call {
    let body = json!({ "identifier": format!("bench{user}"), "password": PASSWORD });
    Call::post("/v1/login", &body)
}

fn sign_up(number: u64) -> Call {
    let name = format!("new{number}");
    let email = format!("{name}@example.com");
    let body = json!({ "username": name, "email": email, "password": PASSWORD });
    Call::post("/v1/register", &body)
}
