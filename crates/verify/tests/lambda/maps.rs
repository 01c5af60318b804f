//! Many maps of routes, many callers, many calls: a policy allows what the map says, and nothing else.

use countersign_verify::lambda::{Authorizer, Routes};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::NOW;
use crate::iam::allows;
use crate::setting::{World, answer, event, rule};

const BASE: &str = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/";
const SCOPES: [&str; 5] = ["", "a", "b", "c", "a b"];

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[xyz]", 3 => Just("{id}".to_owned())]
}

fn path() -> impl Strategy<Value = String> {
    let greedy = prop_oneof![4 => Just(""), 1 => Just("/{path+}")];
    (prop::collection::vec(segment(), 0..4), greedy).prop_map(|(segments, greedy)| {
        let path = segments
            .iter()
            .fold(String::new(), |path, one| path + "/" + one)
            + greedy;
        if path.is_empty() { "/".into() } else { path }
    })
}

fn route() -> impl Strategy<Value = (String, String)> {
    let method = prop_oneof![Just("GET"), Just("POST"), Just("ANY")];
    let route = (method, path()).prop_map(|(method, path)| format!("{method} {path}"));
    let route = prop_oneof![12 => route, 1 => Just("$default".to_owned())];
    (
        route,
        prop::sample::select(&SCOPES[..]).prop_map(str::to_owned),
    )
}

/// The rule of the most specific route, found by another way than the product's: the candidates are sorted by the
/// kinds of their segments.
fn expected(map: &[(String, String)], method: &str, path: &str) -> Option<String> {
    let segments: Vec<_> = path.split('/').collect();
    let mut best: Option<(Vec<u8>, &str)> = None;
    for (route, scopes) in map {
        let (own, pattern) = route.split_once(' ').unwrap_or(("ANY", ""));
        if own != "ANY" && own != method {
            continue;
        }
        let mut kinds = Vec::new();
        let mut rest = &segments[..];
        let mut fits = true;
        for part in pattern.split('/').skip(1) {
            let Some((first, others)) = rest.split_first() else {
                fits = false;
                break;
            };
            if part.ends_with("+}") {
                kinds.push(2);
                fits &= !first.is_empty();
                rest = &[];
            } else {
                kinds.push(u8::from(part.starts_with('{')));
                fits &= if part.starts_with('{') {
                    !first.is_empty()
                } else {
                    part == *first
                };
                rest = others;
            }
        }
        if route == "$default" {
            (fits, rest) = (true, &[]);
            kinds = vec![9];
        }
        kinds.push(10 + u8::from(own == "ANY"));
        if fits && rest.is_empty() && best.as_ref().is_none_or(|(other, _)| kinds < *other) {
            best = Some((kinds, scopes));
        }
    }
    best.map(|(_, scopes)| scopes.to_owned())
}

fn permitted(map: &[(String, String)], caller: &str, method: &str, path: &str) -> Option<bool> {
    let has: Vec<_> = caller.split(' ').collect();
    let scopes = expected(map, method, path)?;
    Some(
        scopes
            .split(' ')
            .filter(|one| !one.is_empty())
            .all(|one| has.contains(&one)),
    )
}

/// The calls of a map: each of its routes, with parameters filled in, and paths that it may not know.
fn calls(map: &[(String, String)]) -> Vec<(String, String)> {
    let mut paths: Vec<String> = [
        "",
        "x",
        "y/z",
        "v",
        "v/w",
        "x/v/y",
        "v/v/v",
        "v/v/v/v",
        "x/y/z/v/v",
        "x/x/x/x",
    ]
    .map(str::to_owned)
    .to_vec();
    for (route, _) in map {
        let path = route.split_once(" /").map_or("", |(_, path)| path);
        for (one, rest) in [("v", "v"), ("x", "v/w"), ("y", "x"), ("v", "y/v/z")] {
            paths.push(path.replace("{id}", one).replace("{path+}", rest));
        }
    }
    let methods = ["GET", "POST", "PUT"];
    paths
        .iter()
        .flat_map(|path| methods.map(|method| (method.to_owned(), path.clone())))
        .collect()
}

