//! `lint --fix`: mends what is mechanical, shows the difference, and writes the file whole or not at all.

use std::path::Path;

use super::report::{Located, rule_of};
use crate::app::difference::unified;
use crate::app::history;
use crate::app::refusal::Refusal;
use crate::app::repository::Repository;
use crate::app::validate::count;
use crate::domain::prd::{Tidied, UntidyKind, tidy};
use crate::effects::fs::write_atomic;
use crate::effects::lock;
use crate::lint::Severity;

/// The file after it was mended.
pub struct Fixed {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// What was mended.
    pub mended: Vec<Located>,
    /// What changed.
    difference: String,
}

impl Fixed {
    /// A file that is left as it is.
    pub fn nothing(bytes: Vec<u8>) -> Self {
        Self { bytes, mended: Vec::new(), difference: String::new() }
    }

    /// The difference and one sentence for people; nothing when nothing was changed.
    pub fn told(&self, file: &str) -> String {
        match self.mended.len() {
            0 => String::new(),
            n => format!("{}{file}: {} mended\n\n", self.difference, count(n, "place")),
        }
    }
}

/// Mends the file. Without anything to mend nothing is written. A file that is no JSON, or has no epics, stays as it is:
/// its faults are told by those who read it next.
///
/// # Errors
/// A run works on it, or was left unfinished with it; or it cannot be written.
pub fn fix(path: &Path, bytes: &[u8], repository: Option<&Repository>) -> Result<Fixed, Refusal> {
    let Some((text, tidied)) = std::str::from_utf8(bytes).ok().and_then(|text| Some((text, tidy(text).ok()?))) else {
        return Ok(Fixed::nothing(bytes.to_vec()));
    };
    if tidied.text == text {
        return Ok(Fixed::nothing(bytes.to_vec()));
    }
    if let Some(repository) = repository {
        refuse_while_in_use(path, repository, &tidied)?;
    }
    if std::fs::read(path).ok().as_deref() != Some(bytes) {
        let text = format!("{} was changed meanwhile, and nothing was mended; do it again", path.display());
        return Err(Refusal::environment(text));
    }
    write_atomic(path, tidied.text.as_bytes()).map_err(Refusal::environment)?;
    let mended = tidied.untidy.iter().map(|one| {
        let located = Located::new(rule_of(one.kind), Severity::Hint, one.fault.clone(), None);
        Located { fixable: true, ..located }
    });
    let difference = unified(&path.display().to_string(), text, &tidied.text);
    Ok(Fixed { mended: mended.collect(), difference, bytes: tidied.text.into_bytes() })
}

/// A run writes into the file itself, and takes an edited title of work that it began for a contradiction.
fn refuse_while_in_use(path: &Path, repository: &Repository, tidied: &Tidied) -> Result<(), Refusal> {
    let file = path.display();
    if let Some(holder) = lock::holder(repository.git.common_dir()) {
        let run = &holder.run;
        return Err(Refusal::environment(format!(
            "run {run} is at work and writes into {file}; mend it when it is over"
        )));
    }
    let is_edit = tidied.untidy.iter().any(|one| one.kind != UntidyKind::Passes);
    let newest = history::past_runs(repository)?.into_iter().next().filter(|run| is_edit && run.can_go_on());
    let same =
        |run: &history::PastRun| run.prd.as_ref().and_then(|prd| prd.canonicalize().ok()) == path.canonicalize().ok();
    match newest.filter(same) {
        None => Ok(()),
        Some(run) => Err(Refusal::input(format!(
            "run {} is unfinished, and would take mended titles for an edit of work that it began; nothing was changed. \
             First go on with it (`ralph-teams resume`), or begin anew (`ralph-teams run --new`)",
            run.run
        ))),
    }
}
