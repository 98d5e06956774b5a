//! A scratch repository with a PRD, a configuration and a scripted agent, and the program let loose on it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::repo::Repo;
use crate::processes;

/// A generous bound that protects against hangs.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How often something is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// One epic of a PRD.
pub fn epic(id: &str, stories: &[&str], depends_on: &[&str]) -> Value {
    let stories: Vec<Value> = stories
        .iter()
        .zip(1..)
        .map(|(story, priority)| {
            json!({ "id": story, "title": format!("Story {story}"), "description": "As a tester I want it.",
                "acceptanceCriteria": ["its file exists"], "priority": priority, "passes": false,
                "failureReason": null })
        })
        .collect();
    json!({ "id": id, "title": format!("Epic {id}"), "description": "An epic.", "status": "pending",
        "planned": false, "dependsOn": depends_on, "userStories": stories })
}

/// A whole PRD.
pub fn prd(epics: &[Value]) -> Value {
    json!({ "project": "Scratch", "description": "A scratch project.", "epics": epics })
}

/// The repository and everything beside it; gone when dropped.
pub struct Scene {
    pub repo: Repo,
    prd: PathBuf,
}

/// What came of the program.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// Fails with all that was said unless the program ended with this code.
    #[track_caller]
    pub fn exited_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless this was said somewhere.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let found = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(found, "{text:?} is missing\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }
}

impl Scene {
    /// A repository with a PRD of these epics and an honest agent.
    pub fn of(epics: &[Value]) -> Self {
        Self::scripted(epics, &json!({}), "")
    }

    /// The same with a script for the agent and more lines of configuration.
    pub fn scripted(epics: &[Value], script: &Value, config: &str) -> Self {
        Self::on(Repo::new(), "prd.json", epics, script, config)
    }

    /// The same in a repository that exists, with the PRD at a path of its own.
    pub fn on(repo: Repo, prd_path: &str, epics: &[Value], script: &Value, config: &str) -> Self {
        let scene = Self { prd: repo.path().join(prd_path), repo };
        scene.repo.write(prd_path, &pretty(&prd(epics)));
        scene.repo.write("ralph.config.yml", &scene.config(config));
        scene.script(script);
        scene.repo.commit("Begin");
        scene
    }

    /// A repository as it is, with whatever configuration it has.
    pub fn bare(repo: Repo, prd_path: &str) -> Self {
        Self { prd: repo.path().join(prd_path), repo }
    }

    /// Gives the agent another script.
    pub fn script(&self, script: &Value) {
        fs::create_dir_all(self.repo.beside("marks")).unwrap();
        fs::write(self.script_path(), pretty(script)).unwrap();
    }

    fn script_path(&self) -> PathBuf {
        self.repo.beside("script.json")
    }

    /// The configuration: the scripted agent, and whatever a test wants besides.
    fn config(&self, more: &str) -> String {
        let argv = json!([env!("CARGO_BIN_EXE_fake-agent"), "--script", self.script_path()]);
        format!(
            "execution: {{ epicPlanning: false, epicValidation: false, backend: command }}\nbackends: {{ command: {{ argv: {argv} }} }}\n{more}\n"
        )
    }

    /// Commits another configuration.
    pub fn reconfigure(&self, more: &str) {
        self.repo.write("ralph.config.yml", &self.config(more));
        self.repo.commit("Configure");
    }

    /// A path for marks between a test and its agents, outside of the repository.
    pub fn mark(&self, name: &str) -> PathBuf {
        self.repo.beside("marks").join(name)
    }

    /// The program, deaf to the configuration and the environment of this machine.
    pub fn command<A: AsRef<OsStr>>(&self, args: &[A]) -> Command {
        let temporary = self.repo.beside("tmp");
        fs::create_dir_all(&temporary).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ralph-teams"));
        command
            .args(args)
            .current_dir(self.repo.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TMPDIR", temporary)
            .envs(self.repo.environment())
            .stdin(Stdio::null());
        command
    }

    /// Starts the program.
    pub fn start<A: AsRef<OsStr>>(&self, args: &[A]) -> Running {
        Running::new(self.command(args), &self.repo.beside("tmp"))
    }

    /// Lets the program run to its end.
    pub fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Outcome {
        self.start(args).outcome()
    }

    /// What is in `prd.json` now.
    pub fn prd(&self) -> Value {
        read_json(&self.prd)
    }

    /// The status of an epic in `prd.json`.
    pub fn status(&self, epic: &str) -> String {
        self.epic(epic)["status"].as_str().unwrap().to_owned()
    }

    /// An epic of `prd.json`.
    pub fn epic(&self, id: &str) -> Value {
        let prd = self.prd();
        prd["epics"].as_array().unwrap().iter().find(|epic| epic["id"] == id).unwrap().clone()
    }

    /// `.ralph-teams/`.
    pub fn state(&self) -> PathBuf {
        self.repo.path().join(".ralph-teams")
    }

    /// The directory of the newest run.
    pub fn run_dir(&self) -> PathBuf {
        self.state().join("current").canonicalize().unwrap()
    }

    /// The id of the newest run.
    pub fn run_id(&self) -> String {
        self.run_dir().file_name().unwrap().to_str().unwrap().to_owned()
    }

    /// The ids of all runs, oldest first.
    pub fn run_ids(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.state().join("runs")) else { return Vec::new() };
        let mut ids: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        ids.sort();
        ids
    }

