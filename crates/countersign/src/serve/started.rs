//! What is said once the server listens: where everything is, and what to do first.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::{Mode, Settings};

const BECOME_ADMIN: &str = "countersign grant you@example.com admin";

/// A server that listens. Displays as text for people.
#[derive(Clone, Debug)]
pub struct Started {
    /// Where the API listens: the real port, also where the configuration says 0.
    pub address: SocketAddr,
    /// Where metrics and health are, if they are on.
    pub ops_address: Option<SocketAddr>,
    /// By which URL this machine reaches the API.
    pub url: String,
    /// By which URL everybody does.
    pub public_url: String,
    /// Whether `GraphiQL` is served.
    pub graphiql: bool,
    /// Whether there is a page of what the server did.
    pub monitor: bool,
    /// What the server is run for.
    pub mode: Mode,
    /// Where it keeps its data.
    pub data_dir: PathBuf,
}

impl Started {
    pub(super) fn new(
        settings: &Settings,
        address: SocketAddr,
        ops_address: Option<SocketAddr>,
    ) -> Self {
        let is_tls = settings.http.tls.certificate_file.is_some();
        let scheme = if is_tls { "https" } else { "http" };
        Self {
            address,
            ops_address,
            url: format!("{scheme}://{}", reachable(address)),
            public_url: settings
                .http
                .public_url
                .as_str()
                .trim_end_matches('/')
                .to_owned(),
            graphiql: settings.graphql.graphiql,
            monitor: settings.monitor.entries > 0,
            mode: settings.mode,
            data_dir: settings.data_dir.clone(),
        }
    }

    /// The addresses by name, in the order in which they are shown.
    pub fn endpoints(&self) -> Vec<(&'static str, String)> {
        let at = |path: &str| format!("{}{path}", self.url);
        let mut endpoints = vec![("graphql", at("/graphql"))];
        if self.graphiql {
            endpoints.push(("graphiql", at("/graphiql")));
        }
        endpoints.extend([
            ("rest", at("/v1")),
            ("openapi", at("/openapi.json")),
            ("jwks", at("/.well-known/jwks.json")),
        ]);
        if self.monitor {
            endpoints.push(("monitor", at("/console/monitor")));
        }
        if let Some(ops) = self.ops_address.map(reachable) {
            endpoints.extend([
                ("metrics", format!("http://{ops}/metrics")),
                ("health", format!("http://{ops}/healthz")),
                ("readiness", format!("http://{ops}/readyz")),
            ]);
        }
        endpoints
    }

    /// The same as one JSON object on one line.
    pub fn to_json(&self) -> String {
        let mut object = serde_json::Map::new();
        object.insert("event".to_owned(), "listening".into());
        object.insert("address".to_owned(), self.address.to_string().into());
        object.insert("public_url".to_owned(), self.public_url.clone().into());
        object.insert("mode".to_owned(), mode(self.mode).into());
        object.insert(
            "data_dir".to_owned(),
            self.data_dir.display().to_string().into(),
        );
        for (name, url) in self.endpoints() {
            object.insert(name.to_owned(), url.into());
        }
        object.insert("become_admin".to_owned(), BECOME_ADMIN.into());
        serde_json::Value::Object(object).to_string()
    }
}

impl fmt::Display for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = env!("CARGO_PKG_VERSION");
        writeln!(
            f,
            "countersign {version} listens on {} ({})\n",
            self.url,
            mode(self.mode)
        )?;
        for (name, url) in self.endpoints() {
            writeln!(f, "  {:<10} {url}", label(name))?;
        }
        writeln!(f, "  {:<10} {}", "Data", self.data_dir.display())?;
        if self.public_url != self.url {
            writeln!(f, "  {:<10} {}", "Public URL", self.public_url)?;
        }
        writeln!(f, "\n  To become admin, make an account here:")?;
        writeln!(
            f,
            "    countersign users create --admin --email you@example.com"
        )?;
        writeln!(f, "  or sign up, and then grant it to yourself:")?;
        write!(f, "    {BECOME_ADMIN}")
    }
}

fn label(name: &'static str) -> &'static str {
    match name {
        "graphql" => "GraphQL",
        "graphiql" => "GraphiQL",
        "rest" => "REST",
        "openapi" => "OpenAPI",
        "jwks" => "JWKS",
        "monitor" => "Monitor",
        "metrics" => "Metrics",
        "health" => "Health",
        "readiness" => "Readiness",
        other => other,
    }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Development => "development",
        Mode::Production => "production",
    }
}

/// The address by which this machine reaches a listener: "all addresses" is none to connect to.
fn reachable(listen: SocketAddr) -> SocketAddr {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
