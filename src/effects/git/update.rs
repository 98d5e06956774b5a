//! Merging the loop branch into a worktree, where conflicts are left standing for a session to resolve.

use std::collections::BTreeMap;
use std::path::Path;

use super::merge::Merged;
use super::snapshot::BackupName;
use super::stage::is_recorded;
use super::{Git, GitError, Linked, Place, RUNS_DIR, TALK_DIR, nul_separated, path_of};
use crate::domain::id::CommitId;
use crate::effects::paths::shown;

/// How a worktree stands after the loop tip was merged into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The tip of the branch; still the old one while conflicts stand.
    pub tip: CommitId,
    /// The files that conflict; empty: the merge is committed.
    pub conflicts: Vec<String>,
}

/// What of a conflict is still there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unresolved {
    /// Files of which git still holds several versions, and that show no sign of having been resolved.
    pub unmerged: Vec<String>,
    /// Files with conflict markers.
    pub markers: Vec<String>,
}

impl Unresolved {
    /// Whether nothing is left to resolve.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.unmerged.is_empty() && self.markers.is_empty()
    }
}

/// The versions of one unmerged file that git holds, by stage (1 base, 2 ours, 3 theirs).
type Stages = BTreeMap<u8, String>;

impl Git {
    /// Merges `onto` into the worktree's branch. Conflicts are left standing in the files. May be repeated after a
    /// kill at any point: a merge of `onto` that is in progress is taken as it is, any other half-done state is saved
    /// under `backup` and undone first.
    ///
    /// # Errors
    /// It is no worktree of this repository, it is on no branch, or git fails.
    pub fn update(
        &self,
        worktree: &Path,
        onto: &CommitId,
        message: &str,
        backup: &BackupName,
    ) -> Result<Update, GitError> {
        let linked = self.linked(worktree)?;
        let place = Place::Linked(&linked);
        self.require_branch(&linked)?;
        self.unlock(&linked)?;
        let tip = self.head_of(place)?;
        if self.is_ancestor(onto, &tip)? {
            return Ok(Update { tip, conflicts: Vec::new() });
        }
        if self.merge_head(place)?.as_ref() == Some(onto) {
            return self.update_in_progress(&linked, tip, onto);
        }
        self.undo_half_done(&linked, backup)?;
        let merge = ["merge", "--quiet", "--no-ff", "--no-edit", "--no-verify", "--no-gpg-sign", "-m"];
        let ended = self.call(place)?.args(merge).args([message, onto.as_str()]).end()?;
        if ended.code() != Some(0) && self.merge_head(place)?.as_ref() != Some(onto) {
            self.check_identity()?;
            return Err(ended.failed());
        }
        let tip = self.head_of(place)?;
        let conflicts = if ended.code() == Some(0) { Vec::new() } else { self.unmerged_files(&linked)? };
        if ended.code() != Some(0) && conflicts.is_empty() {
            // Everything is merged, yet no commit was made: the identity is missing, or a filter failed.
            self.check_identity()?;
            return Err(ended.failed());
        }
        Ok(Update { tip, conflicts })
    }

    fn update_in_progress(&self, linked: &Linked, tip: CommitId, onto: &CommitId) -> Result<Update, GitError> {
        // Asked anew, so that the answer is the same as before the kill, whatever has been resolved since.
        let conflicts = match self.merge_trees(&tip, onto)? {
            Merged::Tree(_) => self.unmerged_files(linked)?,
            Merged::Conflict(files) => files,
        };
        if self.unresolved(&linked.path, &conflicts)?.is_empty() {
            self.commit_leftovers(&linked.path, "ralph-teams: merge the loop branch")?;
            return Ok(Update { tip: self.head_of(Place::Linked(linked))?, conflicts: Vec::new() });
        }
        Ok(Update { tip, conflicts })
    }

    /// Saves and removes what a killed merge (or anything else) left in the working tree.
    fn undo_half_done(&self, linked: &Linked, backup: &BackupName) -> Result<(), GitError> {
        let place = Place::Linked(linked);
        let kept_out = [Path::new(TALK_DIR), Path::new(RUNS_DIR)];
        let is_dirty = self.changes(place, None)?.iter().any(|change| is_recorded(change, &kept_out));
        if is_dirty || self.merge_head(place)?.is_some() {
            self.put_to(linked, &self.head_of(place)?, backup)?;
        }
        Ok(())
    }

