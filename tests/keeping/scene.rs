//! A repository with a small PRD, and the real program in it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use ralph_teams::domain::id::RunId;
use ralph_teams::effects::paths::{RunDir, StateDir};

use crate::common::repo::{Repo, write_in};

/// The repository; gone when dropped.
pub struct Scene {
    pub repo: Repo,
}

/// What a command came to.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Nobody works beside the leads.
const LEADS_ALONE: &str = "execution: { epicPlanning: false, epicValidation: false }\n";

impl Scene {
    /// A repository with a PRD of these epics, like `b` or `b<a` for one that depends on a.
    pub fn new(epics: &[&str]) -> Self {
        let repo = Repo::new();
        let epics: Vec<serde_json::Value> = epics.iter().map(|text| epic(text)).collect();
        let prd = serde_json::json!({ "project": "scratch", "epics": epics });
        repo.write("prd.json", &prd.to_string());
        // What is kept is the same whoever works beside the lead.
        repo.write("ralph.config.yml", LEADS_ALONE);
        repo.commit("the PRD");
        Self { repo }
    }

    /// The program, with an environment of its own.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ralph-teams"));
        for (key, _) in std::env::vars_os() {
            let name = key.to_string_lossy();
            if name.starts_with("GIT_") || name.starts_with("RALPH_") {
                command.env_remove(&key);
            }
        }
        command.envs(self.repo.environment()).args(args).current_dir(self.repo.path()).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn ralph(&self, args: &[&str]) -> Said {
        let output = self.command(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs it; it must succeed. What it said on standard output.
    pub fn out(&self, args: &[&str]) -> String {
        let said = self.ralph(args);
        assert_eq!(said.code, Some(0), "{args:?}: {}{}", said.out, said.err);
        said.out
    }

    /// Starts it; the caller waits for it.
    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// A rehearsed run of the PRD; its id.
    pub fn run(&self) -> RunId {
        self.out(&["run", "--rehearse", "--ui", "plain"]);
        self.newest()
    }

    /// The newest run.
    pub fn newest(&self) -> RunId {
        self.state().newest().unwrap()
    }

    pub fn state(&self) -> StateDir {
        StateDir::of(&self.repo.path())
    }

    pub fn run_dir(&self) -> RunDir {
        self.state().run(&self.newest())
    }

    /// The folder of the worktrees of all runs.
    pub fn worktrees(&self) -> PathBuf {
        let state = self.repo.environment().into_iter().find(|(name, _)| *name == "XDG_STATE_HOME").unwrap().1;
        let mut folders = std::fs::read_dir(state.join("ralph-teams")).unwrap();
        folders.next().unwrap().unwrap().path()
    }

    /// Configures how the rehearsal plays.
    pub fn configure(&self, yaml: &str, script: &str) {
        let path = self.repo.dot_git("script.json");
        write_in(&self.repo.dot_git(""), "script.json", script);
        let backends = format!(
            "backends:\n  rehearsal:\n    env: {{ RALPH_REHEARSAL_SCRIPT: {:?} }}\n",
            path.display().to_string()
        );
        let alone = if yaml.contains("execution:") { "" } else { LEADS_ALONE };
        self.repo.write("ralph.config.yml", &format!("{yaml}{alone}{backends}"));
        self.repo.commit("the configuration");
    }
}

fn epic(text: &str) -> serde_json::Value {
    let (id, dependencies) = text.split_once('<').unwrap_or((text, ""));
    let dependencies: Vec<&str> = dependencies.split(',').filter(|id| !id.is_empty()).collect();
    serde_json::json!({
        "id": id, "title": format!("Epic {id}"), "dependsOn": dependencies,
        "userStories": [{ "id": format!("{id}-1"), "title": "a story" }],
    })
}

/// Waits for something that another process does.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(std::time::Instant::now() < deadline, "{what}: not within a minute");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
