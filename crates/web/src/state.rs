//! What every route and field has at hand.

use std::sync::Arc;
use std::time::Duration;

use countersign_app::App;
use countersign_monitor::Kept;

/// How the transports are set. The binary fills it from its configuration.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Where clients reach this instance: scheme, host, port, and the path below which everything is,
    /// if there is one; no trailing slash.
    pub public_url: String,
    /// Peers whose `Forwarded` or `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Origins whose pages may read answers (CORS). None by default.
    pub cors_origins: Vec<String>,
    /// The longest request body, in bytes.
    pub body_limit: usize,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// The GraphQL interface's own.
    pub graphql: GraphqlSettings,
}

impl WebSettings {
    /// The path below which everything is, such as `/auth`; empty at the root.
    pub fn base_path(&self) -> &str {
        let after_scheme = self.public_url.split_once("://");
        let rest = after_scheme.map_or(self.public_url.as_str(), |(_, rest)| rest);
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("")
    }
}

/// How the GraphQL interface is set.
#[derive(Clone, Debug)]
pub struct GraphqlSettings {
    /// How deep a query may nest.
    pub max_depth: usize,
    /// How complex a query may be.
    pub max_complexity: usize,
    /// How many aliases a query may have.
    pub max_aliases: usize,
    /// How many fields an operation may have at its root.
    pub max_root_fields: usize,
    /// Whether the schema can be asked for, and unknown names get suggestions.
    pub introspection: bool,
    /// Whether `GraphiQL` is served.
    pub graphiql: bool,
}

/// What every route and field has at hand.
#[derive(Clone)]
pub struct WebState {
    /// The use cases.
    pub app: Arc<App>,
    /// How the transports are set.
    pub settings: Arc<WebSettings>,
    /// What the latest requests did, for those who may see it; `None` if nothing is kept.
    pub monitor: Option<Arc<Kept>>,
}
