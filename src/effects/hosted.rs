//! The runner's side of a hosted program: start its host, ask it to stop, learn how it ended.

use std::io;
use std::io::{PipeWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::process::{Child, Command};

use super::host::SUBCOMMAND;
use super::host::ladder::Word;
use super::host::spec::{EndedBy, HostExit, HostSpec, JOB_VARIABLE, RUN_VARIABLE};
use super::host::sweep::{Mark, sweep};
use crate::scheduler::event::Stop;

/// A program that runs in a host of its own.
///
/// Invariant: dropping this closes the control pipe, and the host then kills the whole tree. The same happens when
/// this process dies in whatever way.
#[derive(Debug)]
pub struct Hosted {
    host: Child,
    control: PipeWriter,
    exit_file: PathBuf,
    run: Option<String>,
    job: Option<String>,
}

impl Hosted {
    /// Starts a host (`host_program` is this program's own executable) for what the spec describes. The spec is
    /// written to `spec_path`; an exit that an earlier life left at the spec's `exit_file` is removed.
    ///
    /// Must be called on a tokio runtime. The hosted program itself may still fail to start: [`HostExit`] says so.
    ///
    /// # Errors
    /// When the spec cannot be written or the host cannot be started.
    pub fn start(host_program: &Path, spec: &HostSpec, spec_path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(&spec.exit_file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        spec.write(spec_path).map_err(io::Error::other)?;
        // Both ends are closed on exec, so that no other child of ours holds this pipe open; the host gets its end as
        // standard input, and hands its program another one.
        let (ear, control) = io::pipe()?;
        let host = Command::new(host_program)
            .arg(SUBCOMMAND)
            .arg(spec_path)
            .env_clear()
            .envs(&spec.env)
            .stdin(Stdio::from(ear))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let of =
            |name: &str| spec.env.get(std::ffi::OsStr::new(name)).and_then(|value| value.to_str().map(str::to_owned));
        Ok(Self { host, control, exit_file: spec.exit_file.clone(), run: of(RUN_VARIABLE), job: of(JOB_VARIABLE) })
    }

    /// The process id of the host; `None` once it has ended.
    #[must_use]
    pub fn host_pid(&self) -> Option<u32> {
        self.host.id()
    }

    /// Asks for the end: by the ladder, or at once. Does not wait. Asking again is harmless, and `Now` cuts a ladder
    /// short.
    pub fn stop(&mut self, how: Stop) {
        self.say(match how {
            Stop::Graceful => Word::Stop,
            Stop::Now => Word::Kill,
        });
    }

    /// Pauses the tree, and the spec's limit of time with it, until [`Self::go_on`] or a stop.
    pub fn pause(&mut self) {
        self.say(Word::Pause);
    }

    /// Ends a pause.
    pub fn go_on(&mut self) {
        self.say(Word::Continue);
    }

    fn say(&mut self, word: Word) {
        if let Some(byte) = word.byte() {
            // It fails only when the host has ended, and then there is nothing left to speak to.
            let _ = self.control.write_all(&[byte]);
        }
    }

    /// Waits until the program has ended and its tree is gone. May be dropped and called again, so it fits in a
    /// `select!`.
    pub async fn wait(&mut self) -> HostExit {
        let ended = self.host.wait().await;
        match HostExit::read(&self.exit_file) {
            Ok(exit) => exit,
            Err(_) => self.clear_up_after_lost_host(ended).await,
        }
    }

    /// The host died without a last word: whatever it held is found by the marks in the environment.
    async fn clear_up_after_lost_host(&self, ended: io::Result<ExitStatus>) -> HostExit {
        let (run, job) = (self.run.clone(), self.job.clone());
        let swept = tokio::task::spawn_blocking(move || match (&run, &job) {
            (Some(run), Some(job)) => sweep(&Mark { runs: &[run], job: Some(job) }),
            // Without both marks a sweep could hit the processes of another job.
            (Some(_) | None, _) => super::host::sweep::Swept::default(),
        });
        let swept = swept.await.unwrap_or_default();
        let status = ended.ok();
        HostExit {
            code: status.and_then(|status| status.code()),
            signal: status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status)),
            ended_by: EndedBy::HostLost,
            n_left_over: u32::try_from(swept.killed.len()).unwrap_or(u32::MAX),
            n_survivors: swept.n_survivors,
            failed_to_start: None,
            took_ms: 0,
            pid: 0,
        }
    }
}

/// The end of a session that ended by itself in an earlier life of the runner. One that was cut short, or that never
/// began, is nothing to go on with: it has to be done again.
#[must_use]
pub fn adopt(exit_file: &Path) -> Option<HostExit> {
    let exit = HostExit::read(exit_file).ok()?;
    let by_itself = match exit.ended_by {
        EndedBy::Itself => exit.failed_to_start.is_none(),
        EndedBy::Stopped | EndedBy::Killed | EndedBy::RunnerGone | EndedBy::TimedOut | EndedBy::HostLost => false,
    };
    by_itself.then_some(exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adopted(ended_by: EndedBy, failed_to_start: Option<&str>) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("exit.json");
        let exit = HostExit { ended_by, ..HostExit::never_started(String::new()) };
        HostExit { failed_to_start: failed_to_start.map(str::to_owned), ..exit }.write(&path).unwrap();
        adopt(&path).is_some()
    }

    #[test]
    fn only_a_session_that_ended_by_itself_is_adopted() {
        assert!(adopted(EndedBy::Itself, None));
        assert!(!adopted(EndedBy::Itself, Some("not found")));
        for cut in [EndedBy::Stopped, EndedBy::Killed, EndedBy::RunnerGone, EndedBy::TimedOut, EndedBy::HostLost] {
            assert!(!adopted(cut, None), "{cut:?}");
        }
        assert_eq!(adopt(Path::new("/nonexistent/exit.json")), None);
    }
}
