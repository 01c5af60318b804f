//! A file with more environment for the functions: lines `NAME=VALUE`, or JSON as `sam local` takes it
//! (`{"Function": {"NAME": "value"}, "Parameters": {…}}`).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::runtime::Extra;
use crate::template::text;

/// Reads such a file. The error is in words, and holds no value.
pub(crate) fn parse(contents: &str) -> Result<Extra, String> {
    if contents.trim_start().starts_with('{') {
        return parse_json(contents);
    }
    let mut extra = Extra::default();
    for (index, line) in contents.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| format!("line {} is no NAME=VALUE", index + 1))?;
        extra.all.insert(name.trim().to_owned(), bare(value.trim()));
    }
    Ok(extra)
}

/// A value without the quotes around it.
fn bare(value: &str) -> String {
    for quote in ['"', '\''] {
        let inner = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return if quote == '"' {
                inner.replace("\\n", "\n")
            } else {
                inner.to_owned()
            };
        }
    }
    value.to_owned()
}

fn parse_json(contents: &str) -> Result<Extra, String> {
    let value: Value = serde_json::from_str(contents)
        .map_err(|error| format!("line {} is no JSON", error.line()))?;
    let mut extra = Extra::default();
    for (name, value) in value.as_object().into_iter().flatten() {
        let Value::Object(members) = value else {
            extra.all.insert(name.clone(), text(value));
            continue;
        };
        let members = members
            .iter()
            .map(|(name, value)| (name.clone(), text(value)));
        if name == "Parameters" {
            extra.all.extend(members);
        } else {
            extra
                .of
                .insert(name.clone(), members.collect::<BTreeMap<_, _>>());
        }
    }
    Ok(extra)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_json_are_read() {
        let lines =
            parse("# db\nDB=mongodb://x/?a=b\nexport NAME=\"two words\"\nQUOTED='a'\n").unwrap();
        assert_eq!(lines.all["DB"], "mongodb://x/?a=b");
        assert_eq!(
            (&*lines.all["NAME"], &*lines.all["QUOTED"]),
            ("two words", "a")
        );
        let json = parse("{\"Hello\": {\"A\": 1}, \"Parameters\": {\"B\": \"2\"}}").unwrap();
        assert_eq!((&*json.of["Hello"]["A"], &*json.all["B"]), ("1", "2"));
    }

    #[test]
    fn a_mistake_is_said_without_the_value() {
        assert_eq!(
            parse("A=1\nhunter2\n").unwrap_err(),
            "line 2 is no NAME=VALUE"
        );
    }
}
