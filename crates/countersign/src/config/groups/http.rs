//! Where the API listens, and what it lets in.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use ipnet::IpNet;

use crate::config::group::group;
use crate::config::setting::{follows, given, unset};
use crate::config::value::{BasePath, PublicUrl, WebOrigin};

group! {
    /// Where the API listens, and what it lets in.
    Http at "http" {
        /// Address and port of the API.
        pub listen: SocketAddr = given("127.0.0.1:4455")
            .because("nobody else can reach a first start")
            .example("127.0.0.1:8080");
        /// Where people and programs reach the server from outside, without a path.
        pub public_url: PublicUrl = follows(
            "the scheme that `http.tls` makes, and the address and port of `http.listen`",
        ).example("https://auth.example.com");
        /// The path below which everything is, where a gateway or a proxy passes it on: the stage of
        /// an API (`/prod`), or the mapping of a custom domain. It belongs to every address that the
        /// server tells, its issuer included. Requests without it are served as well.
        pub base_path: Option<BasePath> = unset("everything is at the root")
            .example("/auth");
        /// Origins of web pages that may call the API from a browser (CORS).
        pub cors_origins: Vec<WebOrigin> = given("")
            .because("no page may call it until you name it")
            .example("https://app.example.com,http://localhost:3000");
        /// Networks of the reverse proxies whose `Forwarded` and `X-Forwarded-For` headers are
        /// believed. Without them the client is whoever opened the connection.
        pub trusted_proxies: Vec<IpNet> = given("")
            .because("anybody can write a header; only an address you name is believed")
            .example("10.0.0.0/8,fd00::/8");
        /// The largest body of a request.
        pub body_limit: ByteSize = given("64KiB").between("1KiB", "16MiB")
            .because("far above any legitimate request of this API, far below what fills memory")
            .example("128KiB");
        /// How long a request may take, from its headers to the end of the answer.
        pub request_timeout: Duration = given("10s").between("1s", "5m")
            .because("a login that waits for the hashing pool at its worst, and as long again").example("30s");
        /// How long a client may take to send the headers of a request.
        pub header_timeout: Duration = given("5s").between("100ms", "1m")
            .because("clients that dribble headers would hold connections for nothing")
            .example("10s");
        /// How many connections are open at once; further ones wait to be accepted.
        pub max_connections: usize = given("10000").between("1", "1000000")
            .because("each takes a file descriptor and a few KiB; keep it below the limit of open files")
            .example("2000");
        /// Whether HTTP/2 is spoken, over TLS and in clear text with prior knowledge.
        pub http2: bool = given("true")
            .because("clients choose it by themselves, and many requests then share one connection").example("false");
        /// How long the answer to an `Idempotency-Key` is remembered.
        pub idempotency_window: Duration = given("24h").between("1m", "7d")
            .because("a client that retries a registration does so within a day")
            .example("1h");
        /// How long requests in flight may take to finish after the signal to stop.
        pub drain_timeout: Duration = given("20s").between("0s", "10m")
            .because("container platforms kill 30 seconds after the signal")
            .example("50s");
    }
    with {
        /// TLS of the API; both files, or neither.
        tls: Tls;
    }
}

group! {
    /// TLS of the API, when no proxy in front of it provides that. Give both files, or neither.
    Tls at "http.tls" {
        /// The certificate chain, PEM, the server's own certificate first.
        pub certificate_file: Option<PathBuf> = unset("plain HTTP").live()
            .example("/etc/countersign/tls/fullchain.pem");
        /// The certificate's private key, PEM.
        pub key_file: Option<PathBuf> = unset("plain HTTP").live().hidden()
            .example("/etc/countersign/tls/privkey.pem");
    }
}
