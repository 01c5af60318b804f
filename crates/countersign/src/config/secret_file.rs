//! Files that hold one secret. A file that others may write to is refused, because they could put
//! their own secret in; one that others may read only earns a warning, because container platforms
//! mount secrets readable for all inside the container (Docker 0444, Kubernetes 0644).

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// The largest file that is taken for a secret.
const LARGEST: u64 = 64 * 1024;

/// What is wrong with a secret's file. The path is left out: somebody may have written the secret
/// itself in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretFileFault {
    /// There is none.
    #[error("names a file that does not exist")]
    Missing,
    /// It can't be read.
    #[error("names a file that can't be read: {0}")]
    Unreadable(String),
    /// Others may change it.
    #[error("names a file that other users may write to")]
    WritableByOthers,
    /// It is empty, not text, or larger than any secret.
    #[error("names a file that holds no secret text")]
    NoSecret,
    /// The secret is too short or malformed.
    #[error("names a file whose {0}")]
    Unfit(&'static str),
}

impl SecretFileFault {
    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Missing => "create the file, or correct the path",
            Self::Unreadable(_) => "let the user that runs countersign read it",
            Self::WritableByOthers => "run chmod 600 on it",
            Self::NoSecret => "put the secret into it as text",
            Self::Unfit(_) => "make a secret with: openssl rand -base64 32",
        }
    }
}

/// A secret read from a file.
#[derive(Debug)]
pub struct SecretFile {
    /// The text, without the line end that editors add.
    pub secret: SecretString,
    /// Whether users other than its owner may read the file.
    pub readable_by_others: bool,
}

/// Reads a secret.
pub fn read(path: &Path) -> Result<SecretFile, SecretFileFault> {
    let file = File::open(path).map_err(|error| fault(&error))?;
    let metadata = file.metadata().map_err(|error| fault(&error))?;
    let mode = mode(&metadata);
    if mode & 0o022 != 0 {
        return Err(SecretFileFault::WritableByOthers);
    }
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(SecretFileFault::NoSecret);
    }
    let mut text = Zeroizing::new(String::new());
    file.take(LARGEST)
        .read_to_string(&mut text)
        .map_err(|error| fault(&error))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(SecretFileFault::NoSecret);
    }
    Ok(SecretFile {
        secret: secret.into(),
        readable_by_others: mode & 0o044 != 0,
    })
}

/// Writes a secret to a new file that only its owner may read (0600), and makes it durable. Fails
/// if the file exists. The file appears whole or not at all, whoever else makes it at the same
/// moment and wherever this process ends.
pub fn create(path: &Path, secret: &SecretString) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let unfinished = path.with_file_name(name);
    let written = write_new(&unfinished, secret).and_then(|()| fs::hard_link(&unfinished, path));
    let removed = fs::remove_file(&unfinished);
    written.and(removed)?;
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => File::open(directory)?.sync_all(),
        _ => Ok(()),
    }
}

fn write_new(path: &Path, secret: &SecretString) -> io::Result<()> {
    // Left by a process of the same number that was killed here.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(secret.expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn fault(error: &io::Error) -> SecretFileFault {
    match error.kind() {
        io::ErrorKind::NotFound => SecretFileFault::Missing,
        io::ErrorKind::InvalidData => SecretFileFault::NoSecret,
        kind => SecretFileFault::Unreadable(kind.to_string()),
    }
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions())
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0
}
