//! The file to import, which must be readable twice. What can't be wound back (the standard input,
//! a pipe) is copied first, into a file without a name beside the database: it may hold hashes.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::Path;

use crate::cli::error::CliError;

/// A file that can be read from its beginning again and again.
pub(super) struct Source {
    file: File,
    bytes: u64,
}

impl Source {
    /// Opens the file, or copies the standard input for `-`.
    pub(super) fn open(path: &Path, data_dir: &Path) -> Result<Self, CliError> {
        let cannot = |source| CliError::Read {
            path: path.to_owned(),
            source,
        };
        if path == Path::new("-") {
            return Self::copied(&mut io::stdin().lock(), data_dir).map_err(CliError::Input);
        }
        let mut file = File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_file() {
            Ok(Self {
                file,
                bytes: metadata.len(),
            })
        } else {
            Self::copied(&mut file, data_dir).map_err(cannot)
        }
    }

    fn copied(from: &mut impl io::Read, data_dir: &Path) -> io::Result<Self> {
        let mut file = tempfile::tempfile_in(data_dir)?;
        let bytes = io::copy(from, &mut file)?;
        Ok(Self { file, bytes })
    }

    /// How large it is.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file from its beginning.
    pub(super) fn rewound(&mut self) -> io::Result<&File> {
        self.file.rewind()?;
        Ok(&self.file)
    }
}
