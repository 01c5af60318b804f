//! What must hold between settings. A rule is skipped where one of its settings already has an
//! error of its own, because its value is then only a stand-in.

use bytesize::ByteSize;

use super::error::Fault;
use super::findings::{Caution, Findings};
use super::groups::{Argon2, Mode};
use super::layers::Layers;
use super::settings::Groups;
use super::value::{OrOff, StoreUrl};

/// Something that must hold between settings.
pub(in crate::config) struct Rule {
    name: &'static str,
    pub(in crate::config) keys: &'static [&'static str],
    pub(in crate::config) statement: &'static str,
    fix: &'static str,
    holds: fn(&Groups, &Layers) -> bool,
}

/// Every rule, in the order of the reference.
pub(in crate::config) const RULES: &[Rule] = &[
    Rule {
        name: "public_url_is_https",
        keys: &["http.public_url", "mode"],
        statement: "in production the public URL is https (a loopback address may be http)",
        fix: "set http.public_url to the https address by which users reach the server",
        holds: |groups, _| {
            in_development(groups) || groups.http.public_url.is_private_on_the_wire()
        },
    },
    Rule {
        name: "issuer_is_https",
        keys: &["tokens.issuer", "mode"],
        statement: "in production the issuer is https (a loopback address may be http)",
        fix: "set tokens.issuer to an https URL, or remove it to use http.public_url",
        // An issuer that only follows the public URL is that rule's matter.
        holds: |groups, layers| {
            in_development(groups)
                || !layers.is_written("tokens.issuer")
                || groups.tokens.issuer.is_private_on_the_wire()
        },
    },
    Rule {
        name: "trusted_proxies_are_some",
        keys: &["http.trusted_proxies"],
        statement: "not everybody is a trusted proxy: whoever is one chooses the client's address",
        fix: "name the addresses of your proxies, with prefixes of /8 or longer",
        holds: |groups, _| {
            groups
                .http
                .trusted_proxies
                .iter()
                .all(|network| match network {
                    ipnet::IpNet::V4(v4) => v4.prefix_len() >= 8,
                    ipnet::IpNet::V6(v6) => v6.prefix_len() >= 8,
                })
        },
    },
    Rule {
        name: "lambda_needs_public_url",
        keys: &["http.public_url", "mode"],
        statement: "in production on AWS Lambda the public URL is set: a function does not know by \
                    which address it is reached",
        fix: "set http.public_url to the https address of the API or function URL (and \
              http.base_path to its stage, if the address has one)",
        holds: |groups, layers| {
            !layers.on_lambda || in_development(groups) || layers.is_written("http.public_url")
        },
    },
    Rule {
        name: "lambda_needs_shared_store",
        keys: &["store.url", "mode"],
        statement: "in production on AWS Lambda the store is a database on a network: a function's \
                    files end with it, and no other instance of it sees them",
        fix: "set store.url to one, such as dynamodb://eu-central-1/countersign",
        holds: |groups, layers| {
            !layers.on_lambda
                || in_development(groups)
                || matches!(groups.store.url, StoreUrl::Network(..))
        },
    },
    Rule {
        name: "port_zero_needs_public_url",
        keys: &["http.listen", "http.public_url"],
        statement: "with port 0 nobody knows the port beforehand, so the public URL must be set",
        fix: "set a port, or set http.public_url",
        holds: |groups, layers| {
            groups.http.listen.port() != 0 || layers.is_written("http.public_url")
        },
    },
    Rule {
        name: "listeners_differ",
        keys: &["ops.listen", "http.listen"],
        statement: "the API and the operators' address are two different ports",
        fix: "choose another port for ops.listen, or \"off\"",
        holds: |groups, _| match groups.ops.listen {
            OrOff::On(ops) => ops.port() == 0 || ops.port() != groups.http.listen.port(),
            OrOff::Off => true,
        },
    },
    Rule {
        name: "tls_needs_both_files",
        keys: &["http.tls.certificate_file", "http.tls.key_file"],
        statement: "a certificate and its key belong together",
        fix: "set both http.tls.certificate_file and http.tls.key_file, or neither",
        holds: |groups, _| {
            let tls = &groups.http.tls;
            tls.certificate_file.is_some() == tls.key_file.is_some()
        },
    },
    Rule {
        name: "tls_means_https",
        keys: &["http.public_url", "http.tls.certificate_file"],
        statement: "with TLS the public URL is https",
        fix: "write https in http.public_url, or remove it",
        holds: |groups, _| {
            groups.http.tls.certificate_file.is_none()
                || groups.http.public_url.url().scheme() == "https"
        },
    },
    Rule {
        name: "deadline_within_request",
        keys: &["passwords.hashing.deadline", "http.request_timeout"],
        statement: "the deadline of a hash is shorter than the time of a request",
        fix: "set passwords.hashing.deadline below http.request_timeout",
        holds: |groups, _| groups.passwords.hashing.deadline < groups.http.request_timeout,
    },
    Rule {
        name: "idle_within_absolute",
        keys: &["sessions.idle_lifetime", "sessions.absolute_lifetime"],
        statement: "the idle lifetime of a session is not longer than its absolute lifetime",
        fix: "shorten sessions.idle_lifetime, or lengthen sessions.absolute_lifetime",
        holds: |groups, _| groups.sessions.idle_lifetime <= groups.sessions.absolute_lifetime,
    },
    Rule {
        name: "access_within_idle",
        keys: &["tokens.access_lifetime", "sessions.idle_lifetime"],
        statement: "an access token ends before an idle session does, or the session could never \
                    be refreshed",
        fix: "shorten tokens.access_lifetime, or lengthen sessions.idle_lifetime",
        holds: |groups, _| groups.tokens.access_lifetime < groups.sessions.idle_lifetime,
    },
    Rule {
        name: "publish_within_rotation",
        keys: &["keys.publish_ahead", "keys.rotate_every"],
        statement: "a key waits, published, for less time than it then signs",
        fix: "shorten keys.publish_ahead, or lengthen keys.rotate_every",
        holds: |groups, _| match groups.keys.rotate_every {
            OrOff::On(every) => groups.keys.publish_ahead < every,
            OrOff::Off => true,
        },
    },
    Rule {
        name: "argon2_is_strong_enough",
        keys: &["passwords.argon2.memory", "passwords.argon2.iterations"],
        statement: "a hash costs at least what OWASP asks: 46 MiB with 1 iteration, 19 MiB with 2, \
                    12 MiB with 3, 9 MiB with 4, 7 MiB with 5 or more",
        fix: "raise passwords.argon2.memory or passwords.argon2.iterations",
        holds: |groups, _| groups.passwords.argon2.memory >= least_memory(&groups.passwords.argon2),
    },
    Rule {
        name: "argon2_lanes_have_memory",
        keys: &["passwords.argon2.parallelism", "passwords.argon2.memory"],
        statement: "each lane of a hash has at least 8 KiB (RFC 9106 §3.1)",
        fix: "lower passwords.argon2.parallelism",
        holds: |groups, _| {
            let argon2 = &groups.passwords.argon2;
            argon2.memory.as_u64() / 1024 >= 8 * u64::from(argon2.parallelism)
        },
    },
    Rule {
        name: "one_master_key",
        keys: &[
            "keys.master_key",
            "keys.master_key_file",
            "keys.master_key_from",
        ],
        statement: "the master key comes from one place: the variable, a file, or where it is kept",
        fix: "keep one of keys.master_key_file, keys.master_key_from and the variable",
        holds: |_, layers| {
            let keys = [
                "keys.master_key",
                "keys.master_key_file",
                "keys.master_key_from",
            ];
            written_once(layers, &keys)
        },
    },
    Rule {
        name: "one_store_url",
        keys: &["store.url_file", "store.url_from", "store.url"],
        statement: "the address of the store comes from one place: store.url, a file, or where it \
                    is kept",
        fix: "keep one of store.url, store.url_file and store.url_from",
        holds: |_, layers| written_once(layers, &["store.url", "store.url_file", "store.url_from"]),
    },
    Rule {
        name: "acquire_within_timeout",
        keys: &["store.acquire_timeout", "store.timeout"],
        statement: "the wait for a connection is not longer than a call to the store may take",
        fix: "shorten store.acquire_timeout, or lengthen store.timeout",
        holds: |groups, _| groups.store.acquire_timeout <= groups.store.timeout,
    },
    Rule {
        name: "store_within_request",
        keys: &["store.timeout", "http.request_timeout"],
        statement: "a call to the store takes less than the time of a request",
        fix: "set store.timeout below http.request_timeout",
        holds: |groups, _| groups.store.timeout < groups.http.request_timeout,
    },
    Rule {
        name: "one_pepper",
        keys: &[
            "passwords.pepper",
            "passwords.pepper_file",
            "passwords.pepper_from",
        ],
        statement: "the pepper comes from one place: the variable, a file, or where it is kept",
        fix: "keep one of passwords.pepper_file, passwords.pepper_from and the variable",
        holds: |_, layers| {
            let keys = [
                "passwords.pepper",
                "passwords.pepper_file",
                "passwords.pepper_from",
            ];
            written_once(layers, &keys)
        },
    },
];

