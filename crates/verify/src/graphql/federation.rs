//! The schema for Apollo Federation. async-graphql imports `@requiresScopes` from the federation
//! specification but not `@authenticated`; without the import a router takes it for a directive of the
//! subgraph's own, and enforces nothing.

use async_graphql::{ObjectType, SDLExportOptions, Schema, SubscriptionType};

/// The end of the import list as the engine writes it.
const IMPORTED: &str = r#""@requiresScopes"]"#;
/// The same with what is missing.
const IMPORTED_BOTH: &str = r#""@requiresScopes", "@authenticated"]"#;

/// The schema in SDL for composing a supergraph, with `@authenticated` and `@requiresScopes` imported. With
/// [`super::AuthorizationDirectives`] a running subgraph gives the same to whoever asks `_service { sdl }`.
pub fn federation_sdl<Query, Mutation, Subscription>(
    schema: &Schema<Query, Mutation, Subscription>,
) -> String
where
    Query: ObjectType + 'static,
    Mutation: ObjectType + 'static,
    Subscription: SubscriptionType + 'static,
{
    import(&schema.sdl_with_options(SDLExportOptions::new().federation()))
}

/// Adds the missing import.
pub(super) fn import(sdl: &str) -> String {
    sdl.replacen(IMPORTED, IMPORTED_BOTH, 1)
}
