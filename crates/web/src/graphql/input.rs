//! Arguments into the domain's types: what does not parse is `BAD_USER_INPUT` with a pointer to it.

use std::fmt::Display;
use std::str::FromStr;

use async_graphql::MaybeUndefined;
use countersign_domain::password::Password;
use countersign_token::Scopes;

use super::errors::{Fault, Result};

/// One argument. `pointer` says where it stands (RFC 6901).
pub(super) fn parse<T>(text: &str, pointer: &str) -> Result<T>
where
    T: FromStr<Err: Display>,
{
    text.parse()
        .map_err(|why: T::Err| Fault::input(pointer, why.to_string()))
}

/// One argument that may be left out.
pub(super) fn optional<T>(text: Option<&str>, pointer: &str) -> Result<Option<T>>
where
    T: FromStr<Err: Display>,
{
    text.map(|text| parse(text, pointer)).transpose()
}

/// One part of a change: left out, cleared by null, or set.
#[expect(
    clippy::option_option,
    reason = "the use case tells the three apart like this"
)]
pub(super) fn change<T>(part: &MaybeUndefined<String>, pointer: &str) -> Result<Option<Option<T>>>
where
    T: FromStr<Err: Display>,
{
    match part {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(text) => Ok(Some(Some(parse(text, pointer)?))),
    }
}

/// A list of arguments of one kind.
pub(super) fn each<T, C>(texts: &[String], pointer: &str) -> Result<C>
where
    T: FromStr<Err: Display>,
    C: FromIterator<T>,
{
    let one = |(at, text): (usize, &String)| parse(text, &format!("{pointer}/{at}"));
    texts.iter().enumerate().map(one).collect()
}

/// A list of scopes.
pub(super) fn scopes(texts: &[String], pointer: &str) -> Result<Scopes> {
    each(texts, pointer)
}

/// A password, which no error repeats.
pub(super) fn password(text: &str, pointer: &str) -> Result<Password> {
    Password::new(text).map_err(|why| Fault::input(pointer, why.to_string()))
}
