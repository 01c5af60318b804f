//! What the directives of a schema say, enforced by the engine itself: on every field, by whatever way it is
//! reached. Through an interface a field takes what any of its implementations takes, since that is where
//! guards get lost (GHSA-mx7m-j9xf-62hw, GHSA-m8jr-fxqx-8xx6).

use std::sync::Arc;

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo,
};
use async_graphql::registry::{MetaDirectiveInvocation, MetaType, Registry};
use async_graphql::{
    Error, PathSegment, QueryPathNode, QueryPathSegment, ServerError, ServerResult, Value,
    async_trait,
};

use super::denied::Denied;
use super::federation;
use crate::principal::Principal;

/// An extension for the schema: enforces `@authenticated` and `@requiresScopes`, and gives both to a router
/// that asks for `_service { sdl }`.
///
/// A rule that it can't read denies. On a field of a subscription the rule is checked for each event; add the
/// guard, so that the subscription does not even begin.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationDirectives;

impl ExtensionFactory for AuthorizationDirectives {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for AuthorizationDirectives {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let caller = ctx.data_opt::<Principal>();
        let registry = &ctx.schema_env.registry;
        if let Err(denied) = check(registry, info.parent_type, info.name, caller) {
            return Err(server_error(denied, &info));
        }
        let is_sdl = info.parent_type == "_Service" && info.name == "sdl";
        match next.run(ctx, info).await? {
            Some(Value::String(sdl)) if is_sdl => Ok(Some(Value::String(federation::import(&sdl)))),
            value => Ok(value),
        }
    }
}

/// Every rule that stands on a field, on its type, and on those that implement them.
fn check(
    registry: &Registry,
    parent: &str,
    field: &str,
    caller: Option<&Principal>,
) -> Result<(), Denied> {
    let Some(parent) = registry.types.get(parent) else {
        return Ok(());
    };
    obey(parent, field, caller)?;
    if let MetaType::Interface { possible_types, .. } = parent {
        let mut types = possible_types
            .iter()
            .filter_map(|name| registry.types.get(name));
        types.try_for_each(|implementation| obey(implementation, field, caller))?;
    }
    Ok(())
}

fn obey(parent: &MetaType, field: &str, caller: Option<&Principal>) -> Result<(), Denied> {
    let own: &[MetaDirectiveInvocation] = match parent {
        MetaType::Object {
            directive_invocations,
            ..
        }
        | MetaType::Interface {
            directive_invocations,
            ..
        } => directive_invocations,
        _ => &[],
    };
    let field = parent.field_by_name(field);
    let fields = field.map_or(&[][..], |field| field.directive_invocations.as_slice());
    own.iter()
        .chain(fields)
        .try_for_each(|rule| rule_allows(rule, caller))
}

fn rule_allows(rule: &MetaDirectiveInvocation, caller: Option<&Principal>) -> Result<(), Denied> {
    match rule.name.as_str() {
        "authenticated" => caller.map(drop).ok_or(Denied::Unauthenticated),
        "requiresScopes" => {
            let caller = caller.ok_or(Denied::Unauthenticated)?;
            let alternatives = rule.args.get("scopes").and_then(lists);
            let alternatives = alternatives.ok_or(Denied::Forbidden)?;
            let met = |scopes: &Vec<String>| {
                scopes
                    .iter()
                    .all(|scope| caller.scopes().contains(scope.as_str()))
            };
            if alternatives.iter().any(met) {
                Ok(())
            } else {
                Err(Denied::InsufficientScope(alternatives))
            }
        }
        _ => Ok(()),
    }
}

/// `[[String]]`, and nothing else.
fn lists(value: &Value) -> Option<Vec<Vec<String>>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        _ => None,
    };
    let list = |value: &Value| match value {
        Value::List(scopes) => scopes.iter().map(text).collect(),
        _ => None,
    };
    match value {
        Value::List(alternatives) => alternatives.iter().map(list).collect(),
        _ => None,
    }
}

fn server_error(denied: Denied, info: &ResolveInfo<'_>) -> ServerError {
    let error = Error::from(denied).into_server_error(info.field.name.pos);
    let mut path: Vec<_> = std::iter::once(info.path_node)
        .chain(info.path_node.parents())
        .map(segment)
        .collect();
    path.reverse();
    ServerError { path, ..error }
}

fn segment(node: &QueryPathNode<'_>) -> PathSegment {
    match node.segment {
        QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        QueryPathSegment::Index(index) => PathSegment::Index(index),
    }
}
