//! Saying things on standard output, to a reader who may leave.
//!
//! `bihu openapi | head` is no fault of anybody: when the pipe is closed the command ends quietly. `println!` would panic.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// Nobody reads on.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
pub struct HungUp;

/// Writes a line.
pub fn line(words: Arguments<'_>) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{words}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(HungUp.into()),
        written => Ok(written?),
    }
}

/// `println!` as a result.
macro_rules! say {
    ($($words:tt)*) => { $crate::cli::say::line(format_args!($($words)*)) };
}
pub(super) use say;
