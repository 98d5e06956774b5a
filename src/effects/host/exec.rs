//! Starts the hosted program, and words the reason when that fails.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Pid;

use super::spec::HostSpec;

/// A program that was written a moment ago can be "busy" while another process of the writer still holds it open.
const BUSY_TRIES: u32 = 40;
const BUSY_PAUSE: Duration = Duration::from_millis(25);

/// Starts the program in a process group of its own and returns its id.
///
/// # Errors
/// A sentence that names what is missing.
pub fn start(spec: &HostSpec) -> Result<Pid, String> {
    let (program, arguments) = spec.argv.split_first().ok_or("its command line is empty")?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&spec.cwd).process_group(0);
    command.stdin(match &spec.stdin {
        Some(path) => Stdio::from(File::open(path).map_err(|error| cannot("open", path, &error))?),
        None => Stdio::null(),
    });
    command.stdout(log(&spec.stdout)?).stderr(log(&spec.stderr)?);
    let child = spawn_patiently(&mut command).map_err(|error| explain(&error, program, &spec.cwd))?;
    // The child is collected by the reaper, which also gets orphans that std knows nothing of.
    i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| "it has no process id".to_owned())
}

fn spawn_patiently(command: &mut Command) -> io::Result<std::process::Child> {
    for _ in 1..BUSY_TRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => std::thread::sleep(BUSY_PAUSE),
            result => return result,
        }
    }
    command.spawn()
}

fn log(path: &Path) -> Result<Stdio, String> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.map(Stdio::from).map_err(|error| cannot("open", path, &error))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {what} {}: {error}", path.display())
}

/// The system says "not found" of a missing program and of a missing folder alike.
fn explain(error: &io::Error, program: &str, cwd: &Path) -> String {
    if !cwd.is_dir() {
        return format!("its working directory {} does not exist", cwd.display());
    }
    match error.kind() {
        // A folder of the PATH that may not be looked into makes a missing program look like a forbidden one.
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied if !is_there(program, cwd) => {
            format!("program `{program}` was not found; install it or correct its path")
        }
        io::ErrorKind::NotFound => {
            format!("program `{program}` cannot be started: its interpreter was not found (see its first line)")
        }
        io::ErrorKind::PermissionDenied => format!("program `{program}` may not be executed; check its permissions"),
        _ => format!("program `{program}` cannot be started: {error}"),
    }
}

/// Whether a file is where the system would look for the program.
fn is_there(program: &str, cwd: &Path) -> bool {
    if program.contains('/') {
        return cwd.join(program).exists();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).exists())
}
