//! A look at a document's characters before it is parsed. The parser works by recursion, so what is
//! nested too deeply must not reach it; and a document of too many tokens is not worth parsing.

use super::errors::{Code, Fault, Result};

/// The most tokens of a document: some six times the introspection query.
const MAX_TOKENS: usize = 2_000;
/// The deepest nesting of brackets of any kind.
const MAX_NESTING: usize = 50;

/// What a look at a document's characters tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// Whether there are strings in it, which may be secrets.
    pub(super) has_strings: bool,
}

/// Looks through a document. Strings and comments are skipped as the grammar has it; one that does
/// not end is refused here, so that nothing can hide behind it.
pub(super) fn scan(document: &str) -> Result<Scan> {
    let mut rest = document.as_bytes();
    let (mut tokens, mut nesting, mut has_strings) = (0_usize, 0_usize, false);
    while let [first, others @ ..] = rest {
        rest = match first {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                rest = others;
                continue;
            }
            b'#' => {
                rest = skip_while(others, |byte| !matches!(byte, b'\n' | b'\r'));
                continue;
            }
            b'"' => {
                has_strings = true;
                after_string(rest).ok_or_else(unterminated)?
            }
            b'{' | b'[' | b'(' => {
                nesting += 1;
                if nesting > MAX_NESTING {
                    return Err(Fault::new(
                        Code::TooDeep,
                        "the document is nested too deeply",
                    ));
                }
                others
            }
            b'}' | b']' | b')' => {
                nesting = nesting.saturating_sub(1);
                others
            }
            byte if is_word(*byte) => skip_while(others, |byte| is_word(*byte)),
            _ => others,
        };
        tokens += 1;
        if tokens > MAX_TOKENS {
            let why = format!("the document has more than {MAX_TOKENS} tokens");
            return Err(Fault::new(Code::TooLarge, why));
        }
    }
    Ok(Scan { has_strings })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || !byte.is_ascii()
}

fn skip_while(bytes: &[u8], goes_on: impl Fn(&u8) -> bool) -> &[u8] {
    let length = bytes.iter().take_while(|byte| goes_on(byte)).count();
    bytes.get(length..).unwrap_or_default()
}

/// What comes after the string that `bytes` begin with; `None` if it does not end.
fn after_string(bytes: &[u8]) -> Option<&[u8]> {
    if let Some(mut rest) = bytes.strip_prefix(br#"""""#) {
        loop {
            if let Some(after) = rest.strip_prefix(br#"""""#) {
                return Some(after);
            }
            rest = match rest.strip_prefix(br#"\""""#) {
                Some(after) => after,
                None => rest.get(1..)?,
            };
        }
    }
    let mut rest = bytes.get(1..)?;
    loop {
        rest = match rest {
            [b'"', after @ ..] => return Some(after),
            [b'\n' | b'\r', ..] | [] => return None,
            [b'\\', _, after @ ..] | [_, after @ ..] => after,
        };
    }
}

fn unterminated() -> Fault {
    Fault::new(
        Code::ParseFailed,
        "the document can't be parsed: a string does not end",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(document: &str) -> Result<Scan, Code> {
        scan(document).map_err(|fault| fault.code())
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "{".repeat(200);
        for harmless in [
            format!("{{ a(b: \"{many}\") }}"),
            format!("{{ a(b: \"\"\"{many} \\\"\"\" {many}\"\"\") }}"),
            format!("{{ a(b: \"\\\"{many}\") }}"),
            format!("# {many}\n{{ a }}"),
        ] {
            assert!(code(&harmless).is_ok(), "{harmless}");
        }
    }

    #[test]
    fn deep_nesting_does_not_reach_the_parser() {
        for open in ["{a", "[", "(a:{a:"] {
            assert_eq!(code(&open.repeat(100_000)), Err(Code::TooDeep), "{open}");
        }
        assert_eq!(
            code(&format!("query($a:{}", "[".repeat(60))),
            Err(Code::TooDeep)
        );
    }

    #[test]
    fn nothing_hides_behind_a_string_that_does_not_end() {
        for open in ["\"", "\"\"\"", "\"\"\"\"", "\"\\"] {
            let document = format!("{{ a(b: {open} {}", "{".repeat(100));
            assert_eq!(code(&document), Err(Code::ParseFailed), "{open}");
        }
        assert_eq!(code("{ a(b: \"line\nbreak\") }"), Err(Code::ParseFailed));
    }

    #[test]
    fn a_document_of_too_many_tokens_is_refused() {
        assert_eq!(code(&"a ".repeat(2_001)), Err(Code::TooLarge));
        assert!(code(&"a ".repeat(2_000)).is_ok());
        assert!(code(&format!("{{ a }} # {}", "x ".repeat(5_000))).is_ok());
    }
}
