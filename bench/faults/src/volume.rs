//! A file system of a fixed size in memory, to fill up. Mounting one needs the right to; where that
//! is missing, the scenario is left out and the table says so.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Outcome;

/// A mounted volume. It is unmounted when it is dropped.
pub struct Volume {
    path: PathBuf,
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily: a server that is just ending may have a file open for a moment.
        let mut unmount = Command::new("umount");
        unmount.arg("-l").arg(&self.path);
        let _ = unmount.stderr(Stdio::null()).status();
    }
}

fn mount(path: &Path, options: &str) -> Outcome<()> {
    let mut command = Command::new("mount");
    command
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(path);
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(format!("a tmpfs can't be mounted here: {}", why.trim()).into())
}

impl Volume {
    /// Mounts a volume of so many MiB at this folder, which it makes.
    pub fn mount(path: &Path, size: u64) -> Outcome<Self> {
        std::fs::create_dir_all(path)?;
        mount(path, &format!("size={size}m,mode=755"))?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Gives it another size. What is in it stays.
    pub fn resize(&self, size: u64) -> Outcome<()> {
        mount(&self.path, &format!("remount,size={size}m"))
    }

    /// How many MiB are in use, and how many are free.
    pub fn usage(&self) -> Outcome<(u64, u64)> {
        let mut command = Command::new("df");
        command
            .args(["-B1M", "--output=used,avail"])
            .arg(&self.path);
        let output = command.stdin(Stdio::null()).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut numbers = text
            .lines()
            .nth(1)
            .unwrap_or_default()
            .split_whitespace()
            .map(str::parse::<u64>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(used)), Some(Ok(free))) => Ok((used, free)),
            _ => Err("`df` said nothing that can be read".into()),
        }
    }
}
