//! TLS, and a certificate that changes under it.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::{Server, Wire};

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Writes a new certificate and its key, and gives the certificate.
fn write_certificate(dir: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(dir.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(dir.join("cert.pem"), made.cert.pem()).unwrap();
    made.cert.der().clone()
}

fn connect(
    address: SocketAddr,
    root: &CertificateDer<'static>,
    alpn: &str,
) -> std::io::Result<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let name = "localhost".try_into().unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut tls = StreamOwned::new(connection, stream);
    tls.conn.complete_io(&mut tls.sock)?;
    Ok(tls)
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn tls_takes_up_a_new_certificate_and_keeps_the_old_if_the_new_is_unfit() {
    let dir = tempfile::tempdir().unwrap();
    let first = write_certificate(dir.path());
    let settings = [
        ("HTTP_PUBLIC_URL", "https://localhost"),
        ("HTTP_TLS_CERTIFICATE_FILE", "cert.pem"),
        ("HTTP_TLS_KEY_FILE", "key.pem"),
    ];
    let server = Server::start_with(dir.path(), &settings);
    assert!(
        server.announcement.contains("https://127.0.0.1:"),
        "{}",
        server.announcement
    );

    let mut before = Wire::over(connect(server.api, &first, "http/1.1").unwrap());
    before
        .get("/.well-known/jwks.json", None)
        .unwrap()
        .expect(200);
    let h2 = connect(server.api, &first, "h2").unwrap();
    assert_eq!(h2.conn.alpn_protocol(), Some(&b"h2"[..]));

    // Found without being told.
    let second = write_certificate(dir.path());
    eventually("the new certificate is used", || {
        connect(server.api, &second, "http/1.1").is_ok()
    });
    assert!(connect(server.api, &first, "http/1.1").is_err());
    before
        .get("/.well-known/jwks.json", None)
        .unwrap()
        .expect(200);

    // A certificate that does not fit the key, and one that is none.
    let other = tempfile::tempdir().unwrap();
    write_certificate(other.path());
    for unfit in [
        std::fs::read(other.path().join("cert.pem")).unwrap(),
        b"none".to_vec(),
    ] {
        let told = server.log().matches("the old one stays").count();
        std::fs::write(dir.path().join("cert.pem"), unfit).unwrap();
        server.signal(Signal::HUP);
        eventually("it is told", || {
            server.log().matches("the old one stays").count() > told
        });
        let mut wire = Wire::over(connect(server.api, &second, "http/1.1").unwrap());
        wire.get("/.well-known/jwks.json", None)
            .unwrap()
            .expect(200);
    }
    server.stop();
}

#[test]
fn a_certificate_that_can_not_be_used_at_the_start_is_named() {
    let dir = tempfile::tempdir().unwrap();
    write_certificate(dir.path());
    std::fs::write(dir.path().join("cert.pem"), "nothing").unwrap();
    let settings = [
        ("HTTP_PUBLIC_URL", "https://localhost"),
        ("HTTP_TLS_CERTIFICATE_FILE", "cert.pem"),
        ("HTTP_TLS_KEY_FILE", "key.pem"),
    ];
    let said = Server::begin(dir.path(), &settings).refused();
    assert!(said.contains("http.tls.certificate_file"), "{said}");
}
