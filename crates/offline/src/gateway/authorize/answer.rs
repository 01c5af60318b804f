//! What an authorizer answered: a policy or yes or no, the principal, and the context for the
//! function; and how that context is written into the event of each format.

use serde_json::{Map, Value, json};

use super::policy::Policy;
use crate::stack::{ApiKind, LambdaCheck, LambdaKind, Payload};

/// An answer that makes sense.
#[derive(Clone, Debug)]
pub(crate) struct Permission {
    pub(super) rule: Rule,
    pub(super) principal: Option<Value>,
    pub(super) context: Option<Map<String, Value>>,
}

#[derive(Clone, Debug)]
pub(super) enum Rule {
    Policy(Policy),
    Simple(bool),
}

impl Permission {
    /// Reads what an authorizer returned. The error is in words.
    pub(super) fn parse(bytes: &[u8], check: &LambdaCheck, kind: ApiKind) -> Result<Self, String> {
        let answer: Value =
            serde_json::from_slice(bytes).map_err(|_| "its answer is no JSON".to_owned())?;
        let answer = answer.as_object().ok_or("its answer is no object")?;
        let context = match answer.get("context") {
            None | Some(Value::Null) => None,
            Some(Value::Object(context)) => Some(context.clone()),
            Some(_) => return Err("its context is no object".to_owned()),
        };
        let is_v2 = matches!(check.kind, LambdaKind::Request(Payload::V2)) && kind != ApiKind::Rest;
        let nested = |value: &Value| value.is_object() || value.is_array();
        if !is_v2 && context.iter().flat_map(Map::values).any(nested) {
            return Err(
                "its context holds an object or a list: only texts, numbers and booleans pass"
                    .to_owned(),
            );
        }
        let rule = match (answer.get("policyDocument"), answer.get("isAuthorized")) {
            (Some(document), _) if !check.simple => Rule::Policy(Policy::parse(document)?),
            (_, Some(Value::Bool(yes))) if check.simple => Rule::Simple(*yes),
            (_, Some(_)) if !check.simple => {
                return Err(
                    "it gave a simple answer, which this authorizer is not configured for"
                        .to_owned(),
                );
            }
            _ if check.simple => return Err("its answer has no isAuthorized".to_owned()),
            _ => return Err("its answer has no policyDocument".to_owned()),
        };
        let principal = answer
            .get("principalId")
            .filter(|value| !value.is_null())
            .cloned();
        Ok(Self {
            rule,
            principal,
            context,
        })
    }

    /// What the function finds in `requestContext.authorizer`.
    pub(super) fn for_event(&self, kind: ApiKind, payload: Payload, took_ms: u64) -> Value {
        if kind != ApiKind::Rest && payload == Payload::V2 {
            return json!({"lambda": self.context});
        }
        let mut authorizer = Map::new();
        for (name, value) in self.context.iter().flatten() {
            // REST APIs hand everything on as text.
            let value = match value {
                Value::String(_) | Value::Null => value.clone(),
                other => json!(other.to_string()),
            };
            authorizer.insert(name.clone(), value);
        }
        if let Some(principal) = &self.principal {
            authorizer.insert(
                "principalId".to_owned(),
                json!(crate::template::text(principal)),
            );
        }
        authorizer.insert("integrationLatency".to_owned(), json!(took_ms));
        Value::Object(authorizer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn check(kind: LambdaKind, simple: bool) -> LambdaCheck {
        LambdaCheck {
            function: "f".to_owned(),
            kind,
            identity: Vec::new(),
            ttl: Duration::ZERO,
            simple,
        }
    }

    fn policy() -> Value {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"},
        ]})
    }

    #[test]
    fn context_reaches_the_function_as_each_format_has_it() {
        let answer = json!({"principalId": 7, "policyDocument": policy(), "context": {"n": 1, "b": true, "s": "x"}});
        let bytes = answer.to_string();
        let token = check(LambdaKind::Token(None), false);
        let permission = Permission::parse(bytes.as_bytes(), &token, ApiKind::Rest).unwrap();
        assert_eq!(
            permission.for_event(ApiKind::Rest, Payload::V1, 3),
            json!({"principalId": "7", "n": "1", "b": "true", "s": "x", "integrationLatency": 3})
        );
        assert_eq!(
            permission.for_event(ApiKind::Http, Payload::V2, 3),
            json!({"lambda": {"n": 1, "b": true, "s": "x"}})
        );
    }

    #[test]
    fn an_answer_that_this_authorizer_may_not_give_is_refused() {
        let token = check(LambdaKind::Token(None), false);
        let simple = check(LambdaKind::Request(Payload::V2), true);
        let nested = json!({"policyDocument": policy(), "context": {"roles": ["admin"]}});
        for (answer, check) in [
            (json!("yes"), &token),
            (json!({"principalId": "x"}), &token),
            (json!({"isAuthorized": true}), &token),
            (json!({"policyDocument": policy()}), &simple),
            (json!({"isAuthorized": "true"}), &simple),
            (nested.clone(), &token),
        ] {
            let bytes = answer.to_string();
            assert!(
                Permission::parse(bytes.as_bytes(), check, ApiKind::Http).is_err(),
                "{answer}"
            );
        }
        let request = check(LambdaKind::Request(Payload::V2), false);
        assert!(Permission::parse(nested.to_string().as_bytes(), &request, ApiKind::Http).is_ok());
    }
}
