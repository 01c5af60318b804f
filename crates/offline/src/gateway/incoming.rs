//! One request as it came over the wire: header names in the letters that the client wrote, since
//! REST APIs hand them on so, and functions stumble over it.

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) id: String,
    pub(crate) method: String,
    /// Percent-encoded, stage included, without the query.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    /// In the order of arrival.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) received: Timestamp,
}

impl Incoming {
    /// The last value of a header, whatever the letters of its name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut same = self
            .headers
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name));
        same.next_back().map(|(_, value)| value.as_str())
    }

    /// The parameters of the query, decoded.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let query = self.query.as_deref().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }

    /// The media type of the body, without its parameters, in small letters.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.header("Content-Type")?;
        Some(
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase(),
        )
    }

    /// What the gateways add: who called, over what, and the trace.
    pub(crate) fn add_forwarded(&mut self) {
        let peer = self.peer.ip().to_string();
        let before = self
            .header("X-Forwarded-For")
            .map(|before| format!("{before}, {peer}"));
        self.set("X-Forwarded-For", before.unwrap_or(peer));
        self.set("X-Forwarded-Port", self.local.port().to_string());
        self.set("X-Forwarded-Proto", "http".to_owned());
        if self.header("X-Amzn-Trace-Id").is_none() {
            let trace = crate::chance::trace_id(self.received);
            let root = trace.split(';').next().unwrap_or_default().to_owned();
            self.set("X-Amzn-Trace-Id", root);
        }
    }

    fn set(&mut self, name: &str, value: String) {
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value));
    }

    /// The header names and values one by one: each name once, with all of its values.
    pub(crate) fn grouped(&self) -> Vec<(String, Vec<String>)> {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for (name, value) in &self.headers {
            match groups
                .iter_mut()
                .find(|(own, _)| own.eq_ignore_ascii_case(name))
            {
                Some((_, values)) => values.push(value.clone()),
                None => groups.push((name.clone(), vec![value.clone()])),
            }
        }
        groups
    }
}
