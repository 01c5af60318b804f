//! Room on the disk: a full one stops every write.

use std::path::Path;

use bytesize::ByteSize;

use super::finding::Finding;

const CHECK: &str = "disk space";
const TOO_LITTLE: ByteSize = ByteSize::mib(64);
const LITTLE: ByteSize = ByteSize::mib(512);

/// How much room there is; nothing where the directory does not exist yet.
pub(super) fn check(directory: &Path) -> Option<Finding> {
    let free = free(directory)?;
    let message = format!("{free} free in {}", directory.display());
    let fix = "make room, or move data_dir to a larger disk";
    Some(match free {
        free if free < TOO_LITTLE => Finding::fail(CHECK, message, fix),
        free if free < LITTLE => Finding::warn(CHECK, message, fix),
        _ => Finding::ok(CHECK, message),
    })
}

#[cfg(unix)]
fn free(directory: &Path) -> Option<ByteSize> {
    let disk = rustix::fs::statvfs(directory).ok()?;
    Some(ByteSize::b(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<ByteSize> {
    None
}
