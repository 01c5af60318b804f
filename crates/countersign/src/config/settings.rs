//! The settings as the rest of the program sees them: typed, complete, and checked against each
//! other.

use std::path::PathBuf;

use super::audience::Audience;
use super::groups::{
    Audit, General, Graphql, Http, Keys, Log, Mode, Monitor, Ops, Passwords, PersonalTokens,
    Sessions, SignUp, Store, Telemetry, Throttle, Tokens,
};
use super::reader::Reader;
use super::secrets::Secrets;

/// Every setting.
#[derive(Debug)]
pub struct Settings {
    /// What the server is run for.
    pub mode: Mode,
    /// The directory for everything that the server writes.
    pub data_dir: PathBuf,
    /// Where the API listens, and what it lets in.
    pub http: Http,
    /// Metrics and health.
    pub ops: Ops,
    /// Where everything is remembered.
    pub store: Store,
    /// The keys that sign tokens.
    pub keys: Keys,
    /// Access and refresh tokens.
    pub tokens: Tokens,
    /// Every audience; the first is `tokens.audience`, the default.
    pub audiences: Vec<Audience>,
    /// How long a login lasts.
    pub sessions: Sessions,
    /// Tokens that people make for their scripts.
    pub personal_tokens: PersonalTokens,
    /// What a password must be, and how it is hashed.
    pub passwords: Passwords,
    /// Whether strangers may make an account.
    pub sign_up: SignUp,
    /// Limits of the GraphQL endpoint.
    pub graphql: Graphql,
    /// How often things may be tried.
    pub throttle: Throttle,
    /// How long the audit log is kept.
    pub audit: Audit,
    /// What is logged.
    pub log: Log,
    /// What is kept of the latest requests.
    pub monitor: Monitor,
    /// Traces.
    pub telemetry: Telemetry,
    /// The secrets, wherever they came from.
    pub secrets: Secrets,
}

/// The groups as they are read, before they are held against each other.
#[derive(Debug)]
pub(in crate::config) struct Groups {
    pub(in crate::config) general: General,
    pub(in crate::config) http: Http,
    pub(in crate::config) ops: Ops,
    pub(in crate::config) store: Store,
    pub(in crate::config) keys: Keys,
    pub(in crate::config) tokens: Tokens,
    pub(in crate::config) sessions: Sessions,
    pub(in crate::config) personal_tokens: PersonalTokens,
    pub(in crate::config) passwords: Passwords,
    pub(in crate::config) sign_up: SignUp,
    pub(in crate::config) graphql: Graphql,
    pub(in crate::config) throttle: Throttle,
    pub(in crate::config) audit: Audit,
    pub(in crate::config) log: Log,
    pub(in crate::config) monitor: Monitor,
    pub(in crate::config) telemetry: Telemetry,
}

impl Groups {
    /// Reads every group before it gives up on any, so that all errors are found.
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let (general, http, ops) = (General::read(reader), Http::read(reader), Ops::read(reader));
        let (store, keys, tokens) = (
            Store::read(reader),
            Keys::read(reader),
            Tokens::read(reader),
        );
        let (sessions, personal_tokens) = (Sessions::read(reader), PersonalTokens::read(reader));
        let (passwords, sign_up) = (Passwords::read(reader), SignUp::read(reader));
        let (graphql, throttle) = (Graphql::read(reader), Throttle::read(reader));
        let audit = Audit::read(reader);
        let (log, telemetry) = (Log::read(reader), Telemetry::read(reader));
        let monitor = Monitor::read(reader);
        Some(Self {
            general: general?,
            http: http?,
            ops: ops?,
            store: store?,
            keys: keys?,
            tokens: tokens?,
            sessions: sessions?,
            personal_tokens: personal_tokens?,
            passwords: passwords?,
            sign_up: sign_up?,
            graphql: graphql?,
            throttle: throttle?,
            audit: audit?,
            log: log?,
            monitor: monitor?,
            telemetry: telemetry?,
        })
    }

    /// The settings, with what was worked out beside the groups.
    pub(in crate::config) fn complete(
        self,
        audiences: Vec<Audience>,
        secrets: Secrets,
    ) -> Settings {
        Settings {
            mode: self.general.mode,
            data_dir: self.general.data_dir,
            http: self.http,
            ops: self.ops,
            store: self.store,
            keys: self.keys,
            tokens: self.tokens,
            audiences,
            sessions: self.sessions,
            personal_tokens: self.personal_tokens,
            passwords: self.passwords,
            sign_up: self.sign_up,
            graphql: self.graphql,
            throttle: self.throttle,
            audit: self.audit,
            log: self.log,
            monitor: self.monitor,
            telemetry: self.telemetry,
            secrets,
        }
    }
}
