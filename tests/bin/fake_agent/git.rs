//! What the fake agent does with git, as an agent does it: through the git program, in its working directory.

use std::path::Path;
use std::process::Command;

use crate::session::Fault;

fn git(args: &[&str]) -> Result<String, Fault> {
    let output = Command::new("git")
        .args(["-c", "user.name=Fake Agent", "-c", "user.email=fake@agent.invalid", "-c", "commit.gpgsign=false"])
        .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
        .args(args)
        .output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("git {args:?}: {}: {}", output.status, said.trim()).into())
}

/// Commits everything in the worktree, even when there is nothing.
pub fn commit_all(message: &str) -> Result<(), Fault> {
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--allow-empty", "--message", message])?;
    Ok(())
}

/// The last commit that touched a file; `None` when there is none, or when the file is not there.
pub fn last_commit_of(file: &str) -> Result<Option<String>, Fault> {
    if !Path::new(file).exists() {
        return Ok(None);
    }
    let commit = git(&["log", "-1", "--format=%H", "--", file])?;
    Ok(Some(commit.trim().to_owned()).filter(|commit| !commit.is_empty()))
}

/// Resolves every conflict of the merge in progress by keeping both sides; commits the merge when asked to.
pub fn resolve_by_union(commit: bool) -> Result<(), Fault> {
    let unmerged = git(&["diff", "--name-only", "--diff-filter=U", "-z"])?;
    for file in unmerged.split('\0').filter(|file| !file.is_empty()) {
        // A side that deleted the file leaves no text to resolve.
        if let Ok(bytes) = std::fs::read(file) {
            std::fs::write(file, union(&String::from_utf8_lossy(&bytes)))?;
        }
    }
    git(&["add", "--all"])?;
    let merging = git(&["rev-parse", "--verify", "--quiet", "MERGE_HEAD"]).is_ok();
    if commit && merging {
        git(&["commit", "--quiet", "--no-edit"])?;
    }
    Ok(())
}

/// Both sides of each conflict, without the markers and without the common ancestor's part.
fn union(text: &str) -> String {
    let mut in_ancestor = false;
    let mut kept = String::new();
    for line in text.split_inclusive('\n') {
        let marker = |character: &str| line.starts_with(&character.repeat(7));
        if marker("|") {
            in_ancestor = true;
        } else if marker("=") {
            in_ancestor = false;
        } else if !in_ancestor && !marker("<") && !marker(">") {
            kept.push_str(line);
        }
    }
    kept
}
