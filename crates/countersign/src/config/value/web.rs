//! Addresses on the web. They are kept as written, because issuers are compared letter by letter
//! (RFC 8414 §2, RFC 9068 §4).

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use url::{Host, Url};

use super::{Kind, Value, Wrong};

macro_rules! web_address {
    ($( $(#[$about:meta])+ $name:ident, $called:literal, $form:literal, $parse:ident; )+) => {$(
        $(#[$about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name { text: String, url: Url }

        impl $name {
            /// The address as it was written.
            pub fn as_str(&self) -> &str {
                &self.text
            }

            /// The address in its parts.
            pub fn url(&self) -> &Url {
                &self.url
            }

            /// Whether it may carry secrets in production: `https`, or a loopback address that no
            /// network sees.
            pub fn is_private_on_the_wire(&self) -> bool {
                self.url.scheme() == "https" || is_loopback(&self.url)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.text)
            }
        }

        impl Value for $name {
            const KIND: Kind = Kind::text($called, $form);

            fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
                let (text, url) = $parse(text)?;
                Ok(Self { text, url })
            }
        }
    )+};
}

web_address! {
    /// An absolute `http` or `https` address.
    HttpUrl, "URL", "`https://…` or `http://…`", http_url;
    /// The issuer of tokens: a URL without query and fragment (RFC 8414 §2).
    Issuer, "issuer", "`https://…` without query and fragment", issuer;
    /// Where people and programs reach the server: scheme, host and port.
    PublicUrl, "origin", "scheme, host and port: `https://auth.example.com`", origin;
    /// The origin of a web page (RFC 6454).
    WebOrigin, "origin", "scheme, host and port: `https://app.example.com`", web_origin;
}

fn http_url(text: &str) -> Result<(String, Url), Wrong> {
    let url = Url::parse(text).map_err(|_| Wrong::Form("expected an absolute URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Wrong::Form("expected an http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::Form("must not hold a user name or password"));
    }
    Ok((text.to_owned(), url))
}

fn issuer(text: &str) -> Result<(String, Url), Wrong> {
    let (text, url) = http_url(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Wrong::Form("an issuer has no query and no fragment"));
    }
    Ok((text, url))
}

fn origin(text: &str) -> Result<(String, Url), Wrong> {
    let (_, url) = issuer(text)?;
    if url.path() != "/" {
        return Err(Wrong::Form(
            "expected only scheme, host and port, without a path",
        ));
    }
    Ok((url.origin().ascii_serialization(), url))
}

fn web_origin(text: &str) -> Result<(String, Url), Wrong> {
    if matches!(text, "*" | "null") {
        return Err(Wrong::Form(
            "every web page would be let in; list the origins that may call",
        ));
    }
    origin(text)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_kept_as_written() {
        let issuer = Issuer::parse("https://auth.example.com", Path::new("")).unwrap();
        assert_eq!(issuer.as_str(), "https://auth.example.com");
    }

    #[test]
    fn an_issuer_with_a_query_a_fragment_or_a_password_is_refused() {
        for text in [
            "https://a.example/?x=1",
            "https://a.example/#x",
            "https://u:p@a.example",
            "a",
        ] {
            assert!(Issuer::parse(text, Path::new("")).is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_has_no_path_and_no_wildcard() {
        for text in [
            "*",
            "null",
            "https://a.example/app",
            "ftp://a.example",
            "a.example",
        ] {
            assert!(WebOrigin::parse(text, Path::new("")).is_err(), "{text}");
        }
        let origin = WebOrigin::parse("https://App.example:443/", Path::new("")).unwrap();
        assert_eq!(origin.as_str(), "https://app.example");
    }
}
