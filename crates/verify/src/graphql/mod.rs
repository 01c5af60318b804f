//! For APIs built with async-graphql 7: the principal in a resolver's context, guards that deny without
//! one, and the directives that say the same in the schema, for a router or a gateway to read and for
//! [`AuthorizationDirectives`] to enforce here. What a token is worth was decided before; nothing here reads
//! one.
//!
//! A guard alone has a hole: the engine calls the resolver of an object's field without its guard when the
//! field is asked for through an interface. So give a field of an object that implements an interface its
//! directive, and the schema the extension, as below; or guard what gives the object.
//!
//! ```
//! use async_graphql::{Context, EmptySubscription, Object, Result, Schema};
//! use countersign_verify::graphql::{
//!     Authenticated, AuthorizationDirectives, ContextPrincipal, RequestPrincipal, RequiresRole,
//!     RequiresScopes, all_scopes, authenticated, requires_scopes,
//! };
//!
//! struct Query;
//!
//! #[Object]
//! impl Query {
//!     async fn posts(&self) -> Vec<&str> {
//!         vec!["anybody may read this"]
//!     }
//!
//!     #[graphql(guard = "Authenticated", directive = authenticated::apply())]
//!     async fn me(&self, ctx: &Context<'_>) -> Result<String> {
//!         Ok(ctx.principal()?.subject().to_owned())
//!     }
//!
//!     #[graphql(guard = "RequiresRole::new(\"admin\")", directive = authenticated::apply())]
//!     async fn users(&self) -> Vec<&str> {
//!         vec!["jill"]
//!     }
//! }
//!
//! struct Mutation;
//!
//! #[Object]
//! impl Mutation {
//!     #[graphql(
//!         guard = "RequiresScopes::all(&[\"comments:write\"])",
//!         directive = requires_scopes::apply(all_scopes(&["comments:write"]))
//!     )]
//!     async fn add_comment(&self, ctx: &Context<'_>, text: String) -> Result<String> {
//!         Ok(format!("{}: {text}", ctx.principal()?.subject()))
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let schema = Schema::build(Query, Mutation, EmptySubscription)
//!     .extension(AuthorizationDirectives)
//!     .finish();
//! // Who calls comes from `AuthenticateLayer`, `Verifier::require` or the like.
//! let nobody = async_graphql::Request::new("{ posts me }").with_principal(None);
//! let answer = schema.execute(nobody).await;
//! assert_eq!(answer.errors[0].message, "log in first");
//! # });
//! ```

mod context;
mod denied;
mod directives;
mod enforcement;
mod federation;
mod guards;

pub use self::context::{ContextPrincipal, RequestPrincipal};
pub use self::denied::Denied;
pub use self::directives::{
    FederationScope, all_scopes, any_scopes, authenticated, requires_scopes,
};
pub use self::enforcement::AuthorizationDirectives;
pub use self::federation::federation_sdl;
pub use self::guards::{Authenticated, RequiresRole, RequiresScopes};
