//! What a map of routes asks for that answers can't give: found out when the map is read, not when somebody calls.

use std::ptr;

use super::denial::Denial;
use super::path::Segment;
use super::policy::Table;
use super::route_mistake::RouteMistake;
use super::routes::{METHODS, Route, Routes};
use super::rule::Rule;

impl Routes {
    /// What can't be said by any policy, whoever calls.
    pub(super) fn inseparable(&self) -> Vec<RouteMistake> {
        let mut rules: Vec<&Rule> = Vec::new();
        for route in &self.routes {
            if !rules.contains(&&route.rule) {
                rules.push(&route.rule);
            }
        }
        let mut mistakes = Vec::new();
        for routes in self.by_methods() {
            let paths: Vec<_> = routes.iter().map(|route| &route.path).collect();
            for denied in &routes {
                let glob = denied.path.glob();
                let harmed = |one: &&&Route| {
                    one.path != denied.path
                        && glob.takes_from(&one.path, &paths)
                        && !one.rule.implies(&denied.rule)
                };
                let harmed: Vec<_> = routes.iter().filter(harmed).collect();
                if harmed.is_empty() {
                    continue;
                }
                let mut denial = Denial::new(denied, &routes, &paths);
                for one in harmed {
                    if denial.harms(one, &rules) {
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

    /// The routes of each method; once where several methods have the same.
    fn by_methods(&self) -> Vec<Vec<&Route>> {
        let mut all: Vec<Vec<&Route>> = Vec::new();
        for method in METHODS {
            let routes = self.of_method(method);
            let same = |other: &Vec<&Route>| {
                let mut pairs = other.iter().zip(&routes);
                other.len() == routes.len() && pairs.all(|(one, two)| ptr::eq(*one, *two))
            };
            if !all.iter().any(same) {
                all.push(routes);
            }
        }
        all
    }

    /// The routes below whose parameters other routes lie, so that an unlisted route beside these can't be denied.
    pub(super) fn open(&self) -> Vec<&str> {
        let mut open = Vec::new();
        for routes in self.by_methods() {
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
