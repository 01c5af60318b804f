//! The APIs of a SAM template: stages, authorizers, CORS; and those that SAM makes up for functions
//! that name none.

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};

use super::cors::{cors, rest_cors};
use super::globals::merged;
use super::intrinsics::Resolver;
use super::values::text;
use super::{Choices, is_true, number, texts};
use crate::stack::{
    Api, ApiKind, Authorizer, Check, Cors, IdentitySource, LambdaCheck, LambdaKind, Payload, Route,
    Target,
};

/// What API Gateway takes if nothing is said: five minutes for REST APIs, no cache for HTTP APIs.
pub(super) const REST_TTL: u64 = 300;
/// An hour is the most that API Gateway takes.
pub(super) const MAX_TTL: u64 = 3600;

/// The APIs found so far.
pub(super) struct Apis {
    found: Vec<(Api, ForRoutes)>,
    stage: Option<String>,
    implicit: BTreeMap<&'static str, Value>,
}

/// What an API says about routes that say nothing.
#[derive(Default)]
struct ForRoutes {
    default_authorizer: Option<String>,
    preflight: Option<Cors>,
    preflight_is_guarded: bool,
    wants_api_key: bool,
    preflight_wants_api_key: bool,
}

impl Apis {
    pub(super) fn read(
        resolver: &Resolver<'_>,
        resources: &[(&str, &str, &Value)],
        template: &Value,
        choices: &Choices,
    ) -> Self {
        let globals = |key: &str| template.get("Globals").and_then(|globals| globals.get(key));
        let implicit = |key: &'static str| {
            (
                key,
                globals(key)
                    .map(|own| resolver.resolve(own))
                    .unwrap_or(json!({})),
            )
        };
        let mut apis = Self {
            found: Vec::new(),
            stage: choices.stage.clone(),
            implicit: BTreeMap::from([implicit("Api"), implicit("HttpApi")]),
        };
        for (name, kind, properties) in resources {
            let (kind, key) = match *kind {
                "AWS::Serverless::Api" => (ApiKind::Rest, "Api"),
                "AWS::Serverless::HttpApi" => (ApiKind::Http, "HttpApi"),
                other => {
                    if other == "AWS::ApiGateway::RestApi" {
                        resolver.warn(format!("{name} is no AWS::Serverless API: left out"));
                    }
                    continue;
                }
            };
            let properties = resolver.resolve(&merged(globals(key), properties));
            if properties.get("DefinitionBody").is_some()
                || properties.get("DefinitionUri").is_some()
            {
                resolver.warn(format!(
                    "{name}: routes in its OpenAPI definition are left out"
                ));
            }
            apis.push(name, kind, &properties, resolver);
        }
        apis
    }

    fn push(&mut self, name: &str, kind: ApiKind, properties: &Value, resolver: &Resolver<'_>) {
        let default = if kind == ApiKind::Rest {
            "Prod"
        } else {
            "$default"
        };
        let stage = properties
            .get("StageName")
            .map_or_else(|| default.to_owned(), text);
        // Another stage of a REST API, or of an HTTP API that has a named one.
        let other = self
            .stage
            .clone()
            .filter(|_| kind == ApiKind::Rest || stage != "$default");
        let mut api = empty(name, kind, &other.unwrap_or(stage));
        for key in ["Variables", "StageVariables"] {
            let variables = properties
                .get(key)
                .and_then(Value::as_object)
                .into_iter()
                .flatten();
            api.variables
                .extend(variables.map(|(name, value)| (name.clone(), text(value))));
        }
        let types = texts(properties.get("BinaryMediaTypes"));
        api.binary_media_types = types.iter().map(|kind| kind.replace("~1", "/")).collect();
        let auth = properties.get("Auth").unwrap_or(&Value::Null);
        let authorizers = auth.get("Authorizers").and_then(Value::as_object);
        for (name, value) in authorizers.into_iter().flatten() {
            let check = check(name, kind, value, resolver);
            api.authorizers.insert(
                name.clone(),
                Authorizer {
                    name: name.clone(),
                    check,
                },
            );
        }
        let mut rules = ForRoutes {
            default_authorizer: auth.get("DefaultAuthorizer").map(text),
            wants_api_key: is_true(auth.get("ApiKeyRequired")),
            ..ForRoutes::default()
        };
        if kind == ApiKind::Rest {
            rules.preflight = properties.get("Cors").and_then(rest_cors);
            let guarded = auth.get("AddDefaultAuthorizerToCorsPreflight");
            rules.preflight_is_guarded = guarded.is_none_or(|value| is_true(Some(value)));
            let keyed = auth.get("AddApiKeyRequiredToCorsPreflight");
            rules.preflight_wants_api_key =
                rules.wants_api_key && keyed.is_none_or(|value| is_true(Some(value)));
        } else {
            api.cors = properties.get("CorsConfiguration").and_then(cors);
        }
        self.found.push((api, rules));
    }

    /// Adds a route to the API of this name, or to the one that SAM makes up. Whether it asks for an API
    /// key is the API's to say if the event doesn't.
    pub(super) fn add(
        &mut self,
        kind: ApiKind,
        api: Option<String>,
        mut route: Route,
        wants_api_key: Option<bool>,
        resolver: &Resolver<'_>,
    ) {
        let (implicit, key) = match kind {
            ApiKind::Rest => ("ServerlessRestApi", "Api"),
            _ => ("ServerlessHttpApi", "HttpApi"),
        };
        let name = api.unwrap_or_else(|| implicit.to_owned());
        if name == implicit && !self.found.iter().any(|(api, _)| api.name == name) {
            let properties = self.implicit.get(key).cloned().unwrap_or_default();
            self.push(implicit, kind, &properties, resolver);
        }
        let Some((api, rules)) = self.found.iter_mut().find(|(api, _)| api.name == name) else {
            resolver.warn(format!(
                "there is no API {name} for {}: left out",
                route.key()
            ));
            return;
        };
        let wanted = route
            .authorizer
            .take()
            .or_else(|| rules.default_authorizer.clone());
        route.authorizer = wanted.filter(|name| name != "NONE").map(|name| {
            if api.authorizers.contains_key(&name) {
                return name;
            }
            resolver.warn(format!(
                "{}: {name} is no authorizer that can run here: its routes refuse every request",
                route.key()
            ));
            unavailable(api, &name)
        });
        route.wants_api_key = wants_api_key.unwrap_or(rules.wants_api_key);
        if route.wants_api_key {
            resolver.warn(without_api_key(&route));
        }
        api.routes.push(route);
    }

    pub(super) fn into_apis(self) -> Vec<Api> {
        self.found
            .into_iter()
            .map(|(mut api, rules)| {
                if let Some(cors) = rules.preflight {
                    let guard = rules
                        .default_authorizer
                        .filter(|name| rules.preflight_is_guarded && name != "NONE");
                    add_preflights(
                        &mut api,
                        &cors,
                        guard.as_deref(),
                        rules.preflight_wants_api_key,
                    );
                }
                api
            })
            .collect()
    }
}

