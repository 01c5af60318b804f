//! Files that people write: text, in a regular file, of a size that somebody could have written.

use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// No template is longer: that of `CloudFormation` ends at one megabyte.
const MAX_BYTES: u64 = 16 << 20;

/// Reads one. A pipe or a device could keep the reader waiting, or never end.
pub(crate) fn read(path: &Path) -> Result<String> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is no regular file"));
    }
    if about.len() > MAX_BYTES {
        let text = "it is longer than 16 MiB";
        return Err(Error::new(ErrorKind::FileTooLarge, text));
    }
    std::fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_person_wrote_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let long = folder.path().join("long.yaml");
        let file = std::fs::File::create(&long).unwrap();
        file.set_len(MAX_BYTES + 1).unwrap();
        for (path, reason) in [
            (Path::new("/dev/zero"), "no regular file"),
            (folder.path(), "no regular file"),
            (&long, "longer than 16 MiB"),
        ] {
            let error = read(path).unwrap_err().to_string();
            assert!(error.contains(reason), "{}: {error}", path.display());
        }
        let short = folder.path().join("short.yaml");
        std::fs::write(&short, "Resources: {}").unwrap();
        assert_eq!(read(&short).unwrap(), "Resources: {}");
    }
}
