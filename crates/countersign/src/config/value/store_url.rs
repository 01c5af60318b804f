//! Where the store is. The scheme names the engine. An address over a network may hold a password,
//! so it shows itself without one.

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Kind, Value, Wrong};

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// An `SQLite` database in this file.
    Sqlite(PathBuf),
    /// A database that is reached over a network.
    Network(Engine, StoreAddress),
}

/// An engine that is reached over a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// `PostgreSQL`, and what speaks its protocol.
    Postgres,
    /// `MySQL` and `MariaDB`.
    Mysql,
    /// `MongoDB`.
    Mongodb,
    /// Amazon `DynamoDB`.
    Dynamodb,
}

impl Engine {
    /// All of them, in the order of the reference.
    pub const ALL: [Self; 4] = [Self::Postgres, Self::Mysql, Self::Mongodb, Self::Dynamodb];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Mongodb => "MongoDB",
            Self::Dynamodb => "DynamoDB",
        }
    }

    /// The Cargo feature that builds it in.
    pub fn feature(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mongodb => "mongodb",
            Self::Dynamodb => "dynamodb",
        }
    }

    fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgres", "postgresql"],
            Self::Mysql => &["mysql", "mariadb"],
            Self::Mongodb => &["mongodb", "mongodb+srv"],
            Self::Dynamodb => &["dynamodb"],
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The address of a database on a network. `Debug` and `Display` leave its secrets out.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreAddress(Zeroizing<String>);

impl StoreAddress {
    /// The whole address, password included.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

impl fmt::Debug for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreAddress({self})")
    }
}

/// Without secrets: as a path or an address to recognize it by.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Network(_, address) => address.fmt(f),
        }
    }
}

/// Written as in the configuration; a relative path of a file starts at `base`.
impl StoreUrl {
    /// Reads an address.
    pub fn read(text: &str, base: &Path) -> Result<Self, Wrong> {
        <Self as Value>::parse(text, base)
    }

    /// Whether it holds a password, so that it may not stand where others read it.
    pub fn holds_password(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Network(_, address) => holds_password(address.expose()),
        }
    }
}

impl Value for StoreUrl {
    const KIND: Kind = Kind::text(
        "store address",
        "`sqlite:path`, `postgres://user@host/database`, `mysql://user@host/database`, \
         `mongodb://user@host/database`, `dynamodb://region/table`",
    );

    fn parse(text: &str, base: &Path) -> Result<Self, Wrong> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(':') || path.contains('?') {
                return Err(Wrong::Form("expected the path of a file after sqlite:"));
            }
            return Ok(Self::Sqlite(base.join(path)));
        }
        let (scheme, rest) = text.split_once("://").ok_or(NO_SCHEME)?;
        let engine = Engine::ALL
            .into_iter()
            .find(|engine| engine.schemes().contains(&scheme))
            .ok_or(NO_SCHEME)?;
        if rest.is_empty() || text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(Wrong::Form(
                "expected a host after ://, and no blanks (write them as %20)",
            ));
        }
        // An address in which one can't tell where the password ends would be read in two ways.
        let login_ends = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        if rest.rfind('@').is_some_and(|at| at > login_ends) {
            return Err(Wrong::Form(
                "expected no @ behind a / ? or #: in a name or password write / as %2F, ? as %3F, \
                 # as %23 and @ as %40",
            ));
        }
        Ok(Self::Network(
            engine,
            StoreAddress(Zeroizing::new(text.to_owned())),
        ))
    }
}

const NO_SCHEME: Wrong = Wrong::Form(
    "expected an address that begins with sqlite:, postgres://, mysql://, mongodb:// or dynamodb://",
);

/// Options that say how to connect and hold no secret, whatever their value.
const OPEN_OPTIONS: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "tls",
    "replicaSet",
    "authSource",
    "endpoint",
];

/// Options that hold a secret, and whose names tell nothing.
const SECRET_OPTIONS: &[&str] = &["password", "sslpassword", "authMechanismProperties"];

