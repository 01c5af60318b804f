//! The Lambda authorizer of Countersign: one small program that API Gateway or `AppSync` asks whether a call may go on.
//! All decisions are made in `countersign_verify::lambda`; here are the configuration, the runtime, the log, and a way
//! to try it without any of them.

mod arguments;
mod build;
mod environment;
mod function;
mod log;
mod measure;
mod mistakes;
mod settings;
mod tried;
mod trusted;
mod unique;

use std::process::ExitCode;
use std::time::Instant;

use arguments::Wanted;

fn main() -> ExitCode {
    let started = Instant::now();
    match arguments::read(std::env::args_os()) {
        Err(message) => {
            eprintln!("authorizer: {message}\nTry `authorizer --help`.");
            ExitCode::from(2)
        }
        Ok(Wanted::Help) => print(arguments::HELP),
        Ok(Wanted::Version) => print(concat!("authorizer ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Wanted::Check(config)) => tried::check(config.as_deref()),
        Ok(Wanted::Event(config, event)) => tried::event(config.as_deref(), &event),
        Ok(Wanted::Serve(config)) => function::serve(config.as_deref(), started),
    }
}

fn print(text: &str) -> ExitCode {
    use std::io::Write as _;
    // Whoever closes the pipe has read enough.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    ExitCode::SUCCESS
}
