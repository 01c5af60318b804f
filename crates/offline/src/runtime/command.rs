//! How to start a function: an executable for `provided` runtimes, our small bootstraps for Node.js
//! and Python, or the command that the caller gave. Looked for at each start, so that what is built
//! meanwhile is found.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::stack::Function;

/// What to run, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) directory: PathBuf,
}

/// The bootstraps, as files for as long as this lives.
#[derive(Debug)]
pub(crate) struct Bootstraps(TempDir);

impl Bootstraps {
    pub(crate) fn write() -> io::Result<Self> {
        let directory = TempDir::with_prefix("countersign-offline-")?;
        std::fs::write(
            directory.path().join("bootstrap.cjs"),
            include_str!("bootstrap.cjs"),
        )?;
        std::fs::write(
            directory.path().join("bootstrap.py"),
            include_str!("bootstrap.py"),
        )?;
        Ok(Self(directory))
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }
}

/// How to start this function; otherwise what is missing, and what to do.
pub(crate) fn start(
    function: &Function,
    given: Option<&str>,
    bootstraps: &Bootstraps,
) -> Result<Start, String> {
    let directory = if function.code.is_file() {
        function.code.parent().unwrap_or(Path::new(".")).to_owned()
    } else {
        function.code.clone()
    };
    let directory = std::path::absolute(&directory).unwrap_or(directory);
    if let Some(command) = given {
        // Commands are written as seen from where the program was started.
        let here = PathBuf::from(".");
        let arguments = vec!["-c".to_owned(), format!("exec {command}")];
        return Ok(Start {
            program: "sh".into(),
            arguments,
            directory: here,
        });
    }
    let is_native = function.runtime.starts_with("provided");
    if !directory.is_dir() && !is_native {
        return Err(format!(
            "{}: there is no directory {}: mend the template, or say how to run it with --function {}=COMMAND",
            function.name,
            directory.display(),
            function.name,
        ));
    }
    let script = |program: &str, name: &str| Start {
        program: program.into(),
        arguments: vec![bootstraps.path(name)],
        directory: directory.clone(),
    };
    match function.runtime.as_str() {
        name if name.starts_with("nodejs") => Ok(script("node", "bootstrap.cjs")),
        name if name.starts_with("python") => Ok(script("python3", "bootstrap.py")),
        name if name.starts_with("provided") => executable(function, &directory),
        other => Err(format!(
            "{}: the runtime {other:?} can't run here: say how to run it with --function {}=COMMAND",
            function.name, function.name,
        )),
    }
}

/// The `bootstrap` beside the code, or where `cargo lambda build` puts it.
fn executable(function: &Function, directory: &Path) -> Result<Start, String> {
    let mut candidates = vec![directory.join("bootstrap")];
    if function.code.is_file() && function.code.extension().is_none_or(|end| end != "zip") {
        candidates.insert(0, function.code.clone());
    }
    // What is zipped to be uploaded lies unzipped beside it.
    candidates.push(function.code.with_extension("").join("bootstrap"));
    if let Some(binary) = &function.cargo_lambda {
        let built = |above: &Path| above.join("target/lambda").join(binary).join("bootstrap");
        candidates.extend(directory.ancestors().map(built));
    }
    if let Some(found) = candidates.iter().find(|path| path.is_file()) {
        let program = std::path::absolute(found).unwrap_or_else(|_| found.clone());
        let directory = program.parent().unwrap_or(Path::new(".")).to_owned();
        return Ok(Start {
            program,
            arguments: Vec::new(),
            directory,
        });
    }
    let build = match &function.cargo_lambda {
        Some(binary) => format!("build it with `cargo lambda build --bin {binary}`"),
        None => "build it (with `cargo lambda build` for Rust)".to_owned(),
    };
    Err(format!(
        "{}: there is no bootstrap in {}: {build}, or say how to run it with --function {}=COMMAND",
        function.name,
        directory.display(),
        function.name,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Function;

    fn function(runtime: &str, code: &Path) -> Function {
        Function {
            name: "Hello".to_owned(),
            runtime: runtime.to_owned(),
            handler: "index.handler".to_owned(),
            code: code.to_owned(),
            cargo_lambda: None,
            environment: std::collections::BTreeMap::default(),
            timeout: std::time::Duration::from_secs(3),
            memory_mb: 128,
        }
    }

    #[test]
    fn a_binary_that_is_not_built_is_said_with_how_to_build_it() {
        let (directory, bootstraps) = (TempDir::new().unwrap(), Bootstraps::write().unwrap());
        let mut hello = function("provided.al2023", directory.path());
        let said = start(&hello, None, &bootstraps).unwrap_err();
        assert!(
            said.contains("no bootstrap") && said.contains("--function Hello="),
            "{said}"
        );
        hello.cargo_lambda = Some("hello".to_owned());
        let said = start(&hello, None, &bootstraps).unwrap_err();
        assert!(said.contains("cargo lambda build --bin hello"), "{said}");
    }

    #[test]
    fn a_binary_is_found_where_cargo_lambda_puts_it() {
        let (directory, bootstraps) = (TempDir::new().unwrap(), Bootstraps::write().unwrap());
        let built = directory.path().join("target/lambda/hello");
        std::fs::create_dir_all(&built).unwrap();
        std::fs::write(built.join("bootstrap"), "").unwrap();
        let mut hello = function("provided.al2023", &directory.path().join("crates/hello"));
        hello.cargo_lambda = Some("hello".to_owned());
        assert_eq!(
            start(&hello, None, &bootstraps).unwrap().program,
            built.join("bootstrap")
        );
    }

    #[test]
    fn an_unknown_runtime_is_said() {
        let (directory, bootstraps) = (TempDir::new().unwrap(), Bootstraps::write().unwrap());
        let said = start(&function("cobol85", directory.path()), None, &bootstraps).unwrap_err();
        assert!(said.contains("cobol85"), "{said}");
        assert!(
            start(
                &function("cobol85", directory.path()),
                Some("true"),
                &bootstraps
            )
            .is_ok()
        );
    }
}
