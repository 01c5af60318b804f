//! HTTP APIs that a template puts together from their parts: `AWS::ApiGatewayV2::Api`, `Stage`,
//! `Integration`, `Route` and `Authorizer`.

use serde_json::Value;

use super::intrinsics::Resolver;
use super::sam_api::{self, function_of_arn, ttl};
use super::values::text;
use super::{is_true, method, number, texts};
use crate::stack::{
    Api, ApiKind, Authorizer, Check, IdentitySource, LambdaCheck, LambdaKind, Payload, Route,
    Target,
};

/// A resource with its name, its type and its resolved properties.
type Part<'t> = (&'t str, &'t str, Value);

/// The APIs among the resources.
pub(super) fn read(
    resolver: &Resolver<'_>,
    resources: &[(&str, &str, &Value)],
    stage: Option<&str>,
) -> Vec<Api> {
    let parts: Vec<Part<'_>> = resources
        .iter()
        .filter_map(|(name, kind, properties)| {
            let kind = kind.strip_prefix("AWS::ApiGatewayV2::")?;
            Some((*name, kind, resolver.resolve(properties)))
        })
        .collect();
    let apis = parts.iter().filter(|(_, kind, _)| *kind == "Api");
    apis.filter_map(|(name, _, properties)| {
        if of(properties, "ProtocolType") != "HTTP" {
            resolver.warn(format!("{name} is no HTTP API: left out"));
            return None;
        }
        Some(api(name, properties, &parts, resolver, stage))
    })
    .collect()
}

fn api(
    name: &str,
    properties: &Value,
    parts: &[Part<'_>],
    resolver: &Resolver<'_>,
    asked: Option<&str>,
) -> Api {
    let own = |wanted: &'static str| {
        let parts = parts.iter().filter(move |(_, kind, _)| *kind == wanted);
        parts.filter(move |(_, _, properties)| of(properties, "ApiId") == name)
    };
    let mut api = sam_api::empty(name, ApiKind::Http, "$default");
    api.cors = properties
        .get("CorsConfiguration")
        .and_then(super::cors::cors);
    if let Some((_, _, stage)) = own("Stage").next() {
        let written = of(stage, "StageName");
        let named = asked.filter(|_| written != "$default").map(str::to_owned);
        api.stage = named.unwrap_or(written);
        let variables = stage.get("StageVariables").and_then(Value::as_object);
        let variables = variables.into_iter().flatten();
        api.variables = variables
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
    }
    for (name, _, properties) in own("Authorizer") {
        let check = check(name, properties, resolver);
        let authorizer = Authorizer {
            name: (*name).to_owned(),
            check,
        };
        api.authorizers.insert((*name).to_owned(), authorizer);
    }
    for (name, _, properties) in own("Route") {
        match route(properties, parts, &mut api) {
            Some(route) => api.routes.push(route),
            None => resolver.warn(format!("{name} leads to no Lambda function: left out")),
        }
    }
    api
}

fn route(properties: &Value, parts: &[Part<'_>], api: &mut Api) -> Option<Route> {
    let target = of(properties, "Target");
    let wanted = target.strip_prefix("integrations/")?;
    let is_it = |(name, kind, _): &&Part<'_>| *kind == "Integration" && *name == wanted;
    let (_, _, integration) = parts.iter().find(is_it)?;
    if of(integration, "IntegrationType") != "AWS_PROXY" {
        return None;
    }
    // Format 1.0 is what API Gateway takes if nothing is said here.
    let payload = match of(integration, "PayloadFormatVersion").as_str() {
        "2.0" | "2" => Payload::V2,
        _ => Payload::V1,
    };
    let key = of(properties, "RouteKey");
    let (verb, path) = key.split_once(' ').unwrap_or(("ANY", "$default"));
    let authorizer = match of(properties, "AuthorizationType").as_str() {
        "" | "NONE" => None,
        kind => {
            let name = of(properties, "AuthorizerId");
            let known = api.authorizers.contains_key(&name);
            Some(if known {
                name
            } else {
                sam_api::unavailable(api, kind)
            })
        }
    };
    Some(Route {
        method: method(verb),
        path: path.to_owned(),
        target: Target::Function(function_of_arn(&of(integration, "IntegrationUri"))),
        payload,
        authorizer,
        wants_api_key: false,
    })
}

fn check(name: &str, properties: &Value, resolver: &Resolver<'_>) -> Check {
    if of(properties, "AuthorizerType") != "REQUEST" {
        resolver.warn(format!(
            "{name} is no Lambda authorizer: its routes refuse every request here"
        ));
        return Check::Unavailable(format!("{name} is no Lambda authorizer"));
    }
    let sources = texts(properties.get("IdentitySource"));
    Check::Lambda(LambdaCheck {
        function: function_of_arn(&of(properties, "AuthorizerUri")),
        kind: LambdaKind::Request(sam_api::payload(
            properties.get("AuthorizerPayloadFormatVersion"),
        )),
        identity: sources
            .iter()
            .filter_map(|source| IdentitySource::parse(source))
            .collect(),
        ttl: ttl(number(properties.get("AuthorizerResultTtlInSeconds")).unwrap_or(0)),
        simple: is_true(properties.get("EnableSimpleResponses")),
    })
}

fn of(properties: &Value, key: &str) -> String {
    properties.get(key).map(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Place, yaml};
    use super::*;

    #[test]
    fn an_api_is_put_together_from_its_parts() {
        let template = yaml::parse(
            "
Resources:
  Api: {Type: 'AWS::ApiGatewayV2::Api', Properties: {Name: mine, ProtocolType: HTTP}}
  Stage: {Type: 'AWS::ApiGatewayV2::Stage', Properties: {ApiId: !Ref Api, StageName: v1}}
  Guard:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Api
      Name: guard
      AuthorizerType: REQUEST
      AuthorizerUri: !Sub 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Check.Arn}/invocations'
      AuthorizerPayloadFormatVersion: '2.0'
      EnableSimpleResponses: true
      IdentitySource: [$request.header.Authorization]
      AuthorizerResultTtlInSeconds: 9999
  Proxy:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Hello.Arn, PayloadFormatVersion: '2.0'}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: GET /me, Target: !Sub 'integrations/${Proxy}', AuthorizationType: CUSTOM, AuthorizerId: !Ref Guard}
  Hello: {Type: 'AWS::Serverless::Function'}
  Check: {Type: 'AWS::Serverless::Function'}
",
        )
        .unwrap();
        let place = Place::default();
        let resolver = Resolver::new(&template, &place, &BTreeMap::new());
        let apis = read(&resolver, &resolver.resources(), None);
        assert_eq!(resolver.into_warnings(), Vec::<String>::new());
        let (api, route) = (&apis[0], &apis[0].routes[0]);
        assert_eq!(
            (api.base_path().as_str(), route.key().as_str()),
            ("/v1", "GET /me")
        );
        assert!(matches!(&route.target, Target::Function(name) if name == "Hello"));
        let Check::Lambda(check) = &api.authorizers[route.authorizer.as_ref().unwrap()].check
        else {
            panic!("it is one");
        };
        assert_eq!((check.function.as_str(), check.simple), ("Check", true));
        assert_eq!(check.ttl.as_secs(), 3600, "an hour is the most");
        assert_eq!(
            check.identity,
            [IdentitySource::Header("Authorization".to_owned())]
        );
    }
}
