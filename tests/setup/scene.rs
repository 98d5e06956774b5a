//! A repository with something to propose, programs that are there, and those that are not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use ralph_teams::config::{FILE_NAME, Overrides, Settings, Source, settle};

use crate::common::repo::Repo;
use crate::pty::{How, Pty};

pub struct Scene {
    pub repo: Repo,
}

impl Scene {
    /// A repository with a Makefile, scripts and an ignored `.env`; `codex` and `gemini` are installed.
    pub fn new() -> Self {
        let repo = Repo::new();
        repo.write("Makefile", "lint:\n\tflake8\n\ntest:\n\tpytest\n\ndeploy:\n\t./push\n");
        repo.write("package.json", "{\n  \"scripts\": {\n    \"test:e2e\": \"playwright test\"\n  }\n}\n");
        repo.write("package-lock.json", "{\n  \"lockfileVersion\": 3\n}\n");
        repo.write(".gitignore", "node_modules\n.env\n");
        repo.commit("second");
        repo.write(".env", "SECRET=1\n");
        for program in ["codex", "gemini"] {
            let path = repo.beside("bin").join(program);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "#!/bin/sh\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { repo }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ralph-teams"));
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.repo.beside("bin").display());
        // The programs of this machine must not be found; git and the shell must.
        let path = path
            .replace(":/usr/local/bin", if PathBuf::from("/usr/bin/git").exists() { "" } else { ":/usr/local/bin" });
        command.args(args).current_dir(self.repo.path()).env("PATH", path).envs(self.repo.environment());
        command
    }

    /// The program without a terminal.
    pub fn run(&self, args: &[&str]) -> Outcome {
        let output = self.command(args).stdin(std::process::Stdio::null()).output().unwrap();
        Outcome(output)
    }

    /// The program on a terminal.
    pub fn terminal(&self, args: &[&str]) -> Pty {
        Pty::start(self.command(args), &self.repo.path(), How::Own)
    }

    /// The file as it is.
    pub fn written(&self) -> Option<String> {
        fs::read_to_string(self.repo.path().join(FILE_NAME)).ok()
    }

    /// What the file means; it must be without faults and warnings.
    #[track_caller]
    pub fn settings(&self) -> Settings {
        let text = self.written().expect("a file");
        let source = Source { name: FILE_NAME, bytes: text.as_bytes() };
        let settings = settle(Some(source), &Default::default(), &Overrides::default()).expect("no fault");
        assert_eq!(settings.warnings, Vec::<String>::new());
        settings
    }
}

/// What came of the program.
pub struct Outcome(pub Output);

impl Outcome {
    #[track_caller]
    pub fn exited_with(self, code: i32) -> Self {
        assert_eq!(self.0.status.code(), Some(code), "{}", self.said());
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.said().contains(text), "{text:?} is missing in:\n{}", self.said());
        self
    }

    pub fn said(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(&self.0.stdout), String::from_utf8_lossy(&self.0.stderr))
    }
}
