//! The routes of a `serverless.yml`: `http` events make a REST API under the stage, `httpApi` events
//! an HTTP API without one, `url` a function URL. Authorizers are written at the event, or by name
//! at the provider.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sam_api::{self, REST_TTL, function_of_arn, ttl, validation};
use super::values::text;
use super::{is_true, method, number, texts};
use crate::stack::{
    Api, ApiKind, Authorizer, Check, IdentitySource, LambdaCheck, LambdaKind, Payload, Route,
    Target,
};

/// The APIs found so far.
pub(super) struct Apis<'p> {
    provider: &'p Value,
    rest: Api,
    http: Api,
    urls: Vec<Api>,
    warnings: Vec<String>,
}

impl<'p> Apis<'p> {
    pub(super) fn new(provider: &'p Value, stage: &str) -> Self {
        let mut rest = sam_api::empty("http", ApiKind::Rest, stage);
        let gateway = provider.get("apiGateway").unwrap_or(&Value::Null);
        rest.binary_media_types = texts(gateway.get("binaryMediaTypes"));
        let mut http = sam_api::empty("httpApi", ApiKind::Http, "$default");
        http.cors = provider
            .get("httpApi")
            .and_then(|api| api.get("cors"))
            .and_then(super::cors::cors);
        Self {
            provider,
            rest,
            http,
            urls: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Adds what one event of a function says.
    pub(super) fn add(
        &mut self,
        function: &str,
        event: &Value,
        functions: &BTreeMap<String, Value>,
    ) {
        if let Some(http) = event.get("http") {
            self.add_rest(function, http, functions);
        } else if let Some(http) = event.get("httpApi") {
            self.add_http(function, http);
        } else if let Some(kind) = event.as_object().and_then(|event| event.keys().next()) {
            self.warnings
                .push(format!("{function}: {kind} events are left out"));
        }
    }

    pub(super) fn add_url(&mut self, function: &str, url: &Value) {
        let mut api = sam_api::empty(&format!("{function} url"), ApiKind::FunctionUrl, "$default");
        api.cors = url.get("cors").and_then(super::cors::cors);
        let authorizer = (url.get("authorizer") == Some(&json!("aws_iam")))
            .then(|| sam_api::unavailable(&mut api, "aws_iam"));
        api.routes
            .push(route(function, "ANY", "$default", Payload::V2, authorizer));
        self.urls.push(api);
    }

    pub(super) fn finish(self) -> (Vec<Api>, Vec<String>) {
        let apis = [self.rest, self.http]
            .into_iter()
            .filter(|api| !api.routes.is_empty());
        (apis.chain(self.urls).collect(), self.warnings)
    }

    fn add_rest(&mut self, function: &str, event: &Value, functions: &BTreeMap<String, Value>) {
        let (verb, path) = verb_and_path(event);
        let path = format!("/{}", path.trim_matches('/'));
        let authorizer = event
            .get("authorizer")
            .map(|value| self.rest_authorizer(value, functions));
        if let Some(value) = event
            .get("cors")
            .filter(|value| **value != Value::Bool(false))
        {
            let taken = self
                .rest
                .routes
                .iter()
                .any(|route| route.path == path && route.method == "OPTIONS");
            if !taken {
                self.rest.routes.push(sam_api::preflight(
                    path.clone(),
                    super::cors::event_cors(value),
                    None,
                ));
            }
        }
        let mut route = route(function, &verb, &path, Payload::V1, authorizer);
        route.wants_api_key = is_true(event.get("private"));
        if route.wants_api_key {
            self.warnings.push(sam_api::without_api_key(&route));
        }
        self.rest.routes.push(route);
    }

    /// `name`, or `{name, arn, type, resultTtlInSeconds, identitySource, identityValidationExpression}`.
    fn rest_authorizer(&mut self, value: &Value, functions: &BTreeMap<String, Value>) -> String {
        let of = |key: &str| value.get(key);
        let named = of("name").map_or_else(|| text(value), text);
        let function = of("arn").map_or(named, |arn| function_of_arn(&text(arn)));
        let name = of("name").map_or_else(|| function.clone(), text);
        let kind = of("type").map(text).unwrap_or_default().to_lowercase();
        if kind == "aws_iam"
            || kind.contains("cognito")
            || function == "aws_iam"
            || !functions.contains_key(&function)
        {
            self.warnings.push(format!(
                "{name} is no authorizer of this file: its routes refuse every request here"
            ));
            return sam_api::unavailable(&mut self.rest, &name);
        }
        let written = of("identitySource").map(text);
        let written = written
            .as_deref()
            .unwrap_or("method.request.header.Authorization");
        let identity = written
            .split(',')
            .filter_map(IdentitySource::parse)
            .collect();
        let warnings = std::cell::RefCell::new(&mut self.warnings);
        let check = LambdaCheck {
            function,
            kind: if kind == "request" {
                LambdaKind::Request(Payload::V1)
            } else {
                let expression = of("identityValidationExpression");
                LambdaKind::Token(validation(&name, expression, |text| {
                    warnings.borrow_mut().push(text);
                }))
            },
            identity,
            ttl: ttl(number(of("resultTtlInSeconds")).unwrap_or(REST_TTL)),
            simple: false,
        };
        let authorizer = Authorizer {
            name: name.clone(),
            check: Check::Lambda(check),
        };
        self.rest.authorizers.insert(name.clone(), authorizer);
        name
    }

    fn add_http(&mut self, function: &str, event: &Value) {
        let (verb, path) = verb_and_path(event);
        let path = if path == "*" {
            "$default".to_owned()
        } else {
            path
        };
        let api = self.provider.get("httpApi").unwrap_or(&Value::Null);
        let payload = sam_api::payload(api.get("payload"));
        let authorizer = event.get("authorizer").map(|value| {
            let name = value.get("name").map_or_else(|| text(value), text);
            self.http_authorizer(&name);
            name
        });
        self.http
            .routes
            .push(route(function, &verb, &path, payload, authorizer));
    }

    fn http_authorizer(&mut self, name: &str) {
        if self.http.authorizers.contains_key(name) {
            return;
        }
        let all = self
            .provider
            .get("httpApi")
            .and_then(|api| api.get("authorizers"));
        let value = all.and_then(|all| all.get(name)).unwrap_or(&Value::Null);
        let function = value.get("functionName").map(text);
        let function = function.or_else(|| {
            value
                .get("functionArn")
                .map(|arn| function_of_arn(&text(arn)))
        });
        let (Some(function), Some("request")) =
            (function, value.get("type").and_then(Value::as_str))
        else {
            self.warnings.push(format!(
                "{name} is no request authorizer: its routes refuse every request here"
            ));
            sam_api::unavailable(&mut self.http, name);
            return;
        };
        let sources = texts(value.get("identitySource"));
        let check = LambdaCheck {
            function,
            kind: LambdaKind::Request(sam_api::payload(value.get("payloadVersion"))),
            identity: sources
                .iter()
                .flat_map(|text| text.split(','))
                .filter_map(IdentitySource::parse)
                .collect(),
            ttl: ttl(number(value.get("resultTtlInSeconds")).unwrap_or(0)),
            simple: is_true(value.get("enableSimpleResponses")),
        };
        let authorizer = Authorizer {
            name: name.to_owned(),
            check: Check::Lambda(check),
        };
        self.http.authorizers.insert(name.to_owned(), authorizer);
    }
}

/// `GET /users`, `*`, or `{method, path}`.
fn verb_and_path(event: &Value) -> (String, String) {
    if let Value::String(line) = event {
        let (verb, path) = line.split_once(' ').unwrap_or(("*", line));
        return (method(verb), path.trim().to_owned());
    }
    let of = |key: &str| event.get(key).map_or_else(|| "*".to_owned(), text);
    let verb = method(&of("method"));
    (
        if verb == "ANY" {
            "ANY".to_owned()
        } else {
            verb
        },
        of("path"),
    )
}

fn route(
    function: &str,
    verb: &str,
    path: &str,
    payload: Payload,
    authorizer: Option<String>,
) -> Route {
    Route {
        method: verb.to_owned(),
        path: path.to_owned(),
        target: Target::Function(function.to_owned()),
        payload,
        authorizer,
        wants_api_key: false,
    }
}
