//! When the code of a function was last changed, so that the next event goes to an instance that has
//! the new code. Looks at the executable, or at the scripts under the directory, dependencies left out.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::command::Start;

/// Past this many files nobody waits for an answer.
const MAX_FILES: usize = 2000;
const SCRIPTS: &[&str] = &["js", "mjs", "cjs", "json", "py"];
const LEFT_OUT: &[&str] = &["node_modules", "target", "__pycache__"];

/// The newest change, if there is anything to look at.
pub(super) fn of(start: &Start) -> Option<SystemTime> {
    let program = match (start.program.to_str(), start.arguments.get(1)) {
        (Some("sh"), Some(command)) => command
            .strip_prefix("exec ")
            .and_then(|command| command.split_whitespace().next())
            .map(|first| start.directory.join(first))?,
        (Some("node" | "python3"), _) => return newest(&start.directory),
        _ => start.program.clone(),
    };
    changed(&program)
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

fn newest(directory: &Path) -> Option<SystemTime> {
    let mut newest = None;
    let mut seen = 0;
    let mut directories: Vec<PathBuf> = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            seen += 1;
            if seen > MAX_FILES {
                return newest;
            }
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_directory && !name.starts_with('.') && !LEFT_OUT.contains(&&*name) {
                directories.push(path);
            } else if path
                .extension()
                .and_then(|end| end.to_str())
                .is_some_and(|end| SCRIPTS.contains(&end))
            {
                newest = newest.max(changed(&path));
            }
        }
    }
    newest
}
