//! A repository with a PRD and an agent that does what a script says, and the real binary in it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::repo::{Repo, write_in};

const RALPH: &str = env!("CARGO_BIN_EXE_ralph-teams");
const AGENT: &str = env!("CARGO_BIN_EXE_fake-agent");

/// Longer than anything here takes; only a hang gets there.
const HANG: Duration = Duration::from_secs(90);

/// What a command came to.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A repository on `main` with `prd.json` (tracked), `ralph.config.yml` and an agent that is honest unless told.
pub struct Scene {
    pub repo: Repo,
}

/// One epic with one story, like `A` or `B<A` for one that depends on `A`.
fn epic(text: &str) -> Value {
    let (id, dependencies) = text.split_once('<').unwrap_or((text, ""));
    let depends_on: Vec<&str> = dependencies.split(',').filter(|name| !name.is_empty()).collect();
    json!({
        "id": id, "title": format!("Epic {id}"), "description": "d", "status": "pending", "dependsOn": depends_on,
        "userStories": [{ "id": format!("{id}-1"), "title": "s", "description": "d", "acceptanceCriteria": ["c"],
                          "priority": 1, "passes": false, "failureReason": null }],
    })
}

impl Scene {
    pub fn new(epics: &[&str]) -> Self {
        let scene = Self { repo: Repo::new() };
        let prd = json!({ "project": "p", "epics": epics.iter().map(|text| epic(text)).collect::<Vec<_>>() });
        scene.repo.write("prd.json", &serde_json::to_string_pretty(&prd).unwrap());
        let script = scene.script();
        let config = format!(
            "execution:\n  epicPlanning: false\n  epicValidation: false\n  backend: command\n  parallel: 2\nbackends:\n  command:\n    argv: [{AGENT:?}, --script, {script:?}]\n"
        );
        scene.repo.write("ralph.config.yml", &config);
        scene.says(json!({}));
        scene.repo.commit("a PRD");
        scene
    }

    fn script(&self) -> PathBuf {
        self.repo.beside("script.json")
    }

    /// What the agent does from now on.
    pub fn says(&self, script: Value) {
        std::fs::write(self.script(), script.to_string()).unwrap();
    }

    /// A file outside of the repository, as a text for scripts.
    pub fn beside(&self, name: &str) -> String {
        self.repo.beside(name).to_str().unwrap().to_owned()
    }

    /// The program with these arguments.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(RALPH);
        for (key, _) in std::env::vars_os() {
            let key = key.to_string_lossy().into_owned();
            if key.starts_with("GIT_") || key.starts_with("RALPH_") {
                command.env_remove(key);
            }
        }
        command.args(args).current_dir(self.repo.path()).envs(self.repo.environment()).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn ralph(&self, args: &[&str]) -> Ended {
        let output = self.command(args).output().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts the program.
    pub fn start(&self, args: &[&str]) -> Running {
        Running(self.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Starts a run whose epic `A` works until it is stopped, and waits until its session is at work. The session
    /// leaves one commit before it waits.
    pub fn start_and_hang_in_a(&self) -> Running {
        let begun = self.beside("begun");
        self.says(
            json!({ "A/team-lead/1": [ { "write": { "path": "a.txt", "text": "half of it" } }, { "commit": "half" },
                                             { "touch": begun }, { "sleep_ms": 600_000 } ] }),
        );
        let running = self.start(&["run", "--ui", "plain"]);
        wait_for(Path::new(&begun));
        running
    }

    /// Starts such a run and stops it: it is left unfinished, with a commit on the branch of `A`.
    pub fn leave_unfinished(&self) -> String {
        let mut running = self.start_and_hang_in_a();
        assert_eq!(self.ralph(&["stop"]).code, 0);
        assert_eq!(running.code(), 130);
        self.says(json!({}));
        self.newest()
    }

    /// Does a whole run; it must pass.
    pub fn pass(&self, args: &[&str]) -> String {
        let ended = self.ralph(args);
        assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
        self.newest()
    }

    /// The id of the newest run.
    pub fn newest(&self) -> String {
        let target = std::fs::read_link(self.repo.path().join(".ralph-teams/current")).unwrap();
        target.file_name().unwrap().to_str().unwrap().to_owned()
    }

    pub fn prd(&self) -> Value {
        serde_json::from_str(&self.prd_text()).unwrap()
    }

    pub fn prd_text(&self) -> String {
        std::fs::read_to_string(self.repo.path().join("prd.json")).unwrap()
    }

    /// Changes the PRD as a person would.
    pub fn edit_prd(&self, edit: impl FnOnce(&mut Value)) {
        let mut prd = self.prd();
        edit(&mut prd);
        write_in(&self.repo.path(), "prd.json", &serde_json::to_string_pretty(&prd).unwrap());
    }

    /// The status of an epic in the PRD.
    pub fn status(&self, epic: &str) -> String {
        let prd = self.prd();
        let epics = prd["epics"].as_array().unwrap();
        epics.iter().find(|found| found["id"] == epic).unwrap()["status"].as_str().unwrap().to_owned()
    }

    /// The commit of a name, or nothing.
    pub fn resolve(&self, name: &str) -> Option<String> {
        let output = self.repo.try_git_in(&self.repo.path(), &["rev-parse", "--verify", "--quiet", name]);
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    /// The refs below a name.
    pub fn refs(&self, below: &str) -> Vec<String> {
        self.repo.git(&["for-each-ref", "--format=%(refname)", below]).lines().map(str::to_owned).collect()
    }
}

/// An epic for [`Scene::edit_prd`].
pub fn new_epic(text: &str) -> Value {
    epic(text)
}

/// A program at work; killed when dropped.
pub struct Running(pub Child);

impl Running {
    /// Waits for its end: the exit code.
    pub fn code(&mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(began.elapsed() < HANG, "the program does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its hosts end their trees by themselves once it is gone.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for a file.
pub fn wait_for(path: &Path) {
    let began = Instant::now();
    while !path.exists() {
        assert!(began.elapsed() < HANG, "{} never appears", path.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}
