//! A repository with a PRD and a configuration, and the program at work in it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::repo::Repo;
use crate::stand_in::{GIT_LOG, REAL_GIT, Span, spans};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_ralph-teams");
const FAKE_AGENT: &str = env!("CARGO_BIN_EXE_fake-agent");

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Epics, each with one story.
    pub n_epics: usize,
    /// Whether each epic depends on the one before.
    pub chained: bool,
    /// Sessions side by side.
    pub slots: usize,
    /// Commands that prove each epic.
    pub gates: Vec<&'static str>,
    /// Steps of the fake agent for every lead.
    pub lead: serde_json::Value,
}

impl Default for Setting {
    fn default() -> Self {
        Self { n_epics: 12, chained: true, slots: 1, gates: vec![], lead: json!(["honest"]) }
    }
}

/// A repository that is ready for a run.
pub struct Scene {
    repo: Repo,
    counts_git: bool,
}

impl Scene {
    /// Makes the repository.
    pub fn new(setting: &Setting) -> Self {
        let repo = Repo::new();
        repo.write("prd.json", &prd(setting));
        let scene = Self { repo, counts_git: false };
        let script = scene.repo.beside("script.json");
        std::fs::write(&script, json!({ "*/team-lead/*": setting.lead }).to_string()).expect("written");
        let argv = json!([
            std::env::current_exe().expect("this program"),
            "agent",
            scene.agent_log(),
            std::env::var("PATH").expect("a PATH"),
            FAKE_AGENT,
            "--script",
            script
        ]);
        let gates: String =
            setting.gates.iter().map(|gate| format!("  - {{ name: \"{gate}\", command: \"{gate}\" }}\n")).collect();
        let gates = if gates.is_empty() { gates } else { format!("gates:\n{gates}") };
        let slots = setting.slots;
        scene.repo.write(
            "ralph.config.yml",
            &format!(
                "execution:\n  epicPlanning: false\n  epicValidation: false\n  backend: command\n  parallel: {slots}\nbackends:\n  command:\n    argv: {argv}\n{gates}"
            ),
        );
        scene.repo.commit("A project with a plan");
        scene
    }

    /// From now on each call of git is written down.
    pub fn counting_git(mut self) -> Self {
        let folder = self.repo.beside("bin");
        std::fs::create_dir_all(&folder).expect("a folder");
        let this = std::env::current_exe().expect("this program");
        std::os::unix::fs::symlink(this, folder.join("git")).expect("a link");
        self.counts_git = true;
        self
    }

    /// Starts `ralph-teams run`.
    pub fn start(&self) -> Child {
        let log = File::create(self.repo.beside("stdout")).expect("a file");
        let mut command = self.command("plain");
        if self.counts_git {
            let path = std::env::var("PATH").expect("a PATH");
            let real = which_git(&path);
            command.env("PATH", format!("{}:{path}", self.repo.beside("bin").display()));
            command.env(GIT_LOG, self.git_log()).env(REAL_GIT, real);
        }
        command.stdin(Stdio::null()).stdout(log).spawn().expect("it starts")
    }

    /// Starts `ralph-teams run` with the screen on a terminal, which somebody looks at and closes when the run is over.
    pub fn start_on_terminal(&self) -> Child {
        let (mut person, program) = crate::terminal::open();
        let side = || program.try_clone().expect("a copy");
        let mut command = self.command("tui");
        let child = command.env("TERM", "xterm-256color").stdin(side()).stdout(side()).spawn().expect("it starts");
        let mut eyes = person.try_clone().expect("a copy");
        std::thread::spawn(move || {
            let mut drawn = [0; 65_536];
            while matches!(eyes.read(&mut drawn), Ok(1..)) {}
        });
        let runs = self.repo.path().join(".ralph-teams/runs");
        std::thread::spawn(move || {
            while !has_verdict(&runs) {
                std::thread::sleep(Duration::from_millis(50));
            }
            // The card lies over the screen a moment later; a key more does no harm.
            for _ in 0..20 {
                std::thread::sleep(Duration::from_millis(500));
                let _ = person.write_all(b"\r");
            }
        });
        child
    }

    fn command(&self, ui: &str) -> Command {
        let errors = File::create(self.repo.beside("stderr")).expect("a file");
        let mut command = Command::new(PROGRAM);
        command.args(["run", "--ui", ui, "--parallel"]).current_dir(self.repo.path()).envs(self.repo.environment());
        command.stderr(errors);
        command
    }

    /// The sessions that ran, in the order of their beginnings. One that has only begun ends at 0.
    pub fn sessions(&self) -> Vec<Span> {
        let all = spans(&self.agent_log());
        let has_ended = |begun: &Span| all.iter().any(|other| other.began == begun.began && other.ended > 0);
        all.iter().filter(|span| span.ended > 0 || !has_ended(span)).cloned().collect()
    }

    /// The calls of git, in the order of their beginnings.
    pub fn git_calls(&self) -> Vec<Span> {
        spans(&self.git_log())
    }

    /// What the program printed, for when something went wrong.
    pub fn printed(&self) -> String {
        let read = |name| std::fs::read_to_string(self.repo.beside(name)).unwrap_or_default();
        format!("{}{}", read("stdout"), read("stderr"))
    }

    fn agent_log(&self) -> PathBuf {
        self.repo.beside("sessions")
    }

    fn git_log(&self) -> PathBuf {
        self.repo.beside("git-calls")
    }
}

fn has_verdict(runs: &Path) -> bool {
    let runs = std::fs::read_dir(runs).into_iter().flatten().flatten();
    runs.into_iter().any(|run| run.path().join("verdict.json").exists())
}

fn which_git(path: &str) -> PathBuf {
    let places = std::env::split_paths(path).map(|folder| folder.join("git"));
    places.into_iter().find(|place| place.is_file()).expect("git")
}

fn prd(setting: &Setting) -> String {
    let epics: Vec<_> = (0..setting.n_epics)
        .map(|n| {
            let before = n.checked_sub(1).filter(|_| setting.chained).map(|before| format!("EPIC-{before:03}"));
            json!({
                "id": format!("EPIC-{n:03}"),
                "title": format!("Part {n}"),
                "description": "A part",
                "status": "pending",
                "dependsOn": before.into_iter().collect::<Vec<_>>(),
                "userStories": [{
                    "id": format!("US-{n:03}"),
                    "title": "A story",
                    "description": "It works",
                    "acceptanceCriteria": ["It works"],
                    "priority": 1,
                    "passes": false
                }]
            })
        })
        .collect();
    format!("{:#}\n", json!({ "project": "bench", "branchName": "main", "description": "", "epics": epics }))
}
