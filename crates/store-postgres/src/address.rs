//! The address of the database: `postgres://user:password@host:port,host:port/database?…`. What it
//! says about encryption and the schema is read here; the rest is `PostgreSQL`'s usual form. Nothing
//! of an address that can't be read is repeated: it may hold the password.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, Host, SslMode, TargetSessionAttrs};

use crate::error::PostgresError;

/// The parameters that an address may have.
pub(crate) const PARAMETERS: [&str; 9] = [
    "schema",
    "sslmode",
    "sslrootcert",
    "channel_binding",
    "target_session_attrs",
    "application_name",
    "options",
    "host",
    "port",
];

/// The schema if the address names none.
const SCHEMA: &str = "countersign";

/// An address, read.
pub(crate) struct Address {
    /// How to connect to each of the hosts, in their order.
    pub hosts: Vec<Config>,
    /// The schema (namespace) that holds the tables.
    pub schema: String,
    /// Whether to encrypt.
    pub tls: bool,
    /// The authorities that the address names.
    pub ca_file: Option<PathBuf>,
    /// The address without its secret.
    pub shown: String,
}

impl Address {
    /// Reads an address. `has_authorities` tells that authorities were chosen elsewhere.
    pub fn parse(url: &str, has_authorities: bool) -> Result<Self, PostgresError> {
        let rest = ["postgres://", "postgresql://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme))
            .ok_or(PostgresError::Scheme)?;
        let (credentials, rest) = match rest.split_once('@') {
            Some((credentials, rest)) => (Some(credentials), rest),
            None => (None, rest),
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        // A password with a bare '@' in it: what follows would be taken for a host, and shown.
        if place.contains('@') || credentials.is_some_and(|text| text.contains(['?', '/', '#'])) {
            return Err(PostgresError::Address);
        }
        let own = Parameters::split(query)?;
        let at = credentials.map(|text| format!("{text}@"));
        let plain = format!(
            "postgres://{}{place}?{}",
            at.unwrap_or_default(),
            own.rest.join("&")
        );
        let config: Config = plain.parse().map_err(|_| PostgresError::Address)?;
        Self::build(&config, own, has_authorities)
    }

    fn build(
        config: &Config,
        own: Parameters,
        has_authorities: bool,
    ) -> Result<Self, PostgresError> {
        let hosts = config.get_hosts();
        if hosts.is_empty() {
            return Err(PostgresError::NoHost);
        }
        let tls = encrypts(
            own.mode.as_deref(),
            hosts,
            has_authorities || own.ca_file.is_some(),
        )?;
        if !tls && config.get_channel_binding() == ChannelBinding::Require {
            return Err(PostgresError::BindingWithoutTls);
        }
        let target = match (own.target.as_deref(), hosts.len()) {
            (None, 1) | (Some("any"), _) => TargetSessionAttrs::Any,
            (None | Some("read-write"), _) => TargetSessionAttrs::ReadWrite,
            _ => return Err(PostgresError::Target),
        };
        let ports = config.get_ports();
        let port = |n: usize| {
            let port = ports.get(n).or_else(|| ports.first());
            port.copied().unwrap_or(5432)
        };
        let schema = own.schema.unwrap_or_else(|| SCHEMA.to_owned());
        let places: Vec<String> = hosts
            .iter()
            .enumerate()
            .map(|(n, host)| shown_host(host, port(n)))
            .collect();
        let shown = format!(
            "postgres://{}{}/{}?schema={schema}",
            config
                .get_user()
                .map(|user| format!("{user}@"))
                .unwrap_or_default(),
            places.join(","),
            config.get_dbname().unwrap_or_default(),
        );
        let hosts = hosts
            .iter()
            .enumerate()
            .map(|(n, host)| one_host(config, host, port(n), tls, target))
            .collect();
        Ok(Self {
            hosts,
            schema,
            tls,
            ca_file: own.ca_file,
            shown,
        })
    }
}

/// The parameters that are read here, and those that are not.
#[derive(Default)]
struct Parameters {
    schema: Option<String>,
    mode: Option<String>,
    ca_file: Option<PathBuf>,
    target: Option<String>,
    rest: Vec<String>,
}

impl Parameters {
    fn split(query: &str) -> Result<Self, PostgresError> {
        let mut own = Self::default();
        let mut seen = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap_or_default();
            if !PARAMETERS.contains(&name) || (seen.contains(&name) && name != "host") {
                return Err(PostgresError::Parameter);
            }
            seen.push(name);
            // One pair gives one value.
            let value = || {
                form_urlencoded::parse(pair.as_bytes())
                    .next()
                    .map(|(_, value)| value.into_owned())
                    .unwrap_or_default()
            };
            match name {
                "schema" => own.schema = Some(schema_name(value())?),
                "sslmode" => own.mode = Some(value()),
                "sslrootcert" => own.ca_file = Some(PathBuf::from(value())),
                "target_session_attrs" => own.target = Some(value()),
                _ => own.rest.push(pair.to_owned()),
            }
        }
        Ok(own)
    }
}

fn schema_name(name: String) -> Result<String, PostgresError> {
    let is_plain = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let begins_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    if is_plain && begins_well && name.len() <= 63 && !name.starts_with("pg_") {
        Ok(name)
    } else {
        Err(PostgresError::Schema)
    }
}

/// Whether to encrypt: always, unless the address says that it shall not, or says nothing and the
/// server is on this machine.
fn encrypts(
    mode: Option<&str>,
    hosts: &[Host],
    has_authorities: bool,
) -> Result<bool, PostgresError> {
    let is_local = hosts.iter().all(is_local);
    let encrypts = match mode {
        Some("disable") => false,
        Some("require" | "verify-ca" | "verify-full") => true,
        Some(_) => return Err(PostgresError::TlsMode),
        None => has_authorities || !is_local,
    };
    if encrypts && hosts.iter().any(|host| matches!(host, Host::Unix(_))) {
        return Err(PostgresError::TlsOverSocket);
    }
    Ok(encrypts)
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    }
}

fn shown_host(host: &Host, port: u16) -> String {
    match host {
        Host::Unix(path) => path.display().to_string(),
        Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
        Host::Tcp(name) => format!("{name}:{port}"),
    }
}

/// How to connect to one of the hosts.
fn one_host(
    config: &Config,
    host: &Host,
    port: u16,
    tls: bool,
    target: TargetSessionAttrs,
) -> Config {
    let mut one = Config::new();
    match host {
        Host::Tcp(name) => one.host(name),
        Host::Unix(path) => one.host_path(path),
    };
    one.port(port)
        .ssl_mode(if tls {
            SslMode::Require
        } else {
            SslMode::Disable
        })
        .channel_binding(config.get_channel_binding())
        .target_session_attrs(target)
        .application_name(config.get_application_name().unwrap_or("countersign"))
        // A network between must not forget a connection that rests, nor a peer that is gone go
        // unnoticed for hours.
        .keepalives_idle(Duration::from_secs(30))
        .keepalives_interval(Duration::from_secs(10))
        .keepalives_retries(3)
        .tcp_user_timeout(Duration::from_secs(30));
    if let Some(user) = config.get_user() {
        one.user(user);
    }
    if let Some(password) = config.get_password() {
        one.password(password);
    }
    if let Some(name) = config.get_dbname() {
        one.dbname(name);
    }
    if let Some(options) = config.get_options() {
        one.options(options);
    }
    one
}

#[cfg(test)]
mod tests;