/// As REST APIs have it: an `OPTIONS` method on each path that has none.
fn add_preflights(api: &mut Api, cors: &Cors, guard: Option<&str>, wants_api_key: bool) {
    let taken = |path: &str, api: &Api| {
        let same = api.routes.iter().filter(|route| route.path == path);
        same.clone()
            .any(|route| route.method == "OPTIONS" || route.method == "ANY")
    };
    let mut paths: Vec<String> = api.routes.iter().map(|route| route.path.clone()).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        if !taken(&path, api) {
            let preflight = preflight(path, cors.clone(), guard);
            api.routes.push(Route {
                wants_api_key,
                ..preflight
            });
        }
    }
}

pub(super) fn preflight(path: String, cors: Cors, guard: Option<&str>) -> Route {
    Route {
        method: "OPTIONS".to_owned(),
        path,
        target: Target::Preflight(cors),
        payload: Payload::V1,
        authorizer: guard.map(str::to_owned),
        wants_api_key: false,
    }
}

/// What is said of a route that asks for an API key.
pub(super) fn without_api_key(route: &Route) -> String {
    format!(
        "{}: API keys can't be checked here: it refuses every request",
        route.key()
    )
}

pub(super) fn empty(name: &str, kind: ApiKind, stage: &str) -> Api {
    Api {
        name: name.to_owned(),
        kind,
        stage: stage.to_owned(),
        variables: BTreeMap::new(),
        routes: Vec::new(),
        authorizers: BTreeMap::new(),
        cors: None,
        binary_media_types: Vec::new(),
    }
}

