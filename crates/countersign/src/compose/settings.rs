//! The configuration, translated into what each part wants to be told. Exhaustive: a setting that
//! is not used by a part stands in `_` here on purpose, and a new one does not compile until
//! somebody decided.

use std::num::NonZeroUsize;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use countersign_app::throttle::{Rate, ThrottleSettings};
use countersign_app::{AudienceSettings, Settings as AppSettings};
use countersign_domain::keys::KeySchedule;
use countersign_methods::password::{CannotStart, PasswordSettings, Pepper};
use countersign_store_sqlite::SqliteOptions;
use countersign_token::{Algorithm, PrivateKey};
use countersign_web::{GraphqlSettings, WebSettings};
use secrecy::{ExposeSecret as _, SecretString};

use super::ComposeError;
use super::hex::hex;
use crate::config::{
    Argon2, Audience, BasePath, Graphql, Hashing, Http, OrOff, Passwords, Secrets, Settings,
    Signing, SigningAlgorithm, Store, Throttle,
};

/// After how long at the most a server sees that another process changed the keys.
pub(crate) const RELOAD_KEYS_WITHIN: Duration = Duration::from_secs(30);
/// How often one session may be refreshed: clients do so every ten minutes, tabs of a browser at
/// the same moment. Not a setting, because no right client comes near it.
const REFRESH_PER_SESSION: Rate = Rate {
    attempts: 30,
    per: Duration::from_mins(1),
};
/// A century: how long a key signs that is rotated by command only.
const NEVER: Duration = Duration::from_hours(100 * 365 * 24);

/// What the use cases are set to.
pub fn app_settings(settings: &Settings) -> Result<AppSettings, ComposeError> {
    let tokens = &settings.tokens;
    let keys = &settings.keys;
    let issuer = tokens.issuer.as_str().parse();
    let issuer = issuer.map_err(|source| ComposeError::Name {
        key: "tokens.issuer",
        source,
    })?;
    let mut audiences = settings
        .audiences
        .iter()
        .map(audience)
        .collect::<Result<Vec<_>, _>>()?;
    let own_audience = if audiences.is_empty() {
        // INVARIANT: the loader puts the default audience first; this is its meaning, spelled out.
        let signing = Signing::Published(keys.algorithm);
        audience(&Audience {
            name: tokens.audience.clone(),
            signing,
        })?
    } else {
        audiences.remove(0)
    };
    let rotate_every = match keys.rotate_every {
        OrOff::On(every) => every,
        OrOff::Off => NEVER,
    };
    Ok(AppSettings {
        issuer,
        own_audience,
        other_audiences: audiences,
        access_lifetime: tokens.access_lifetime,
        leeway: tokens.leeway,
        refresh_retry_window: tokens.refresh_retry_window,
        session_idle: settings.sessions.idle_lifetime,
        session_absolute: settings.sessions.absolute_lifetime,
        max_sessions: settings.sessions.max_per_user,
        personal_token_lifetime: settings.personal_tokens.max_lifetime,
        max_personal_tokens: settings.personal_tokens.max_per_user,
        sign_up_enabled: settings.sign_up.enabled,
        idempotency_lifetime: settings.http.idempotency_window,
        keys: KeySchedule {
            rotate_every,
            publish_ahead: keys.publish_ahead,
            // The last token that a key signed lives so long, on whatever clock; and another process
            // may sign with a retired key until it reloads the keys.
            keep_after: tokens.access_lifetime + 2 * tokens.leeway + 2 * RELOAD_KEYS_WITHIN,
        },
        throttle: throttle(&settings.throttle),
        audit_retention: settings.audit.retention.as_option().copied(),
    })
}

fn audience(audience: &Audience) -> Result<AudienceSettings, ComposeError> {
    let Audience { name, signing } = audience;
    let named = name.parse();
    let named = named.map_err(|source| ComposeError::Name {
        key: "tokens.audience",
        source,
    })?;
    let (algorithm, shared_secret) = match signing {
        Signing::Published(SigningAlgorithm::Es256) => (Algorithm::Es256, None),
        Signing::Published(SigningAlgorithm::Rs256) => (Algorithm::Rs256, None),
        Signing::Published(SigningAlgorithm::Ps256) => (Algorithm::Ps256, None),
        Signing::Published(SigningAlgorithm::EdDsa) => (Algorithm::EdDsa, None),
        Signing::Shared(secret) => {
            let key = PrivateKey::hs256(secret.expose_secret().as_bytes());
            let key = key.map_err(|source| ComposeError::SharedSecret {
                audience: name.clone(),
                source,
            })?;
            (Algorithm::Hs256, Some(key))
        }
    };
    Ok(AudienceSettings {
        name: named,
        algorithm,
        shared_secret,
    })
}

