//! The guards and directives of an async-graphql schema: who gets through, what the others are told, and what
//! a router reads.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that can't set up has failed"
)]
#![expect(clippy::unused_async, reason = "a resolver is async")]

mod common;

use async_graphql::{
    Context, EmptySubscription, Interface, Object, Result, Schema, SimpleObject, Union, value,
};
use countersign_verify::graphql::{
    Authenticated, AuthorizationDirectives, ContextPrincipal, RequestPrincipal, RequiresRole,
    RequiresScopes, all_scopes, any_scopes, authenticated, federation_sdl, requires_scopes,
};
use countersign_verify::{AccessTokenClaims, Principal};

use common::claims;

struct Query;

#[derive(SimpleObject)]
#[graphql(directive = authenticated::apply())]
struct Account {
    owner: String,
    #[graphql(
        guard = "RequiresScopes::all(&[\"money:read\"])",
        directive = requires_scopes::apply(all_scopes(&["money:read"]))
    )]
    balance: i32,
}

fn account() -> Account {
    Account {
        owner: "jill".into(),
        balance: 7,
    }
}

#[derive(Interface)]
#[graphql(field(name = "owner", ty = "&String"))]
enum Owned {
    Account(Account),
}

#[derive(Union)]
enum Anything {
    Account(Account),
}

#[Object]
impl Query {
    async fn public(&self) -> &str {
        "hello"
    }

    #[graphql(guard = "Authenticated", directive = authenticated::apply())]
    async fn me(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.principal()?.subject().to_owned())
    }

    /// It checks for itself.
    async fn whoami(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.principal()?.subject().to_owned())
    }

    #[graphql(guard = "RequiresRole::new(\"admin\")")]
    async fn users(&self) -> Vec<&str> {
        vec!["jill"]
    }

    #[graphql(
        guard = "RequiresScopes::any_of(&[&[\"a\", \"b\"], &[\"users:read\"]])",
        directive = requires_scopes::apply(any_scopes(&[&["a", "b"], &["users:read"]]))
    )]
    async fn either(&self) -> bool {
        true
    }

    #[graphql(guard = "RequiresScopes::any_of(&[])")]
    async fn never(&self) -> bool {
        true
    }

    /// Denied by its directive alone.
    #[graphql(directive = authenticated::apply())]
    async fn unguarded(&self) -> &str {
        "secret"
    }

    async fn account(&self) -> Account {
        account()
    }

    async fn owned(&self) -> Owned {
        account().into()
    }

    async fn anything(&self) -> Anything {
        account().into()
    }
}

struct Mutation;

#[Object]
impl Mutation {
    #[graphql(guard = "RequiresScopes::all(&[\"comments:write\", \"profile:read\"])")]
    async fn add_comment(&self, ctx: &Context<'_>) -> Result<String> {
        let caller = ctx.principal()?;
        caller.require(&"comments:write".parse().unwrap())?;
        Ok(caller.subject().to_owned())
    }
}

fn schema() -> Schema<Query, Mutation, EmptySubscription> {
    Schema::build(Query, Mutation, EmptySubscription)
        .enable_federation()
        .extension(AuthorizationDirectives)
        .finish()
}

fn caller(scope: &str, roles: &[&str]) -> Principal {
    let claims = AccessTokenClaims {
        scope: scope.parse().unwrap(),
        roles: roles.iter().map(ToString::to_string).collect(),
        ..claims()
    };
    Principal::dangerous_from_claims(claims, "a test of what comes after verifying")
}

/// Data, and of each error its path's end, its code and its message.
async fn ask(query: &str, caller: Option<Principal>) -> (async_graphql::Value, Vec<String>) {
    let request = async_graphql::Request::new(query).with_principal(caller);
    let answer = schema().execute(request).await;
    let told = answer.errors.iter().map(|error| {
        let error = serde_json::to_value(error).unwrap();
        let path = error["path"].as_array().unwrap().last().unwrap().clone();
        format!(
            "{} {} {}",
            path.as_str().unwrap(),
            error["extensions"]["code"].as_str().unwrap_or("-"),
            error["message"].as_str().unwrap()
        )
    });
    (answer.data.clone(), told.collect())
}

