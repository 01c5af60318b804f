//! The directives by which a schema says who may see what, in the meaning of Apollo Federation 2.5:
//! `@authenticated` and `@requiresScopes(scopes: [[…]])`. They tell a router or a gateway in front; the guards
//! decide here, whether or not anything stands in front.

#![expect(
    missing_docs,
    reason = "the engine's macro makes a type and a function without documentation"
)]

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, TypeDirective, Value};

/// The scalar `federation__Scope`: the name of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FederationScope(String);

impl From<&str> for FederationScope {
    fn from(scope: &str) -> Self {
        Self(scope.to_owned())
    }
}

/// The name of a scope.
#[Scalar(name = "federation__Scope")]
impl ScalarType for FederationScope {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(scope) => Ok(Self(scope)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Only callers whose token is good.
#[TypeDirective(
    location = "FieldDefinition",
    location = "Object",
    location = "Interface",
    location = "Enum"
)]
pub fn authenticated() {}

/// Only callers whose token has all scopes of one of the lists.
#[TypeDirective(
    name = "requiresScopes",
    location = "FieldDefinition",
    location = "Object",
    location = "Interface",
    location = "Enum"
)]
pub fn requires_scopes(scopes: Vec<Vec<FederationScope>>) {}

/// The argument of `requires_scopes::apply` for one list, as [`super::RequiresScopes::all`] has it.
pub fn all_scopes(scopes: &[&str]) -> Vec<Vec<FederationScope>> {
    any_scopes(&[scopes])
}

/// The argument of `requires_scopes::apply` for several lists, as [`super::RequiresScopes::any_of`] has them.
pub fn any_scopes(alternatives: &[&[&str]]) -> Vec<Vec<FederationScope>> {
    let list = |scopes: &&[&str]| scopes.iter().map(|scope| (*scope).into()).collect();
    alternatives.iter().map(list).collect()
}