/// An address without its password, and without the values of options that may be secret.
pub(in crate::config) fn masked(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return if text.starts_with("sqlite:") {
            text.to_owned()
        } else {
            "(hidden)".to_owned()
        };
    };
    // A password that was not encoded may hold any of `/?#@:`: whatever stands before the last `@`
    // may belong to it, and what stands behind it too, if that `@` may be one of an option.
    if let Some((login, place)) = rest.rsplit_once('@') {
        let end = login.find([':', '/', '?', '#', '@']);
        let user = end.map_or(login, |end| login.get(..end).unwrap_or_default());
        if login.contains(['?', '#']) {
            return format!("{scheme}://{user}:***");
        }
        let hidden = if end.is_some() { ":***" } else { "" };
        return format!("{scheme}://{user}{hidden}@{}", masked_place(place));
    }
    format!("{scheme}://{}", masked_place(rest))
}

/// The part of an address behind the login.
fn masked_place(text: &str) -> String {
    let (text, mark) = match text.split_once('#') {
        Some((before, _)) => (before, "#***"),
        None => (text, ""),
    };
    let (place, options) = text.split_once('?').unwrap_or((text, ""));
    let (hosts, path) = match place.find('/') {
        Some(at) => place.split_at(at),
        None => (place, ""),
    };
    let hosts: Vec<String> = hosts.split(',').map(masked_host).collect();
    let options: Vec<String> = options
        .split('&')
        .filter(|option| !option.is_empty())
        .map(|option| match option.split_once('=') {
            Some((name, _)) if OPEN_OPTIONS.contains(&name) => option.to_owned(),
            Some((name, _)) if SECRET_OPTIONS.contains(&name) => format!("{name}=***"),
            _ => "***".to_owned(),
        })
        .collect();
    let question = if options.is_empty() { "" } else { "?" };
    let options = options.join("&");
    format!("{}{path}{question}{options}{mark}", hosts.join(","))
}

/// A host and its port. What is no port is the password of somebody who forgot the `@` and the host.
fn masked_host(text: &str) -> String {
    let port = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((_, port)) => port.strip_prefix(':').unwrap_or(port),
        None => text.split_once(':').map_or("", |(_, port)| port),
    };
    if port.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    format!("{}:***", text.split(':').next().unwrap_or_default())
}

