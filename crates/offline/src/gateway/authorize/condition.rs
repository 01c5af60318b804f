//! The conditions of a policy's statement: dates, numbers, texts, addresses, booleans, over what API
//! Gateway knows of a request. A key that it doesn't know makes a condition fail, but for `IfExists`
//! and the negated operators.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use serde_json::Value;

use super::glob;

/// What is known of a request, by keys in small letters such as `aws:currenttime`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts(pub(crate) BTreeMap<&'static str, String>);

/// One operator on one key.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    test: Test,
    negated: bool,
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
enum Test {
    Text,
    TextIgnoringCase,
    TextLike,
    Arn,
    Bool,
    Address,
    Date(Order),
    Number(Order),
    Null,
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Reads a condition block. The error is in words.
    pub(super) fn parse_all(block: &Value) -> Result<Vec<Self>, String> {
        let block = block
            .as_object()
            .ok_or("the Condition of a statement is no object")?;
        let mut all = Vec::new();
        for (operator, keys) in block {
            let if_exists = operator.ends_with("IfExists");
            let name = operator.strip_suffix("IfExists").unwrap_or(operator);
            let (test, negated) = operator_of(name)
                .ok_or_else(|| format!("the condition operator {operator} can't be judged here"))?;
            let keys = keys
                .as_object()
                .ok_or_else(|| format!("{operator} has no keys"))?;
            for (key, values) in keys {
                let values = match values {
                    Value::Array(values) => values.iter().map(crate::template::text).collect(),
                    one => vec![crate::template::text(one)],
                };
                let key = key.to_ascii_lowercase();
                all.push(Self {
                    test,
                    negated,
                    if_exists,
                    key,
                    values,
                });
            }
        }
        Ok(all)
    }

    pub(super) fn holds(&self, facts: &Facts) -> bool {
        let fact = facts.0.get(self.key.as_str());
        if matches!(self.test, Test::Null) {
            return self
                .values
                .iter()
                .any(|value| (value == "true") == fact.is_none());
        }
        match fact {
            None => self.if_exists || self.negated,
            Some(fact) => {
                self.values.iter().any(|value| self.test.holds(fact, value)) != self.negated
            }
        }
    }
}

fn operator_of(name: &str) -> Option<(Test, bool)> {
    let plain = match name {
        "StringEquals" => Test::Text,
        "StringEqualsIgnoreCase" => Test::TextIgnoringCase,
        "StringLike" => Test::TextLike,
        "ArnEquals" | "ArnLike" => Test::Arn,
        "Bool" => Test::Bool,
        "IpAddress" => Test::Address,
        "Null" => Test::Null,
        "StringNotEquals" => return Some((Test::Text, true)),
        "StringNotEqualsIgnoreCase" => return Some((Test::TextIgnoringCase, true)),
        "StringNotLike" => return Some((Test::TextLike, true)),
        "ArnNotEquals" | "ArnNotLike" => return Some((Test::Arn, true)),
        "NotIpAddress" => return Some((Test::Address, true)),
        "DateNotEquals" => return Some((Test::Date(Order::Equal), true)),
        "NumericNotEquals" => return Some((Test::Number(Order::Equal), true)),
        other => {
            let order = |rest: &str| {
                Some(match rest {
                    "Equals" => Order::Equal,
                    "LessThan" => Order::Less,
                    "LessThanEquals" => Order::LessOrEqual,
                    "GreaterThan" => Order::Greater,
                    "GreaterThanEquals" => Order::GreaterOrEqual,
                    _ => return None,
                })
            };
            let date = other.strip_prefix("Date").and_then(order).map(Test::Date);
            date.or_else(|| {
                other
                    .strip_prefix("Numeric")
                    .and_then(order)
                    .map(Test::Number)
            })?
        }
    };
    Some((plain, false))
}

impl Test {
    fn holds(self, fact: &str, value: &str) -> bool {
        match self {
            Self::Text => fact == value,
            Self::TextIgnoringCase | Self::Bool => fact.eq_ignore_ascii_case(value),
            Self::TextLike => glob::fits(value, fact),
            Self::Arn => glob::fits_arn(value, fact),
            Self::Address => is_in(fact, value),
            Self::Date(order) => compare(order, date(fact), date(value)),
            Self::Number(order) => compare(order, fact.parse::<f64>().ok(), value.parse().ok()),
            Self::Null => false,
        }
    }
}

fn compare<T: PartialOrd>(order: Order, fact: Option<T>, value: Option<T>) -> bool {
    let (Some(fact), Some(value)) = (fact, value) else {
        return false;
    };
    match order {
        Order::Equal => fact == value,
        Order::Less => fact < value,
        Order::LessOrEqual => fact <= value,
        Order::Greater => fact > value,
        Order::GreaterOrEqual => fact >= value,
    }
}

/// A date of ISO 8601, or seconds since 1970.
fn date(text: &str) -> Option<Timestamp> {
    let seconds = text
        .parse::<i64>()
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    seconds.or_else(|| text.parse().ok())
}

fn is_in(address: &str, network: &str) -> bool {
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let alone = || network.parse::<IpAddr>().ok().map(IpNet::from);
    network
        .parse::<IpNet>()
        .ok()
        .or_else(alone)
        .is_some_and(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(block: &Value) -> bool {
        let facts = Facts(BTreeMap::from([
            ("aws:currenttime", "2026-11-21T10:00:00Z".to_owned()),
            ("aws:epochtime", "1795255200".to_owned()),
            ("aws:sourceip", "10.1.2.3".to_owned()),
            ("aws:securetransport", "true".to_owned()),
        ]));
        Condition::parse_all(block)
            .unwrap()
            .iter()
            .all(|condition| condition.holds(&facts))
    }

    #[test]
    fn conditions_are_judged_as_iam_judges_them() {
        for (block, expected) in [
            (
                json!({"DateLessThan": {"aws:CurrentTime": "2026-11-21T10:00:01Z"}}),
                true,
            ),
            (
                json!({"DateLessThan": {"aws:CurrentTime": "2026-11-21T10:00:00Z"}}),
                false,
            ),
            (
                json!({"DateGreaterThan": {"aws:CurrentTime": "2026-11-21T11:00:00+02:00"}}),
                true,
            ),
            (
                json!({"NumericLessThanEquals": {"aws:EpochTime": 1_795_255_200}}),
                true,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "10.0.0.0/8"]}}),
                true,
            ),
            (json!({"NotIpAddress": {"aws:SourceIp": "10.1.2.3"}}), false),
            (
                json!({"StringLike": {"aws:SourceIp": "10.*"}, "Bool": {"aws:SecureTransport": true}}),
                true,
            ),
            (json!({"StringEquals": {"aws:PrincipalTag/x": "y"}}), false),
            (
                json!({"StringNotEquals": {"aws:PrincipalTag/x": "y"}}),
                true,
            ),
            (
                json!({"StringEqualsIfExists": {"aws:PrincipalTag/x": "y"}}),
                true,
            ),
            (json!({"Null": {"aws:TokenIssueTime": "true"}}), true),
            (
                json!({"DateLessThan": {"aws:CurrentTime": "tomorrow"}}),
                false,
            ),
        ] {
            assert_eq!(holds(&block), expected, "{block}");
        }
    }
}
