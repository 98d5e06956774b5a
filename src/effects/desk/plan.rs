//! The implementation plan of an epic: in the worktree for this session, and in `.ralph-teams/plans/` for later ones.

use std::path::PathBuf;

use super::record;
use crate::domain::id::EpicId;
use crate::effects::fs::{create_directory, write_atomic};
use crate::effects::paths::StateDir;
use crate::effects::session_files::SessionFiles;

/// Keeps a plan.
///
/// # Errors
/// Why not, in words for the agent.
pub fn keep(state: &StateDir, epic: &EpicId, files: &SessionFiles, text: &str) -> Result<(), String> {
    keep_here(files, text)?;
    let path = place(state, epic);
    let folder = path.parent().unwrap_or(state.path());
    create_directory(folder).and_then(|()| write_atomic(&path, text.as_bytes())).map_err(|fault| fault.to_string())
}

/// Keeps a plan among the files of its session only.
///
/// # Errors
/// Why not, in words for the agent.
pub fn keep_here(files: &SessionFiles, text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("the plan is empty: hand it in whole".to_owned());
    }
    record::write_plan(files, text)
}

/// The plan of an epic that a person or a planner wrote; one that says nothing is none.
#[must_use]
pub fn find(state: &StateDir, epic: &EpicId) -> Option<Vec<u8>> {
    let places = state.plan_by_id(epic).into_iter().chain([state.plan(epic)]);
    let mut plans = places.filter_map(|place| std::fs::read(place).ok());
    plans.find(|plan| !plan.trim_ascii().is_empty())
}

/// Where sessions look for it first.
fn place(state: &StateDir, epic: &EpicId) -> PathBuf {
    state.plan_by_id(epic).unwrap_or_else(|| state.plan(epic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_kept_for_this_session_and_for_later_ones() {
        let base = tempfile::tempdir().expect("a folder");
        let (state, files) = (StateDir::of(base.path()), SessionFiles::of(&base.path().join("w")));
        std::fs::create_dir_all(files.path()).expect("a folder");
        for id in ["EPIC-001", "a/b"] {
            let epic = EpicId::new(id).expect("an id");
            keep(&state, &epic, &files, "# Steps\n").expect("kept");
            let copies = [files.plan(), place(&state, &epic)];
            assert_eq!(copies.map(|path| std::fs::read_to_string(path).expect("a plan")), ["# Steps\n", "# Steps\n"]);
            assert!(keep(&state, &epic, &files, " \n").is_err());
        }
    }
}