    /// The loop branch of the newest run.
    pub fn loop_branch(&self) -> String {
        format!("ralph/loop/{}", self.run_id())
    }

    /// Where the loop branch stands as `status` tells it.
    pub fn status_tip(&self) -> String {
        let status: Value = serde_json::from_str(&self.run(&["status", "--json"]).exited_with(0).stdout).unwrap();
        status["loopTip"].as_str().unwrap().to_owned()
    }

    /// The verdict of the newest run.
    pub fn verdict(&self) -> Value {
        read_json(&self.run_dir().join("verdict.json"))
    }

    /// What the verdict of the newest run says of an epic.
    pub fn judged(&self, epic: &str) -> Value {
        let verdict = self.verdict();
        verdict["epics"].as_array().unwrap().iter().find(|entry| entry["id"] == epic).unwrap().clone()
    }

    /// The epics that were merged after `base`, in their order, as the merge commits of the loop branch tell.
    pub fn merged_since(&self, base: &str) -> Vec<String> {
        let range = format!("{base}..{}", self.loop_branch());
        let format = "--format=%(trailers:key=Ralph-Epic,valueonly)";
        let told = self.repo.git(&["log", "--first-parent", "--reverse", format, &range]);
        told.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// Fails when a process of any run of this repository is alive.
    #[track_caller]
    pub fn has_no_process_left(&self) {
        let left = processes::of_runs(&self.run_ids());
        assert!(left.is_empty(), "processes are left: {left:?}");
    }

    /// The worktrees that git knows, without the checkout.
    pub fn worktrees(&self) -> Vec<String> {
        let listed = self.repo.git(&["worktree", "list", "--porcelain"]);
        let paths = listed.lines().filter_map(|line| line.strip_prefix("worktree "));
        paths.skip(1).map(str::to_owned).collect()
    }
}

/// The program at work. It is killed when dropped; its hosts then end whatever it started.
pub struct Running {
    child: Child,
    out: tempfile::NamedTempFile,
    err: tempfile::NamedTempFile,
}

impl Running {
    /// Starts a command. Its output goes to files, so that it never waits for a reader.
    pub fn new(mut command: Command, folder: &Path) -> Self {
        let [out, err] = ["out", "err"].map(|name| tempfile::NamedTempFile::with_prefix_in(name, folder).unwrap());
        command.stdout(out.reopen().unwrap()).stderr(err.reopen().unwrap());
        Self { child: command.spawn().unwrap(), out, err }
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Standard output so far.
    pub fn stdout(&self) -> String {
        fs::read_to_string(self.out.path()).unwrap()
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until something is so; fails when the program ends first.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        let began = Instant::now();
        while !so(self) {
            let over = self.is_over();
            let told = || format!("{}\n{}", self.stdout(), fs::read_to_string(self.err.path()).unwrap());
            assert!(!over, "it ended before {what}:\n{}", told());
            assert!(began.elapsed() < PATIENCE, "{what} never came:\n{}", told());
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Waits for a file.
    #[track_caller]
    pub fn until_exists(&mut self, path: &Path) {
        self.until(&path.display().to_string(), |_| path.exists());
    }

    fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.stdout());
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Waits for its end.
    pub fn outcome(mut self) -> Outcome {
        let status = self.wait();
        let read = |file: &tempfile::NamedTempFile| String::from_utf8(fs::read(file.path()).unwrap()).unwrap();
        Outcome { code: status.code(), stdout: read(&self.out), stderr: read(&self.err) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so.
#[track_caller]
pub fn eventually(what: &str, within: Duration, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < within, "{what} never came");
        std::thread::sleep(LOOK_AGAIN);
    }
}

pub fn read_json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", path.display()))
}

pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
