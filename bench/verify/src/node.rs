//! The libraries of Node.js, in a process that measures what it is asked for, line by line.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub const LIBRARIES: [&str; 3] = ["jose", "jsonwebtoken", "aws-jwt-verify"];

pub struct Node {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Node {
    pub fn start(folder: &Path, tokens: &Path) -> io::Result<Self> {
        let mut child = Command::new("node")
            .arg(folder.join("libraries.mjs"))
            .arg(tokens)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// Verifications a second of processor time; `None` if the library has no such algorithm.
    pub fn rate(&mut self, library: &str, alg: &str, seconds: f64) -> io::Result<Option<f64>> {
        let question = json!({ "library": library, "alg": alg, "seconds": seconds });
        writeln!(self.input, "{question}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line)?;
        let number = |name| answer[name].as_f64();
        Ok(number("count")
            .zip(number("seconds"))
            .map(|(count, seconds)| count / seconds))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
