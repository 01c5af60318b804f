//! Roles: `roles`, `defineRole`, `deleteRole`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use countersign_app::admin::{Admin, RoleDefinition, RoleDeletion};
use countersign_domain::role;

use super::errors::Result;
use super::failures::{BeyondYourAuthority, BuiltInRole, NotFound, TooManyScopes};
use super::global_id::GlobalId;
use super::guard::{call, caller};
use super::input;
use super::rules::{MUTATION, QUERY, ROLE};
use super::schema::app;

/// A role as an answer shows it.
pub struct Role(pub(super) role::Role);

/// A named bag of scopes. Changing it changes what all who have it may do.
#[Object]
impl Role {
    /// The global id.
    #[graphql(guard = "ROLE.id")]
    pub(super) async fn id(&self) -> ID {
        GlobalId::Role(self.0.name.clone()).into()
    }

    /// The unique name.
    #[graphql(guard = "ROLE.name")]
    async fn name(&self) -> Option<&str> {
        Some(self.0.name.as_str())
    }

    /// What it is for, for people to read.
    #[graphql(guard = "ROLE.description")]
    async fn description(&self) -> Option<&str> {
        Some(self.0.description.as_str())
    }

    /// What it lets its holders do.
    #[graphql(guard = "ROLE.scopes")]
    async fn scopes(&self) -> Option<Vec<String>> {
        Some(self.0.scopes.iter().map(ToString::to_string).collect())
    }

    /// Whether it is part of the server, so that nobody can change or delete it.
    #[graphql(guard = "ROLE.built_in")]
    async fn built_in(&self) -> Option<bool> {
        Some(self.0.name.is_built_in())
    }
}

#[derive(Default)]
pub struct RolesQuery;

#[Object]
impl RolesQuery {
    /// All roles, the built-in ones first.
    #[graphql(guard = "QUERY.roles")]
    async fn roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<Role>>> {
        Ok(Some(
            app(ctx)?.roles().await?.into_iter().map(Role).collect(),
        ))
    }
}

/// The role to define, or to change if there is one with the name.
#[derive(InputObject)]
pub struct DefineRoleInput {
    /// The name.
    name: String,
    /// What it is for, for people to read.
    #[graphql(default)]
    description: String,
    /// What it lets its holders do.
    scopes: Vec<String>,
}

/// The role is defined.
#[derive(SimpleObject)]
pub struct DefineRoleSuccess {
    /// The role as it is now.
    role: Role,
    /// Whether there was none with this name before.
    created: bool,
}

/// What comes of defining a role.
#[derive(Union)]
pub enum DefineRoleResult {
    /// Defined.
    Success(DefineRoleSuccess),
    /// Not defined.
    BuiltInRole(BuiltInRole),
    /// Not defined.
    TooManyScopes(TooManyScopes),
    /// Not defined.
    BeyondYourAuthority(BeyondYourAuthority),
}

/// Which role to delete.
#[derive(InputObject)]
pub struct DeleteRoleInput {
    /// The name.
    name: String,
}

/// The role is gone, and taken from everybody who held it.
#[derive(SimpleObject)]
pub struct DeleteRoleSuccess {
    /// The name that the role had.
    name: String,
}

/// What comes of deleting a role.
#[derive(Union)]
pub enum DeleteRoleResult {
    /// Deleted.
    Success(DeleteRoleSuccess),
    /// Not deleted.
    BuiltInRole(BuiltInRole),
    /// Not deleted.
    BeyondYourAuthority(BeyondYourAuthority),
    /// Not deleted.
    NotFound(NotFound),
}

#[derive(Default)]
pub struct RolesMutation;

#[Object]
impl RolesMutation {
    /// Defines a role, or changes the one that has the name.
    #[graphql(guard = "MUTATION.define_role")]
    async fn define_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The role.")] input: DefineRoleInput,
    ) -> Result<Option<DefineRoleResult>> {
        let role = role::Role {
            name: input::parse(&input.name, "/input/name")?,
            description: input::parse(&input.description, "/input/description")?,
            scopes: input::scopes(&input.scopes, "/input/scopes")?,
        };
        let by = Admin::Caller(&caller(ctx)?.principal);
        let outcome = app(ctx)?
            .define_role(by, role.clone(), &call(ctx)?.origin)
            .await?;
        let defined = |created| {
            DefineRoleResult::Success(DefineRoleSuccess {
                role: Role(role.clone()),
                created,
            })
        };
        Ok(Some(match outcome {
            RoleDefinition::Created => defined(true),
            RoleDefinition::Changed => defined(false),
            RoleDefinition::BuiltIn => DefineRoleResult::BuiltInRole(BuiltInRole::new()),
            RoleDefinition::TooManyScopes => DefineRoleResult::TooManyScopes(TooManyScopes::new()),
            RoleDefinition::NotYours => {
                DefineRoleResult::BeyondYourAuthority(BeyondYourAuthority::new())
            }
        }))
    }

    /// Deletes a role and takes it from everybody who holds it.
    #[graphql(guard = "MUTATION.delete_role")]
    async fn delete_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role.")] input: DeleteRoleInput,
    ) -> Result<Option<DeleteRoleResult>> {
        let name = input::parse(&input.name, "/input/name")?;
        let by = Admin::Caller(&caller(ctx)?.principal);
        Ok(Some(
            match app(ctx)?.delete_role(by, &name, &call(ctx)?.origin).await? {
                RoleDeletion::Deleted => {
                    DeleteRoleResult::Success(DeleteRoleSuccess { name: input.name })
                }
                RoleDeletion::BuiltIn => DeleteRoleResult::BuiltInRole(BuiltInRole::new()),
                RoleDeletion::NotYours => {
                    DeleteRoleResult::BeyondYourAuthority(BeyondYourAuthority::new())
                }
                RoleDeletion::NotFound => DeleteRoleResult::NotFound(NotFound::new()),
            },
        ))
    }
}
