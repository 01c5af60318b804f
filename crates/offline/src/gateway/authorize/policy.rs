//! The policy of an authorizer, judged as IAM judges: an explicit deny wins, then an allow, and what
//! nothing allows is denied.

use serde_json::Value;

use super::condition::{Condition, Facts};
use super::glob;

const ACTION: &str = "execute-api:Invoke";

/// A policy that makes sense.
#[derive(Clone, Debug)]
pub(crate) struct Policy(Vec<Statement>);

/// What a policy says to a request.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Allowed,
    ExplicitlyDenied,
    NotAllowed,
}

#[derive(Clone, Debug)]
struct Statement {
    allows: bool,
    actions: Listed,
    resources: Listed,
    conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug)]
struct Listed {
    patterns: Vec<String>,
    inverted: bool,
}

impl Policy {
    /// Reads a policy document. The error is in words.
    pub(crate) fn parse(document: &Value) -> Result<Self, String> {
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => statements.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => return Err("its policyDocument has no Statement".to_owned()),
        };
        let version = document.get("Version").and_then(Value::as_str);
        if !matches!(version, None | Some("2012-10-17" | "2008-10-17")) {
            return Err("the Version of its policyDocument is not 2012-10-17".to_owned());
        }
        statements
            .into_iter()
            .map(Statement::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What it says to a method ARN.
    pub(crate) fn judge(&self, arn: &str, facts: &Facts) -> Judgement {
        let applies = |statement: &&Statement| statement.applies(arn, facts);
        let mut judgement = Judgement::NotAllowed;
        for statement in self.0.iter().filter(applies) {
            if !statement.allows {
                return Judgement::ExplicitlyDenied;
            }
            judgement = Judgement::Allowed;
        }
        judgement
    }
}

impl Statement {
    fn parse(value: &Value) -> Result<Self, String> {
        let allows = match value.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("the Effect of a statement is neither Allow nor Deny".to_owned()),
        };
        let conditions = match value.get("Condition") {
            None | Some(Value::Null) => Vec::new(),
            Some(block) => Condition::parse_all(block)?,
        };
        Ok(Self {
            allows,
            actions: Listed::parse(value, "Action", "NotAction")?,
            resources: Listed::parse(value, "Resource", "NotResource")?,
            conditions,
        })
    }

    fn applies(&self, arn: &str, facts: &Facts) -> bool {
        let action = ACTION.to_ascii_lowercase();
        self.actions
            .has(|pattern| glob::fits(&pattern.to_ascii_lowercase(), &action))
            && self.resources.has(|pattern| glob::fits_arn(pattern, arn))
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(facts))
    }
}

impl Listed {
    fn parse(value: &Value, name: &str, inverse: &str) -> Result<Self, String> {
        let (found, inverted) = match (value.get(name), value.get(inverse)) {
            (Some(found), None) => (found, false),
            (None, Some(found)) => (found, true),
            _ => return Err(format!("a statement needs either {name} or {inverse}")),
        };
        let patterns: Option<Vec<_>> = match found {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => many
                .iter()
                .map(|one| one.as_str().map(str::to_owned))
                .collect(),
            _ => None,
        };
        let patterns = patterns.filter(|patterns| !patterns.is_empty());
        let patterns = patterns.ok_or_else(|| format!("the {name} of a statement is no text"))?;
        Ok(Self { patterns, inverted })
    }

    fn has(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.patterns.iter().any(|pattern| fits(pattern)) != self.inverted
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:api/prod/GET/me";

    fn judged(statements: &Value) -> Judgement {
        let policy = Policy::parse(&json!({"Version": "2012-10-17", "Statement": statements}));
        policy.unwrap().judge(ARN, &Facts::default())
    }

    fn statement(effect: &str, resource: &str) -> Value {
        json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource})
    }

    #[test]
    fn a_deny_wins_and_nothing_allows_by_itself() {
        let other = "arn:aws:execute-api:us-east-1:123456789012:api/prod/GET/other";
        assert_eq!(
            judged(&json!([statement("Allow", ARN)])),
            Judgement::Allowed
        );
        assert_eq!(
            judged(&json!([statement("Allow", other)])),
            Judgement::NotAllowed
        );
        assert_eq!(
            judged(&json!([statement("Deny", other)])),
            Judgement::NotAllowed
        );
        let both = json!([statement("Allow", "*"), statement("Deny", ARN)]);
        assert_eq!(judged(&both), Judgement::ExplicitlyDenied);
        assert_eq!(judged(&statement("Allow", "*")), Judgement::Allowed);
    }

    #[test]
    fn other_actions_and_inversions_count() {
        let action = |action: &str| {
            judged(&json!([{"Effect": "Allow", "Action": [action], "Resource": "*"}]))
        };
        assert_eq!(action("execute-api:*"), Judgement::Allowed);
        assert_eq!(action("Execute-API:invoke"), Judgement::Allowed);
        assert_eq!(action("s3:GetObject"), Judgement::NotAllowed);
        let not =
            json!([{"Effect": "Allow", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::x"}]);
        assert_eq!(judged(&not), Judgement::Allowed);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for document in [
            json!({}),
            json!({"Statement": []}),
            json!({"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}),
            json!({"Statement": [{"Effect": "Allow", "Action": "*"}]}),
            json!({"Statement": [{"Effect": "Allow", "Resource": "*"}]}),
            json!({"Version": "2020-01-01", "Statement": [statement("Allow", "*")]}),
            json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Like": {"a": "b"}}}]}),
        ] {
            assert!(Policy::parse(&document).is_err(), "{document}");
        }
    }
}
