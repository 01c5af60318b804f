//! What a map of routes asks for that answers can't give: found out when the map is read, not when somebody calls.

use std::collections::BTreeSet;

use super::glob::Glob;
use super::path::Segment;
use super::policy::Table;
use super::route_mistake::RouteMistake;
use super::routes::{METHODS, Route, Routes};

impl Routes {
    /// What can't be said by any policy, whoever calls.
    pub(super) fn inseparable(&self) -> Vec<RouteMistake> {
        let mut mistakes = Vec::new();
        for method in METHODS {
            let routes = self.of_method(method);
            let paths: Vec<_> = routes.iter().map(|route| &route.path).collect();
            for denied in &routes {
                let glob = denied.path.glob();
                let harmed = |one: &&&Route| {
                    one.path != denied.path
                        && !one.rule.implies(&denied.rule)
                        && glob.takes_from(&one.path, &paths)
                };
                for one in routes.iter().filter(harmed) {
                    if self.denies(method, &glob, one, denied) {
                        mistakes.push(RouteMistake::Inseparable {
                            allowed: one.text.clone(),
                            denied: denied.text.clone(),
                        });
                    }
                }
            }
        }
        mistakes.sort_by_key(ToString::to_string);
        mistakes.dedup();
        mistakes
    }

    /// Whether some caller who may call `one` and not `denied` would be denied `glob`.
    fn denies(&self, method: &str, glob: &Glob, one: &Route, denied: &Route) -> bool {
        let mut rules: Vec<_> = self.routes.iter().map(|route| &route.rule).collect();
        rules.dedup();
        rules.into_iter().any(|other| {
            let permits = |route: &Route| other.and_implies(&one.rule, &route.rule);
            let table = Table::new(self.of_method(method), &permits);
            let deny = || table.deny(&table.allow(), &mut BTreeSet::new());
            !permits(denied) && deny().iter().any(|deny| deny.covers(glob))
        })
    }

    /// The routes below whose parameters other routes lie, so that an unlisted route beside these can't be denied.
    pub(super) fn open(&self) -> Vec<&str> {
        let mut open = Vec::new();
        for method in METHODS {
            let routes = self.of_method(method);
            let table = Table::new(routes.clone(), &|_| true);
            for route in routes {
                let parameters = route.path.0.iter().filter(|one| **one == Segment::One);
                let next = table.beneath(&route.path);
                let tight = next
                    .iter()
                    .filter(|glob| glob.0.len() == route.path.0.len() + 1);
                if tight.count() < parameters.count() {
                    open.push(route.text.as_str());
                }
            }
        }
        open.sort_unstable();
        open.dedup();
        open
    }

    /// Where the gateway, with the route key in its cache's key, could serve one route as another.
    pub(super) fn inside_another(&self) -> Vec<RouteMistake> {
        let inside = |outer: &Route, inner: &Route| {
            let methods =
                outer.method.is_none() || inner.method.is_none() || outer.method == inner.method;
            let wider = inner.path.is_before(&outer.path) && outer.path.meets(&inner.path)
                || (inner.path == outer.path && outer.method.is_none());
            methods && wider && !outer.rule.implies(&inner.rule)
        };
        let mut mistakes = Vec::new();
        for outer in &self.routes {
            let inner = self.routes.iter().filter(|inner| inside(outer, inner));
            mistakes.extend(inner.map(|inner| RouteMistake::InsideAnother {
                outer: outer.text.clone(),
                inner: inner.text.clone(),
            }));
        }
        mistakes
    }
}
