//! The schema: the parts put together.

use std::sync::Arc;

use async_graphql::{Context, EmptySubscription, MergedObject, Schema, ValidationMode};
use countersign_app::App;

use super::audit_log::AuditLogQuery;
use super::authority::AuthorityMutation;
use super::change_password::ChangePasswordMutation;
use super::change_user::ChangeUserMutation;
use super::create_user::CreateUserMutation;
use super::errors::{Fault, Result};
use super::failures::UserError;
use super::grants::TokenGrant;
use super::log_in::LogInMutation;
use super::log_out::LogOutMutation;
use super::me::MeQuery;
use super::node::NodeQuery;
use super::personal_tokens::{PersonalTokensMutation, PersonalTokensQuery};
use super::refresh::RefreshMutation;
use super::roles::{RolesMutation, RolesQuery};
use super::sessions::{SessionsMutation, SessionsQuery};
use super::sign_up::SignUpMutation;
use super::update_profile::UpdateProfileMutation;
use super::users::UsersQuery;
use super::verify_token::VerifyTokenMutation;

/// What can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    MeQuery,
    SessionsQuery,
    PersonalTokensQuery,
    NodeQuery,
    UsersQuery,
    RolesQuery,
    AuditLogQuery,
);

/// What can be changed. Mutations of one request run one after another.
#[derive(MergedObject, Default)]
pub struct Mutation(
    SignUpMutation,
    LogInMutation,
    RefreshMutation,
    LogOutMutation,
    VerifyTokenMutation,
    ChangePasswordMutation,
    UpdateProfileMutation,
    SessionsMutation,
    PersonalTokensMutation,
    CreateUserMutation,
    ChangeUserMutation,
    AuthorityMutation,
    RolesMutation,
);

/// The schema with its resolvers.
pub(super) type Served = Schema<Query, Mutation, EmptySubscription>;

/// How a schema is to be built.
#[derive(Clone, Copy)]
pub(super) struct Build {
    /// Whether it may be asked for, and unknown names get suggestions.
    pub(super) introspection: bool,
    /// Whether documents that come have been validated already.
    pub(super) validated: bool,
}

/// Builds the schema, with the use cases behind it if given.
pub(super) fn build(app: Option<Arc<App>>, how: Build) -> Served {
    let mut builder = Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .register_output_type::<UserError>()
        .register_output_type::<TokenGrant>();
    if how.validated {
        builder = builder.validation_mode(ValidationMode::Fast);
    }
    if !how.introspection {
        builder = builder.disable_introspection().disable_suggestions();
    }
    if let Some(app) = app {
        builder = builder.data(app);
    }
    builder.finish()
}

/// The schema as text: what `docs/schema.graphql` holds.
pub fn sdl() -> String {
    let schema = build(
        None,
        Build {
            introspection: true,
            validated: false,
        },
    );
    let options = async_graphql::SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    schema.sdl_with_options(options)
}

/// The use cases.
pub(super) fn app<'a>(ctx: &Context<'a>) -> Result<&'a Arc<App>> {
    ctx.data_opt::<Arc<App>>().ok_or_else(|| {
        tracing::error!("the GraphQL schema came without its use cases");
        Fault::internal()
    })
}
