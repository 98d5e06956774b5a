//! The only place that runs the git program: hardened flags, a scrubbed environment, typed failures.
//!
//! What of a user's configuration may execute programs here, and why:
//! - hooks and the file system monitor are off: our many small steps are not the user's commits and checkouts, and a
//!   hook could change the very thing that is being recorded;
//! - signing, editors, pagers, prompts and reuse of recorded resolutions are off: nobody sits there to answer;
//! - external diffs and text conversions are never asked for (diffs come from plumbing);
//! - filters (`filter.*`, so LFS), merge drivers and `core.sshCommand` (LFS and partial clones fetch with it) stay:
//!   without them the *contents* would be wrong. A session runs as the same user, so this opens no door that is shut.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::error::GitError;

/// Settings that every call carries; they win over every configuration file.
const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    // `add` must not fail on a line ending that `core.safecrlf=true` dislikes: saving work comes first.
    "core.safecrlf=false",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "rerere.enabled=false",
    // Markers that every reader knows; `unresolved` looks for these.
    "merge.conflictStyle=merge",
    "merge.autoStash=false",
    "merge.verifySignatures=false",
    // These would write into the user's configuration.
    "branch.autoSetupMerge=false",
    "worktree.useRelativePaths=false",
    "worktree.guessRemote=false",
    "i18n.commitEncoding=UTF-8",
];

/// Variables of the caller that say who the user is and which files configure git. All other `GIT_*` go: a
/// `GIT_DIR` or `GIT_INDEX_FILE` left by a hook or an alias would send our commands into another repository.
const KEPT: &[&str] = &[
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_COUNT",
    "GIT_EXEC_PATH",
    "GIT_LFS_SKIP_SMUDGE",
];
const KEPT_PREFIXES: &[&str] = &["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"];

/// The variable through which a setting is given the value `false`.
const OFF: &str = "RALPH_TEAMS_OFF";

/// How much of what git said a failure carries, in bytes.
const STDERR_TAIL: usize = 2048;

/// The git program and what is added to its environment.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    env: Vec<(OsString, OsString)>,
}

impl Default for Program {
    fn default() -> Self {
        Self::new("git")
    }
}

impl Program {
    /// A program by name (looked up on the `PATH`) or by path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), env: Vec::new() }
    }

    /// The same program with one more environment variable.
    #[must_use]
    pub fn with_env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Begins a call in `folder`. No repository above it is ever found, unless `discover` is asked for.
    pub(super) fn call(&self, folder: &Path, discover: bool) -> Call {
        let mut command = Command::new(&self.path);
        for (key, _) in std::env::vars_os() {
            if is_scrubbed(&key) && !(discover && key == "GIT_CEILING_DIRECTORIES") {
                command.env_remove(key);
            }
        }
        command.env_remove("LANGUAGE");
        command
            .envs([("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_ASKPASS", "true"), ("SSH_ASKPASS", "true")])
            .envs([("GIT_EDITOR", "true"), ("GIT_SEQUENCE_EDITOR", "true"), ("GIT_PAGER", "cat")])
            // Never refresh an index in passing: the user's must stay as it is, byte for byte.
            .env("GIT_OPTIONAL_LOCKS", "0")
            // Replaced objects would make the program and the library see two different histories.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .envs(self.env.iter().map(|(key, value)| (key, value)));
        if !discover && let Some(parent) = folder.parent() {
            command.env("GIT_CEILING_DIRECTORIES", parent);
        }
        // The caller's own working directory may be gone.
        command.current_dir("/").arg("--no-pager").arg("-C").arg(folder);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        // A Ctrl-C of the terminal must not hit a git that is half way through a write.
        command.process_group(0);
        Call { command, program: self.path.clone(), line: format!("git -C {}", folder.display()), input: None }
    }
}

/// One call of git that is being put together.
#[derive(Debug)]
pub(in crate::effects) struct Call {
    command: Command,
    program: PathBuf,
    line: String,
    input: Option<Vec<u8>>,
}

/// How a call ended.
#[derive(Debug)]
pub(in crate::effects) struct Ended {
    line: String,
    output: Output,
}

