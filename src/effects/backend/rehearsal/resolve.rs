//! The rehearsal's resolver: keeps both sides of every conflict and commits the merge.

use std::io::Write;
use std::path::PathBuf;

use super::git::Git;

/// Resolves what stands unmerged in the worktree. Nothing unmerged and no merge begun is fine, too.
pub(super) fn resolve(git: &Git<'_>, output: &mut dyn Write) -> Result<(), String> {
    for path in git.unmerged()? {
        // Nobody may be listening any more; the work goes on.
        let _ = writeln!(output, "keeping both sides of {path}");
        keep_both(git, &path)?;
        git.run(&["add", "--all", "--", &path])?;
    }
    if git.merging() {
        git.run(&["commit", "--quiet", "--no-edit"])?;
        let _ = writeln!(output, "committed the merge");
    }
    Ok(())
}

fn keep_both(git: &Git<'_>, path: &str) -> Result<(), String> {
    let [base, ours, theirs] = git.stages(path)?;
    let target = git.worktree.join(path);
    let result = match (&ours, &theirs) {
        (Some(ours), Some(theirs)) => {
            let base_file = match &base {
                Some(base) => base.clone(),
                None => empty_file(git)?,
            };
            let united = unite(git, ours, &base_file, theirs);
            if base.is_none() {
                remove(&base_file)?;
            }
            united.and_then(|()| rename(ours, &target))
        }
        // One side removed the file and the other changed it: what was changed is kept.
        (Some(kept), None) | (None, Some(kept)) => rename(kept, &target),
        (None, None) => remove(&target),
    };
    for left in [base, ours, theirs].into_iter().flatten().filter(|left| left.exists()) {
        remove(&left)?;
    }
    result
}

/// `ours` becomes the union of both sides.
fn unite(git: &Git<'_>, ours: &PathBuf, base: &PathBuf, theirs: &PathBuf) -> Result<(), String> {
    let [ours, base, theirs] = [ours, base, theirs].map(|path| path.to_string_lossy().into_owned());
    git.run(&["merge-file", "--union", "--quiet", &ours, &base, &theirs]).map(drop)
}

fn empty_file(git: &Git<'_>) -> Result<PathBuf, String> {
    let path = git.worktree.join(".merge_file_empty");
    std::fs::write(&path, "").map_err(|fault| format!("{} cannot be written: {fault}", path.display()))?;
    Ok(path)
}

fn rename(from: &PathBuf, to: &PathBuf) -> Result<(), String> {
    std::fs::rename(from, to).map_err(|fault| format!("{} cannot be moved: {fault}", from.display()))
}

fn remove(path: &PathBuf) -> Result<(), String> {
    match std::fs::remove_file(path) {
        Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{} cannot be removed: {fault}", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
