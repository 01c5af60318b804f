//! An event as a request. The client's address is what the gateway saw, and never what a header says.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::Serializer;

use super::event::{HttpEvent, Kind};

/// What can't be taken for a request: 400. Says which part, and repeats nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {0} of the event can't be read")]
pub(super) struct Malformed(&'static str);

/// Makes the request that the event stands for.
pub(super) fn request(event: HttpEvent, kind: Kind) -> Result<Request, Malformed> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method(&event)?;
    *request.uri_mut() = uri(&event, kind)?;
    let headers = headers(&event, kind)?;
    if let Some(address) = peer(&event, kind, &headers) {
        let peer = SocketAddr::new(address, 0);
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    *request.headers_mut() = headers;
    *request.body_mut() = body(event)?;
    Ok(request)
}

fn method(event: &HttpEvent) -> Result<Method, Malformed> {
    let of_context = event.request_context.http.as_ref().map(|http| &http.method);
    let name = of_context.or(event.http_method.as_ref());
    let name = name.ok_or(Malformed("method"))?;
    Method::from_bytes(name.as_bytes()).map_err(|_| Malformed("method"))
}

fn uri(event: &HttpEvent, kind: Kind) -> Result<Uri, Malformed> {
    let written = event.raw_path.as_ref().or(event.path.as_ref());
    let path = written.map_or("/", String::as_str);
    let path = match kind {
        // Its path never has the stage before it.
        Kind::RestApi | Kind::LoadBalancer | Kind::LoadBalancerMany => path,
        Kind::HttpApi1 | Kind::HttpApi2 => {
            without_stage(path, event.request_context.stage.as_deref())
        }
    };
    let mut address = String::with_capacity(path.len() + 16);
    if !path.starts_with('/') {
        address.push('/');
    }
    // A `?` in a path is one that the gateway decoded: it begins no query.
    escape(path, b"?", &mut address);
    let query = query(event, kind);
    if !query.is_empty() {
        address.push('?');
        escape(&query, b"", &mut address);
    }
    // An address that begins with two slashes is a path, not a host.
    Uri::builder()
        .path_and_query(address)
        .build()
        .map_err(|_| Malformed("path"))
}

fn without_stage<'p>(path: &'p str, stage: Option<&str>) -> &'p str {
    let Some(stage) = stage.filter(|stage| *stage != "$default") else {
        return path;
    };
    let rest = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(stage));
    match rest {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Some gateways decode a path before they pass it on; what may not stand in an address is encoded
/// again, `also` included, and nothing else is touched.
fn escape(text: &str, also: &[u8], into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        let stands = byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte);
        if stands && !also.contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            for digit in [byte >> 4, byte & 15] {
                into.push(HEX.get(usize::from(digit)).copied().map_or('0', char::from));
            }
        }
    }
}

fn query(event: &HttpEvent, kind: Kind) -> String {
    if let Some(raw) = &event.raw_query_string {
        return raw.clone();
    }
    let many = event.multi_value_query_string_parameters.iter().flatten();
    let many: Vec<(&str, &str)> = many
        .flat_map(|(name, values)| values.iter().map(|value| (name.as_str(), value.as_str())))
        .collect();
    let pairs = if many.is_empty() {
        let one = event.query_string_parameters.iter().flatten();
        one.map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    } else {
        many
    };
    match kind {
        // A load balancer passes them on as they came, encoded.
        Kind::LoadBalancer | Kind::LoadBalancerMany => {
            let pairs: Vec<String> = pairs
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            pairs.join("&")
        }
        Kind::RestApi | Kind::HttpApi1 | Kind::HttpApi2 => {
            Serializer::new(String::new()).extend_pairs(pairs).finish()
        }
    }
}

/// All values of each name where the event has them. A header that can't be taken is an error: to leave
/// one out could turn a refusal into an anonymous call.
fn headers(event: &HttpEvent, kind: Kind) -> Result<HeaderMap, Malformed> {
    let mut headers = HeaderMap::new();
    let mut add = |name: &str, value: &str| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Malformed("headers"))?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| Malformed("headers"))?;
        let taken = headers.try_append(name, value);
        taken.map(drop).map_err(|_| Malformed("headers"))
    };
    match &event.multi_value_headers {
        Some(many) if !many.is_empty() => {
            for (name, values) in many {
                for value in values {
                    add(name, value)?;
                }
            }
        }
        _ => {
            for (name, value) in event.headers.iter().flatten() {
                add(name, value)?;
            }
        }
    }
    if let (Kind::HttpApi2, Some(cookies)) = (kind, &event.cookies)
        && !cookies.is_empty()
    {
        add(COOKIE.as_str(), &cookies.join("; "))?;
    }
    Ok(headers)
}

/// Who connected to the gateway. A load balancer says so only in `X-Forwarded-For`, to which it
/// appends the address that it saw: the last entry is its own, whatever stands before it. (It must be
/// left in its mode `append`; in `preserve` the header is the client's.)
fn peer(event: &HttpEvent, kind: Kind, headers: &HeaderMap) -> Option<IpAddr> {
    let context = &event.request_context;
    match kind {
        Kind::RestApi | Kind::HttpApi1 => {
            context.identity.as_ref()?.source_ip.as_ref()?.parse().ok()
        }
        Kind::HttpApi2 => context.http.as_ref()?.source_ip.as_ref()?.parse().ok(),
        Kind::LoadBalancer | Kind::LoadBalancerMany => {
            let last = headers.get_all("x-forwarded-for").iter().next_back()?;
            let last = last.to_str().ok()?.rsplit(',').next()?.trim();
            let with_port = || last.parse::<SocketAddr>().map(|socket| socket.ip());
            last.parse().or_else(|_| with_port()).ok()
        }
    }
}

fn body(event: HttpEvent) -> Result<Body, Malformed> {
    match event.body {
        None => Ok(Body::empty()),
        Some(text) if event.is_base64_encoded => {
            let bytes = STANDARD.decode(text).map_err(|_| Malformed("body"))?;
            Ok(Body::from(bytes))
        }
        Some(text) => Ok(Body::from(text)),
    }
}
