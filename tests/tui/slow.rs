//! A repository with a rehearsed run that takes its time, for tests that do something to its terminal meanwhile.

use std::path::PathBuf;
use std::process::Command;

use super::common::repo::{Repo, write_in};
use super::pty::{How, Pty};

/// The real program.
pub const RALPH: &str = env!("CARGO_BIN_EXE_ralph-teams");

/// The repository; gone when dropped.
pub struct Slow {
    pub repo: Repo,
}

impl Slow {
    /// Two epics, whose only stories take so many milliseconds each; a gate proves them.
    pub fn new(pause_ms: u64) -> Self {
        let repo = Repo::new();
        let epic = |id: &str| {
            serde_json::json!({
                "id": id, "title": format!("Epic {id}"),
                "userStories": [{ "id": format!("{id}-1"), "title": "a story", "acceptanceCriteria": ["it is there"] }],
            })
        };
        let prd = serde_json::json!({ "project": "scratch", "epics": [epic("one"), epic("two")] });
        repo.write("prd.json", &prd.to_string());
        write_in(&repo.dot_git(""), "script.json", &format!("{{\"pause_ms\": {pause_ms}}}"));
        let script = repo.dot_git("script.json").display().to_string();
        let config = format!(
            "execution:\n  epicPlanning: false\n  epicValidation: false\n  backend: rehearsal\n  parallel: 2\nbackends:\n  rehearsal:\n    env: {{ RALPH_REHEARSAL_SCRIPT: {script:?} }}\n\
             gates:\n  - name: there\n    run: echo the gate of $RALPH_EPIC_ID; test -s prd.json\n"
        );
        repo.write("ralph.config.yml", &config);
        repo.commit("the PRD");
        Self { repo }
    }

    /// A program in the repository.
    pub fn start(&self, program: &str, args: &[&str], how: How) -> Pty {
        self.start_with(program, args, &[], how)
    }

    /// A program in the repository, with more variables.
    pub fn start_with(&self, program: &str, args: &[&str], variables: &[(&str, &str)], how: How) -> Pty {
        let mut command = Command::new(program);
        command.args(args).envs(self.repo.environment()).envs(variables.iter().copied());
        Pty::start(command, &self.repo.path(), how)
    }

    /// The run on a terminal, once its first session is at work, and how much was printed by then.
    pub fn run(&self, how: How) -> (Pty, usize) {
        let pty = self.start(RALPH, &["run", "--rehearse", "--parallel", "--ui", "tui"], how);
        let shown = pty.wait_for("team-lead starts", 0);
        (pty, shown)
    }

    /// A file of the newest run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.repo.path().join(".ralph-teams/current").join(name)
    }

    /// Whether the verdict is there, and all of it passed.
    pub fn passed(&self) -> bool {
        let verdict = std::fs::read_to_string(self.file("verdict.json")).unwrap_or_default();
        serde_json::from_str::<serde_json::Value>(&verdict).is_ok_and(|verdict| verdict["verdict"] == "pass")
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let told = std::fs::read_to_string(self.repo.path().join(".ralph-teams/progress.txt"));
            eprintln!("{}", told.unwrap_or_default());
        }
    }
}