/// Holds every rule against the settings.
pub(in crate::config) fn check(groups: &Groups, layers: &Layers, findings: &mut Findings) {
    for rule in RULES {
        if rule.keys.iter().any(|key| findings.is_faulty(key)) || (rule.holds)(groups, layers) {
            continue;
        }
        let written = rule.keys.iter().find(|key| layers.is_written(key));
        if let Some(key) = written.or(rule.keys.first()) {
            let fault = Fault::Disagreement {
                rule: rule.name,
                statement: rule.statement,
            };
            findings.refuse(key, layers.place(key), fault, rule.fix);
        }
    }
    warn(groups, layers, findings);
}

fn warn(groups: &Groups, layers: &Layers, findings: &mut Findings) {
    without_effect(groups, layers, findings);
    if in_development(groups) {
        if layers.on_lambda && matches!(groups.store.url, StoreUrl::Sqlite(_)) {
            let text = "is lost with each instance of the function, and no other sees it";
            findings.warn("store.url", layers.place("store.url"), Caution::Risky(text));
        }
        if !groups.http.listen.ip().is_loopback() {
            let text = "lets other machines reach a server in development mode";
            findings.warn(
                "http.listen",
                layers.place("http.listen"),
                Caution::Risky(text),
            );
        }
        return;
    }
    let risks = [
        (
            "throttle.enabled",
            !groups.throttle.enabled,
            "lets passwords be guessed at full speed",
        ),
        (
            "graphql.graphiql",
            groups.graphql.graphiql,
            "serves GraphiQL in production",
        ),
        (
            "graphql.introspection",
            groups.graphql.introspection,
            "shows the schema in production",
        ),
    ];
    for (key, is_risky, text) in risks {
        if is_risky {
            findings.warn(key, layers.place(key), Caution::Risky(text));
        }
    }
}

