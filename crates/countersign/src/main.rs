//! The `countersign` program: see `countersign::cli`.

use std::process::ExitCode;

// A login takes 19 MiB for a moment. The system's allocator keeps much of that for ever after many
// at once; this one gives it back, so that an idle server is small again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    countersign::cli::run(std::env::args_os())
}
