//! The files that the desk writes for a session, in the `.ralph/` of its worktree.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::domain::id::EpicId;
use crate::domain::report::{REPORT_MAX_BYTES, StoryClaim, parse_lead};
use crate::effects::fs::write_atomic;
use crate::effects::session_files::{SessionFiles, make_way};
use crate::effects::steps::check::read_report;

/// What a lead's report says already. What cannot be read of the file counts for nothing, and `known`, what the desk
/// accepted before, stands in for it.
fn said(existing: Option<&[u8]>, epic: &EpicId, known: &[StoryClaim]) -> Vec<StoryClaim> {
    let written = existing.and_then(|bytes| parse_lead(bytes, epic).ok());
    written.map_or_else(|| known.to_vec(), |report| report.stories)
}

/// A lead's report with these claims in it; a later one of a story replaces the earlier one.
fn report_of<'a>(epic: &EpicId, claims: impl Iterator<Item = &'a StoryClaim>) -> Vec<u8> {
    let stories: Map<String, Value> = claims.map(|claim| (claim.id.to_string(), told(claim))).collect();
    let report = json!({ "epicId": epic.as_str(), "stories": stories });
    format!("{report:#}\n").into_bytes()
}

fn told(claim: &StoryClaim) -> Value {
    json!({
        "passes": claim.passes,
        "failureReason": claim.failure_reason,
        "commit": claim.commit,
        "evidence": claim.evidence,
    })
}

/// What the report of a session says now, the agent's own writing included.
///
/// # Errors
/// There is no place for it, in words for the agent.
pub fn reported(files: &SessionFiles, epic: &EpicId, known: &[StoryClaim]) -> Result<Vec<StoryClaim>, String> {
    let existing = read_report(&file_of(files, SessionFiles::report)?);
    Ok(said(existing.ok().flatten().as_deref(), epic, known))
}

/// Writes the report: what it says already, and these claims over it.
///
/// # Errors
/// Why not, in words for the agent.
pub fn write_claims(
    files: &SessionFiles,
    epic: &EpicId,
    said: &[StoryClaim],
    new: &[StoryClaim],
) -> Result<(), String> {
    write_whole(&file_of(files, SessionFiles::report)?, &report_of(epic, said.iter().chain(new)))
}

/// Writes the whole report.
///
/// # Errors
/// Why not, in words for the agent.
pub fn write_report(files: &SessionFiles, bytes: &[u8]) -> Result<(), String> {
    write_whole(&file_of(files, SessionFiles::report)?, bytes)
}

/// Writes the plan beside it.
///
/// # Errors
/// Why not, in words for the agent.
pub fn write_plan(files: &SessionFiles, text: &str) -> Result<(), String> {
    write_whole(&file_of(files, SessionFiles::plan)?, text.as_bytes())
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if bytes.len() > REPORT_MAX_BYTES {
        return Err(format!("it would be {} bytes long, more than {REPORT_MAX_BYTES}: shorten it", bytes.len()));
    }
    write_atomic(path, bytes).map_err(|fault| fault.to_string())
}

/// The path of a file in `.ralph/`. An agent could have put a link there, and a file of the user's would be overwritten:
/// whatever is no ordinary file is removed, and a folder that is none is refused.
fn file_of(files: &SessionFiles, file: impl FnOnce(&SessionFiles) -> PathBuf) -> Result<PathBuf, String> {
    let folder = files.path();
    if !fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()) {
        return Err(format!("{} is no folder any more: make it again", folder.display()));
    }
    let path = file(files);
    make_way(&path).map_err(|fault| fault.to_string())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::StoryId;

    fn epic() -> EpicId {
        EpicId::new("E").expect("an id")
    }

    fn claim(id: &str, passes: bool) -> StoryClaim {
        let id = StoryId::new(id).expect("an id");
        StoryClaim { id, passes, failure_reason: None, commit: Some("ab".to_owned()), evidence: vec!["x".to_owned()] }
    }

    fn stories(bytes: &[u8]) -> Vec<(String, bool)> {
        let report = parse_lead(bytes, &epic()).expect("a report of the usual form");
        report.stories.into_iter().map(|claim| (claim.id.to_string(), claim.passes)).collect()
    }

    fn named(stories: &[(&str, bool)]) -> Vec<(String, bool)> {
        stories.iter().map(|(id, passes)| ((*id).to_owned(), *passes)).collect()
    }

    #[test]
    fn a_claim_goes_over_what_the_file_says_and_leaves_the_rest() {
        let file = report_of(&epic(), [claim("a", false), claim("b", true)].iter());
        let before = said(Some(&file), &epic(), &[claim("a", false)]);
        let both = report_of(&epic(), before.iter().chain(&[claim("a", true), claim("c", true)]));
        assert_eq!(stories(&both), named(&[("a", true), ("b", true), ("c", true)]));
        assert_eq!(parse_lead(&both, &epic()).expect("a report").stories[0], claim("a", true), "nothing of it is lost");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_replaced_by_what_was_accepted_before() {
        for broken in [&b"{ half"[..], br#"{"epicId": "other", "stories": {}}"#] {
            assert_eq!(said(Some(broken), &epic(), &[claim("a", true)]), [claim("a", true)]);
        }
    }

    #[test]
    fn a_link_in_the_place_of_the_report_is_never_followed() {
        let worktree = tempfile::tempdir().expect("a folder");
        let files = SessionFiles::of(worktree.path());
        let users = worktree.path().join("of-the-user");
        fs::write(&users, "mine").expect("a file");
        assert!(write_claims(&files, &epic(), &[], &[]).is_err(), "there is no folder");
        fs::create_dir(files.path()).expect("a folder");
        std::os::unix::fs::symlink(&users, files.report()).expect("a link");
        write_claims(&files, &epic(), &[], &[claim("a", true)]).expect("written");
        assert_eq!(fs::read_to_string(&users).expect("a file"), "mine");
        assert_eq!(stories(&fs::read(files.report()).expect("a report")), named(&[("a", true)]));
    }
}