/// Settings that the engine of the store has no use for.
fn without_effect(groups: &Groups, layers: &Layers, findings: &mut Findings) {
    let (keys, text): (&[&str], _) = match groups.store.url {
        StoreUrl::Sqlite(_) => (
            &[
                "store.max_connections",
                "store.acquire_timeout",
                "store.timeout",
                "store.ca_file",
            ],
            "has no effect: the store is an SQLite file, which takes no connection over a network",
        ),
        StoreUrl::Network(..) => (
            &["store.readers", "store.write_queue", "store.busy_timeout"],
            "has no effect: it is about SQLite, and the store is another engine",
        ),
    };
    for key in keys.iter().filter(|key| layers.is_written(key)) {
        findings.warn(key, layers.place(key), Caution::WithoutEffect(text));
    }
}

fn in_development(groups: &Groups) -> bool {
    groups.general.mode == Mode::Development
}

fn written_once(layers: &Layers, keys: &[&str]) -> bool {
    keys.iter().filter(|key| layers.is_written(key)).count() <= 1
}

/// The least memory for a number of passes, from OWASP's Password Storage Cheat Sheet.
fn least_memory(argon2: &Argon2) -> ByteSize {
    ByteSize::mib(match argon2.iterations {
        0 | 1 => 46,
        2 => 19,
        3 => 12,
        4 => 9,
        _ => 7,
    })
}
