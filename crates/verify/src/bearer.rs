//! The bearer token of a request, and nothing but the bearer token (RFC 6750 §2.1, RFC 9110 §11.6.2).
//! It is taken from one `Authorization` header only: the `access_token` parameter of RFC 6750 §2.2 and
//! §2.3 puts tokens into logs and histories, so a request that uses it is refused.

use http::header::{AUTHORIZATION, HeaderMap};

/// What a request presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Bearer<'a> {
    /// No token: no `Authorization` header, or one of another scheme such as `Basic`.
    Absent,
    /// A token in the grammar of RFC 6750; not verified.
    Token(&'a str),
    /// Something that was meant to be a token. It must be refused, never taken for [`Bearer::Absent`].
    Malformed(BearerError),
}

/// What is wrong with the way a token is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BearerError {
    /// Several `Authorization` headers, or a token in the header and another in a parameter.
    #[error("send exactly one access token, in one authorization header")]
    TwoTokens,
    /// The `access_token` parameter.
    #[error("send the access token in the authorization header, not as a parameter")]
    InParameter,
    /// `Bearer` without a token.
    #[error("the authorization header holds no token")]
    Empty,
    /// Characters that no token has, or more than one word.
    #[error("the authorization header holds no well-formed bearer token")]
    Malformed,
}

impl BearerError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TwoTokens => "two_tokens",
            Self::InParameter => "token_in_parameter",
            Self::Empty => "empty_token",
            Self::Malformed => "malformed_authorization",
        }
    }
}

impl<'a> Bearer<'a> {
    /// Looks at the headers only.
    ///
    /// The scheme is matched in any case of letters. A header of another scheme is [`Bearer::Absent`].
    pub fn from_headers(headers: &'a HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Self::Absent;
        };
        if values.next().is_some() {
            return Self::Malformed(BearerError::TwoTokens);
        }
        from_value(value.as_bytes())
    }

    /// Looks at the headers and at the query (without its `?`), which must not bring `access_token`.
    ///
    /// ```
    /// use countersign_verify::{Bearer, BearerError};
    /// use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert(AUTHORIZATION, HeaderValue::from_static("bearer abc.def.ghi"));
    /// assert_eq!(Bearer::from_request(&headers, Some("page=2")), Bearer::Token("abc.def.ghi"));
    /// assert_eq!(
    ///     Bearer::from_request(&headers, Some("access_token=abc.def.ghi")),
    ///     Bearer::Malformed(BearerError::TwoTokens),
    /// );
    /// ```
    pub fn from_request(headers: &'a HeaderMap, query: Option<&str>) -> Self {
        Self::from_headers(headers).refuse_parameter(query.unwrap_or_default().as_bytes())
    }

    /// Refuses `access_token` in a query or in a body of type `application/x-www-form-urlencoded`:
    /// beside a token as two tokens, alone as one in the wrong place.
    pub fn refuse_parameter(self, form: &[u8]) -> Self {
        let present = form_urlencoded::parse(form).any(|(name, _)| name == "access_token");
        match (present, self) {
            (false, bearer) | (true, bearer @ Self::Malformed(_)) => bearer,
            (true, Self::Absent) => Self::Malformed(BearerError::InParameter),
            (true, Self::Token(_)) => Self::Malformed(BearerError::TwoTokens),
        }
    }
}

/// Reads `credentials = auth-scheme 1*SP token68` (RFC 9110 §11.4).
fn from_value(value: &[u8]) -> Bearer<'_> {
    let end = value
        .iter()
        .position(|byte| !is_tchar(*byte))
        .unwrap_or(value.len());
    let (scheme, rest) = value.split_at(end);
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Bearer::Absent;
    }
    let (gap, token) = rest.split_at(rest.iter().position(|b| *b != b' ').unwrap_or(rest.len()));
    let token = token.trim_ascii_end();
    match (gap, token) {
        (_, []) if rest.iter().all(|byte| matches!(byte, b' ' | b'\t')) => {
            Bearer::Malformed(BearerError::Empty)
        }
        // `Bearer,x` or a tab: neither another scheme nor a token.
        ([], _) | (_, []) => Bearer::Malformed(BearerError::Malformed),
        (_, token) if is_token68(token) => match std::str::from_utf8(token) {
            Ok(token) => Bearer::Token(token),
            Err(_) => Bearer::Malformed(BearerError::Malformed),
        },
        _ => Bearer::Malformed(BearerError::Malformed),
    }
}

