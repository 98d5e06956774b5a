//! A repository with a task in it, in which the real binary is started again and again.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use ralph_teams::domain::id::Slug;
use ralph_teams::effects::host::sweep::{Mark, sweep};
use ralph_teams::journal;
use ralph_teams::scheduler::{Event, RunView, Scheduler};

use crate::common::repo::Repo;
use crate::life::{End, HANG, Life};
use crate::outcome::Untouched;
use crate::processes::{Process, marked, within};
use crate::story::Story;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ralph-teams");
const AGENT: &str = env!("CARGO_BIN_EXE_fake-agent");

/// Where a run takes place.
pub struct Site {
    pub repo: Repo,
    /// What the user had before the first life.
    pub before: Untouched,
    lives: AtomicU32,
    /// More environment for every life.
    pub env: Vec<(String, String)>,
}

impl Site {
    /// A fresh repository; the story is made when the folder beside it is known.
    pub fn new(story: impl FnOnce(&std::path::Path) -> Story) -> Self {
        let repo = Repo::new();
        let story = story(&repo.beside("memory"));
        fs::create_dir_all(repo.beside("memory")).unwrap();
        let script = repo.beside("script.json");
        fs::write(&script, story.script.to_string()).unwrap();
        repo.write("prd.json", &format!("{:#}\n", story.prd));
        repo.write("ralph.config.yml", &story.config_file(AGENT, &script));
        repo.write("NOTES.md", "notes\n");
        repo.write(".gitignore", "*.tmp\n");
        repo.commit("the task");
        let before = Untouched::look(&repo);
        Self { repo, before, lives: AtomicU32::new(0), env: Vec::new() }
    }

    /// Starts the program with these arguments.
    pub fn start(&self, args: &[&str], env: &[(&str, &str)]) -> Life {
        let n = self.lives.fetch_add(1, Ordering::Relaxed);
        let said = self.repo.beside(&format!("life-{n}.err"));
        let mut command = Command::new(PROGRAM);
        command.args(args).current_dir(self.repo.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).envs(self.repo.environment());
        command.envs(self.env.iter().map(|(name, value)| (name, value))).envs(env.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&said).unwrap());
        Life { child: command.spawn().unwrap(), said }
    }

    /// The next life of the run: its first, or one that goes on.
    pub fn next_life(&self, env: &[(&str, &str)]) -> Life {
        if self.has_begun() { self.start(&["resume", "--ui", "plain"], env) } else { self.first_life(env) }
    }

    pub fn first_life(&self, env: &[(&str, &str)]) -> Life {
        self.start(&["run", "prd.json", "--ui", "plain"], env)
    }

    /// Lives on until it is over; the last end.
    pub fn finish(&self) -> End {
        let end = self.next_life(&[]).end();
        assert!(matches!(end.code, Some(0 | 1)), "{end:?}");
        end
    }

    fn run_dirs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.repo.path().join(".ralph-teams/runs")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }

    /// Whether there is a run that can be resumed: one whose first event is on the disk.
    pub fn has_begun(&self) -> bool {
        self.repo.path().join(".ralph-teams/current").exists() && self.n_records() > 0
    }

    pub fn run_dir(&self) -> PathBuf {
        self.repo.path().join(".ralph-teams/current").canonicalize().unwrap()
    }

    pub fn run(&self) -> String {
        self.run_dir().file_name().unwrap().to_str().unwrap().to_owned()
    }

    pub fn loop_branch(&self) -> String {
        format!("ralph/loop/{}", self.run())
    }

    /// Whole records of the newest run's journal, without its header.
    pub fn n_records(&self) -> usize {
        let bytes = fs::read(self.repo.path().join(".ralph-teams/current/journal.jsonl")).unwrap_or_default();
        bytes.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1)
    }

    /// The events so far; the journal must be readable.
    pub fn events(&self) -> Vec<Event> {
        let replayed = journal::read(&self.run_dir().join("journal.jsonl")).expect("a journal that can be read");
        replayed.events.into_iter().map(|(_, event)| event).collect()
    }

    /// The picture of the run, as its journal has it.
    pub fn view(&self) -> RunView {
        let replayed = journal::read(&self.run_dir().join("journal.jsonl")).expect("a journal that can be read");
        let mut scheduler = Scheduler::default();
        for (at, event) in &replayed.events {
            scheduler.handle(*at, event);
        }
        scheduler.view().expect("a run that began")
    }

    pub fn prd(&self) -> serde_json::Value {
        let text = fs::read_to_string(self.repo.path().join("prd.json")).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|fault| panic!("prd.json does not parse: {fault}\n{text}"))
    }

    /// The living processes that any run of this repository started.
    pub fn processes(&self) -> BTreeSet<Process> {
        let names = self.run_dirs();
        names.iter().flat_map(|dir| marked("RALPH_RUN_ID", dir.file_name().unwrap().to_str().unwrap())).collect()
    }

    pub fn all_gone(&self) {
        assert!(within(HANG, || self.processes().is_empty()), "still alive: {:#?}", self.processes());
    }

    /// Waits for a file beside the repository, or for one in full.
    pub fn exists(&self, name: &str) {
        let path = self.repo.beside(name);
        assert!(within(HANG, || path.exists()), "{name} never came");
    }

    /// Waits for an event that fits.
    pub fn happens(&self, what: &str, fits: impl Fn(&Event) -> bool) {
        let so = within(HANG, || self.has_begun() && self.events().iter().any(&fits));
        assert!(so, "waited in vain: {what}");
    }

    /// The branch of an epic.
    pub fn branch(&self, epic: &str) -> String {
        format!("ralph/epic/{}/{}", self.run(), Slug::of(epic))
    }

    /// Where the worktree of an epic is.
    pub fn worktree(&self, epic: &str) -> PathBuf {
        let below = self.repo.beside("home").join(".state/ralph-teams");
        let repository = fs::read_dir(below).unwrap().flatten().next().expect("a folder of worktrees").path();
        repository.join(self.run()).join(Slug::of(epic).as_str())
    }
}

/// A test that failed half-way leaves nothing behind.
impl Drop for Site {
    fn drop(&mut self) {
        let names: Vec<String> =
            self.run_dirs().iter().map(|dir| dir.file_name().unwrap().to_string_lossy().into_owned()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let _ = sweep(&Mark { runs: &names, job: None });
    }
}
