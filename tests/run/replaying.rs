//! Real agent programs in whole runs, replayed: the stand-in agent is found along `PATH` under the name of the real program
//! and prints what that one printed once, while it does the work of its story.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::repo::Repo;
use crate::scene::{Outcome, Running, Scene, epic, prd, pretty, read_json};

/// A repository with one epic `E` with one story `s`, and a program that is replayed.
pub struct Replaying {
    pub scene: Scene,
    program: &'static str,
}

/// A recording of a program, for the step `replay`.
pub fn recording(program: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams").join(program).join(name)
}

impl Replaying {
    /// With this program as backend, these options of it (`args: [...]`), and more lines of configuration.
    pub fn new(program: &'static str, options: &str, config: &str) -> Self {
        let scene = Scene::bare(Repo::new(), "prd.json");
        let bin = scene.repo.beside("bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fake-agent"), bin.join(program)).unwrap();
        scene.repo.write("prd.json", &pretty(&prd(&[epic("E", &["s"], &[])])));
        let script = json!(scene.repo.beside("script.json"));
        scene.repo.write(
            "ralph.config.yml",
            &format!(
                "execution: {{ epicPlanning: false, epicValidation: false, backend: {program} }}\n\
                 backends: {{ {program}: {{ env: {{ FAKE_AGENT_SCRIPT: {script} }}, {options} }} }}\n{config}\n"
            ),
        );
        scene.repo.commit("Begin");
        scene.script(&json!({}));
        Self { scene, program }
    }

    /// What the sessions do, by `<epic>/<role>/<attempt>`.
    pub fn script(&self, script: &Value) {
        self.scene.script(script);
    }

    /// The step that replays a recording of this program; `more` are the other fields of the step.
    pub fn replay(&self, name: &str, more: &Value) -> Value {
        let mut step = json!({ "recording": recording(self.program, name) });
        let fields = more.as_object().unwrap().clone();
        step.as_object_mut().unwrap().extend(fields);
        json!({ "replay": step })
    }

    /// The step that keeps the command line, for [`Self::args`].
    pub fn save_args(&self, name: &str) -> Value {
        json!({ "save_args": self.scene.mark(name) })
    }

    /// A command line that was kept.
    pub fn args(&self, name: &str) -> Vec<String> {
        let args = read_json(&self.scene.mark(name));
        args.as_array().unwrap().iter().map(|arg| arg.as_str().unwrap().to_owned()).collect()
    }

    /// Lets `ralph-teams` run to its end, with the program on its `PATH`.
    pub fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Outcome {
        self.start(args).outcome()
    }

    /// Starts `ralph-teams`, with the program on its `PATH`.
    pub fn start<A: AsRef<OsStr>>(&self, args: &[A]) -> Running {
        let mut command = self.scene.command(args);
        let own = std::env::var_os("PATH").unwrap_or_default();
        let places = [self.scene.repo.beside("bin")].into_iter().chain(std::env::split_paths(&own));
        command.env("PATH", std::env::join_paths(places).unwrap());
        Running::new(command, &self.scene.repo.beside("tmp"))
    }

    /// The tokens of the whole run: sent, written.
    pub fn tokens(&self) -> [u64; 2] {
        let usage = self.scene.verdict()["usage"].clone();
        ["input_tokens", "output_tokens"].map(|field| usage[field].as_u64().unwrap_or_default())
    }

    /// Fails unless the epic is merged, after these attempts.
    #[track_caller]
    pub fn merged_after(&self, attempts: u64) {
        let judged = self.scene.judged("E");
        assert_eq!((&judged["status"], &judged["attempts"]), (&json!("merged"), &json!(attempts)), "{judged:#}");
        let file = format!("{}:s.txt", self.scene.loop_branch());
        assert_eq!(self.scene.repo.git(&["show", &file]), "s is done");
        self.scene.has_no_process_left();
    }
}
