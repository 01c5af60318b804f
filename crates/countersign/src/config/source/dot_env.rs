//! `.env`: lines of `NAME=value`. Our own few lines rather than a library, for two reasons: errors
//! must name the line, and a secret with a `$` in it must stay as it is written, so nothing is ever
//! expanded.

use zeroize::Zeroizing;

/// One line that sets a variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) number: usize,
    pub(super) name: &'a str,
    /// `None` where a quote is never closed, or something follows it.
    pub(super) value: Option<Zeroizing<String>>,
}

/// The lines that set variables. Comments, empty lines and anything else are passed over.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=')?;
        let name = name.trim();
        (!name.starts_with('#')).then(|| Line {
            number: index + 1,
            name,
            value: unquote(value),
        })
    })
}

fn unquote(value: &str) -> Option<Zeroizing<String>> {
    let value = value.trim();
    if let Some(rest) = value.strip_prefix('\'') {
        let (inner, after) = rest.split_once('\'')?;
        return ends(after).then(|| Zeroizing::new(inner.to_owned()));
    }
    if let Some(rest) = value.strip_prefix('"') {
        return double_quoted(rest);
    }
    let comment = value
        .find(" #")
        .or_else(|| value.starts_with('#').then_some(0));
    let bare = comment
        .and_then(|start| value.get(..start))
        .unwrap_or(value);
    Some(Zeroizing::new(bare.trim_end().to_owned()))
}

/// Inside double quotes `\"`, `\\`, `\$` and `\n` stand for what they mean in a shell.
fn double_quoted(rest: &str) -> Option<Zeroizing<String>> {
    let mut inner = Zeroizing::new(String::new());
    let mut letters = rest.chars();
    loop {
        match letters.next()? {
            '"' => return ends(letters.as_str()).then_some(inner),
            '\\' => match letters.next()? {
                'n' => inner.push('\n'),
                letter @ ('"' | '\\' | '$') => inner.push(letter),
                letter => inner.extend(['\\', letter]),
            },
            letter => inner.push(letter),
        }
    }
}

fn ends(after: &str) -> bool {
    let after = after.trim();
    after.is_empty() || after.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn values_are_read_as_a_shell_would_but_never_expanded() {
        let text =
            "A=1\n# B=2\n\nexport C = three # words\nD='$x # y'\nE=\"a\\\"b\" # c\nF=pa$$word#1\n";
        let read: Vec<_> = lines(text)
            .map(|line| {
                (
                    line.number,
                    line.name,
                    line.value.map(|value| value.to_string()),
                )
            })
            .collect();
        let some = |value: &str| Some(value.to_owned());
        assert_eq!(
            read,
            [
                (1, "A", some("1")),
                (4, "C", some("three")),
                (5, "D", some("$x # y")),
                (6, "E", some("a\"b")),
                (7, "F", some("pa$$word#1")),
            ]
        );
    }

    #[test]
    fn an_open_quote_has_no_value() {
        assert!(lines("A='x\nB=\"y\nC='x'y").all(|line| line.value.is_none()));
    }
}
