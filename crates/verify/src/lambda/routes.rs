//! The map from routes to rules: which calls exist, and what each takes. It is written as the routes of API
//! Gateway are: `GET /users/{id}`, `ANY /files/{path+}`, `$default`, `$connect`. A call that matches no route
//! is denied.

use std::fmt;

use super::path::Path;
use super::route_mistake::RouteMistake;
use super::rule::Rule;

/// The methods that API Gateway knows; `ANY` is all of them.
pub(super) const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
/// Most routes.
const MAX_ROUTES: usize = 300;

/// One route and its rule.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) text: String,
    /// `None` is `ANY`.
    pub(super) method: Option<&'static str>,
    pub(super) path: Path,
    pub(super) rule: Rule,
}

/// What each route takes.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    pub(super) routes: Vec<Route>,
    pub(super) connect: Option<Rule>,
}

impl Routes {
    /// Reads a map. The order doesn't matter: as at the gateway, the most specific route counts.
    ///
    /// Errors: all mistakes in it.
    pub fn new<S: Into<String>>(
        routes: impl IntoIterator<Item = (S, Rule)>,
    ) -> Result<Self, Vec<RouteMistake>> {
        let (mut map, mut mistakes) = (Self::default(), Vec::new());
        let mut default = None;
        for (text, rule) in routes {
            let text: String = text.into();
            let twice = match text.as_str() {
                "$connect" => map.connect.replace(rule).is_some(),
                "$default" => default.replace(rule).is_some(),
                _ => {
                    let Some((method, path)) = read(&text) else {
                        mistakes.push(RouteMistake::Malformed(text));
                        continue;
                    };
                    map.add(text.clone(), method, path, rule)
                }
            };
            if twice {
                mistakes.push(RouteMistake::Twice(text));
            }
        }
        // What the gateway gives to no other route; a route that is written out goes before.
        for path in [Path::root(), Path::rest()] {
            if let Some(rule) = &default {
                map.add("$default".into(), None, path, rule.clone());
            }
        }
        if map.routes.len() > MAX_ROUTES {
            mistakes.push(RouteMistake::TooMany);
        }
        if mistakes.is_empty() {
            Ok(map)
        } else {
            Err(mistakes)
        }
    }

    /// Adds a route; tells whether it is there already.
    fn add(&mut self, text: String, method: Option<&'static str>, path: Path, rule: Rule) -> bool {
        let same = |route: &Route| route.method == method && route.path == path;
        let twice = self.routes.iter().any(same);
        if !twice {
            self.routes.push(Route {
                text,
                method,
                path,
                rule,
            });
        }
        twice
    }

    /// The routes that calls with `method` can meet, one for each path.
    pub(super) fn of_method(&self, method: &str) -> Vec<&Route> {
        let exact = |path: &Path| {
            let same = |route: &&Route| route.method == Some(method) && route.path == *path;
            self.routes.iter().any(|route| same(&route))
        };
        let counts = |route: &&Route| match route.method {
            Some(own) => own == method,
            None => !exact(&route.path),
        };
        self.routes.iter().filter(counts).collect()
    }

    /// The route that the gateway gives a call to: the most specific path, and for it the method before `ANY`.
    /// `path` begins after the first slash.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<&Route> {
        if !METHODS.contains(&method) {
            return None;
        }
        let segments: Vec<_> = path.split('/').collect();
        let mut best: Option<&Route> = None;
        for route in &self.routes {
            let takes =
                route.method.is_none_or(|own| own == method) && route.path.matches(&segments);
            let better = best.is_none_or(|best| {
                route.path.is_before(&best.path)
                    || (route.path == best.path && route.method.is_some())
            });
            if takes && better {
                best = Some(route);
            }
        }
        best
    }

    /// The route with this key, as the gateway of an HTTP API names it.
    pub(super) fn by_key(&self, key: &str) -> Option<&Route> {
        if key == "$default" {
            return self.routes.iter().find(|route| route.text == key);
        }
        let (method, path) = read(key)?;
        let same = |route: &&Route| route.method == method && route.path == path;
        self.routes.iter().find(same)
    }

    /// Whether there is one rule, for `$default`, and no other.
    pub(super) fn is_uniform(&self) -> bool {
        self.routes.iter().all(|route| route.text == "$default")
    }
}

fn read(text: &str) -> Option<(Option<&'static str>, Path)> {
    let (method, path) = text.split_once(' ')?;
    let method = if method == "ANY" {
        None
    } else {
        Some(*METHODS.iter().find(|known| **known == method)?)
    };
    Some((method, Path::parse(path)?))
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(list: &[&str]) -> Result<Routes, Vec<RouteMistake>> {
        Routes::new(list.iter().map(|text| (*text, Rule::authenticated())))
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let mistakes = routes(&[
            "GET users",
            "FETCH /x",
            "GET /a/{x}",
            "GET /a/{y}",
            "get /a",
        ]);
        let RouteMistake::Twice(twice) = &mistakes.clone().unwrap_err()[2] else {
            unreachable!("{mistakes:?}");
        };
        assert_eq!(twice, "GET /a/{y}");
        assert_eq!(mistakes.unwrap_err().len(), 4);
    }

    #[test]
    fn the_most_specific_route_is_found() {
        let map = routes(&[
            "$default",
            "ANY /users/{id}",
            "GET /users/me",
            "GET /users/{id}",
            "ANY /files/{path+}",
        ])
        .unwrap();
        for (method, path, route) in [
            ("GET", "users/me", Some("GET /users/me")),
            ("POST", "users/me", Some("ANY /users/{id}")),
            ("GET", "users/1", Some("GET /users/{id}")),
            ("GET", "files/a/b", Some("ANY /files/{path+}")),
            ("GET", "files", Some("$default")),
            ("GET", "", Some("$default")),
            ("TRACE", "", None),
        ] {
            let found = map.find(method, path).map(|route| route.text.as_str());
            assert_eq!(found, route, "{method} /{path}");
        }
        assert!(routes(&["GET /a"]).unwrap().find("GET", "b").is_none());
        assert!(map.by_key("$default").is_some() && map.by_key("GET /nothing").is_none());
    }
}
