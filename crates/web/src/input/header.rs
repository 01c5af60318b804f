//! Headers that carry input.

use http::HeaderMap;

use super::Refused;
use super::fields::{Place, fault};
use crate::problem::{Code, Problem};

/// The longest `Idempotency-Key`, in bytes.
const MAX_KEY: usize = 255;

/// The one value of a header as text; twice, or not text, is refused.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .map_err(|_| invalid(name, Refused::invalid("must be ASCII")))?;
    match values.next() {
        None => Ok(Some(text)),
        Some(_) => Err(invalid(name, Refused::twice())),
    }
}

/// The `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header §2.1): a quoted string there;
/// taken without the quotation marks too, since most clients leave them out.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = single(headers, "idempotency-key")? else {
        return Ok(None);
    };
    let quoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let key = quoted.unwrap_or(value);
    let is_plain = key
        .bytes()
        .all(|b| matches!(b, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~'));
    if (1..=MAX_KEY).contains(&key.len()) && is_plain {
        Ok(Some(key.to_owned()))
    } else {
        let why = "must be 1 to 255 visible ASCII characters, best a UUID";
        Err(invalid("idempotency-key", Refused::invalid(why)))
    }
}

fn invalid(name: &str, refused: Refused) -> Problem {
    Problem::new(Code::InvalidHeader).errors(vec![fault(Place::Query, name, refused)])
}
