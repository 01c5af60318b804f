//! The limits one by one, each with the document of its attack.

use serde_json::json;

use crate::server::{EVERYTHING, Server};

/// What `graphql-js` sends for introspection, as `GraphiQL` and code generators do.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { queryType { name } mutationType { name }
  subscriptionType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
  fragment FullType on __Type { kind name description specifiedByURL fields(includeDeprecated: true) { name description
    args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue }
    interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { ...TypeRef } }
  fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
  fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

/// Fragments that double at each step: 2^30 fields in some hundred tokens (CVE-2024-47614).
fn doubling(kind: &str, leaf: &str, steps: usize) -> String {
    let fragments = many(steps, |n| {
        let next = n + 1;
        format!("fragment F{n} on {kind} {{ ...F{next} ...F{next} }}")
    });
    format!(" {fragments} fragment F{steps} on {kind} {{ {leaf} }}")
}

/// So many texts, one after another.
fn many(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect::<Vec<_>>().join(" ")
}

fn nested(levels: usize) -> String {
    "{ me ".to_owned() + &"{ sessions ".repeat(levels) + "{ id }" + &" }".repeat(levels + 1)
}

fn attacks() -> Vec<(&'static str, String, &'static str)> {
    let aliases = many(16, |n| format!("a{n}: __typename "));
    let nested_aliases = many(16, |n| format!("a{n}: username "));
    let roots = "me { id } ".repeat(11);
    vec![
        ("deep fields", nested(12), "QUERY_TOO_DEEP"),
        ("deep brackets", "{ a ".repeat(15_000), "QUERY_TOO_DEEP"),
        ("deep values", format!("{{ a(b: {} }}", "[".repeat(30_000)), "QUERY_TOO_DEEP"),
        ("deep inline fragments", "{ me ".to_owned() + &"{ ... on User ".repeat(40) + "{ id }" + &"}".repeat(41), "QUERY_TOO_DEEP"),
        ("many aliases", format!("{{ {aliases} }}"), "QUERY_TOO_MANY_ALIASES"),
        ("many nested aliases", format!("{{ me {{ {nested_aliases} }} }}"), "QUERY_TOO_MANY_ALIASES"),
        ("aliases in fragments", format!("{{ me {{ ...A ...A }} }} fragment A on User {{ {} }}", many(9, |n| format!("a{n}: id "))), "QUERY_TOO_MANY_ALIASES"),
        ("many root fields", format!("{{ {roots} }}"), "QUERY_TOO_MANY_ROOT_FIELDS"),
        ("root fields in fragments", format!("{{ ...R ...R }} fragment R on Query {{ {} }}", "me { id } ".repeat(6)), "QUERY_TOO_MANY_ROOT_FIELDS"),
        ("doubling fragments", format!("{{ me {{ ...F0 }} }}{}", doubling("User", "id", 20)), "QUERY_TOO_COMPLEX"),
        ("doubling fragments in an operation not chosen", format!("query A {{ __typename }} query B {{ me {{ ...F0 }} }}{}", doubling("User", "id", 20)), "QUERY_TOO_COMPLEX"),
("doubling fragments that end in one that is not there", format!("{{ ...F0 }}{}", doubling("Query", "...nope", 26)), "GRAPHQL_VALIDATION_FAILED"),
        ("the same below the root", format!("{{ me {{ ...F0 }} }}{}", doubling("User", "...nope ...nope", 26)), "GRAPHQL_VALIDATION_FAILED"),
        ("the same in an operation not chosen", format!("query A {{ __typename }} query B {{ ...F0 }}{}", doubling("Query", "...nope", 26)), "GRAPHQL_VALIDATION_FAILED"),
        ("introspection of the same over and over", format!("{{ __schema {{ types {{ {} }} }} }}", "name ".repeat(401)), "QUERY_TOO_COMPLEX"),
        ("introspection under many aliases", format!("{{ {} }}", many(4, |n| format!("a{n}: __schema {{ types {{ name }} }} "))), "QUERY_TOO_COMPLEX"),
        ("a chain of fragments", format!("{{ me {{ ...F0 }} }}{}", doubling("User", "id", 60)), "QUERY_TOO_DEEP"),
        ("a fragment in itself", "{ me { ...A } } fragment A on User { id ...A }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("fragments in a circle", "{ me { ...A } } fragment A on User { ...B ...B } fragment B on User { ...A ...A }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("an unused fragment in itself", "{ __typename } fragment A on User { sessions { ...B } } fragment B on Session { ...B }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("a page too large for its fields", format!("{{ users(first: 100) {{ edges {{ node {{ {} }} }} }} }}", "id ".repeat(11)), "QUERY_TOO_COMPLEX"),
        ("lists in lists", "{ users(first: 100) { edges { node { sessions { id device } } } } }".to_owned(), "QUERY_TOO_COMPLEX"),
        ("a field repeated", format!("{{ me {{ {} }} }}", "sessions { id } ".repeat(101)), "QUERY_TOO_COMPLEX"),
        ("many directives", format!("{{ me {} {{ id }} }}", "@include(if: true) ".repeat(5)), "QUERY_TOO_MANY_DIRECTIVES"),
        ("many directives on a fragment", format!("{{ ... on Query {} {{ __typename }} }}", "@skip(if: false) ".repeat(5)), "QUERY_TOO_MANY_DIRECTIVES"),
        ("many tokens", format!("{{ {} }}", "me ".repeat(3_000)), "QUERY_TOO_LARGE"),
        ("a string that does not end", format!("{{ a(b: \"\"\" {}", "{".repeat(5_000)), "GRAPHQL_PARSE_FAILED"),
        ("introspection in circles", "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".to_owned(), "QUERY_TOO_DEEP"),
    ]
}

#[tokio::test]
async fn each_attack_is_refused_before_it_runs() {
    let server = Server::new().await;
    let token = server.with_scopes("admin0", EVERYTHING).await;
    for (name, document, code) in attacks() {
        let body = json!({ "query": document, "operationName": name.contains("not chosen").then_some("A") });
        let request = http::Request::post("/graphql")
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json")
            .header("authorization", format!("Bearer {token}"))
            .body(body.to_string().into())
            .unwrap();
        let answer = server.send(request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, code),
            "{name}: {}",
            answer.body
        );
        assert!(answer.body.get("data").is_none(), "{name}");
    }
}

#[tokio::test]
async fn the_limits_let_their_last_through() {
    let server = Server::new().await;
    let token = server.with_scopes("admin0", EVERYTHING).await;
    for document in [
        format!("{{ {} }}", many(10, |n| format!("a{n}: __typename "))),
        format!(
            "{{ users(first: 100) {{ edges {{ node {{ {} }} }} pageInfo {{ endCursor }} }} }}",
            "id ".repeat(10)
        ),
        format!("{{ me {} {{ id }} }}", "@include(if: true)"),
        format!(
            "{{ me {{ ...A }} }} {}",
            "fragment A on User { id ... on Node { id } }"
        ),
    ] {
        let answer = server.ask(Some(&token), &document, json!({})).await;
        assert!(
            answer.body.get("errors").is_none(),
            "{document}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_page_size_in_a_variable_counts() {
    let server = Server::new().await;
    let token = server.with_scopes("admin0", EVERYTHING).await;
    let document = format!(
        "query ($n: Int = 100) {{ users(first: $n) {{ edges {{ node {{ {} }} }} }} }}",
        "id ".repeat(11)
    );
    for (variables, is_let_in) in [
        (json!({}), false),
        (json!({ "n": 100 }), false),
        (json!({ "n": 5 }), true),
        (json!({ "n": 100 }), false),
    ] {
        let answer = server.ask(Some(&token), &document, variables.clone()).await;
        assert_eq!(
            answer.code() == "none",
            is_let_in,
            "{variables}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn introspection_passes_below_a_depth_that_would_refuse_it() {
    let server = Server::with(
        |_| {},
        |web| {
            web.graphql.max_depth = 3;
            web.graphql.max_complexity = 10;
        },
    )
    .await;
    for _ in 0..2 {
        let answer = server.ask(None, INTROSPECTION, json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.body["errors"]);
        assert_eq!(
            answer.body["data"]["__schema"]["queryType"]["name"],
            "Query"
        );
        assert!(answer.body.get("errors").is_none());
    }
}

#[tokio::test]
async fn in_production_the_schema_is_not_told() {
    let server = Server::with(|_| {}, |web| web.graphql.introspection = false).await;
    for document in [
        INTROSPECTION,
        "{ __type(name: \"User\") { name } }",
        "{ ...S } fragment S on Query { __schema { types { name } } }",
        "{ x: __schema { types { name } } }",
    ] {
        let answer = server.ask(None, document, json!({})).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "INTROSPECTION_DISABLED")
        );
    }
    for (document, word) in [
        ("{ mee { id } }", "\"me\""),
        ("{ me { usernam } }", "username"),
    ] {
        let answer = server.ask(None, document, json!({})).await;
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
        let message = answer.body["errors"][0]["message"].as_str().unwrap();
        assert!(
            !message.contains("Did you mean") && !message.contains(word),
            "{message}"
        );
    }
    let answer = server.ask(None, "{ __typename }", json!({})).await;
    assert_eq!(answer.body, json!({ "data": { "__typename": "Query" } }));
}
