//! The program: runs the command line.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// With the system's allocator an eighth of what a read costs the service went into memory (`perf`, 32 clients).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    dance_lessons_coach::cli::run(std::env::args_os(), std::env::vars_os())
}