fn throttle(throttle: &Throttle) -> ThrottleSettings {
    let Throttle {
        enabled,
        login_per_account,
        login_per_network,
        sign_up_per_network,
        refresh_per_network,
        verify_per_network,
    } = *throttle;
    let rate = |rate: crate::config::Rate| Rate {
        attempts: rate.count.get(),
        per: rate.per,
    };
    ThrottleSettings {
        enabled,
        login_per_network: rate(login_per_network),
        login_failures_per_account: rate(login_per_account),
        sign_up_per_network: rate(sign_up_per_network),
        refresh_per_network: rate(refresh_per_network),
        refresh_per_session: REFRESH_PER_SESSION,
        verify_per_network: rate(verify_per_network),
    }
}

/// How the transports are set.
pub fn web_settings(settings: &Settings) -> WebSettings {
    let Http {
        listen: _,
        public_url,
        base_path,
        cors_origins,
        trusted_proxies,
        body_limit,
        request_timeout,
        header_timeout: _,
        max_connections: _,
        http2: _,
        idempotency_window: _,
        drain_timeout: _,
        tls: _,
    } = &settings.http;
    let Graphql {
        max_depth,
        max_complexity,
        max_aliases,
        max_root_fields,
        introspection,
        graphiql,
    } = settings.graphql;
    WebSettings {
        public_url: format!(
            "{}{}",
            public_url.as_str().trim_end_matches('/'),
            base_path.as_ref().map_or("", BasePath::as_str)
        ),
        trusted_proxies: trusted_proxies.clone(),
        cors_origins: cors_origins
            .iter()
            .map(|origin| origin.as_str().to_owned())
            .collect(),
        body_limit: usize::try_from(body_limit.as_u64()).unwrap_or(usize::MAX),
        request_timeout: *request_timeout,
        graphql: GraphqlSettings {
            max_depth,
            max_complexity,
            max_aliases,
            max_root_fields,
            introspection,
            graphiql,
        },
    }
}

/// What passwords must be and how they are hashed. Reads the file of refused passwords.
pub fn password_settings(settings: &Settings) -> Result<PasswordSettings, ComposeError> {
    let Passwords {
        min_length,
        max_length,
        min_strength,
        blocklist_file,
        argon2:
            Argon2 {
                memory,
                iterations,
                parallelism,
            },
        hashing: Hashing {
            threads,
            queue,
            deadline,
        },
        ..
    } = &settings.passwords;
    let Secrets {
        pepper,
        previous_peppers,
        master_key: _,
    } = &settings.secrets;
    let defaults = PasswordSettings::default();
    let blocklist = blocklist_file.as_ref().map(|path| {
        std::fs::read_to_string(path).map_err(|source| ComposeError::Blocklist {
            path: path.clone(),
            source,
        })
    });
    Ok(PasswordSettings {
        memory_kib: u32::try_from(memory.as_u64() / 1024).unwrap_or(u32::MAX),
        passes: *iterations,
        lanes: *parallelism,
        pepper: pepper.as_ref().map(self::pepper).transpose()?,
        previous_peppers: previous_peppers
            .iter()
            .map(self::pepper)
            .collect::<Result<_, _>>()?,
        min_chars: usize::try_from(*min_length).unwrap_or(usize::MAX),
        max_chars: usize::try_from(*max_length).unwrap_or(usize::MAX),
        min_score: *min_strength,
        blocklist: blocklist.transpose()?,
        context_words: vec!["countersign".to_owned()],
        threads: NonZeroUsize::new(*threads),
        queue_limit: *queue,
        max_wait: *deadline,
        ..defaults
    })
}

/// A pepper names itself, so that rotating it takes no bookkeeping: its id is a part of its hash,
/// too short to say anything about a secret of 32 bytes.
fn pepper(secret: &SecretString) -> Result<Pepper, CannotStart> {
    let mut hash = Context::new(&SHA256);
    hash.update(b"countersign pepper id");
    hash.update(secret.expose_secret().as_bytes());
    let digest = hash.finish();
    let id = hex(digest.as_ref().first_chunk::<4>().unwrap_or(&[0; 4]));
    Ok(Pepper::new(
        &id,
        secret.expose_secret().as_bytes().to_vec(),
    )?)
}

/// How an `SQLite` database is used.
pub fn sqlite_options(store: &Store) -> SqliteOptions {
    SqliteOptions {
        readers: store.readers,
        queue: store.write_queue,
        busy_timeout: store.busy_timeout,
        ..SqliteOptions::default()
    }
}