#[tokio::test]
async fn nobody_gets_through_any_guard() {
    for (query, field) in [
        ("{ me }", "me"),
        ("{ alias: me }", "alias"),
        ("{ whoami }", "whoami"),
        ("{ users }", "users"),
        ("{ either }", "either"),
        ("{ never }", "never"),
        ("{ unguarded }", "unguarded"),
        ("mutation { addComment }", "addComment"),
        ("{ account { owner } }", "owner"),
        // GHSA-mx7m-j9xf-62hw, GHSA-m8jr-fxqx-8xx6: through interface, union and fragment.
        ("{ owned { owner } }", "owner"),
        ("{ owned { ... on Owned { name: owner } } }", "name"),
        ("{ owned { ... { owner } } }", "owner"),
        ("{ owned { ... on Account { balance } } }", "balance"),
        ("{ anything { ... on Account { balance } } }", "balance"),
        (
            "query { account { ...f } } fragment f on Account { balance }",
            "balance",
        ),
    ] {
        let (data, errors) = ask(query, None).await;
        assert_eq!(
            errors,
            [format!("{field} UNAUTHENTICATED log in first")],
            "{query}"
        );
        assert!(!data.to_string().contains("jill"), "{data}");
    }
    let (data, errors) = ask("{ public }", None).await;
    assert_eq!((data, errors), (value!({ "public": "hello" }), vec![]));
}

#[tokio::test]
async fn a_caller_gets_through_where_token_and_role_suffice() {
    let jill = || Some(caller("users:read comments:write profile:read", &["admin"]));
    let (data, errors) = ask("{ me whoami users either account { owner } }", jill()).await;
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(
        data,
        value!({
            "me": "user-1", "whoami": "user-1", "users": ["jill"], "either": true,
            "account": { "owner": "jill" },
        })
    );
    let (data, _) = ask("mutation { addComment }", jill()).await;
    assert_eq!(data, value!({ "addComment": "user-1" }));
}

#[tokio::test]
async fn a_caller_who_may_not_is_told_forbidden_and_what_it_takes() {
    let weak = || Some(caller("a profile:read", &["Admin"]));
    for query in [
        "{ users }",
        "{ either }",
        "{ never }",
        "{ account { balance } }",
        "mutation { addComment }",
    ] {
        let (_, errors) = ask(query, weak()).await;
        assert_eq!(errors.len(), 1, "{query}");
        assert!(errors[0].contains(" FORBIDDEN "), "{errors:?}");
    }
    let request = async_graphql::Request::new("{ either }").with_principal(weak());
    let answer = schema().execute(request).await;
    let error = serde_json::to_value(&answer.errors[0]).unwrap();
    let required = serde_json::json!([["a", "b"], ["users:read"]]);
    assert_eq!(error["extensions"]["requiredScopes"], required);
}

#[tokio::test]
async fn the_schema_tells_a_router_the_rules_and_imports_both_directives() {
    let sdl = federation_sdl(&schema());
    for line in [
        "me: String! @authenticated",
        r#"either: Boolean! @requiresScopes(scopes: [["a", "b"], ["users:read"]])"#,
        "type Account implements Owned @authenticated {",
        r#"balance: Int! @requiresScopes(scopes: [["money:read"]])"#,
        "directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | ENUM",
        "directive @requiresScopes(scopes: [[federation__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | ENUM",
        "scalar federation__Scope",
        r#""@requiresScopes", "@authenticated"]"#,
    ] {
        assert!(sdl.contains(line), "{line} is not in\n{sdl}");
    }
    // What a router asks the running subgraph for is the same.
    let answer = schema().execute("{ _service { sdl } }").await;
    let told = answer.data.into_json().unwrap();
    assert!(
        told["_service"]["sdl"]
            .as_str()
            .unwrap()
            .contains(r#""@requiresScopes", "@authenticated"]"#)
    );
    let plain = schema().sdl();
    assert!(plain.contains("me: String! @authenticated"), "{plain}");
}
