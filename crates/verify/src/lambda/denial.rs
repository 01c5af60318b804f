//! Whether a policy that denies one route denies another that it should allow. Only the routes that can change this are
//! looked at: those whose wildcards meet the route, and for each set of them that a caller may call, once.

use std::collections::{BTreeSet, HashMap};

use super::glob::Glob;
use super::path::{Path, Segment};
use super::policy::Table;
use super::routes::Route;
use super::rule::Rule;

/// The denial of one route.
pub(super) struct Denial<'a> {
    denied: &'a Route,
    glob: Glob,
    paths: &'a [&'a Path],
    /// The routes that decide on it, and whether the wildcard of each covers the denied route's.
    decisive: Vec<(&'a Route, bool)>,
    /// By which of these a caller may call: whether the denial is in the caller's policy.
    known: HashMap<Vec<bool>, bool>,
}

impl<'a> Denial<'a> {
    /// The denial of `denied`, which is one of the `routes` of a method, which have these `paths`.
    pub(super) fn new(denied: &'a Route, routes: &[&'a Route], paths: &'a [&'a Path]) -> Self {
        let glob = denied.path.glob();
        let globs: Vec<_> = paths.iter().map(|path| path.glob()).collect();
        let covering: Vec<_> = globs.iter().map(|other| other.covers(&glob)).collect();
        let among = |chosen: &[bool], glob: &Glob| {
            let mut pairs = paths.iter().zip(chosen);
            pairs.any(|(path, chosen)| *chosen && glob.takes_from(path, &[]))
        };
        // Who could open a route whose denial covers this one.
        let opening = globs.iter().map(|other| among(&covering, other));
        let near: Vec<_> = opening.zip(&covering).map(|(a, b)| a || *b).collect();
        // And whom what lies beneath these could harm, where the caller may call them.
        let beneath: Vec<_> = (globs.iter().zip(paths).zip(&near))
            .filter(|((_, path), near)| {
                **near && **path != &denied.path && path.0.contains(&Segment::One)
            })
            .map(|((glob, _), _)| glob)
            .collect();
        let decisive = routes.iter().zip(covering).zip(near);
        let decisive = decisive.filter(|((route, _), near)| {
            *near || beneath.iter().any(|glob| glob.takes_from(&route.path, &[]))
        });
        Self {
            denied,
            glob,
            paths,
            decisive: decisive
                .map(|((route, covers), _)| (*route, covers))
                .collect(),
            known: HashMap::new(),
        }
    }

    /// Whether some caller who may call `one` and not the denied route would be denied both.
    pub(super) fn harms(&mut self, one: &Route, rules: &[&Rule]) -> bool {
        // Where no wildcard reaches the denied route, there is no denial.
        if self.decisive.len() < 2 {
            return false;
        }
        rules.iter().any(|other| {
            let permits = |route: &Route| other.and_implies(&one.rule, &route.rule);
            !permits(self.denied) && {
                let routes = self.decisive.iter();
                let permitted: Vec<_> = routes.map(|(route, _)| permits(route)).collect();
                self.is_made(permitted)
            }
        })
    }

    fn is_made(&mut self, permitted: Vec<bool>) -> bool {
        if let Some(made) = self.known.get(&permitted) {
            return *made;
        }
        let (mut allowed, mut denied) = (Vec::new(), Vec::new());
        for ((route, covers), permitted) in self.decisive.iter().zip(&permitted) {
            match (permitted, covers) {
                (true, _) => allowed.push(&route.path),
                (false, true) => denied.push(&route.path),
                (false, false) => {}
            }
        }
        let made = !allowed.is_empty() && {
            let table = Table::of(self.paths.to_vec(), allowed, denied);
            let deny = table.deny(&table.allow(), &mut BTreeSet::new());
            deny.iter().any(|deny| deny.covers(&self.glob))
        };
        self.known.insert(permitted, made);
        made
    }
}
