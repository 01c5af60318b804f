//! From settings to an authorizer. Nothing is fetched here: keys that are not bundled are fetched when the first token
//! needs them.

use std::collections::BTreeMap;
use std::path::Path;

use countersign_verify::Scopes;
use countersign_verify::lambda::{Authorizer, Fields, GatewayCache, Routes, Rule, TokenPlaces};

use crate::mistakes::Mistakes;
use crate::settings::{AnswerSettings, RuleSettings, Settings};
use crate::trusted::verifier;

/// The authorizer that is configured. Errors: all that is wrong.
pub(crate) fn authorizer(given: Option<&Path>) -> Result<Authorizer, Mistakes> {
    let mut mistakes = Mistakes::default();
    let settings = Settings::read(given, &mut mistakes);
    let verifier = verifier(&settings, &mut mistakes);
    let routes = routes(&settings, &mut mistakes);
    let fields = rules(settings.fields.as_ref(), "fields", &mut mistakes);
    let fields = mistakes.keep_all("fields", Fields::new(fields));
    let cache = gateway_cache(&settings.answer, &mut mistakes);
    let (Some(verifier), Some(routes), Some(fields), Ok(cache)) = (verifier, routes, fields, cache)
    else {
        return mistakes.unless(None);
    };
    let authorizer = match cache {
        None => Authorizer::new(verifier, routes),
        Some(cache) => Authorizer::with_simple_answers(verifier, routes, cache),
    };
    let authorizer = mistakes.keep_all("routes", authorizer);
    let authorizer = authorizer.map(|authorizer| {
        let authorizer = authorizer.with_token_places(places(&settings));
        let authorizer = match settings.fields {
            Some(_) => authorizer.with_fields(fields),
            None => authorizer,
        };
        let authorizer = match settings.answer.appsync_ttl {
            Some(seconds) => authorizer.with_appsync_seconds(seconds),
            None => authorizer,
        };
        match settings.answer.max_policy_bytes {
            Some(bytes) => authorizer.with_max_policy_bytes(bytes),
            None => authorizer,
        }
    });
    mistakes.unless(authorizer)
}

fn places(settings: &Settings) -> TokenPlaces {
    let mut places = TokenPlaces::header_only();
    if let Some(name) = &settings.token.cookie {
        places = places.or_cookie(name);
    }
    if settings.token.websocket_query {
        places = places.or_websocket_query();
    }
    if settings.token.websocket_protocol {
        places = places.or_websocket_protocol();
    }
    places
}

fn routes(settings: &Settings, mistakes: &mut Mistakes) -> Option<Routes> {
    let found = rules(settings.routes.as_ref(), "routes", mistakes);
    if settings.routes.is_none() && settings.fields.is_none() {
        let help = "no route is listed, so every call would be denied: list them in [routes] or in \
                    COUNTERSIGN_AUTHORIZER_ROUTES, or write {\"$default\": \"\"} to let every caller with a good \
                    token call every route";
        mistakes.add("routes", help);
    }
    mistakes.keep_all("routes", Routes::new(found))
}

fn rules(
    map: Option<&BTreeMap<String, RuleSettings>>,
    group: &str,
    mistakes: &mut Mistakes,
) -> Vec<(String, Rule)> {
    let mut rules = Vec::new();
    for (key, rule) in map.into_iter().flatten() {
        let (scopes, any_of) = match rule {
            RuleSettings::Scopes(scopes) => (scopes, &[][..]),
            RuleSettings::Both { scopes, roles } => (scopes, &roles[..]),
        };
        let name = format!("{group}.{key:?}");
        if let Some(scopes) = mistakes.keep(name, scopes.parse::<Scopes>()) {
            rules.push((
                key.clone(),
                Rule::scopes(scopes).with_any_role(any_of.iter().cloned()),
            ));
        }
    }
    rules
}

/// `Ok(None)` for policies.
fn gateway_cache(
    answer: &AnswerSettings,
    mistakes: &mut Mistakes,
) -> Result<Option<GatewayCache>, ()> {
    match answer.form.as_deref() {
        None | Some("policy") => return Ok(None),
        Some("simple") => {}
        Some(_) => {
            mistakes.add("answer.form", "write policy or simple");
            return Err(());
        }
    }
    let cache = answer.gateway_cache.as_deref();
    if cache == Some("off") {
        return Ok(Some(GatewayCache::Off));
    }
    let Some(seconds) = answer.gateway_ttl else {
        let help = "say for how many seconds the gateway keeps answers (AuthorizerResultTtlInSeconds): \
                    a simple answer can't say when the token ends";
        mistakes.add("answer.gateway_ttl", help);
        return Err(());
    };
    match cache {
        Some("token") => Ok(Some(GatewayCache::ByToken(seconds))),
        Some("route") => Ok(Some(GatewayCache::ByRoute(seconds))),
        Some("path") => Ok(Some(GatewayCache::ByPath(seconds))),
        _ => {
            let help = "for simple answers, say what the gateway keeps them by: off, token, route \
                        ($context.routeKey among the identity sources) or path ($context.httpMethod and $context.path)";
            mistakes.add("answer.gateway_cache", help);
            Err(())
        }
    }
}
