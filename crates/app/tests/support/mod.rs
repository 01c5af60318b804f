//! An instance for tests: the real store and the real password method, with a clock and a chance
//! that the test owns.

#![allow(dead_code, reason = "each test file uses a part")]

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use countersign_app::authenticate::{Authenticated, Caller};
use countersign_app::log_in::{LogIn, LoggedIn};
use countersign_app::ports::store::Store;
use countersign_app::ports::{Clock, Entropy, MasterKey, MasterKeyError};
use countersign_app::sign_up::{SignUp, SignUpOutcome};
use countersign_app::throttle::{Rate, ThrottleSettings};
use countersign_app::{App, AudienceSettings, KeyRing, Origin, Ports, Settings, Tokens};
use countersign_domain::keys::KeySchedule;
use countersign_domain::password::Password;
use countersign_domain::role::Account;
use countersign_domain::time::Timestamp;
use countersign_methods::password::{PasswordMethod, PasswordSettings};
use countersign_store_sqlite::{SqliteOptions, SqliteStore};
use countersign_token::Algorithm;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

pub const PASSWORD: &str = "correct horse battery staple";

/// A clock that stands still until the test moves it.
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn advance(&self, by: Duration) {
        self.0
            .fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that never repeat, which is all that tests need of chance.
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self
                .0
                .fetch_add(1, Ordering::SeqCst)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&number.to_be_bytes()[..chunk.len()]);
        }
    }
}

/// Keeps secrets as they are, beside their context: sealing is the binary's, and tested there.
struct OpenMasterKey;

#[async_trait]
impl MasterKey for OpenMasterKey {
    async fn seal(&self, secret: &[u8], context: &str) -> Result<Vec<u8>, MasterKeyError> {
        Ok([context.as_bytes(), &[0], secret].concat())
    }

    async fn open(
        &self,
        sealed: &[u8],
        context: &str,
    ) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
        let secret = sealed
            .strip_prefix(context.as_bytes())
            .and_then(|s| s.strip_prefix(&[0]));
        secret
            .map(|s| Zeroizing::new(s.to_vec()))
            .ok_or(MasterKeyError::CannotOpen)
    }
}

/// A whole instance in a folder of its own.
pub struct Instance {
    pub app: Arc<App>,
    pub clock: Arc<TestClock>,
    pub store: Arc<dyn Store>,
    folder: Arc<tempfile::TempDir>,
}

pub fn settings() -> Settings {
    let often = Rate {
        attempts: 1000,
        per: Duration::from_secs(1),
    };
    let audience = |name: &str, algorithm| AudienceSettings {
        name: name.parse().unwrap(),
        algorithm,
        shared_secret: None,
    };
    Settings {
        issuer: "https://id.example.com".parse().unwrap(),
        own_audience: audience("https://id.example.com", Algorithm::Es256),
        other_audiences: vec![audience("https://api.example.com", Algorithm::EdDsa)],
        access_lifetime: Duration::from_mins(10),
        leeway: Duration::from_secs(30),
        refresh_retry_window: Duration::from_secs(10),
        session_idle: Duration::from_hours(336),
        session_absolute: Duration::from_hours(2160),
        max_sessions: 20,
        personal_token_lifetime: Duration::from_hours(8760),
        max_personal_tokens: 50,
        sign_up_enabled: true,
        idempotency_lifetime: Duration::from_hours(24),
        keys: KeySchedule {
            rotate_every: Duration::from_hours(2160),
            publish_ahead: Duration::from_hours(24),
            keep_after: Duration::from_mins(11),
        },
        throttle: ThrottleSettings {
            enabled: true,
            login_per_network: often,
            login_failures_per_account: often,
            sign_up_per_network: often,
            refresh_per_network: often,
            refresh_per_session: often,
            verify_per_network: often,
        },
        audit_retention: None,
    }
}

impl Instance {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// An instance with changed settings.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = settings();
        change(&mut settings);
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let clock = Arc::new(TestClock(AtomicI64::new(1_800_000_000_000)));
        Self::open(settings, folder, clock, 1).await
    }

    /// Another process on the same store, with the same settings and clock.
    pub async fn beside(&self) -> Self {
        let (folder, clock) = (self.folder.clone(), self.clock.clone());
        Self::open(self.app.settings().clone(), folder, clock, 1 << 32).await
    }

    async fn open(
        settings: Settings,
        folder: Arc<tempfile::TempDir>,
        clock: Arc<TestClock>,
        chance: u64,
    ) -> Self {
        let path = folder.path().join("test.db");
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(path, SqliteOptions::default()).unwrap());
        let entropy: Arc<dyn Entropy> = Arc::new(Counter(AtomicU64::new(chance)));
        let passwords = PasswordSettings::default().dangerous_cheap_hashing("tests hash often");
        let passwords = PasswordMethod::new(passwords, entropy.clone()).unwrap();
        let ports = Ports {
            store: store.clone(),
            passwords: Arc::new(passwords),
            clock: clock.clone(),
            entropy,
        };
        let keys = KeyRing::new(store.clone(), Arc::new(OpenMasterKey), &settings).unwrap();
        let app = Arc::new(App::new(ports, settings, Arc::new(keys)));
        app.keep_keys().await.unwrap();
        Self {
            app,
            clock,
            store,
            folder,
        }
    }

    /// A user with this name, logged in.
    pub async fn sign_up(&self, name: &str) -> (Account, Tokens) {
        match self.app.sign_up(sign_up(name), &origin()).await.unwrap() {
            SignUpOutcome::SignedUp { account, tokens } => (*account, tokens),
            other => panic!("{other:?}"),
        }
    }

    pub async fn log_in(&self, name: &str, password: &str) -> LoggedIn {
        self.app
            .log_in(log_in(name, password), &origin())
            .await
            .unwrap()
    }

    /// Whoever the token says; panics if it is not good.
    pub async fn caller(&self, token: &str) -> Caller {
        match self.app.authenticate(token, &origin()).await.unwrap() {
            Authenticated::Valid(caller) => *caller,
            Authenticated::Invalid(why) => panic!("{why:?}"),
        }
    }

    pub async fn is_good(&self, token: &str) -> bool {
        matches!(
            self.app.authenticate(token, &origin()).await.unwrap(),
            Authenticated::Valid(_)
        )
    }
}

pub fn access(tokens: &Tokens) -> &str {
    tokens.access_token.expose_secret()
}

pub fn origin() -> Origin {
    let address: IpAddr = "192.0.2.1".parse().unwrap();
    Origin {
        address: Some(address),
        request_id: None,
        user_agent: Some("tests".to_owned()),
    }
}

pub fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

pub fn sign_up(name: &str) -> SignUp {
    SignUp {
        username: Some(name.parse().unwrap()),
        email: Some(format!("{name}@example.com").parse().unwrap()),
        display_name: None,
        password: password(PASSWORD),
        device: None,
        scopes: None,
        audience: None,
        idempotency_key: None,
    }
}

pub fn log_in(name: &str, text: &str) -> LogIn {
    LogIn {
        identifier: name.to_owned(),
        password: password(text),
        device: None,
        scopes: None,
        audience: None,
    }
}
