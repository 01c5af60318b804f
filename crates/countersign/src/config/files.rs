//! Files that settings name and that other parts read later: they are tried here, so that
//! `config check` finds a wrong path before the start does.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::error::Fault;
use super::findings::Findings;
use super::layers::Layers;
use super::secrets::read_file;
use super::settings::Groups;

/// Tries every such file and notes what is wrong.
pub(in crate::config) fn check(groups: &Groups, layers: &Layers, findings: &mut Findings) {
    let tls = &groups.http.tls;
    try_open(
        "http.tls.certificate_file",
        tls.certificate_file.as_ref(),
        layers,
        findings,
    );
    try_open(
        "passwords.blocklist_file",
        groups.passwords.blocklist_file.as_ref(),
        layers,
        findings,
    );
    try_open(
        "store.ca_file",
        groups.store.ca_file.as_ref(),
        layers,
        findings,
    );
    if let Some(path) = &tls.key_file {
        let key = "http.tls.key_file";
        // Only its access rights matter here; the listener reads it, and reads it again.
        drop(read_file(key, &layers.place(key), path, findings));
    }
}

fn try_open(key: &str, path: Option<&PathBuf>, layers: &Layers, findings: &mut Findings) {
    let opened = path.map(Path::new).map(File::open);
    if let Some(Err(error)) = opened {
        let fault = Fault::Unreadable(error.kind().to_string());
        findings.refuse(
            key,
            layers.place(key),
            fault,
            "name a file that exists and can be read",
        );
    }
}
