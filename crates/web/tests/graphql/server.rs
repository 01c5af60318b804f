//! An instance behind the router, and how tests talk to it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use countersign_app::Settings;
use countersign_token::Scopes;
use countersign_web::{GraphqlSettings, WebSettings, WebState, graphql, kernel};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::instance::{self, Instance};

pub struct Server {
    pub instance: Instance,
    pub router: Router,
}

/// An answer: status, headers, and the body as JSON.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The code of the first error.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or("none")
    }
}

pub fn graphql_settings() -> GraphqlSettings {
    GraphqlSettings {
        max_depth: 12,
        max_complexity: 1000,
        max_aliases: 15,
        max_root_fields: 10,
        introspection: true,
        graphiql: true,
    }
}

pub fn web_settings() -> WebSettings {
    WebSettings {
        public_url: "http://127.0.0.1:4455".to_owned(),
        trusted_proxies: Vec::new(),
        cors_origins: Vec::new(),
        body_limit: 64 * 1024,
        request_timeout: Duration::from_secs(10),
        graphql: graphql_settings(),
    }
}

impl Server {
    pub async fn new() -> Self {
        Self::with(|_| {}, |_| {}).await
    }

    pub async fn with(
        change: impl FnOnce(&mut Settings),
        change_web: impl FnOnce(&mut WebSettings),
    ) -> Self {
        let instance = Instance::with(change).await;
        let mut settings = web_settings();
        change_web(&mut settings);
        let web = WebState {
            app: instance.app.clone(),
            settings: Arc::new(settings),
            monitor: None,
        };
        let router = kernel::wrap(graphql::router(&web), web);
        Self { instance, router }
    }

    /// Sends any request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    /// Sends a document with variables by POST.
    pub async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Answer {
        let mut request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = json!({ "query": query, "variables": variables });
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    /// The access token of a new user.
    pub async fn user(&self, name: &str) -> String {
        let (_, tokens) = self.instance.sign_up(name).await;
        instance::access(&tokens).to_owned()
    }

    /// An access token of a new user, good for these scopes and no others. Scopes that the user
    /// does not have by themselves are granted first.
    pub async fn with_scopes(&self, name: &str, scopes: &str) -> String {
        use countersign_app::admin::{Admin, AuthorityChange, AuthorityOutcome};
        use countersign_app::log_in::LoggedIn;

        let (account, _) = self.instance.sign_up(name).await;
        let scopes: Scopes = scopes.parse().unwrap();
        let change = AuthorityChange {
            grant_scopes: scopes.clone(),
            ..AuthorityChange::default()
        };
        let app = &self.instance.app;
        let id = account.user.id;
        let (by, origin) = (Admin::CommandLine, instance::origin());
        let changed = app.change_authority(by, id, change, &origin);
        assert!(matches!(
            changed.await.unwrap(),
            AuthorityOutcome::Changed(_)
        ));
        let mut command = instance::log_in(name, instance::PASSWORD);
        command.scopes = Some(scopes);
        match app.log_in(command, &instance::origin()).await.unwrap() {
            LoggedIn::LoggedIn { tokens, .. } => instance::access(&tokens).to_owned(),
            other => panic!("{other:?}"),
        }
    }
}

/// All scopes of the product's own interfaces.
pub const EVERYTHING: &str = "account:read account:write audit:read monitor:read roles:read roles:write users:read users:write";
