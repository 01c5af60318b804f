//! A whole instance in the process, for tests: the real store, the real password method at next to
//! no cost, a clock and chance that the test owns, and the router as the binary serves it.

mod ambient;
mod answer;
mod people;
mod request;

use std::sync::Arc;
use std::time::Duration;

pub use ambient::{TestClock, TestEntropy};
pub use answer::{Answer, assert_is_id, assert_is_moment};
use axum::Router;
pub use people::{PASSWORD, Person};
pub use request::Request;

use ambient::{NoMasterKey, ports_clock};
use countersign_app::throttle::{Rate, ThrottleSettings};
use countersign_app::{App, AudienceSettings, KeyRing, Ports, Settings};
use countersign_domain::keys::KeySchedule;
use countersign_methods::password::{PasswordMethod, PasswordSettings};
use countersign_monitor::{Kept, Limits};
use countersign_store_sqlite::{SqliteOptions, SqliteStore};
use countersign_token::Algorithm;
use countersign_web::{GraphqlSettings, WebSettings, WebState, router};

/// An instance.
pub struct Server {
    pub app: Arc<App>,
    pub clock: Arc<TestClock>,
    pub router: Router,
    pub monitor: Arc<Kept>,
    _directory: tempfile::TempDir,
}

impl Server {
    /// With the settings of a fresh instance.
    pub async fn start() -> Self {
        Self::with(|_, _| ()).await
    }

    /// With other settings.
    pub async fn with(change: impl FnOnce(&mut Settings, &mut WebSettings)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::default());
        let entropy = Arc::new(TestEntropy::default());
        let path = directory.path().join("countersign.db");
        let store = Arc::new(SqliteStore::open(path, SqliteOptions::default()).unwrap());
        let passwords = PasswordSettings {
            threads: Some(1.try_into().unwrap()),
            ..Default::default()
        }
        .dangerous_cheap_hashing("test");
        let passwords = Arc::new(PasswordMethod::new(passwords, entropy.clone()).unwrap());
        let (mut settings, mut web) = (settings(), web_settings());
        change(&mut settings, &mut web);
        let keys = KeyRing::new(store.clone(), Arc::new(NoMasterKey), &settings).unwrap();
        let ports = Ports {
            store,
            passwords,
            clock: ports_clock(&clock),
            entropy,
        };
        let app = Arc::new(App::new(ports, settings, Arc::new(keys)));
        app.keep_keys().await.unwrap();
        let limits = Limits {
            entries: 1000,
            bytes: 1 << 20,
        };
        let monitor = Arc::new(Kept::new(limits));
        let router = router(WebState {
            app: app.clone(),
            settings: Arc::new(web),
            monitor: Some(monitor.clone()),
        });
        Self {
            app,
            clock,
            router,
            monitor,
            _directory: directory,
        }
    }

    /// Starts a request.
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request::new(&self.router, method, path)
    }

    /// Starts a `GET`.
    pub fn get(&self, path: &str) -> Request<'_> {
        self.request("GET", path)
    }

    /// Starts a `POST`.
    pub fn post(&self, path: &str) -> Request<'_> {
        self.request("POST", path)
    }
}

fn settings() -> Settings {
    let often = Rate {
        attempts: 1000,
        per: Duration::from_mins(1),
    };
    Settings {
        issuer: "https://id.example.com".parse().unwrap(),
        own_audience: audience("https://id.example.com"),
        other_audiences: vec![audience("https://api.example.com")],
        access_lifetime: Duration::from_mins(10),
        leeway: Duration::from_secs(10),
        refresh_retry_window: Duration::from_secs(10),
        session_idle: Duration::from_hours(14 * 24),
        session_absolute: Duration::from_hours(90 * 24),
        max_sessions: 10,
        personal_token_lifetime: Duration::from_hours(365 * 24),
        max_personal_tokens: 3,
        sign_up_enabled: true,
        idempotency_lifetime: Duration::from_hours(24),
        keys: KeySchedule {
            rotate_every: Duration::from_hours(30 * 24),
            publish_ahead: Duration::from_hours(1),
            keep_after: Duration::from_hours(1),
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

fn audience(name: &str) -> AudienceSettings {
    AudienceSettings {
        name: name.parse().unwrap(),
        algorithm: Algorithm::Es256,
        shared_secret: None,
    }
}

/// The transports' settings of a fresh instance.
pub fn web_settings() -> WebSettings {
    WebSettings {
        public_url: "https://id.example.com".to_owned(),
        trusted_proxies: Vec::new(),
        cors_origins: Vec::new(),
        body_limit: 64 * 1024,
        request_timeout: Duration::from_secs(30),
        graphql: GraphqlSettings {
            max_depth: 12,
            max_complexity: 1000,
            max_aliases: 15,
            max_root_fields: 10,
            introspection: true,
            graphiql: false,
        },
    }
}
