//! What a gateway wants to hear, in the three forms that there are, and the principal in strings for whatever
//! stands behind it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::time::iso_8601;
use crate::principal::Principal;

/// Longest value of the context, in bytes. What is longer is left out and named in `omitted`.
const MAX_CONTEXT_BYTES: usize = 2048;

/// An answer; serializes as the gateway wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Answer {
    /// For REST APIs, HTTP APIs and WebSocket APIs.
    Policy(PolicyAnswer),
    /// For HTTP APIs with payload 2.0 and simple responses.
    Simple(SimpleAnswer),
    /// For `AppSync`.
    AppSync(AppSyncAnswer),
}

/// An IAM policy for one caller and a whole API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyAnswer {
    principal_id: String,
    policy_document: PolicyDocument,
    context: Context,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: &'static str,
    action: &'static str,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    date_less_than: BTreeMap<&'static str, String>,
}

/// Yes or no, for one route or for all alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimpleAnswer {
    pub(super) is_authorized: bool,
    pub(super) context: Context,
}

/// Yes or no for an API of `AppSync`, and which fields are denied all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppSyncAnswer {
    pub(super) is_authorized: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) resolver_context: Context,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) denied_fields: Vec<String>,
    pub(super) ttl_override: i64,
}

/// Names and values for what stands behind the gateway. Strings only: a REST API takes nothing else.
pub(super) type Context = BTreeMap<&'static str, String>;

impl PolicyAnswer {
    /// Allows until the token ends, denies for ever; resources are whole. Nothing allowed is everything denied.
    pub(super) fn new(
        caller: &Principal,
        allow: Vec<String>,
        deny: Vec<String>,
        everything: String,
    ) -> Self {
        let mut statement = Vec::new();
        let deny = if allow.is_empty() {
            vec![everything]
        } else {
            deny
        };
        if !allow.is_empty() {
            let until = BTreeMap::from([("aws:CurrentTime", iso_8601(caller.expires_at()))]);
            statement.push(Statement::new("Allow", allow, Some(until)));
        }
        if !deny.is_empty() {
            statement.push(Statement::new("Deny", deny, None));
        }
        Self {
            principal_id: caller.subject().to_owned(),
            policy_document: PolicyDocument {
                version: "2012-10-17",
                statement,
            },
            context: context(caller),
        }
    }

    /// The size of the policy in bytes.
    pub(super) fn policy_bytes(&self) -> usize {
        serde_json::to_vec(&self.policy_document).map_or(usize::MAX, |json| json.len())
    }
}

impl Statement {
    fn new(
        effect: &'static str,
        resource: Vec<String>,
        until: Option<BTreeMap<&'static str, String>>,
    ) -> Self {
        Self {
            effect,
            action: "execute-api:Invoke",
            resource,
            condition: until.map(|date_less_than| Condition { date_less_than }),
        }
    }
}

/// The principal in strings. A role with a space in it is left out, since the list is separated by spaces.
pub(super) fn context(caller: &Principal) -> Context {
    let roles = caller.roles().iter().map(String::as_str);
    let roles: Vec<_> = roles
        .filter(|role| !role.contains(char::is_whitespace))
        .collect();
    let values = [
        ("sub", caller.subject().to_owned()),
        ("iss", caller.claims().iss.to_string()),
        ("client_id", caller.client_id().to_owned()),
        ("scope", caller.scopes().to_string()),
        ("roles", roles.join(" ")),
        ("exp", caller.expires_at().to_string()),
        ("sid", caller.session_id().unwrap_or_default().to_owned()),
        ("jti", caller.token_id().to_owned()),
    ];
    let mut context = Context::new();
    let mut omitted = Vec::new();
    for (name, value) in values {
        if value.len() > MAX_CONTEXT_BYTES {
            omitted.push(name);
        } else if !value.is_empty() {
            context.insert(name, value);
        }
    }
    if !omitted.is_empty() {
        context.insert("omitted", omitted.join(" "));
    }
    context
}
