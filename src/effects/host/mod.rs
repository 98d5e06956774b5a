//! The hidden `ralph-teams host` process: it owns the process tree of one session or gate, and nothing outlives it.
//!
//! One host runs for each hosted program, single-threaded and apart from the runner's own process, so that the tree is
//! taken down even when the runner is killed with SIGKILL: the host's standard input is a pipe from the runner, and
//! its end of file means that the runner is gone.
//!
//! Invariant: whatever way the program ends, the host ends only when it has no child left (or says how many it could
//! not kill), and only then does it write `exit.json`. There is deliberately no async runtime and no thread here.

mod exec;
#[cfg(target_os = "linux")]
pub(super) mod gits;
pub(super) mod ladder;
#[cfg(target_os = "linux")]
pub(super) mod proc;
mod reap;
pub mod spec;
pub mod sweep;
mod tree;
mod wake;
mod watch;
pub mod work;

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use spec::{HostExit, HostSpec, SpecError};

/// The name of the hidden subcommand.
pub const SUBCOMMAND: &str = "host";

/// Runs the host when the command line is `ralph-teams host <spec.json>`; `None` for every other command line.
///
/// To be called before anything else: before threads, runtimes and argument parsers exist.
pub fn dispatch(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let _program = args.next();
    if args.next().as_deref() != Some(OsStr::new(SUBCOMMAND)) {
        return None;
    }
    let (Some(spec), None) = (args.next(), args.next()) else { return None };
    Some(match run(Path::new(&spec)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be there to be told: then the exit code is all that is said.
            let _ = writeln!(std::io::stderr(), "ralph-teams host: {error}");
            ExitCode::from(70)
        }
    })
}

/// Hosts the program that the file describes, from its start until its tree is gone and `exit.json` is written.
fn run(spec_path: &Path) -> Result<(), SpecError> {
    let spec = HostSpec::read(spec_path)?;
    let exit = match watch::watch(&spec) {
        Ok(exit) => exit,
        Err(error) => HostExit::never_started(format!("the host cannot watch over it: {error}")),
    };
    exit.write(&spec.exit_file)
}
