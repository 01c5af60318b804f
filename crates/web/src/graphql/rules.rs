//! What every field asks of its caller: the one table, which the guard reads.
//!
//! A field of `Query` or `Mutation`, or of a type with personal data, that does not stand here does
//! not get through the tests (`tests/graphql/rules.rs`).

use countersign_domain::access::Rule;
use countersign_domain::role::scope::{
    ACCOUNT_READ, ACCOUNT_WRITE, AUDIT_READ, ROLES_READ, ROLES_WRITE, USERS_READ, USERS_WRITE,
};

/// What a field declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// This, whatever the field is about.
    Always(Rule),
    /// One rule for the caller's own, another for somebody else's.
    Of {
        /// When it is the caller's own.
        own: Rule,
        /// When it is somebody else's.
        other: Rule,
    },
    /// The arguments decide; the resolver asks this same table for what they name.
    ByArguments,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $const:ident: $group:ident for $type:literal {
        $($field:ident $name:literal = $declared:expr,)*
    })*) => {
        $(
            $(#[$doc])*
            pub struct $group { $(pub(super) $field: Declared,)* }
            $(#[$doc])*
            pub const $const: $group = $group { $($field: $declared,)* };
        )*

        /// Every declaration: type, field, rule.
        pub const TABLE: &[(&str, &str, Declared)] = &[
            $($(($type, $name, $const.$field),)*)*
        ];
    };
}

const PUBLIC: Declared = Declared::Always(Rule::Public);
const OWN: Declared = Declared::Always(Rule::Scope(ACCOUNT_READ));
const CHANGE_OWN: Declared = Declared::Always(Rule::Scope(ACCOUNT_WRITE));
const CHANGE_OWN_IN_SESSION: Declared = Declared::Always(Rule::SessionWithScope(ACCOUNT_WRITE));
const READ_USERS: Declared = Declared::Always(Rule::Scope(USERS_READ));
const CHANGE_USERS: Declared = Declared::Always(Rule::Scope(USERS_WRITE));
const READ_ROLES: Declared = Declared::Always(Rule::Scope(ROLES_READ));
const CHANGE_ROLES: Declared = Declared::Always(Rule::Scope(ROLES_WRITE));
const READ_AUDIT: Declared = Declared::Always(Rule::Scope(AUDIT_READ));
const OWN_OR_USERS: Declared = Declared::Of {
    own: Rule::Scope(ACCOUNT_READ),
    other: Rule::Scope(USERS_READ),
};

rules! {
    /// The fields of `Query`.
    QUERY: QueryRules for "Query" {
        me "me" = OWN,
        sessions "sessions" = OWN,
        personal_access_tokens "personalAccessTokens" = OWN,
        node "node" = Declared::ByArguments,
        user "user" = READ_USERS,
        users "users" = READ_USERS,
        roles "roles" = READ_ROLES,
        audit_events "auditEvents" = READ_AUDIT,
    }
    /// The fields of `Mutation`.
    MUTATION: MutationRules for "Mutation" {
        signup "signup" = PUBLIC,
        login "login" = PUBLIC,
        refresh "refresh" = PUBLIC,
        verify_token "verifyToken" = PUBLIC,
        logout "logout" = Declared::ByArguments,
        change_password "changePassword" = CHANGE_OWN_IN_SESSION,
        update_profile "updateProfile" = CHANGE_OWN,
        end_session "endSession" = CHANGE_OWN,
        end_other_sessions "endOtherSessions" = CHANGE_OWN,
        end_all_sessions "endAllSessions" = CHANGE_OWN,
        create_personal_access_token "createPersonalAccessToken" = CHANGE_OWN_IN_SESSION,
        revoke_personal_access_token "revokePersonalAccessToken" = CHANGE_OWN,
        create_user "createUser" = CHANGE_USERS,
        set_user_state "setUserState" = CHANGE_USERS,
        set_user_password "setUserPassword" = CHANGE_USERS,
        delete_user "deleteUser" = CHANGE_USERS,
        end_user_sessions "endUserSessions" = CHANGE_USERS,
        change_authority "changeAuthority" = CHANGE_ROLES,
        define_role "defineRole" = CHANGE_ROLES,
        delete_role "deleteRole" = CHANGE_ROLES,
    }
    /// The fields of `User`.
    USER: UserRules for "User" {
        id "id" = PUBLIC,
        subject "subject" = OWN_OR_USERS,
        username "username" = OWN_OR_USERS,
        email "email" = OWN_OR_USERS,
        email_verified "emailVerified" = OWN_OR_USERS,
        display_name "displayName" = OWN_OR_USERS,
        state "state" = OWN_OR_USERS,
        roles "roles" = OWN_OR_USERS,
        scopes "scopes" = OWN_OR_USERS,
        effective_scopes "effectiveScopes" = OWN_OR_USERS,
        sessions "sessions" = OWN_OR_USERS,
        created_at "createdAt" = OWN_OR_USERS,
        updated_at "updatedAt" = OWN_OR_USERS,
        version "version" = OWN_OR_USERS,
    }
    /// The fields of `Session`.
    SESSION: SessionRules for "Session" {
        id "id" = PUBLIC,
        current "current" = OWN_OR_USERS,
        device "device" = OWN_OR_USERS,
        address "address" = OWN_OR_USERS,
        methods "methods" = OWN_OR_USERS,
        created_at "createdAt" = OWN_OR_USERS,
        last_seen_at "lastSeenAt" = OWN_OR_USERS,
        expires_at "expiresAt" = OWN_OR_USERS,
    }
    /// The fields of `PersonalAccessToken`.
    PERSONAL_TOKEN: PersonalTokenRules for "PersonalAccessToken" {
        id "id" = PUBLIC,
        name "name" = OWN,
        scopes "scopes" = OWN,
        created_at "createdAt" = OWN,
        expires_at "expiresAt" = OWN,
        last_used_at "lastUsedAt" = OWN,
    }
    /// The fields of `Role`.
    ROLE: RoleRules for "Role" {
        id "id" = PUBLIC,
        name "name" = READ_ROLES,
        description "description" = READ_ROLES,
        scopes "scopes" = READ_ROLES,
        built_in "builtIn" = READ_ROLES,
    }
    /// The fields of `AuditEvent`.
    AUDIT_EVENT: AuditEventRules for "AuditEvent" {
        id "id" = PUBLIC,
        at "at" = READ_AUDIT,
        action "action" = READ_AUDIT,
        actor "actor" = READ_AUDIT,
        user_id "userId" = READ_AUDIT,
        session_id "sessionId" = READ_AUDIT,
        address "address" = READ_AUDIT,
        request_id "requestId" = READ_AUDIT,
        details "details" = READ_AUDIT,
    }
}