async fn policy(world: &World, authorizer: &Authorizer, scopes: &str, call: &str) -> Value {
    let mut event = event("rest_token", &world.token(scopes));
    event["methodArn"] = json!(format!("{BASE}{call}"));
    answer(authorizer, event).await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_allows_exactly_what_the_map_says(
        map in prop::collection::btree_map(route().prop_map(|(route, _)| route), prop::sample::select(&SCOPES[..]), 1..9),
        caller in prop::sample::select(&["", "a", "b", "c", "a b", "a c", "a b c"][..]),
    ) {
        let map: Vec<_> = map.into_iter().map(|(route, scopes)| (route, scopes.to_owned())).collect();
        let routes = Routes::new(map.iter().map(|(route, scopes)| (route.clone(), rule(scopes)))).unwrap();
        let world = World::new();
        // What can't be said is refused when the map is read; that is a test of its own.
        let Ok(authorizer) = Authorizer::new(world.verifier(), routes) else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let calls = calls(&map);
        let first = runtime.block_on(policy(&world, &authorizer, caller, "GET/x"));
        prop_assume!(first.is_object());
        for (method, path) in calls {
            let call = format!("{method}/{path}");
            let name = format!("{BASE}{call}");
            if let Some(said) = permitted(&map, caller, &method, &path) {
                // What the gateway has kept from another call.
                prop_assert_eq!(allows(&first, &name, NOW), said, "kept {} {:?} {}", call, map, first);
            } else {
                let own = runtime.block_on(policy(&world, &authorizer, caller, &call));
                prop_assert!(!allows(&own, &name, NOW), "own {} {:?} {}", call, map, own);
            }
        }
    }
}

#[test]
fn what_no_policy_can_say_is_refused_with_a_way_out() {
    let world = World::new();
    let made = |list: &[(&str, &str)]| {
        let routes =
            Routes::new(list.iter().map(|(route, scopes)| (*route, rule(scopes)))).unwrap();
        Authorizer::new(world.verifier(), routes)
            .map(|_| ())
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let mistakes = made(&[("ANY /{path+}", "a"), ("GET /users/{id}", "b")]).unwrap_err();
    assert_eq!(mistakes.len(), 1);
    assert!(
        mistakes[0].contains("can forbid \"GET /users/{id}\" and allow \"ANY /{path+}\""),
        "{mistakes:?}"
    );
    // The way out that it names, and maps that need none.
    assert_eq!(
        made(&[
            ("ANY /{path+}", "a"),
            ("GET /users/{id}", "b"),
            ("GET /users/{id}/{path+}", "b")
        ]),
        Ok(())
    );
    assert_eq!(
        made(&[
            ("GET /users/{id}", "a"),
            ("GET /users/{id}/posts", "b"),
            ("GET /users/me", "c")
        ]),
        Ok(())
    );
    assert_eq!(
        made(&[
            ("ANY /{path+}", "a"),
            ("ANY /admin/{path+}", "b"),
            ("ANY /admin", "b")
        ]),
        Ok(())
    );
}

/// Once, looking for what can't be said took time with the fourth power of the routes.
#[tokio::test]
async fn a_map_of_three_hundred_nested_routes_is_read_and_answered() {
    let world = World::new();
    for nested in ["apart", "wide"] {
        let list = (0..300).map(|at| {
            let route = match nested {
                "apart" if at % 2 == 0 => format!("GET /r{at}/{{id}}"),
                "apart" => format!("GET /r{}/{{id}}/posts", at - 1),
                _ if at == 0 => "GET /users/{id}".to_owned(),
                _ => format!("GET /users/{{id}}/r{at}"),
            };
            (route, rule(&format!("s{at}")))
        });
        let made = Authorizer::new(world.verifier(), Routes::new(list).unwrap());
        let authorizer = made.unwrap().with_max_policy_bytes(1 << 20);
        policy(&world, &authorizer, "s0 s3 s7", "GET/x").await;
    }
}
