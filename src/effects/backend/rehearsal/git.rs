//! The few git commands of the rehearsal's agent. It stands for a program of somebody else's, so it asks the `git`
//! program as such a program would, and shares nothing with the runner's own git.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The git program in one worktree.
pub(super) struct Git<'a> {
    pub worktree: &'a Path,
}

impl Git<'_> {
    /// Runs git and answers what it prints.
    pub fn run(&self, args: &[&str]) -> Result<String, String> {
        let output = Command::new("git")
            .args(["-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@ralph-teams.invalid"])
            .args(["-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"])
            .args(args)
            .current_dir(self.worktree)
            // Set by whoever started us from a hook of another repository; the worktree alone says which one is meant.
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .env("LC_ALL", "C")
            .env("GIT_EDITOR", "true")
            .stdin(Stdio::null())
            .output()
            .map_err(|fault| format!("git could not be started: {fault}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("git {} failed ({}): {}", args.join(" "), output.status, complaint.trim()))
    }

    /// Commits everything in the worktree, if there is anything, for one story.
    pub fn commit_story(&self, story: &str, title: &str) -> Result<(), String> {
        self.run(&["add", "--all"])?;
        if self.run(&["diff", "--cached", "--quiet"]).is_ok() {
            return Ok(());
        }
        let trailer = format!("Ralph-Story: {story}");
        self.run(&["commit", "--quiet", "--message", title, "--trailer", &trailer]).map(drop)
    }

    /// The commits since `base` that carry a story's trailer, newest first: commit and story.
    pub fn stories_since(&self, base: Option<&str>) -> Result<Vec<(String, String)>, String> {
        let range = base.map_or_else(|| "HEAD".to_owned(), |base| format!("{base}..HEAD"));
        let format = "--format=%x1e%H%x1f%(trailers:key=Ralph-Story,valueonly,separator=%x1f)";
        let log = self.run(&["log", format, &range])?;
        let mut found = Vec::new();
        for record in log.split('\u{1e}').map(str::trim).filter(|record| !record.is_empty()) {
            let mut parts = record.split('\u{1f}').map(str::trim);
            let commit = parts.next().unwrap_or_default();
            found.extend(parts.filter(|story| !story.is_empty()).map(|story| (commit.to_owned(), story.to_owned())));
        }
        Ok(found)
    }

    /// The paths that a merge left unmerged.
    pub fn unmerged(&self) -> Result<Vec<String>, String> {
        let listed = self.run(&["diff", "--name-only", "--diff-filter=U", "-z"])?;
        Ok(listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }

    /// Whether a merge was begun and not ended.
    pub fn merging(&self) -> bool {
        self.run(&["rev-parse", "--quiet", "--verify", "MERGE_HEAD"]).is_ok()
    }

    /// The versions of an unmerged path, in files of the worktree: base, ours, theirs; `None` where there is none.
    pub fn stages(&self, path: &str) -> Result<[Option<PathBuf>; 3], String> {
        let line = self.run(&["checkout-index", "--temp", "--stage=all", "-z", "--", path])?;
        let names = line.split('\t').next().unwrap_or_default();
        let mut stages =
            names.split(' ').map(|name| (name != "." && !name.is_empty()).then(|| self.worktree.join(name)));
        Ok([stages.next().flatten(), stages.next().flatten(), stages.next().flatten()])
    }
}
