//! A set of scopes, written as in OAuth: names separated by single spaces (RFC 6749 §3.3). The order
//! means nothing there; here it is alphabetical, so that equal sets are written alike.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::{slice, vec};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::names::InvalidName;
use crate::scope::Scope;

/// Most scopes that a written list may have.
pub(crate) const MAX_SCOPES: usize = 256;

/// A set of scopes; empty by default. Reads and writes as `users:read users:write`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
// INVARIANT: in order, and none twice. Few are in a set, and each token makes one: a list is cheaper than
// a tree.
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// The empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Whether the set has `scope`, given as a [`Scope`] or as a `str`.
    pub fn contains<Q: Ord + ?Sized>(&self, scope: &Q) -> bool
    where
        Scope: Borrow<Q>,
    {
        let found = self.0.binary_search_by(|own| own.borrow().cmp(scope));
        found.is_ok()
    }

    /// Whether `other` has every scope of this set.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|own| other.contains(own))
    }

    /// The scopes that both sets have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let both = self.0.iter().filter(|own| other.contains(*own));
        Self(both.cloned().collect())
    }

    /// The scopes that either set has.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).cloned().collect()
    }

    /// The scopes of this set that `other` lacks.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let own = self.0.iter().filter(|own| !other.contains(*own));
        Self(own.cloned().collect())
    }

    /// Adds a scope; tells whether it is new.
    pub fn insert(&mut self, scope: Scope) -> bool {
        match self.0.binary_search(&scope) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, scope);
                true
            }
        }
    }

    /// The scopes in alphabetical order.
    pub fn iter(&self) -> slice::Iter<'_, Scope> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    fn from_list(mut scopes: Vec<Scope>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

impl FromStr for Scopes {
    type Err = InvalidName;

    /// Reads a list; the empty string is the empty set, and a name that comes twice counts once.
    fn from_str(list: &str) -> Result<Self, InvalidName> {
        if list.is_empty() {
            return Ok(Self::new());
        }
        let mut scopes = Vec::new();
        for (index, name) in list.split(' ').enumerate() {
            if name.is_empty() || index >= MAX_SCOPES {
                return Err(InvalidName::Scopes);
            }
            scopes.push(name.parse()?);
        }
        Ok(Self::from_list(scopes))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self::from_list(scopes.into_iter().collect())
    }
}

impl Extend<Scope> for Scopes {
    fn extend<I: IntoIterator<Item = Scope>>(&mut self, scopes: I) {
        let own = std::mem::take(&mut self.0);
        *self = own.into_iter().chain(scopes).collect();
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(vec![scope])
    }
}

impl IntoIterator for Scopes {
    type Item = Scope;
    type IntoIter = vec::IntoIter<Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Scopes {
    type Item = &'a Scope;
    type IntoIter = slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(list: &str) -> Scopes {
        list.parse().unwrap()
    }

    #[test]
    fn a_list_is_a_set_and_is_written_in_order() {
        assert_eq!(scopes("b a b").to_string(), "a b");
        assert_eq!(scopes("b a b").len(), 2);
        assert_eq!(scopes(""), Scopes::default());
        assert_eq!(serde_json::to_string(&scopes("b a")).unwrap(), "\"a b\"");
        assert_eq!(
            serde_json::from_str::<Scopes>("\"b a\"").unwrap(),
            scopes("a b")
        );
    }

    #[test]
    fn loose_lists_are_refused() {
        for bad in [" ", " a", "a ", "a  b", "a\tb", "a,\"b\""] {
            assert!(bad.parse::<Scopes>().is_err(), "{bad:?}");
        }
        assert_eq!(
            vec!["a"; 257].join(" ").parse::<Scopes>(),
            Err(InvalidName::Scopes)
        );
    }

    #[test]
    fn what_is_added_in_any_order_gives_the_same_set() {
        let mut set = scopes("m");
        for (name, new) in [("z", true), ("a", true), ("m", false), ("z", false)] {
            assert_eq!(set.insert(name.parse().unwrap()), new, "{name}");
        }
        assert_eq!(set, scopes("z m a"));
        set.extend(scopes("c z b"));
        assert_eq!(set.to_string(), "a b c m z");
        assert!(set.iter().all(|scope| set.contains(scope)));
    }

    #[test]
    fn sets_meet_join_and_compare() {
        let (ab, bc) = (scopes("a b"), scopes("b c"));
        assert_eq!(ab.intersection(&bc), scopes("b"));
        assert_eq!(ab.union(&bc), scopes("a b c"));
        assert_eq!(ab.difference(&bc), scopes("a"));
        assert!(scopes("a").is_subset(&ab) && !bc.is_subset(&ab) && Scopes::new().is_subset(&ab));
        assert!(ab.contains("a") && ab.contains(&Scope::from_static("b")) && !ab.contains("c"));
    }
}
