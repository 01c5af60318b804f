//! Entity tags (RFC 9110 §8.8.3) and the conditions on them.

use http::HeaderValue;
use http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};

/// A strong entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag(String);

/// What `If-Match` says of a tag (RFC 9110 §13.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Nothing, or `*`.
    Unconditional,
    /// The tag is on the list.
    Matches,
    /// It is not.
    Fails,
}

impl Tag {
    /// A tag of these characters, which need no escape: letters, digits, `-`, `_`, `.`.
    pub(crate) fn new(text: &str) -> Self {
        Self(format!("\"{text}\""))
    }

    /// The tag as a header's value.
    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }

    /// Whether `If-None-Match` names the tag, so that the client has this already (weak comparison).
    pub(crate) fn is_known(&self, headers: &HeaderMap) -> bool {
        list(headers, IF_NONE_MATCH.as_str())
            .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == self.0)
    }

    /// What `If-Match` says (strong comparison).
    pub(crate) fn if_match(&self, headers: &HeaderMap) -> IfMatch {
        if !headers.contains_key(IF_MATCH) || list(headers, IF_MATCH.as_str()).any(|one| one == "*")
        {
            return IfMatch::Unconditional;
        }
        if list(headers, IF_MATCH.as_str()).any(|one| one == self.0) {
            IfMatch::Matches
        } else {
            IfMatch::Fails
        }
    }
}

/// Our tags have no comma, so splitting at each can only break up tags that are none of ours.
fn list<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(',').map(str::trim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_needs_the_strong_tag_and_a_read_the_weak_one() {
        let tag = Tag::new("u.3");
        for (value, known, matches) in [
            ("\"u.3\"", true, IfMatch::Matches),
            ("W/\"u.3\"", true, IfMatch::Fails),
            ("\"u.2\", \"u.3\"", true, IfMatch::Matches),
            ("*", true, IfMatch::Unconditional),
            ("\"u.2\"", false, IfMatch::Fails),
            ("u.3", false, IfMatch::Fails),
            ("", false, IfMatch::Fails),
        ] {
            let both = [
                (IF_MATCH, value.parse().unwrap()),
                (IF_NONE_MATCH, value.parse().unwrap()),
            ];
            let headers = both.into_iter().collect();
            assert_eq!(
                (tag.is_known(&headers), tag.if_match(&headers)),
                (known, matches),
                "{value}"
            );
        }
        assert_eq!(tag.if_match(&HeaderMap::new()), IfMatch::Unconditional);
        assert!(!tag.is_known(&HeaderMap::new()));
    }
}
