//! Defaults that follow from other settings. They are laid beneath what was written, so writing a
//! value always wins.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::thread::available_parallelism;

use super::layers::Layers;
use super::place::Place;
use super::raw::Raw;
use super::setting::Fallback;
use super::table;

/// Adds every default that follows from another setting, in the order in which they depend.
pub(in crate::config) fn derive(layers: &mut Layers) {
    underlay(layers, "http.public_url", public_url);
    underlay(layers, "tokens.issuer", |layers| {
        let origin = text(layers, "http.public_url");
        match text(layers, "http.base_path") {
            base if base.is_empty() => origin,
            base => format!("{}{base}", origin.trim_end_matches('/')),
        }
    });
    underlay(layers, "tokens.audience", |layers| {
        text(layers, "tokens.issuer")
    });
    underlay(layers, "store.url", |layers| {
        format!("sqlite:{}", in_data_dir(layers, "countersign.db"))
    });
    underlay(layers, "keys.master_key_file", |layers| {
        in_data_dir(layers, "master.key")
    });
    underlay(layers, "passwords.hashing.threads", |_| {
        available_parallelism().map_or(1, usize::from).to_string()
    });
    underlay(layers, "graphql.introspection", in_development);
    underlay(layers, "graphql.graphiql", in_development);

    let algorithm = text(layers, "keys.algorithm");
    for (_, audience) in &mut layers.audiences {
        underlay(audience, "audiences.algorithm", |_| algorithm.clone());
    }
}

fn underlay(layers: &mut Layers, key: &str, work_out: impl FnOnce(&Layers) -> String) {
    if let Some((_, setting)) = table::find(key)
        && let Fallback::Follows(what) = setting.fallback
    {
        let value = work_out(layers);
        layers.underlay(setting, Raw::untyped(value), Place::Follows(what));
    }
}

fn text(layers: &Layers, key: &str) -> String {
    layers
        .strongest(key)
        .map(|entry| entry.raw.show())
        .unwrap_or_default()
}

fn in_development(layers: &Layers) -> String {
    (text(layers, "mode") != "production").to_string()
}

fn in_data_dir(layers: &Layers, file: &str) -> String {
    format!("{}/{file}", text(layers, "data_dir").trim_end_matches('/'))
}

fn public_url(layers: &Layers) -> String {
    let scheme = if layers.is_written("http.tls.certificate_file") {
        "https"
    } else {
        "http"
    };
    match text(layers, "http.listen").trim().parse::<SocketAddr>() {
        Ok(listen) => format!("{scheme}://{}", reachable(listen)),
        Err(_) => String::new(),
    }
}

/// The address by which this machine reaches a listener: "all addresses" is none to connect to.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
