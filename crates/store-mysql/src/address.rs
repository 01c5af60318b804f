//! The address of a database: `mysql://user:password@host:3306/database`, or `mariadb://`. What it
//! says about TLS is decided here, once: who leaves this computer without saying `DISABLED` has a
//! verified server at the other end.

use std::net::IpAddr;
use std::path::Path;

use mysql_async::{Opts, OptsBuilder, SslOpts};
use percent_encoding::percent_decode_str;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

use crate::error::MySqlError;

/// Sent once with each new connection, before anything else.
///
/// READ COMMITTED: whoever decides on what it read locks it first, by name, so that the gaps which
/// the default level locks besides would only make neighbours wait. Strict mode: a value that does
/// not fit is an error and never cut. Locks are waited for a second at most, and then the call is
/// tried again while its deadline lets it.
const SETUP: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
    SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', \
    SESSION innodb_lock_wait_timeout = 1, SESSION lock_wait_timeout = 30, SESSION autocommit = 1, \
    SESSION foreign_key_checks = 1, SESSION unique_checks = 1, SESSION wait_timeout = 28800";

/// Larger than any packet that is sent; the server has a limit of its own.
const MAX_PACKET: usize = 64 * 1024 * 1024;

/// Where the database is and how it is reached.
pub(crate) struct Address {
    /// For the driver. Holds the password.
    pub options: Opts,
    /// Without the password, for messages.
    pub shown: String,
    /// Its name, as the server knows it.
    pub database: String,
}

impl Address {
    /// Reads an address. `ca_file` has the authorities to trust in place of the public ones.
    pub fn parse(text: &str, ca_file: Option<&Path>) -> Result<Self, MySqlError> {
        let url = Url::parse(text).map_err(|_| MySqlError::Address("can't be read"))?;
        if !matches!(url.scheme(), "mysql" | "mariadb") {
            return Err(MySqlError::Address("begins with something else"));
        }
        let parameters = Parameters::of(&url)?;
        let database = decoded(url.path().trim_start_matches('/'))?;
        if database.is_empty() || database.contains('/') {
            return Err(MySqlError::Address("names no database"));
        }
        let user = decoded(url.username())?;
        if user.is_empty() {
            return Err(MySqlError::Address("names no user"));
        }
        let password = url.password().map(decoded).transpose()?;
        let host = host(&url)?;
        let is_near = parameters.socket.is_some() || is_loopback(&host);
        let tls = parameters.tls.unwrap_or(!is_near);
        if tls && parameters.socket.is_some() {
            return Err(MySqlError::TlsMode(
                "can't ask for TLS on a Unix socket: leave it out, or name a host",
            ));
        }
        let port = url.port().unwrap_or(3306);
        let shown = shown(&url, &host, port, parameters.socket.as_deref(), &database);
        let options = OptsBuilder::default()
            .ip_or_hostname(host)
            .tcp_port(port)
            .socket(parameters.socket)
            // The driver would change over to the socket that the server names.
            .prefer_socket(false)
            .user(Some(user))
            .pass(password)
            .db_name(Some(database.clone()))
            // An update that finds its row has changed it, whether the values are new or not.
            .client_found_rows(true)
            .stmt_cache_size(0)
            // Said here, these two need not be asked for.
            .max_allowed_packet(Some(MAX_PACKET))
            .wait_timeout(Some(28_800))
            .setup(vec![SETUP])
            .ssl_opts(tls.then(|| authorities(ca_file)).transpose()?);
        if !tls && let Some(path) = ca_file {
            // Read all the same: who names a file wants to know that it is none.
            authorities(Some(path))?;
        }
        Ok(Self {
            options: options.into(),
            shown,
            database,
        })
    }
}

#[derive(Default)]
struct Parameters {
    tls: Option<bool>,
    socket: Option<String>,
}

impl Parameters {
    fn of(url: &Url) -> Result<Self, MySqlError> {
        // What follows a ? in a password looks like parameters, and must not be quoted as such.
        if url.query().is_some_and(|query| query.contains('@')) {
            return Err(MySqlError::Address(
                "has a @ after a ?: write ? in a name or password as %3F, and @ in a parameter as %40",
            ));
        }
        let mut parameters = Self::default();
        for (name, value) in url.query_pairs() {
            // Of two that differ one would win unseen, and it may be the less safe one.
            let is_repeated = match name.as_ref() {
                "ssl-mode" => parameters.tls.replace(is_tls(&value)?).is_some(),
                "socket" if value.starts_with('/') => {
                    parameters.socket.replace(value.into_owned()).is_some()
                }
                "socket" => return Err(MySqlError::Address("names a socket without its path")),
                _ if is_plain_word(&name) => return Err(MySqlError::Parameter(name.into_owned())),
                _ => {
                    return Err(MySqlError::Address(
                        "has an unknown parameter: only ssl-mode and socket are known",
                    ));
                }
            };
            if is_repeated {
                return Err(MySqlError::Address("has the same parameter twice"));
            }
        }
        if url.fragment().is_some() {
            return Err(MySqlError::Address("has a #: write it as %23"));
        }
        Ok(parameters)
    }
}

/// Whether it looks like the name of a parameter, which may be shown, and not like a part of a secret.
fn is_plain_word(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_');
    (1..=32).contains(&name.len()) && name.bytes().all(is_plain)
}

/// All modes with TLS verify: one that does not protects from nobody who can answer for the server.
fn is_tls(mode: &str) -> Result<bool, MySqlError> {
    match mode.to_ascii_uppercase().as_str() {
        "DISABLED" => Ok(false),
        "REQUIRED" | "VERIFY_CA" | "VERIFY_IDENTITY" => Ok(true),
        "PREFERRED" => Err(MySqlError::TlsMode(
            "PREFERRED falls back to plain text when somebody in between wants it to: say \
             VERIFY_IDENTITY, or DISABLED if plain text is meant",
        )),
        _ => Err(MySqlError::TlsMode(
            "is one of VERIFY_IDENTITY, VERIFY_CA, REQUIRED (which all verify the certificate and \
             its name) and DISABLED",
        )),
    }
}

fn decoded(part: &str) -> Result<String, MySqlError> {
    let text = percent_decode_str(part).decode_utf8();
    Ok(text
        .map_err(|_| MySqlError::Address("is not UTF-8"))?
        .into_owned())
}

fn host(url: &Url) -> Result<String, MySqlError> {
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or(MySqlError::Address("names no host"))?;
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    decoded(bare.unwrap_or(host))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn shown(url: &Url, host: &str, port: u16, socket: Option<&str>, database: &str) -> String {
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let at = socket.map_or_else(
        || format!("{host}:{port}"),
        |path| format!("{host} ({path})"),
    );
    format!("{}://{}@{at}/{database}", url.scheme(), url.username())
}

fn authorities(file: Option<&Path>) -> Result<SslOpts, MySqlError> {
    let Some(path) = file else {
        return Ok(SslOpts::default());
    };
    let pem = std::fs::read(path).map_err(|source| MySqlError::CaFile {
        path: path.to_owned(),
        source,
    })?;
    let unusable = || MySqlError::CaCertificates(path.to_owned());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|_| unusable())?;
        roots.add(certificate).map_err(|_| unusable())?;
    }
    if roots.is_empty() {
        return Err(unusable());
    }
    Ok(SslOpts::default()
        .with_disable_built_in_roots(true)
        .with_root_certs(vec![pem.into()]))
}

#[cfg(test)]
mod tests;