    /// What is left of the conflicts in `files`, and whatever else git holds as unmerged. A text file without markers
    /// counts as resolved although nobody told git so; a removed or binary file must have been told, for nothing
    /// in it shows that somebody looked.
    ///
    /// # Errors
    /// It is no worktree of this repository, or git fails.
    pub fn unresolved(&self, worktree: &Path, files: &[String]) -> Result<Unresolved, GitError> {
        let linked = self.linked(worktree)?;
        let stages = self.unmerged_stages(&linked)?;
        let sides = self.merged_sides(&linked)?;
        let mut left = Unresolved::default();
        let mut all: Vec<&str> = files.iter().map(String::as_str).chain(stages.keys().map(String::as_str)).collect();
        all.sort_unstable();
        all.dedup();
        for file in all {
            let text = read_text(&linked.path.join(file));
            let has_markers = match &text {
                Some(text) => self.has_new_markers(&linked, file, text, &sides)?,
                None => false,
            };
            if has_markers {
                left.markers.push(file.to_owned());
            } else if let Some(stages) = stages.get(file)
                && !(text.is_some() && stages.contains_key(&2) && stages.contains_key(&3))
            {
                left.unmerged.push(file.to_owned());
            }
        }
        Ok(left)
    }

    /// Whether the text has lines of conflict markers that neither side had: a test's fixture, or a heading that is
    /// underlined with `=======`, is no conflict.
    fn has_new_markers(&self, linked: &Linked, file: &str, text: &[u8], sides: &[CommitId]) -> Result<bool, GitError> {
        let mut found = markers(text);
        if sides.is_empty() {
            found.middle = false;
        }
        if !found.any() {
            return Ok(false);
        }
        for side in sides {
            let show = ["cat-file", "blob", &format!("{side}:{file}")];
            let ended = self.call(Place::Linked(linked))?.args(show).end()?;
            if ended.code() == Some(0) {
                found = found.without(&markers(ended.stdout()));
            }
        }
        Ok(found.any())
    }

    /// The two sides of the merge that is in progress or was just committed; empty when there is none.
    fn merged_sides(&self, linked: &Linked) -> Result<Vec<CommitId>, GitError> {
        let place = Place::Linked(linked);
        if let Some(theirs) = self.merge_head(place)? {
            return Ok(vec![self.head_of(place)?, theirs]);
        }
        let parents =
            self.call(place)?.args(["show", "--no-patch", "--no-show-signature", "--format=%P", "HEAD"]).text()?;
        let parents: Vec<_> = parents.split_whitespace().map(CommitId::new).collect::<Result<_, _>>()?;
        Ok(if parents.len() > 1 { parents } else { Vec::new() })
    }

    fn unmerged_files(&self, linked: &Linked) -> Result<Vec<String>, GitError> {
        Ok(self.unmerged_stages(linked)?.into_keys().collect())
    }

    fn unmerged_stages(&self, linked: &Linked) -> Result<BTreeMap<String, Stages>, GitError> {
        let list = self.call(Place::Linked(linked))?.args(["ls-files", "--unmerged", "-z"]).run()?;
        let mut files: BTreeMap<String, Stages> = BTreeMap::new();
        for entry in nul_separated(&list) {
            // "<mode> <object> <stage>\t<path>"
            let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else { continue };
            let head = String::from_utf8_lossy(&entry[..tab]).into_owned();
            let mut words = head.split(' ').skip(1);
            if let (Some(object), Some(Ok(stage))) = (words.next(), words.next().map(str::parse)) {
                let file = shown(&path_of(&entry[tab + 1..]));
                files.entry(file).or_default().insert(stage, object.to_owned());
            }
        }
        Ok(files)
    }
}

/// Which kinds of marker lines a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Markers {
    begin: bool,
    middle: bool,
    end: bool,
}

impl Markers {
    fn any(self) -> bool {
        self.begin || self.middle || self.end
    }

    fn without(self, other: &Self) -> Self {
        Self { begin: self.begin && !other.begin, middle: self.middle && !other.middle, end: self.end && !other.end }
    }
}

fn markers(text: &[u8]) -> Markers {
    let has = |marker: &[u8]| {
        text.split(|byte| *byte == b'\n')
            .any(|line| line.strip_prefix(marker).is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\r'))))
    };
    Markers { begin: has(b"<<<<<<<"), middle: has(b"======="), end: has(b">>>>>>>") }
}

/// The bytes of a text file; `None` for what is absent, binary, or no file.
fn read_text(path: &Path) -> Option<Vec<u8>> {
    let is_file = std::fs::symlink_metadata(path).is_ok_and(|data| data.is_file());
    let bytes = if is_file { std::fs::read(path).ok()? } else { return None };
    // The test that git itself makes.
    (!bytes.iter().take(8000).any(|byte| *byte == 0)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marker_lines_are_seven_signs_alone_or_before_a_space() {
        let check = |text: &str, expected: bool| assert_eq!(markers(text.as_bytes()).any(), expected, "{text:?}");
        check("<<<<<<< HEAD\n", true);
        check("a\r\n=======\r\nb", true);
        check("a\n>>>>>>> ralph/loop/x", true);
        check("========\n", false);
        check(" =======\n", false);
        check("<<<<<<<<\nx>>>>>>>\n", false);
    }
}
