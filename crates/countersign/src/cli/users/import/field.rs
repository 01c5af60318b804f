//! The fields of a line.

/// A field of a line. Import and export share them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli::users) enum Field {
    Id,
    Username,
    Email,
    EmailVerified,
    DisplayName,
    PasswordHash,
    State,
    Roles,
    Scopes,
    CreatedAt,
}

impl Field {
    /// All of them, in the order of an export's columns.
    pub(in crate::cli::users) const ALL: [Self; 10] = [
        Self::Id,
        Self::Username,
        Self::Email,
        Self::EmailVerified,
        Self::DisplayName,
        Self::PasswordHash,
        Self::State,
        Self::Roles,
        Self::Scopes,
        Self::CreatedAt,
    ];

    /// Its name in the file.
    pub(in crate::cli::users) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Username => "username",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::DisplayName => "display_name",
            Self::PasswordHash => "password_hash",
            Self::State => "state",
            Self::Roles => "roles",
            Self::Scopes => "scopes",
            Self::CreatedAt => "created_at",
        }
    }

    /// The field with this name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// The names, for a message.
    pub(super) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}
