//! The wildcards of IAM, and what they take from routes besides their own. It is found out by example: where a wildcard
//! and a path meet, a request is made up that both take, of segments that no other route names.

use std::fmt;

use super::path::{Path, Segment};

/// A wildcard of IAM, segment by segment: `Rest` is `*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Glob(pub(super) Vec<Segment>);

impl Glob {
    /// Whether this wildcard takes everything that `other` takes.
    pub(super) fn covers(&self, other: &Self) -> bool {
        covers(&self.0, &other.0)
    }

    /// The same wildcard with `text` as one segment more.
    pub(super) fn then(mut self, text: &str) -> Self {
        self.0.push(Segment::Literal(text.to_owned()));
        self
    }

    /// Whether this wildcard takes a request that the gateway would give to `path`, though `others` are there.
    pub(super) fn takes_from(&self, path: &Path, others: &[&Path]) -> bool {
        self.takes_from_beside(path, others, &[])
    }

    /// Whether no literal at the beginning or at the end tells the two apart.
    pub(super) fn may_meet(&self, path: &Path) -> bool {
        let agree = |(left, right): (&Segment, &Segment)| match (left, right) {
            (Segment::Literal(left), Segment::Literal(right)) => Some(left == right),
            _ => None,
        };
        let begin = self.0.iter().zip(&path.0).map_while(agree);
        let end = self.0.iter().rev().zip(path.0.iter().rev());
        begin.chain(end.map_while(agree)).all(|same| same)
    }

    /// The same as `takes_from`, of requests that none of `denied` takes.
    pub(super) fn takes_from_beside(&self, path: &Path, others: &[&Path], denied: &[Self]) -> bool {
        // Most routes of an API have nothing in common, and this is soon seen.
        if !self.may_meet(path) {
            return false;
        }
        let lengths = others.iter().map(|other| other.0.len());
        let lengths = lengths.chain(denied.iter().map(|glob| glob.0.len()));
        let longest = lengths.chain([self.0.len(), path.0.len()]).max();
        let longest = longest.unwrap_or(0) + 1;
        let mut witness = Vec::new();
        witnesses(&self.0, &path.0, longest, &mut witness, &mut |witness| {
            let before = |other: &Path| other.is_before(path) && other.matches(witness);
            path.matches(witness)
                && !others.iter().any(|other| before(other))
                && !denied.iter().any(|glob| takes(&glob.0, witness))
        })
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            match segment {
                Segment::Literal(text) => f.write_str(text)?,
                Segment::One | Segment::Rest => f.write_str("*")?,
            }
        }
        Ok(())
    }
}

/// A segment that no route names.
const FRESH: &str = "\u{1}";

/// One segment that both heads take, and which of both may stay for the next one.
fn step<'a>(left: &'a Segment, right: &'a Segment) -> Option<(&'a str, [bool; 2])> {
    use Segment::{Literal, One, Rest};
    let stays = [*left == Rest, *right == Rest];
    match (left, right) {
        (Literal(left), Literal(right)) => (left == right).then_some((left.as_str(), stays)),
        // `{id}` takes no empty segment, and the empty literal is the root path.
        (Literal(text), One) | (One, Literal(text)) => {
            (!text.is_empty()).then_some((text.as_str(), stays))
        }
        (Literal(text), Rest) | (Rest, Literal(text)) => Some((text.as_str(), stays)),
        _ => Some((FRESH, stays)),
    }
}

fn takes(glob: &[Segment], segments: &[&str]) -> bool {
    let (Some((first, glob_rest)), Some((segment, rest))) =
        (glob.split_first(), segments.split_first())
    else {
        return glob.is_empty() && segments.is_empty();
    };
    match first {
        Segment::Literal(text) => text == segment && takes(glob_rest, rest),
        Segment::One | Segment::Rest => takes(glob_rest, rest) || takes(glob, rest),
    }
}

fn covers(wide: &[Segment], narrow: &[Segment]) -> bool {
    let (Some((first, wide_rest)), Some((second, narrow_rest))) =
        (wide.split_first(), narrow.split_first())
    else {
        return wide.is_empty() && narrow.is_empty();
    };
    match (first, second) {
        (Segment::Literal(first), Segment::Literal(second)) => {
            first == second && covers(wide_rest, narrow_rest)
        }
        (Segment::Literal(_), _) => false,
        _ => covers(wide_rest, narrow_rest) || covers(wide, narrow_rest),
    }
}

/// Offers requests that both sides take, of at most `longest` segments, one of each kind, until `accept` takes one.
pub(super) fn witnesses<'a>(
    left: &'a [Segment],
    right: &'a [Segment],
    longest: usize,
    witness: &mut Vec<&'a str>,
    accept: &mut dyn FnMut(&[&str]) -> bool,
) -> bool {
    let (Some((first, left_rest)), Some((second, right_rest))) =
        (left.split_first(), right.split_first())
    else {
        return left.is_empty() && right.is_empty() && accept(witness);
    };
    let Some((segment, [left_stays, right_stays])) = step(first, second) else {
        return false;
    };
    if witness.len() >= longest {
        return false;
    }
    witness.push(segment);
    let mut try_on =
        |left, right, witness: &mut Vec<&'a str>| witnesses(left, right, longest, witness, accept);
    let found = try_on(left_rest, right_rest, witness)
        || (left_stays && try_on(left, right_rest, witness))
        || (right_stays && try_on(left_rest, right, witness))
        || (left_stays && right_stays && try_on(left, right, witness));
    witness.pop();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap()
    }

    #[test]
    fn wildcards_meet_what_they_would_let_through() {
        let meets = |wide: &str, other: &str| path(wide).glob().takes_from(&path(other), &[]);
        assert!(meets("/users/{id}", "/users/me") && meets("/users/{id}", "/users/{id}/posts"));
        assert!(!meets("/users/{id}/posts", "/users/{id}") && !meets("/users/{id}", "/users"));
        assert!(meets("/{p+}", "/") && meets("/{p+}", "/users") && !meets("/users", "/users/{id}"));
        assert!(!meets("/", "/{p+}") && !meets("/a/{b}", "/c/{d}"));
    }

    #[test]
    fn what_a_wildcard_takes_from_a_route_counts_other_routes_before_it() {
        let (users, all) = (path("/users/{id}"), path("/{p+}"));
        assert!(users.glob().takes_from(&all, &[&users]));
        let below = path("/users/{p+}");
        assert!(!users.glob().takes_from(&all, &[&users, &below]));
        let me = path("/users/me");
        assert!(!me.glob().takes_from(&users, &[&me]));
    }
}
