//! Guards for `#[graphql(guard = "…")]`: each denies where there is no caller, and in doubt.

use async_graphql::{Context, Guard, Result};

use super::context::ContextPrincipal as _;
use super::denied::Denied;

/// Lets any caller through, and nobody without a token.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated;

impl Guard for Authenticated {
    async fn check(&self, ctx: &Context<'_>) -> Result<()> {
        ctx.principal()?;
        Ok(())
    }
}

/// Lets callers through whose token has the scopes, as `@requiresScopes` means it.
#[derive(Clone, Copy, Debug)]
pub struct RequiresScopes(Wanted);

#[derive(Clone, Copy, Debug)]
enum Wanted {
    All(&'static [&'static str]),
    AnyOf(&'static [&'static [&'static str]]),
}

impl RequiresScopes {
    /// All of these scopes.
    pub const fn all(scopes: &'static [&'static str]) -> Self {
        Self(Wanted::All(scopes))
    }

    /// All scopes of at least one of these lists: `any_of(&[&["a", "b"], &["c"]])` is *a* and *b*, or *c*.
    /// Without any list nobody gets through.
    pub const fn any_of(alternatives: &'static [&'static [&'static str]]) -> Self {
        Self(Wanted::AnyOf(alternatives))
    }

    fn alternatives(&self) -> &[&'static [&'static str]] {
        match &self.0 {
            Wanted::All(scopes) => std::slice::from_ref(scopes),
            Wanted::AnyOf(alternatives) => alternatives,
        }
    }
}

impl Guard for RequiresScopes {
    async fn check(&self, ctx: &Context<'_>) -> Result<()> {
        let has = ctx.principal()?.scopes();
        let alternatives = self.alternatives();
        let met = |scopes: &&[&str]| scopes.iter().all(|scope| has.contains(*scope));
        if alternatives.iter().any(met) {
            return Ok(());
        }
        let texts = |scopes: &&[&str]| scopes.iter().map(ToString::to_string).collect();
        let alternatives = alternatives.iter().map(texts).collect();
        Err(Denied::InsufficientScope(alternatives).into())
    }
}

/// Lets callers through who have the role. Prefer scopes: a role says who somebody is, not what their token
/// is for.
#[derive(Clone, Copy, Debug)]
pub struct RequiresRole(&'static str);

impl RequiresRole {
    /// This role, by its exact name.
    pub const fn new(role: &'static str) -> Self {
        Self(role)
    }
}

impl Guard for RequiresRole {
    async fn check(&self, ctx: &Context<'_>) -> Result<()> {
        if ctx.principal()?.has_role(self.0) {
            Ok(())
        } else {
            Err(Denied::Forbidden.into())
        }
    }
}
