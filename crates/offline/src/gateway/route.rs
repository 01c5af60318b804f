//! Which route a request takes. REST APIs choose the resource first and the method then; HTTP APIs
//! choose among the routes that have the method. In both, a fixed segment beats a variable, and a
//! variable beats a greedy one.

use percent_encoding::percent_decode_str;

use crate::stack::{Api, ApiKind, Route};

/// A route with the values of its path variables.
#[derive(Clone, Debug)]
pub(crate) struct Matched<'a> {
    pub(crate) route: &'a Route,
    pub(crate) parameters: Vec<(String, String)>,
}

/// The route of an API for a method and a path without the stage.
pub(crate) fn find<'a>(api: &'a Api, method: &str, path: &str) -> Option<Matched<'a>> {
    match api.kind {
        ApiKind::Rest => find_rest(api, method, path),
        ApiKind::Http | ApiKind::FunctionUrl => find_http(api, method, path),
    }
}

/// The path as HTTP APIs see it: decoded, and cut at what was a `?` in it.
pub(crate) fn decoded(path: &str) -> String {
    let text = percent_decode_str(path).decode_utf8_lossy().into_owned();
    text.split('?').next().unwrap_or_default().to_owned()
}

fn find_rest<'a>(api: &'a Api, method: &str, path: &str) -> Option<Matched<'a>> {
    let path = match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    };
    let resources = api
        .routes
        .iter()
        .filter_map(|route| Some((weigh(&route.path, path)?, route)));
    let ((_, parameters), resource) = resources.min_by(|(a, _), (b, _)| a.0.cmp(&b.0))?;
    let same = || {
        api.routes
            .iter()
            .filter(|route| route.path == resource.path)
    };
    let exact = same().find(|route| route.method == method);
    let route = exact.or_else(|| same().find(|route| route.method == "ANY"))?;
    Some(Matched { route, parameters })
}

fn find_http<'a>(api: &'a Api, method: &str, path: &str) -> Option<Matched<'a>> {
    let path = decoded(path);
    let takes = |route: &&Route| route.method == method || route.method == "ANY";
    let routes = api
        .routes
        .iter()
        .filter(takes)
        .filter_map(|route| Some((weigh(&route.path, &path)?, route)));
    let best = routes.min_by_key(|((weight, _), route)| (weight.clone(), route.method == "ANY"));
    if let Some(((_, parameters), route)) = best {
        return Some(Matched { route, parameters });
    }
    let route = api.routes.iter().find(|route| route.path == "$default")?;
    Some(Matched {
        route,
        parameters: Vec::new(),
    })
}

/// How special a pattern is that matches (less is more), and its variables.
type Weighed = (Vec<u8>, Vec<(String, String)>);

fn weigh(pattern: &str, path: &str) -> Option<Weighed> {
    let mut rest = path.strip_prefix('/')?;
    let mut weight = Vec::new();
    let mut parameters = Vec::new();
    let mut ended = false;
    for part in pattern.strip_prefix('/')?.split('/') {
        if ended {
            return None;
        }
        let variable = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        if let Some(name) = variable.and_then(|name| name.strip_suffix('+')) {
            weight.push(2);
            parameters.push((name.to_owned(), rest.to_owned()));
            return (!rest.is_empty()).then_some((weight, parameters));
        }
        let (segment, behind) = match rest.split_once('/') {
            Some((segment, behind)) => (segment, Some(behind)),
            None => (rest, None),
        };
        match variable {
            Some(_) if segment.is_empty() => return None,
            Some(name) => {
                weight.push(1);
                parameters.push((name.to_owned(), segment.to_owned()));
            }
            None if segment == part => weight.push(0),
            None => return None,
        }
        ended = behind.is_none();
        rest = behind.unwrap_or_default();
    }
    ended.then_some((weight, parameters))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::stack::{Payload, Target};

    fn api(kind: ApiKind, routes: &[&str]) -> Api {
        let route = |line: &&str| {
            let (method, path) = line.split_once(' ').unwrap_or(("ANY", line));
            Route {
                method: method.to_owned(),
                path: path.to_owned(),
                target: Target::Function("f".to_owned()),
                payload: Payload::V2,
                authorizer: None,
                wants_api_key: false,
            }
        };
        Api {
            name: "Api".to_owned(),
            kind,
            stage: "$default".to_owned(),
            variables: BTreeMap::new(),
            routes: routes.iter().map(route).collect(),
            authorizers: BTreeMap::new(),
            cors: None,
            binary_media_types: Vec::new(),
        }
    }

    fn taken(api: &Api, method: &str, path: &str) -> Option<String> {
        find(api, method, path).map(|matched| matched.route.key())
    }

    #[test]
    fn http_apis_take_the_most_special_route_that_has_the_method() {
        let routes = [
            "GET /pets/dog/1",
            "GET /pets/dog/{id}",
            "GET /pets/{proxy+}",
            "/{proxy+}",
            "$default",
        ];
        let api = api(ApiKind::Http, &routes);
        for (method, path, route) in [
            ("GET", "/pets/dog/1", "GET /pets/dog/1"),
            ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
            ("GET", "/pets/cat/2", "GET /pets/{proxy+}"),
            ("POST", "/pets/dog/1", "ANY /{proxy+}"),
            ("POST", "/test/5", "ANY /{proxy+}"),
            ("GET", "/", "$default"),
        ] {
            assert_eq!(
                taken(&api, method, path).as_deref(),
                Some(route),
                "{method} {path}"
            );
        }
    }

    #[test]
    fn http_apis_tell_a_trailing_slash_apart() {
        let api = api(ApiKind::Http, &["GET /me"]);
        assert_eq!(taken(&api, "GET", "/me").as_deref(), Some("GET /me"));
        assert_eq!(taken(&api, "GET", "/me/"), None);
        assert_eq!(taken(&api, "POST", "/me"), None);
    }

    #[test]
    fn rest_apis_choose_the_resource_before_the_method() {
        let api = api(
            ApiKind::Rest,
            &["GET /users/{id}", "POST /users", "/{proxy+}"],
        );
        assert_eq!(
            taken(&api, "GET", "/users/1/").as_deref(),
            Some("GET /users/{id}")
        );
        assert_eq!(
            taken(&api, "DELETE", "/users/1"),
            None,
            "the greedy route is another resource"
        );
        assert_eq!(
            taken(&api, "DELETE", "/other/1").as_deref(),
            Some("ANY /{proxy+}")
        );
        assert_eq!(
            taken(&api, "GET", "/"),
            None,
            "a greedy variable is not empty"
        );
    }

    #[test]
    fn variables_have_their_values() {
        let rest = api(ApiKind::Rest, &["GET /a/{id}/b/{rest+}"]);
        let matched = find(&rest, "GET", "/a/1%2F2/b/c/d").unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            matched.parameters,
            [pair("id", "1%2F2"), pair("rest", "c/d")]
        );
        let http = api(ApiKind::Http, &["GET /a/{id}"]);
        assert_eq!(
            find(&http, "GET", "/a/x%20y%3Fz").unwrap().parameters,
            [pair("id", "x y")]
        );
    }
}