/// `token68` of RFC 9110 §11.2, `b64token` of RFC 6750 §2.1.
fn is_token68(token: &[u8]) -> bool {
    let padding = token.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = token.get(..token.len() - padding).unwrap_or_default();
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    !body.is_empty() && body.iter().all(allowed)
}

/// A character of a `token` (RFC 9110 §5.6.2).
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        values
            .iter()
            .map(|value| (AUTHORIZATION, HeaderValue::from_bytes(value).unwrap()))
            .collect()
    }

    #[test]
    fn the_header_is_read_by_its_grammar() {
        use BearerError::{Empty, Malformed};
        for (value, answer) in [
            (
                "Bearer abc.DEF-_~+/123==",
                Bearer::Token("abc.DEF-_~+/123=="),
            ),
            ("bearer x", Bearer::Token("x")),
            ("BEARER x", Bearer::Token("x")),
            ("bEaReR   x", Bearer::Token("x")),
            ("Bearer x ", Bearer::Token("x")),
            ("Bearer", Bearer::Malformed(Empty)),
            ("Bearer ", Bearer::Malformed(Empty)),
            ("Bearer \t", Bearer::Malformed(Empty)),
            ("Bearer =", Bearer::Malformed(Malformed)),
            ("Bearer a=b", Bearer::Malformed(Malformed)),
            ("Bearer a b", Bearer::Malformed(Malformed)),
            ("Bearer a,b", Bearer::Malformed(Malformed)),
            ("Bearer a, Bearer b", Bearer::Malformed(Malformed)),
            ("Bearer \"a\"", Bearer::Malformed(Malformed)),
            ("Bearer\ta", Bearer::Malformed(Malformed)),
            ("Bearer,a", Bearer::Malformed(Malformed)),
            ("Bearer: a", Bearer::Malformed(Malformed)),
            ("Bearer é", Bearer::Malformed(Malformed)),
            ("Basic dXNlcjpwYXNz", Bearer::Absent),
            ("BearerX abc", Bearer::Absent),
            ("DPoP abc", Bearer::Absent),
            ("abc.def.ghi", Bearer::Absent),
            ("", Bearer::Absent),
        ] {
            assert_eq!(
                Bearer::from_headers(&headers(&[value.as_bytes()])),
                answer,
                "{value:?}"
            );
        }
        assert_eq!(Bearer::from_headers(&HeaderMap::new()), Bearer::Absent);
    }

    #[test]
    fn two_authorization_headers_are_refused_whatever_they_say() {
        for pair in [
            ["Bearer a", "Bearer a"],
            ["Bearer a", "Basic b"],
            ["Basic a", "Basic b"],
        ] {
            let headers = headers(&pair.map(str::as_bytes));
            let refused = Bearer::Malformed(BearerError::TwoTokens);
            assert_eq!(Bearer::from_headers(&headers), refused);
        }
    }

    #[test]
    fn a_token_as_a_parameter_is_refused_however_it_is_written() {
        let (with, without) = (headers(&[b"Bearer a"]), HeaderMap::new());
        for query in [
            "access_token=b",
            "x=1&access_token",
            "access%5Ftoken=b",
            "access_token=&y",
        ] {
            let two = Bearer::from_request(&with, Some(query));
            assert_eq!(two, Bearer::Malformed(BearerError::TwoTokens), "{query}");
            let one = Bearer::from_request(&without, Some(query));
            assert_eq!(one, Bearer::Malformed(BearerError::InParameter), "{query}");
        }
        for query in ["", "Access_Token=b", "my_access_token=b", "x=access_token"] {
            assert_eq!(
                Bearer::from_request(&with, Some(query)),
                Bearer::Token("a"),
                "{query}"
            );
        }
        assert_eq!(Bearer::from_request(&without, None), Bearer::Absent);
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_a_panic(value in proptest::collection::vec(0x20_u8..0xff, 0..60)) {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let headers: HeaderMap = [(AUTHORIZATION, value)].into_iter().collect();
                if let Bearer::Token(token) = Bearer::from_headers(&headers) {
                    prop_assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
                }
            }
        }
    }
}
