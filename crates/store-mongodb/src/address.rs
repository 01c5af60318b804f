//! Reads the address. What would weaken a promise is refused, what the limits of the store govern is
//! refused, what nobody knows is refused; and nothing of it but hosts and database is ever shown.

use std::path::Path;

use mongodb::options::{ConnectionString, ServerAddress, Tls, TlsOptions};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::MongoDbError;

const DEFAULT_DATABASE: &str = "countersign";

/// An address that was understood.
pub(crate) struct Address {
    /// For the driver. Holds the password, and must not be shown.
    pub connection: ConnectionString,
    pub database: String,
    /// For people.
    pub shown: String,
}

impl Address {
    pub fn parse(url: &str, ca_file: Option<&Path>) -> Result<Self, MongoDbError> {
        let (scheme, rest) = url.split_once("://").ok_or(MongoDbError::Address)?;
        if !matches!(scheme, "mongodb" | "mongodb+srv") {
            return Err(MongoDbError::Address);
        }
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        // A password with a bare question mark in it: its rest must not be taken for options.
        if query.contains('@') {
            return Err(MongoDbError::Address);
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or(MongoDbError::Address)?;
            check_option(name, value)?;
        }
        // The driver's complaint could quote the address.
        let mut connection = ConnectionString::parse(url).map_err(|_| MongoDbError::Address)?;
        // The driver then reads from whatever that member has become.
        if connection.direct_connection == Some(true) && !is_local(&connection) {
            return Err(MongoDbError::Weakening {
                option: "directConnection".to_owned(),
                reason: "a member that is no primary any more would still be read from; leave it out",
            });
        }
        let database = match connection.default_database.take() {
            Some(name) => database_name(name)?,
            None => DEFAULT_DATABASE.to_owned(),
        };
        // The driver would take it for where the user is defined, too, which it still should.
        connection.default_database = Some(database.clone());
        let hosts = place.rsplit_once('@').map_or(place, |(_, hosts)| hosts);
        let hosts = hosts.split_once('/').map_or(hosts, |(hosts, _)| hosts);
        let shown = format!("{scheme}://{hosts}/{database}");
        secure(&mut connection, scheme == "mongodb+srv", ca_file)?;
        Ok(Self {
            connection,
            database,
            shown,
        })
    }
}

fn database_name(name: String) -> Result<String, MongoDbError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let reserved = ["admin", "local", "config"].contains(&name.as_str());
    if name.is_empty() || name.len() > 63 || reserved || !name.chars().all(is_plain) {
        return Err(MongoDbError::DatabaseName);
    }
    Ok(name)
}

/// Options that may stand in an address whatever their value.
const FREE: &[&str] = &[
    "appname",
    "authmechanism",
    "authmechanismproperties",
    "authsource",
    "directconnection",
    "loadbalanced",
    "replicaset",
    "retryreads",
    "srvmaxhosts",
    "srvservicename",
    "ssl",
    "tls",
    "tlscertificatekeyfile",
];

/// Options that have their place in the limits of the store.
const GOVERNED: &[&str] = &[
    "connecttimeoutms",
    "heartbeatfrequencyms",
    "localthresholdms",
    "maxconnecting",
    "maxidletimems",
    "maxpoolsize",
    "minpoolsize",
    "serverselectiontimeoutms",
    "sockettimeoutms",
    "timeoutms",
    "waitqueuemultiple",
    "waitqueuetimeoutms",
    "wtimeoutms",
];

fn check_option(name: &str, value: &str) -> Result<(), MongoDbError> {
    let lower = name.to_ascii_lowercase();
    let is = |wanted: &str| value.eq_ignore_ascii_case(wanted);
    let (harmless, reason) = match lower.as_str() {
        free if FREE.contains(&free) => (true, ""),
        governed if GOVERNED.contains(&governed) => (
            false,
            "times and numbers of connections are the limits of the store; leave it out",
        ),
        "w" => (
            is("majority"),
            "every write waits for the majority of the replica set; leave it out",
        ),
        "journal" => (
            is("true"),
            "a write that is not in the journal can be lost; leave it out",
        ),
        "readpreference" => (
            is("primary"),
            "another member than the primary may not know of a session's end; leave it out",
        ),
        "readpreferencetags" | "maxstalenessseconds" | "readconcernlevel" => (
            false,
            "reads are of what the majority has, from the primary; leave it out",
        ),
        "retrywrites" => (
            is("true"),
            "a write whose answer was lost is settled by trying it again; leave it out",
        ),
        "tlsinsecure" | "tlsallowinvalidcertificates" | "tlsallowinvalidhostnames" => (
            is("false"),
            "the server's certificate is always verified; name its authority in the file of \
             certificate authorities of the store",
        ),
        "tlscafile" => (
            false,
            "name the authority in the file of certificate authorities of the store",
        ),
        _ => return Err(MongoDbError::UnknownOption(name.to_owned())),
    };
    if harmless {
        Ok(())
    } else {
        Err(MongoDbError::Weakening {
            option: name.to_owned(),
            reason,
        })
    }
}

/// TLS unless the address says otherwise, or says nothing and is of this very machine.
fn secure(
    connection: &mut ConnectionString,
    is_srv: bool,
    ca_file: Option<&Path>,
) -> Result<(), MongoDbError> {
    let given = match connection.tls.take() {
        Some(Tls::Disabled) => None,
        Some(Tls::Enabled(options)) => Some(options),
        None if !is_srv && is_local(connection) => None,
        None => Some(TlsOptions::default()),
    };
    connection.tls = Some(match given {
        None => Tls::Disabled,
        Some(mut options) => {
            if let Some(path) = ca_file {
                check_authorities(path)?;
                options.ca_file_path = Some(path.to_owned());
            }
            Tls::Enabled(options)
        }
    });
    Ok(())
}

fn is_local(connection: &ConnectionString) -> bool {
    use mongodb::options::HostInfo;
    let HostInfo::HostIdentifiers(hosts) = &connection.host_info else {
        return false;
    };
    hosts.iter().all(|host| match host {
        ServerAddress::Tcp { host, .. } => {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            let address: Option<std::net::IpAddr> = bare.parse().ok();
            host.eq_ignore_ascii_case("localhost")
                || address.is_some_and(|address| address.is_loopback())
        }
        // A socket of this machine.
        _ => true,
    })
}

/// The driver passes over what it can't read in the file, and would then trust nobody.
fn check_authorities(path: &Path) -> Result<(), MongoDbError> {
    let refused = |reason: String| MongoDbError::CaFile {
        path: path.display().to_string(),
        reason,
    };
    let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate =
            certificate.map_err(|_| refused("it is not in the PEM format".to_owned()))?;
        store
            .add(certificate)
            .map_err(|_| refused("a certificate in it can't be read".to_owned()))?;
    }
    if store.is_empty() {
        return Err(refused("there is no certificate in it".to_owned()));
    }
    Ok(())
}
