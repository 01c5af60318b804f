//! The directory for everything that the server writes: made for its owner alone.

use std::fs::DirBuilder;
use std::path::Path;

use super::ComposeError;

/// Makes the directory, and those above it, unless they are there. One that is there stays as it
/// is: somebody else may have decided on its mode.
pub(super) fn create(path: &Path) -> Result<(), ComposeError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|source| ComposeError::DataDir {
            path: path.to_owned(),
            source,
        })
}
