//! The `bihu` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    bihu::cli::main()
}
