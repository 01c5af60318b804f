//! Arguments that become parts of a user, parsed at the door.

use std::fmt::Display;
use std::str::FromStr;

use countersign_domain::user::UserState;

/// For clap: reads a value by its type's own rule, and says what that rule is.
pub(in crate::cli) fn parsed<T>(text: &str) -> Result<T, String>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// For clap: a user's state.
pub(super) fn state(text: &str) -> Result<UserState, String> {
    UserState::from_name(text).ok_or_else(|| "write active, disabled or locked".to_owned())
}