/// An authorizer that refuses everything, because it can't run here.
pub(super) fn unavailable(api: &mut Api, name: &str) -> String {
    let check = Check::Unavailable(format!(
        "{name} is checked by AWS and can't be checked here"
    ));
    let authorizer = Authorizer {
        name: name.to_owned(),
        check,
    };
    api.authorizers.insert(name.to_owned(), authorizer);
    name.to_owned()
}

fn check(name: &str, kind: ApiKind, value: &Value, resolver: &Resolver<'_>) -> Check {
    let Some(arn) = value.get("FunctionArn").map(text) else {
        let kind = if value.get("JwtConfiguration").is_some() {
            "a JWT"
        } else {
            "no Lambda"
        };
        resolver.warn(format!(
            "{name} is {kind} authorizer: its routes refuse every request here"
        ));
        return Check::Unavailable(format!("{name} is {kind} authorizer"));
    };
    let function = function_of_arn(&arn);
    let identity = value.get("Identity").unwrap_or(&Value::Null);
    let mut sources = Vec::new();
    let all = |key: &str| texts(identity.get(key));
    sources.extend(all("Headers").into_iter().map(IdentitySource::Header));
    sources.extend(all("QueryStrings").into_iter().map(IdentitySource::Query));
    sources.extend(
        all("StageVariables")
            .into_iter()
            .map(IdentitySource::StageVariable),
    );
    sources.extend(
        all("Context")
            .into_iter()
            .map(|name| IdentitySource::Context(name.trim_start_matches("$context.").to_owned())),
    );
    let rest = kind == ApiKind::Rest;
    let token = rest
        && value
            .get("FunctionPayloadType")
            .is_none_or(|kind| text(kind) != "REQUEST");
    let kind = if token {
        let header = identity
            .get("Header")
            .map_or_else(|| "Authorization".to_owned(), text);
        sources = vec![IdentitySource::Header(header)];
        LambdaKind::Token(validation(
            name,
            identity.get("ValidationExpression"),
            |text| resolver.warn(text),
        ))
    } else if rest {
        LambdaKind::Request(Payload::V1)
    } else {
        LambdaKind::Request(payload(value.get("AuthorizerPayloadFormatVersion")))
    };
    let default = if rest { REST_TTL } else { 0 };
    Check::Lambda(LambdaCheck {
        function,
        kind,
        identity: sources,
        ttl: ttl(number(identity.get("ReauthorizeEvery")).unwrap_or(default)),
        simple: !rest && is_true(value.get("EnableSimpleResponses")),
    })
}

/// The form that a token must have, anchored as API Gateway has it.
pub(super) fn validation(
    name: &str,
    value: Option<&Value>,
    warn: impl Fn(String),
) -> Option<Regex> {
    let expression = value.map(text)?;
    let anchored = Regex::new(&format!("^(?:{expression})$"));
    if anchored.is_err() {
        warn(format!(
            "{name}: its validation expression can't be read, and is not asked"
        ));
    }
    anchored.ok()
}

/// Seconds to keep an authorizer's answer, as far as API Gateway does.
pub(super) fn ttl(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(MAX_TTL))
}

/// The name at the end of a function's ARN, or in an alias of it.
pub(super) fn function_of_arn(arn: &str) -> String {
    let name = arn.rsplit_once(":function:").map_or(arn, |(_, name)| name);
    name.split([':', '/']).next().unwrap_or(name).to_owned()
}

/// `1.0` as text or as a number; everything else is 2.0.
pub(super) fn payload(value: Option<&Value>) -> Payload {
    match value.map(text).as_deref() {
        Some("1.0" | "1") => Payload::V1,
        _ => Payload::V2,
    }
}
