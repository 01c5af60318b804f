//! Runs an authorizer as API Gateway does: nothing is asked if an identity source is missing; a cached
//! answer is judged anew against each route; `Unauthorized` is 401, a policy that does not allow is
//! 403, and anything that makes no sense is 500.

mod answer;
mod cache;
mod condition;
mod glob;
mod identity;
mod policy;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;

use self::answer::{Permission, Rule};
pub(crate) use self::cache::Cache;
use self::condition::Facts;
use self::policy::Judgement;
use super::event::Call;
use super::refusal::Refusal;
use super::{event_v1, event_v2};
use crate::runtime::{Failure, Functions};
use crate::stack::{ApiKind, Authorizer, Check, LambdaCheck, LambdaKind, Payload};

/// How long API Gateway waits for an authorizer of a REST API or an HTTP API.
const PATIENCE: Duration = Duration::from_secs(29);

/// What an authorizer let through.
#[derive(Debug)]
pub(crate) struct Passed {
    /// For the function's event.
    pub(crate) context: Value,
}

/// Asks the authorizer, or the cache. The words beside the outcome say for people what happened.
pub(crate) async fn authorize(
    functions: &Functions,
    cache: &Cache,
    call: &Call<'_>,
    authorizer: &Authorizer,
    payload: Payload,
) -> (Result<Passed, Refusal>, String) {
    let check = match &authorizer.check {
        Check::Lambda(check) => check,
        Check::Unavailable(why) => {
            return (
                Err(Refusal::AuthorizerFailed(why.clone())),
                format!("{} not run", authorizer.name),
            );
        }
    };
    let said = |what: &str| format!("{} {what}", authorizer.name);
    let identity = match identity::values(call, &check.identity) {
        Ok(identity) => identity,
        Err(why) => return (Err(Refusal::Unauthorized(why)), said("not asked")),
    };
    if let (LambdaKind::Token(Some(form)), Some(token)) = (&check.kind, identity.first())
        && !form.is_match(token)
    {
        let why = "the token has not the form that the authorizer demands".to_owned();
        return (Err(Refusal::Unauthorized(why)), said("not asked"));
    }
    let begun = Instant::now();
    let key = (
        call.api.name.clone(),
        authorizer.name.clone(),
        identity.clone(),
    );
    // Without anything to file it under, there is no cache.
    let caches = !check.ttl.is_zero() && !identity.is_empty();
    let kept = if caches { cache.get(&key) } else { None };
    let was_cached = kept.is_some();
    let permission = match kept {
        Some(permission) => permission,
        None => match ask(functions, call, check, &identity).await {
            Ok(permission) => {
                if caches {
                    cache.put(key, permission.clone(), check.ttl);
                }
                permission
            }
            Err(refusal) => return (Err(refusal), said("asked")),
        },
    };
    let outcome = judge(&permission, call, was_cached).map(|()| {
        let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Passed {
            context: permission.for_event(call.api.kind, payload, took),
        }
    });
    (
        outcome,
        said(if was_cached {
            "from its cache"
        } else {
            "asked"
        }),
    )
}

async fn ask(
    functions: &Functions,
    call: &Call<'_>,
    check: &LambdaCheck,
    identity: &[String],
) -> Result<Permission, Refusal> {
    let event = match &check.kind {
        LambdaKind::Token(_) => event_v1::token(
            call,
            identity.first().map(String::as_str).unwrap_or_default(),
        ),
        LambdaKind::Request(Payload::V1) => event_v1::authorizer(call, identity),
        LambdaKind::Request(Payload::V2) => event_v2::authorizer(call, identity),
    };
    let asked = functions.invoke(&check.function, Bytes::from(event.to_string()));
    let Ok(answered) = tokio::time::timeout(PATIENCE, asked).await else {
        let why = "the authorizer took too long".to_owned();
        return Err(Refusal::AuthorizerFailed(why));
    };
    match answered {
        Ok(bytes) => Permission::parse(&bytes, check, call.api.kind)
            .map_err(|why| Refusal::AuthorizerFailed(format!("{}: {why}", check.function))),
        Err(Failure::Error(error)) if is_unauthorized(&error) => Err(Refusal::Unauthorized(
            "the authorizer says Unauthorized".to_owned(),
        )),
        Err(_) => Err(Refusal::AuthorizerFailed(format!(
            "{} failed",
            check.function
        ))),
    }
}

/// The one error of an authorizer that is an answer.
fn is_unauthorized(error: &Value) -> bool {
    error.get("errorMessage").and_then(Value::as_str) == Some("Unauthorized")
}

fn judge(permission: &Permission, call: &Call<'_>, was_cached: bool) -> Result<(), Refusal> {
    let denied = |explicit, what: &str| {
        let end = if was_cached {
            " (kept: it was made for another request)"
        } else {
            ""
        };
        Err(Refusal::Denied {
            explicit,
            why: format!("{what}{end}"),
        })
    };
    match &permission.rule {
        Rule::Simple(true) => Ok(()),
        Rule::Simple(false) => denied(false, "the authorizer says isAuthorized: false"),
        Rule::Policy(policy) => match policy.judge(&call.arn(), &facts(call)) {
            Judgement::Allowed => Ok(()),
            Judgement::ExplicitlyDenied => denied(true, "the authorizer's policy denies it"),
            Judgement::NotAllowed => denied(
                false,
                &format!("the authorizer's policy does not allow {}", call.arn()),
            ),
        },
    }
}

fn facts(call: &Call<'_>) -> Facts {
    let request = call.request;
    let mut facts = BTreeMap::from([
        ("aws:currenttime", request.received.to_string()),
        ("aws:epochtime", request.received.as_second().to_string()),
        ("aws:sourceip", request.peer.ip().to_string()),
        // There is no API Gateway without TLS.
        ("aws:securetransport", "true".to_owned()),
        ("aws:useragent", call.user_agent().to_owned()),
    ]);
    if let Some(referer) = request.header("Referer") {
        facts.insert("aws:referer", referer.to_owned());
    }
    Facts(facts)
}

/// For HTTP APIs and function URLs without an authorizer nothing is in the event; HTTP APIs in format
/// 1.0 say so with nulls.
pub(crate) fn none(kind: ApiKind, payload: Payload) -> Option<Value> {
    (kind == ApiKind::Http && payload == Payload::V1)
        .then(|| serde_json::json!({"claims": null, "scopes": null}))
}
