//! The address of the API: free, or taken by a server of this very instance.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use countersign_domain::keys::KeyRecord;

use super::finding::Finding;
use crate::config::Settings;

const CHECK: &str = "listen address";
const PATIENCE: Duration = Duration::from_secs(2);
const MOST_BYTES: u64 = 256 * 1024;

/// Tries the address; if it is taken, asks who is there.
pub(super) fn check(settings: &Settings, keys: &[KeyRecord]) -> Finding {
    let address = settings.http.listen;
    match TcpListener::bind(address) {
        Ok(_) => Finding::ok(CHECK, format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if settings.http.tls.certificate_file.is_some() {
                let message = format!("{address} is taken, by this server or another");
                return Finding::ok(CHECK, message);
            }
            match published_at(address) {
                Ok(answer) if keys.iter().any(|key| answer.contains(key.id.as_str())) => {
                    Finding::ok(
                        CHECK,
                        format!("this instance's server is running on {address}"),
                    )
                }
                _ => Finding::fail(
                    CHECK,
                    format!("{address} is taken by another program"),
                    "stop that program, or choose another address with http.listen",
                ),
            }
        }
        Err(error) => Finding::fail(
            CHECK,
            format!("{address} can't be listened on: {error}"),
            "choose an address of this machine with http.listen",
        ),
    }
}

/// The key set that somebody publishes there. Its key ids tell whose it is. A request this small
/// needs no HTTP library.
fn published_at(address: SocketAddr) -> io::Result<String> {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let address = SocketAddr::new(ip, address.port());
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /.well-known/jwks.json HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(MOST_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
