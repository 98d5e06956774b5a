//! The binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = ralph_teams::effects::host::dispatch(std::env::args_os()) {
        return code;
    }
    ExitCode::SUCCESS
}
