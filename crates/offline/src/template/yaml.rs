//! YAML to JSON values. The short forms of `CloudFormation` (`!Ref x`, `!GetAtt a.b`) become their
//! long forms (`{"Ref": "x"}`, `{"Fn::GetAtt": "a.b"}`), anchors are followed and `<<` is merged.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value, json};

/// More nodes than this are an alias that multiplies itself.
const MAX_NODES: usize = 200_000;
/// Deeper than this nobody writes, and no stack should have to hold.
const MAX_DEPTH: usize = 100;

/// Reads the first document of a text. The error is in words, with its line.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
    };
    loop {
        match reader.next()? {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => return Ok(Value::Null),
            event => return reader.node(event, 0),
        }
    }
}

struct Reader<'input> {
    parser: Parser<'input, saphyr_parser::StrInput<'input>>,
    anchors: HashMap<usize, Value>,
    nodes: usize,
}

impl<'input> Reader<'input> {
    fn next(&mut self) -> Result<Event<'input>, String> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(error.to_string()),
            None => Ok(Event::StreamEnd),
        }
    }

    fn count(&mut self, nodes: usize, depth: usize) -> Result<(), String> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            return Err("it is nested too deeply, or its aliases multiply it".to_owned());
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'input>, depth: usize) -> Result<Value, String> {
        self.count(1, depth)?;
        let (anchor, tag, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(std::borrow::Cow::into_owned);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if plain {
                    plain_scalar(&text)
                } else {
                    json!(text)
                };
                (anchor, tag, value)
            }
            Event::SequenceStart(anchor, tag) => {
                let tag = tag.map(std::borrow::Cow::into_owned);
                (anchor, tag, self.sequence(depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                let tag = tag.map(std::borrow::Cow::into_owned);
                (anchor, tag, self.mapping(depth)?)
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned().unwrap_or_default();
                self.count(size(&value), depth)?;
                return Ok(value);
            }
            _ => return Err("it ends in the middle of a value".to_owned()),
        };
        let value = tagged(tag.as_ref(), value);
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::Array(items)),
                event => items.push(self.node(event, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, String> {
        let mut members = Map::new();
        let mut merged = Vec::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.into_owned(),
                event => self.node(event, depth + 1)?.to_string(),
            };
            let event = self.next()?;
            let value = self.node(event, depth + 1)?;
            match (key.as_str(), value) {
                ("<<", Value::Array(list)) => merged.extend(list),
                ("<<", value) => merged.push(value),
                (_, value) => drop(members.insert(key, value)),
            }
        }
        for value in merged {
            for (key, value) in value.as_object().into_iter().flatten() {
                members.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        Ok(Value::Object(members))
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(size).sum::<usize>() + 1,
        Value::Object(members) => members.values().map(size).sum::<usize>() + 1,
        _ => 1,
    }
}

/// The core schema of YAML 1.2, and `yes`/`no` left as they are.
fn plain_scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    // An account id keeps its leading zeros, as in `CloudFormation`.
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.") {
        return json!(text);
    }
    if let Ok(number) = text.parse::<i64>() {
        return json!(number);
    }
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || ".eE+-".contains(c));
    match text
        .parse::<f64>()
        .ok()
        .filter(|_| is_number)
        .and_then(Number::from_f64)
    {
        Some(number) => Value::Number(number),
        None => json!(text),
    }
}

fn tagged(tag: Option<&Tag>, value: Value) -> Value {
    let Some(tag) = tag.filter(|tag| tag.handle == "!" && !tag.suffix.is_empty()) else {
        return value;
    };
    match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => json!({ name: value }),
        name => json!({ format!("Fn::{name}"): value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_become_long_forms() {
        let text = "a: !Ref Table\nb: !GetAtt Hello.Arn\nc: !Sub [\"${x}\", {x: 1}]\nd: !If [A, !Ref B, 2]\n";
        assert_eq!(
            parse(text).unwrap(),
            json!({
                "a": {"Ref": "Table"}, "b": {"Fn::GetAtt": "Hello.Arn"},
                "c": {"Fn::Sub": ["${x}", {"x": 1}]}, "d": {"Fn::If": ["A", {"Ref": "B"}, 2]},
            })
        );
    }

    #[test]
    fn scalars_keep_what_they_are() {
        let text = "a: 2012-10-17\nb: '5'\nc: 1.0\nd: 012345678901\ne: yes\nf: on\ng: ~\nh: 1.2.3\ni: true\n";
        assert_eq!(
            parse(text).unwrap(),
            json!({
                "a": "2012-10-17", "b": "5", "c": 1.0, "d": "012345678901", "e": "yes", "f": "on",
                "g": null, "h": "1.2.3", "i": true,
            })
        );
    }

    #[test]
    fn anchors_are_followed_and_merged() {
        let text = "base: &base {x: 1, y: 2}\nuse:\n  <<: *base\n  y: 3\n";
        assert_eq!(parse(text).unwrap()["use"], json!({"x": 1, "y": 3}));
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let level = |level: usize, item: &str| {
            let items = [item; 10].join(", ");
            format!("a{level}: &a{level} [{items}]")
        };
        let lines = (0..9).map(|n| match n {
            0 => level(0, "x"),
            _ => level(n, &format!("*a{}", n - 1)),
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        assert!(parse(&text).unwrap_err().contains("multiply"));
    }

    #[test]
    fn a_mistake_is_said_with_its_line() {
        assert!(parse("a:\n  - b\n c: [").unwrap_err().contains("line"));
    }
}
