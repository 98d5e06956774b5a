//! Lines for people, on a terminal or a pipe that may be gone: that nobody listens any more stops nothing half-way.

use std::fmt::Arguments;
use std::io::{self, Write as _};

/// Writes a line to standard output.
pub fn line(text: Arguments<'_>) {
    // Whoever left early has seen enough, and what is being done goes on.
    let _ = writeln!(io::stdout(), "{text}");
}

/// Writes a line to standard error.
pub fn aside(text: Arguments<'_>) {
    // As above.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Like `println!`, and never ends the program.
macro_rules! say {
    ($($text:tt)*) => { $crate::app::say::line(format_args!($($text)*)) };
}

/// Like `eprintln!`, and never ends the program.
macro_rules! note {
    ($($text:tt)*) => { $crate::app::say::aside(format_args!($($text)*)) };
}
