//! Programs that a person opens from the screen, in the same terminal: a shell, the changes of an epic, the logs of its gates.
//!
//! **Invariant:** the program gets the terminal as the person had it before, and the person's own environment: nothing that
//! is meant for agents. Whatever becomes of it, [`Opener::open`] returns, with a line about what went wrong.
#![expect(clippy::disallowed_methods, reason = "it opens programs for the person, in their terminal")]

use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use super::foreground::{Loan, Unstoppable};
use super::repository::{Repository, worktree_places};
use crate::clock;
use crate::config::settings::Settings;
use crate::domain::id::RunId;
use crate::effects::paths::{RunDir, Worktrees};
use crate::scheduler::Scope;
use crate::ui::tui::Outside;

/// What ended earlier than this showed something that nobody could read: a pager that leaves at once on a short text.
const TOO_SHORT: Duration = Duration::from_secs(1);
/// How long a program that was stopped gets until it is looked at again.
const PAUSE: Duration = Duration::from_millis(20);
/// What would lead git away from the folder in which it is started.
const GIT_VARIABLES: [&str; 3] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"];

/// Opens programs in the person's terminal, about one run.
pub struct Opener {
    run: RunId,
    checkout: PathBuf,
    run_dir: RunDir,
    places: Option<Worktrees>,
}

impl Opener {
    /// For this run.
    #[must_use]
    pub fn new(repository: &Repository, run: &RunId, settings: Option<&Settings>) -> Self {
        let env = super::repository::environment();
        let chosen = settings.and_then(|settings| settings.worktrees_dir.as_deref());
        Self {
            run: run.clone(),
            checkout: repository.checkout.clone(),
            run_dir: repository.state.run(run),
            places: worktree_places(repository, chosen, &env, run).ok(),
        }
    }

    /// Opens it and waits until the person closes it; a line about what went wrong, else nothing.
    #[must_use]
    pub fn open(&self, what: &Outside) -> String {
        match what {
            Outside::Shell(scope) => self.shell(scope),
            Outside::Diff(scope) => self.diff(scope),
            Outside::Logs(logs) => self.logs(logs),
        }
    }

    fn shell(&self, scope: &Scope) -> String {
        let worktree = self.places.as_ref().map(|places| places.path().join(scope.slug().as_str()));
        let Some(worktree) = worktree.filter(|path| path.is_dir()) else {
            return format!("{scope} has no worktree now; its branch is {}", self.run.epic_branch(&scope.slug()));
        };
        say(&format!("a shell in {}; `exit` brings the run back", worktree.display()));
        let shell =
            std::env::var("SHELL").ok().filter(|shell| !shell.is_empty()).unwrap_or_else(|| "/bin/sh".to_owned());
        let mut command = Command::new(&shell);
        command.current_dir(worktree);
        let help = "set SHELL to one that is there";
        started(run(command), &shell, help)
    }

    fn diff(&self, scope: &Scope) -> String {
        let range = format!("{}...{}", self.run.loop_branch(), self.run.epic_branch(&scope.slug()));
        let mut git = Command::new("git");
        git.current_dir(&self.checkout).args(["-c", "core.fsmonitor=false", "diff", "--stat", "--patch", &range, "--"]);
        if std::env::var_os("LESS").is_none() {
            // Git's own choice leaves at once on a short text.
            git.env("LESS", "-R");
        }
        started(shown(git), "git", "the key `e` copies the command to look at it elsewhere")
    }

    fn logs(&self, logs: &[String]) -> String {
        let files: Vec<PathBuf> =
            logs.iter().rev().map(|log| self.run_dir.path().join(log)).filter(|file| file.is_file()).collect();
        let Some(newest) = files.first() else { return "the logs are not there any more".to_owned() };
        let help = format!("the newest log is {}", newest.display());
        let mut less = Command::new("less");
        less.arg("--").args(&files);
        started(shown(less), "less", &help)
    }
}

/// Runs a program to its end, in a process group of its own that has the terminal's foreground meanwhile. One that is stopped
/// by Ctrl-Z goes on at once: nobody else could let it go on.
fn run(command: Command) -> io::Result<ExitStatus> {
    run_told(command, |_| ())
}

/// The same; `started` is told the process group.
pub(super) fn run_told(mut command: Command, started: impl FnOnce(Pid)) -> io::Result<ExitStatus> {
    for variable in GIT_VARIABLES {
        command.env_remove(variable);
    }
    let _unstoppable = Unstoppable::begin()?;
    let mut child = command.process_group(0).spawn()?;
    let pid = Pid::from_child(&child);
    started(pid);
    let foreground = Loan::to(pid);
    loop {
        let options = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(pid), options) {
            Ok(Some(status)) if status.stopped() => {
                if foreground.renew() {
                    // Those that it started were stopped with it. Whoever is gone already needs no signal.
                    let _ = kill_process(pid, Signal::CONT);
                    let _ = kill_process_group(pid, Signal::CONT);
                }
                std::thread::sleep(PAUSE);
            }
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => return child.wait(),
        }
    }
}

/// Like [`run`], for a program that shows something: when it left before that could be read, a key is waited for.
fn shown(command: Command) -> io::Result<ExitStatus> {
    let began = clock::now();
    let status = run(command)?;
    if began.elapsed() < TOO_SHORT {
        say("\n(enter brings the screen back)");
        // A terminal that is gone has no keys; the screen will see that by itself.
        let _ = io::stdin().read_line(&mut String::new());
    }
    Ok(status)
}

/// Says something on a terminal that may be gone.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn started(status: io::Result<ExitStatus>, program: &str, help: &str) -> String {
    match status {
        Ok(_) => String::new(),
        Err(error) => format!("{program} cannot be started ({error}); {help}"),
    }
}
