//! A repository with a home folder and programs of its own, and the real binary in it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::repo::{Repo, write_in};

/// What a command came to.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|fault| panic!("{fault}: {self:?}"))
    }
}

pub struct Place {
    pub repo: Repo,
}

impl Place {
    pub fn new() -> Self {
        Self { repo: Repo::new() }
    }

    pub fn home(&self) -> PathBuf {
        self.repo.beside("home")
    }

    /// A program of this name, found along `PATH`, that is this script.
    pub fn program(&self, name: &str, script: &str) {
        let path = self.repo.beside("bin").join(name);
        write_in(&self.repo.beside("bin"), name, &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A file in the home folder.
    pub fn at_home(&self, name: &str, content: &str) {
        write_in(&self.home(), name, content);
    }

    pub fn ralph(&self, args: &[&str]) -> Ended {
        self.ralph_with(&[], args)
    }

    /// Runs the program with nothing of this machine's environment but git, a shell and what is given.
    pub fn ralph_with(&self, variables: &[(&str, &str)], args: &[&str]) -> Ended {
        self.ralph_in(&self.repo.path(), variables, args)
    }

    pub fn ralph_in(&self, folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Ended {
        let path = std::env::join_paths([self.repo.beside("bin"), self.repo.beside("git-only")]).unwrap();
        self.link_git();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ralph-teams"));
        command.env_clear().envs(self.repo.environment()).env("PATH", path).env("LANG", "C.UTF-8");
        command.envs(variables.iter().copied()).args(args).current_dir(folder).stdin(Stdio::null());
        let output = command.output().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A folder with git and a shell, and no agent program that this machine may have.
    fn link_git(&self) {
        let folder = self.repo.beside("git-only");
        if folder.exists() {
            return;
        }
        std::fs::create_dir(&folder).unwrap();
        for name in ["git", "sh", "sleep", "cat"] {
            let everywhere = std::env::var_os("PATH").unwrap_or_default();
            let found = std::env::split_paths(&everywhere).map(|folder| folder.join(name)).find(|path| path.is_file());
            std::os::unix::fs::symlink(found.expect(name), folder.join(name)).unwrap();
        }
    }

    pub fn config(&self) -> Option<String> {
        std::fs::read_to_string(self.repo.path().join("ralph.config.yml")).ok()
    }
}