impl Call {
    pub(in crate::effects) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.line = format!("{} {}", self.line, arg.as_ref().display());
        self.command.arg(arg);
        self
    }

    pub(in crate::effects) fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Switches hooks of the configuration off. Only before the first argument.
    pub(super) fn without_hooks(mut self, names: &BTreeSet<String>) -> Self {
        if !names.is_empty() {
            self.command.env(OFF, "false");
        }
        // Not `-c`, which would take a `=` in the name for its own.
        self.command.args(names.iter().map(|name| format!("--config-env=hook.{name}.enabled={OFF}")));
        self
    }

    /// Works on another index than that of the checkout.
    pub(super) fn index(mut self, index: Option<&Path>) -> Self {
        if let Some(index) = index {
            self.command.env("GIT_INDEX_FILE", index).args(["-c", "core.splitIndex=false"]);
        }
        self
    }

    pub(super) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// What git reads on its standard input; nothing without.
    pub(super) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// Runs it to its end, whatever its exit code.
    pub(in crate::effects) fn end(mut self) -> Result<Ended, GitError> {
        let spawn_failed = |source| GitError::Spawn { program: self.program.clone(), source };
        self.command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        tracing::debug!(command = %self.line, "git");
        let mut child = self.command.spawn().map_err(spawn_failed)?;
        let stdin = child.stdin.take();
        let input = self.input.take().unwrap_or_default();
        // Written by a thread of its own: git may answer before it has read everything.
        let output = std::thread::scope(|scope| {
            scope.spawn(move || feed(stdin, &input));
            child.wait_with_output()
        });
        let output = output.map_err(|source| GitError::Spawn { program: self.program.clone(), source })?;
        Ok(Ended { line: self.line, output })
    }

    /// Runs it; anything but success is an error. Its standard output.
    pub(in crate::effects) fn run(self) -> Result<Vec<u8>, GitError> {
        let ended = self.end()?;
        if ended.output.status.success() { Ok(ended.output.stdout) } else { Err(ended.failed()) }
    }

    /// Like [`Self::run`], as text without the last line break.
    pub(in crate::effects) fn text(self) -> Result<String, GitError> {
        let bytes = self.run()?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
    }

    /// Asks a question that git answers by its exit code: 0 is yes, 1 is no, anything else is an error.
    pub(in crate::effects) fn yes(self) -> Result<bool, GitError> {
        let ended = self.end()?;
        match ended.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            Some(_) | None => Err(ended.failed()),
        }
    }
}

impl Ended {
    /// Its exit code; `None` when a signal ended it.
    pub(in crate::effects) fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    pub(in crate::effects) fn stdout(&self) -> &[u8] {
        &self.output.stdout
    }

    /// The end of what it said on standard error.
    pub(in crate::effects) fn stderr(&self) -> String {
        let start = self.output.stderr.len().saturating_sub(STDERR_TAIL);
        String::from_utf8_lossy(&self.output.stderr[start..]).trim().to_owned()
    }

    /// The call as a failure.
    pub(in crate::effects) fn failed(&self) -> GitError {
        GitError::Failed { command: self.line.clone(), exit: self.output.status.to_string(), stderr: self.stderr() }
    }

    /// The call as an answer that makes no sense.
    pub(in crate::effects) fn unexpected(&self) -> GitError {
        let answer = String::from_utf8_lossy(&self.output.stdout).into_owned();
        GitError::Unexpected { command: self.line.clone(), answer }
    }
}

fn feed(stdin: Option<impl Write>, input: &[u8]) {
    if let Some(mut stdin) = stdin
        && let Err(fault) = stdin.write_all(input)
        && fault.kind() != io::ErrorKind::BrokenPipe
    {
        // git itself then fails for want of input, with a message of its own.
        tracing::warn!(%fault, "git did not take its input");
    }
}

fn is_scrubbed(key: &OsStr) -> bool {
    let Some(key) = key.to_str() else { return false };
    key.starts_with("GIT_") && !KEPT.contains(&key) && !KEPT_PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_point_elsewhere_are_scrubbed_and_identity_is_kept() {
        for key in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_CONFIG_PARAMETERS", "GIT_TRACE", "GIT_ANYTHING"]
        {
            assert!(is_scrubbed(OsStr::new(key)), "{key}");
        }
        for key in ["GIT_AUTHOR_NAME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_KEY_0", "HOME", "PATH"] {
            assert!(!is_scrubbed(OsStr::new(key)), "{key}");
        }
    }

    #[test]
    fn a_missing_program_says_what_to_do() {
        let fault = Program::new("/nonexistent/git").call(Path::new("/"), true).arg("version").run().unwrap_err();
        assert!(fault.to_string().contains("install git"), "{fault}");
    }
}
