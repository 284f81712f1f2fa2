//! The program: reads the command line and says with its exit code how it went.

use std::process::ExitCode;

fn main() -> ExitCode {
    dance_lessons_coach::cli::run(std::env::args_os(), std::env::vars_os())
}
