//! Takes out of a log line what must not be kept: what looks like a token, and characters that steer a
//! terminal. No line of our own holds either; those of others may.

/// The longest text that is kept of a line, in bytes.
pub(crate) const MAX_TEXT: usize = 2048;

const BLOT: &str = "[token]";

/// What the tokens of Countersign and every JWT (its header is an object) begin with.
const PREFIXES: &[&str] = &["eyJ", "csr_", "csp_"];

/// Shorter than this nothing is a token.
const MIN_TOKEN: usize = 20;

/// The text without credentials and control characters, cut to a bearable length.
pub(crate) fn discreet(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(text.len().min(MAX_TEXT));
    let mut after_scheme = false;
    let mut rest = text;
    while !rest.is_empty() && kept.len() < MAX_TEXT {
        let end = rest.find(|c| !is_of_token(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        if !word.is_empty() {
            kept.push_str(if is_token(word, after_scheme) {
                BLOT
            } else {
                word
            });
            after_scheme =
                word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic");
        }
        let mut chars = tail.chars();
        if let Some(c) = chars.next() {
            after_scheme &= c == ' ';
            kept.push(if steers(c) { ' ' } else { c });
        }
        rest = chars.as_str();
    }
    if kept.len() > MAX_TEXT || !rest.is_empty() {
        kept.truncate(kept.floor_char_boundary(MAX_TEXT));
        kept.push('…');
    }
    kept
}

/// Whether there is surely nothing to take out: so it is with nearly every name and line of ours.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has = |scheme: &[u8]| {
        let mut windows = bytes.windows(scheme.len());
        windows.any(|window| window.eq_ignore_ascii_case(scheme))
    };
    text.len() <= MAX_TEXT
        && bytes.iter().all(|b| (b' '..=b'~').contains(b))
        && (text.len() < MIN_TOKEN || !PREFIXES.iter().any(|prefix| text.contains(prefix)))
        && !has(b"bearer")
        && !has(b"basic")
}

/// Whether a terminal does more with it than show it; the direction of writing counts, since it makes a
/// line look like another.
fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && c != '\t'
}

fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.~+/=".contains(c)
}

fn is_token(word: &str, after_scheme: bool) -> bool {
    let looks_like_one = PREFIXES.iter().any(|prefix| {
        word.match_indices(prefix)
            .any(|(at, _)| word.len() - at >= MIN_TOKEN)
    });
    after_scheme || looks_like_one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_token_is_blotted_out_wherever_it_stands() {
        let jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        for (text, kept) in [
            (format!("token {jwt} refused"), "token [token] refused"),
            (
                format!("{{\"token\":\"{jwt}\"}}"),
                "{\"token\":\"[token]\"}",
            ),
            (format!("?access_token={jwt}&a=1"), "?[token]&a=1"),
            (
                "Authorization: Bearer abc".to_owned(),
                "Authorization: Bearer [token]",
            ),
            (
                "authorization: basic dXNlcjpw".to_owned(),
                "authorization: basic [token]",
            ),
            ("csr_01mBgNFyS2pZ0123456789".to_owned(), "[token]"),
            (
                "the eye sees csr_ and bearer.".to_owned(),
                "the eye sees csr_ and bearer.",
            ),
        ] {
            assert_eq!(discreet(&text), kept, "{text}");
        }
    }

    #[test]
    fn nothing_in_a_line_steers_the_terminal_that_shows_it() {
        assert_eq!(
            discreet("a\u{202e}b\u{2066}c\u{2069}d\u{200f}e\u{2028}f"),
            "a b c d e f"
        );
        assert_eq!(discreet("a\u{1b}[2Jb\u{7}\n\u{9b}c\td"), "a [2Jb   c\td");
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let cut = discreet(&"ä ".repeat(5000));
        assert!(
            cut.len() <= MAX_TEXT + 8 && cut.ends_with('…'),
            "{}",
            cut.len()
        );
    }
}
