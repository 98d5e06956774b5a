//! The binary: a host is dispatched before anything else exists, everything else is the command line's.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = ralph_teams::app::dispatch_host(std::env::args_os()) {
        return code;
    }
    ralph_teams::app::main().into()
}
