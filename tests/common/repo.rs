//! Builds real scratch repositories in temporary folders, deaf to the configuration of the machine.

#![allow(dead_code, reason = "each test binary uses another part of it, so an expectation cannot hold in all of them")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ralph_teams::domain::id::CommitId;
use ralph_teams::effects::git::{Git, Program};
use tempfile::TempDir;

/// A repository with a checkout on `main`, and a folder for worktrees next to it; all gone when dropped.
pub struct Repo {
    folder: TempDir,
    name: String,
}

impl Repo {
    /// A repository with one commit: `README.md`.
    pub fn new() -> Self {
        Self::called("my repo")
    }

    /// A repository without a commit, made with more options of `git init`.
    pub fn unborn(options: &[&str]) -> Self {
        Self::unborn_in("my repo", options)
    }

    /// As [`Self::new`], with a checkout whose folder is called so.
    pub fn called(name: &str) -> Self {
        let repo = Self::unborn_in(name, &[]);
        repo.write("README.md", "scratch\n");
        repo.commit("first");
        repo
    }

    fn unborn_in(name: &str, options: &[&str]) -> Self {
        let repo = Self { folder: TempDir::with_prefix("ralph-repo-").unwrap(), name: name.to_owned() };
        fs::create_dir_all(repo.folder.path().join("home")).unwrap();
        fs::create_dir_all(repo.path()).unwrap();
        repo.git(&[&["init", "--quiet", "--initial-branch=main"], options].concat());
        repo.git(&["config", "user.name", "Ada Tester"]);
        repo.git(&["config", "user.email", "ada@example.org"]);
        repo
    }

    /// The user's checkout.
    pub fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(&self.name)
    }

    /// The folder for worktrees; it need not exist.
    pub fn worktrees(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("worktrees")
    }

    /// A folder next to the checkout.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// A file or folder of `.git`.
    pub fn dot_git(&self, name: &str) -> PathBuf {
        self.path().join(".git").join(name)
    }

    /// The git program, deaf to this machine's configuration.
    pub fn program(&self) -> Program {
        self.environment().into_iter().fold(Program::default(), |program, (key, value)| program.with_env(key, value))
    }

    /// The variables that keep git deaf to the configuration of the machine; for child processes of other tests.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let home = self.folder.path().join("home");
        vec![
            ("HOME", home.clone()),
            ("XDG_CONFIG_HOME", home.join(".config")),
            ("XDG_STATE_HOME", home.join(".state")),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
        ]
    }

    /// The handle under test, opened in the checkout.
    pub fn handle(&self) -> Git {
        Git::open(self.program(), &self.path()).unwrap()
    }

    /// Runs git in the checkout; it must succeed. Its output without the last line break.
    pub fn git<A: AsRef<OsStr>>(&self, args: &[A]) -> String {
        self.git_in(&self.path(), args)
    }

    /// Runs git in a folder; it must succeed. Its output without the last line break.
    pub fn git_in<A: AsRef<OsStr>>(&self, folder: &Path, args: &[A]) -> String {
        let output = self.try_git_in(folder, args);
        let shown: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy().into_owned()).collect();
        assert!(output.status.success(), "git {shown:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').to_owned()
    }

    /// Runs git in a folder, whatever comes of it.
    pub fn try_git_in<A: AsRef<OsStr>>(&self, folder: &Path, args: &[A]) -> Output {
        let mut command = Command::new("git");
        for (key, _) in std::env::vars_os() {
            if key.to_string_lossy().starts_with("GIT_") {
                command.env_remove(key);
            }
        }
        command.envs(self.environment()).args(args).current_dir(folder).stdin(Stdio::null()).output().unwrap()
    }

    /// Writes a file of the checkout.
    pub fn write(&self, name: &str, content: &str) {
        write_in(&self.path(), name, content);
    }

    /// Commits everything in the checkout.
    pub fn commit(&self, message: &str) -> CommitId {
        self.commit_in(&self.path(), message)
    }

    /// Commits everything in a folder.
    pub fn commit_in(&self, folder: &Path, message: &str) -> CommitId {
        self.git_in(folder, &["add", "--all"]);
        self.git_in(folder, &["commit", "--quiet", "--allow-empty", "--no-verify", "-m", message]);
        CommitId::new(&self.git_in(folder, &["rev-parse", "HEAD"])).unwrap()
    }

    /// The commit of a name.
    pub fn id(&self, name: &str) -> CommitId {
        CommitId::new(&self.git(&["rev-parse", "--verify", &format!("{name}^{{commit}}")])).unwrap()
    }

    /// The content of a file in a commit.
    pub fn show(&self, commit: &CommitId, name: &str) -> String {
        self.git(&["cat-file", "blob", &format!("{commit}:{name}")])
    }

    /// Makes commits on a new branch without touching the checkout: each change is a file and its new content.
    pub fn branch_with(&self, branch: &str, from: &str, changes: &[(&str, &str)]) -> CommitId {
        let folder = self.beside(&format!("scratch {}", branch.replace('/', "-")));
        self.git(&[
            OsStr::new("worktree"),
            "add".as_ref(),
            "-q".as_ref(),
            "-b".as_ref(),
            branch.as_ref(),
            folder.as_ref(),
            from.as_ref(),
        ]);
        for (name, content) in changes {
            write_in(&folder, name, content);
        }
        let commit = self.commit_in(&folder, branch);
        self.git(&[OsStr::new("worktree"), "remove".as_ref(), "--force".as_ref(), folder.as_ref()]);
        commit
    }
}

/// Writes a file below a folder.
pub fn write_in(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Reads a file below a folder.
pub fn read_in(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}