/// Whether an address holds a password: one that may not stand where others read it.
pub(in crate::config) fn holds_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else {
        return false;
    };
    let login = rest.rsplit_once('@').map_or("", |(login, _)| login);
    let in_login = login
        .split_once(':')
        .is_some_and(|(_, password)| !password.is_empty());
    let options = rest.split_once('?').map_or("", |(_, options)| options);
    let in_options = options.split('&').any(|option| {
        let name = option.split_once('=').map_or("", |(name, _)| name);
        let name = name.to_lowercase();
        ["password", "secret", "token", "authmechanismproperties"]
            .iter()
            .any(|word| name.contains(word))
    });
    in_login || in_options
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_scheme_names_the_engine() {
        for (text, engine) in [
            ("postgres://db/auth", Engine::Postgres),
            ("postgresql://u:p@db:5432/auth", Engine::Postgres),
            ("mysql://db/auth", Engine::Mysql),
            ("mariadb://db/auth", Engine::Mysql),
            ("mongodb://a:1,b:2/auth?replicaSet=rs", Engine::Mongodb),
            ("mongodb+srv://cluster.example/auth", Engine::Mongodb),
            ("dynamodb://eu-central-1/countersign", Engine::Dynamodb),
        ] {
            let read = StoreUrl::read(text, Path::new("")).unwrap();
            assert!(
                matches!(&read, StoreUrl::Network(found, address)
                    if *found == engine && address.expose() == text),
                "{read:?}"
            );
        }
        let file = StoreUrl::read("sqlite:x.db", Path::new("/data")).unwrap();
        assert_eq!(file, StoreUrl::Sqlite(PathBuf::from("/data/x.db")));
    }

    #[test]
    fn what_names_no_engine_or_no_place_is_refused() {
        for text in [
            "oracle://db/auth",
            "postgres:db",
            "postgres://",
            "postgres://db/a b",
            "sqlite:",
            "sqlite::memory:",
            "auth.db",
            "mysql://root:12/secret@host",
            "postgres://u:p?w@db/x",
            "mongodb://u:p#w@db/x",
            "mongodb://db/x?appName=a@b",
        ] {
            assert!(StoreUrl::read(text, Path::new("")).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (text, shown) in [
            ("postgres://u:pw@db:5432/x", "postgres://u:***@db:5432/x"),
            (
                "postgres://u@db/x?sslmode=disable",
                "postgres://u@db/x?sslmode=disable",
            ),
            (
                "postgres://db/x?password=pw&sslmode=require",
                "postgres://db/x?password=***&sslmode=require",
            ),
            ("mysql://u:p@pw@db:3306/x", "mysql://u:***@db:3306/x"),
            (
                "mongodb://u:pw@a,b/x?replicaSet=rs",
                "mongodb://u:***@a,b/x?replicaSet=rs",
            ),
            ("dynamodb://eu-central-1/t", "dynamodb://eu-central-1/t"),
        ] {
            let read = StoreUrl::read(text, Path::new("")).unwrap();
            assert_eq!(read.to_string(), shown);
            assert!(!format!("{read:?}").contains("pw"), "{read:?}");
            assert_eq!(
                holds_password(text),
                text.contains("pw") || text.contains("p/w"),
                "{text}"
            );
        }
    }

    #[test]
    fn an_address_that_is_refused_is_shown_without_its_secrets_too() {
        for (text, shown) in [
            ("mysql://root:12/pw@host", "mysql://root:***@host"),
            ("mysql://u:p/w?pw@w#p@db/x", "mysql://u:***"),
            ("postgres://u@db/x?password=p@pw", "postgres://u:***"),
            ("postgres://db/x?password=pw:y@pw", "postgres://db:***"),
            ("postgres://u:pw", "postgres://u:***"),
            ("mongodb://u:pw,b:1/x", "mongodb://u:***,b:1/x"),
            ("postgres://db/x#pw", "postgres://db/x#***"),
            (
                "postgres://db/x?password=1&pw",
                "postgres://db/x?password=***&***",
            ),
            (
                "postgres://db/x?password=1&pw=2",
                "postgres://db/x?password=***&***",
            ),
            ("postgres://[::1]:5432/x", "postgres://[::1]:5432/x"),
            ("postgres://[::1]/x", "postgres://[::1]/x"),
            ("pw", "(hidden)"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
        }
    }

    proptest! {
        /// The letters of the password stand nowhere else in the address.
        #[test]
        fn no_part_of_a_password_is_ever_shown(
            scheme in prop::sample::select(vec![
                "postgres", "postgresql", "mysql", "mariadb", "mongodb", "mongodb+srv", "dynamodb",
            ]),
            user in prop::sample::select(vec!["root:", "a.b%40c:", ":"]),
            password in "[xzk0-9/?#@:&=%,.+;\\[\\]-]{1,12}",
            place in prop::sample::select(vec![
                "db/n", "db:5432/n", "a:1,b:2/n?replicaSet=rs", "[::1]:5432/n?sslmode=require", "db",
            ]),
        ) {
            let in_login = format!("{scheme}://{user}{password}@{place}");
            let in_option = format!("{scheme}://db/n?password={password}");
            for text in [in_login, in_option] {
                let shown = masked(&text);
                prop_assert!(!shown.contains(['x', 'z', 'k']), "{} of {}", shown, text);
                if let Ok(read) = StoreUrl::read(&text, Path::new("")) {
                    prop_assert_eq!(read.to_string(), shown.clone());
                    let debug = format!("{read:?}");
                    prop_assert!(debug.contains(&shown), "{} of {}", debug, text);
                    prop_assert!(holds_password(&text), "{}", text);
                }
            }
        }
    }
}
