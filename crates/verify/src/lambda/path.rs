//! Paths of routes as API Gateway writes them, `/users/{id}` and `/files/{path+}`, and the wildcards of IAM
//! that stand for them. The two are not the same: `*` crosses slashes and takes nothing for something, so
//! what a wildcard lets through beyond its route has to be found out and denied.

use std::fmt;

use super::glob::{Glob, witnesses};

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Segment {
    /// Exactly this. The root path is one empty literal.
    Literal(String),
    /// `{name}`: one segment that is not empty.
    One,
    /// `{name+}`: everything to the end, at least one segment that is not empty. In a glob, where it may
    /// stand anywhere: one segment or more, each possibly empty.
    Rest,
}

/// The path of a route.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Path(pub(super) Vec<Segment>);

impl Path {
    /// Reads a path. `None` if it is none: it has to begin with a slash, has no empty segment, and has `{name+}`
    /// only at the end. Characters that mean something in a policy (`*`, `?`, `%`) are refused.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('/')?;
        if text.is_empty() {
            return Some(Self(vec![Segment::Literal(String::new())]));
        }
        let segments: Vec<_> = text.split('/').map(segment).collect::<Option<_>>()?;
        let (_, init) = segments.split_last()?;
        (!init.contains(&Segment::Rest)).then_some(Self(segments))
    }

    /// Every path but the root.
    pub(super) fn rest() -> Self {
        Self(vec![Segment::Rest])
    }

    /// The root path.
    pub(super) fn root() -> Self {
        Self(vec![Segment::Literal(String::new())])
    }

    /// Whether a request for `segments` can be one for this path.
    pub(super) fn matches(&self, segments: &[&str]) -> bool {
        let mut rest = segments;
        for segment in &self.0 {
            let Some((first, others)) = rest.split_first() else {
                return false;
            };
            match segment {
                Segment::Literal(text) if text == first => {}
                Segment::One if !first.is_empty() => {}
                Segment::Rest => return !first.is_empty(),
                _ => return false,
            }
            rest = others;
        }
        rest.is_empty()
    }

    /// Whether some request matches both paths.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let longest = self.0.len() + other.0.len();
        let both = &mut |witness: &[&str]| self.matches(witness) && other.matches(witness);
        witnesses(&self.0, &other.0, longest, &mut Vec::new(), both)
    }

    /// Whether this path is chosen before `other` where both match: a literal before a parameter before a
    /// greedy parameter, from left to right.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.0 < other.0
    }

    /// Whether the last segment is a name.
    pub(super) fn ends_in_literal(&self) -> bool {
        matches!(self.0.last(), Some(Segment::Literal(text)) if !text.is_empty())
    }

    /// This path with a slash at its end.
    pub(super) fn with_slash(&self) -> Self {
        let end = Segment::Literal(String::new());
        Self(self.0.iter().cloned().chain([end]).collect())
    }

    /// The wildcard of IAM that takes every request for this path.
    pub(super) fn glob(&self) -> Glob {
        let widened = self.0.iter().map(|segment| match segment {
            Segment::One => Segment::Rest,
            other => other.clone(),
        });
        Glob(widened.collect())
    }
}

fn segment(text: &str) -> Option<Segment> {
    if let Some(name) = text.strip_prefix('{') {
        let name = name.strip_suffix('}')?;
        let (name, greedy) = match name.strip_suffix('+') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
        let named = !name.is_empty() && name.chars().all(allowed);
        return named.then_some(if greedy { Segment::Rest } else { Segment::One });
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()+,;=:@".contains(c);
    let literal = !text.is_empty() && text.chars().all(allowed) && text != "." && text != "..";
    literal.then(|| Segment::Literal(text.to_owned()))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::One => f.write_str("/{…}")?,
                Segment::Rest => f.write_str("/{…+}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap()
    }

    fn matches(pattern: &str, request: &str) -> bool {
        let segments: Vec<_> = request.split('/').collect();
        path(pattern).matches(&segments)
    }

    #[test]
    fn paths_are_read_as_the_gateway_writes_them() {
        for good in [
            "/",
            "/users",
            "/users/{id}",
            "/{path+}",
            "/a/{b}/c/{d+}",
            "/.well-known/x",
            "/v1/$batch",
        ] {
            assert!(Path::parse(good).is_some(), "{good}");
        }
        for bad in [
            "", "users", "/users/", "//", "/a//b", "/{}", "/{+}", "/{a+}/b", "/a*", "/a?",
            "/a%20b", "/{a", "/a}", "/x{a}", "/{a}x", "/a b", "/a\"b", "/..", "/./a", "/é",
        ] {
            assert!(Path::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_parameter_is_one_segment_and_a_greedy_one_is_the_rest() {
        assert!(matches("/users/{id}", "users/1") && !matches("/users/{id}", "users/1/2"));
        assert!(!matches("/users/{id}", "users/") && !matches("/users/{id}", "users"));
        assert!(
            matches("/f/{p+}", "f/a/b/c") && matches("/f/{p+}", "f/a") && !matches("/f/{p+}", "f")
        );
        assert!(matches("/", "") && !matches("/{p+}", "") && !matches("/", "a"));
    }

    #[test]
    fn a_literal_is_chosen_before_a_parameter_before_a_greedy_one() {
        assert!(path("/users/me").is_before(&path("/users/{id}")));
        assert!(path("/users/{id}").is_before(&path("/users/{p+}")));
        assert!(path("/users/{p+}").is_before(&path("/{p+}")));
    }
}
