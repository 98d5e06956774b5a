//! The report of one story: what is looked at, and what the agent is answered. Only [`look`] reads anything.

use super::arguments::{Blocked, ReportStory};
use super::session::Errand;
use crate::domain::gate::{GateEnd, GateOutcome};
use crate::domain::id::{CommitId, StoryId};
use crate::domain::report::StoryClaim;
use crate::effects::context::PathRules;
use crate::effects::git::{Git, GitError};
use crate::effects::paths::shown;
use crate::effects::session_files::SessionFiles;
use crate::effects::steps::check::{broken_rules, is_of_the_branch};
use crate::effects::text::one_line;

/// Files and stories that an answer names at most.
const MOST_NAMED: usize = 10;

/// What git shows of a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The commit that the claim names.
    pub commit: Named,
    /// Rules that the branch breaks, one sentence each.
    pub broken_rules: Vec<String>,
    /// Files that are not committed.
    pub uncommitted: Vec<String>,
}

/// What became of a commit that a claim names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Named {
    /// None is named.
    #[default]
    Nothing,
    /// It is on the branch, and newer than its base.
    OnBranch(CommitId),
    /// It is no full id.
    NoId(String),
    /// It is not there, or not on the branch, or older than the branch.
    Elsewhere(CommitId),
}

/// Looks at what git shows of a claim that a story is done.
///
/// # Errors
/// The repository cannot be read.
pub fn look(
    git: &Git,
    errand: &Errand,
    rules: &PathRules,
    loop_branch: &str,
    named: Option<&str>,
) -> Result<Look, GitError> {
    let tip = git.worktree_tip(&errand.worktree)?;
    let commit = match named.map(|named| (named, CommitId::new(&named.trim().to_lowercase()))) {
        None => Named::Nothing,
        Some((named, Err(_))) => Named::NoId(named.to_owned()),
        Some((_, Ok(commit))) if is_of_the_branch(git, &commit, &tip, &errand.base)? => Named::OnBranch(commit),
        Some((_, Ok(commit))) => Named::Elsewhere(commit),
    };
    let changes = git.worktree_changes(&errand.worktree)?;
    let uncommitted =
        changes.iter().filter(|path| !path.starts_with(SessionFiles::NAME)).map(|path| shown(path)).collect();
    Ok(Look { commit, broken_rules: broken_rules(git, rules, &tip, loop_branch)?, uncommitted })
}

/// The story that is meant.
///
/// # Errors
/// It is none that this session is asked for; in words for the agent.
pub fn asked(errand: &Errand, story: &str) -> Result<StoryId, String> {
    if errand.stories.is_empty() {
        return Err(
            "this session is asked for no story: your commits are your answer, there is nothing to report".into()
        );
    }
    let found = errand.stories.iter().find(|asked| asked.as_str() == story.trim());
    found.cloned().ok_or_else(|| {
        let all = some_of(&errand.stories.iter().map(ToString::to_string).collect::<Vec<_>>());
        format!("{:?} is no story that this session is asked for; these are: {all}", one_line(story))
    })
}

/// A claim that a story is not done.
///
/// # Errors
/// It says no reason.
pub fn given_up(id: StoryId, report: &ReportStory) -> Result<StoryClaim, String> {
    let reason = report.reason.as_deref().map(one_line).filter(|reason| !reason.is_empty());
    let reason =
        reason.ok_or("a story that does not pass needs a `reason` that a person can act on: report it again")?;
    Ok(StoryClaim { id, passes: false, failure_reason: Some(reason), commit: None, evidence: report.evidence.clone() })
}

/// Judges a claim that a story is done, as the check after the session would.
///
/// # Errors
/// Why it is not accepted and what to do, in words for the agent.
pub fn done(id: StoryId, report: &ReportStory, look: &Look, branch: Option<&str>) -> Result<StoryClaim, String> {
    let branch = branch.unwrap_or("your branch");
    let commit = match &look.commit {
        Named::Nothing => None,
        Named::OnBranch(commit) => Some(commit.to_string()),
        Named::NoId(named) => {
            let named = one_line(named);
            return Err(format!("{named:?} is no full commit id: name all 40 hex digits (`git log -1 --format=%H`)"));
        }
        Named::Elsewhere(commit) => {
            return Err(format!(
                "the commit {} is not among the commits that {branch} has on top of its base: commit the work there, \
                 then report the story with the id that `git log -1 --format=%H` tells",
                commit.short()
            ));
        }
    };
    if !look.broken_rules.is_empty() {
        return Err(format!("{}: take those changes back and commit that", some_of(&look.broken_rules)));
    }
    Ok(StoryClaim { id, passes: true, failure_reason: None, commit, evidence: report.evidence.clone() })
}

/// What red gates say of a claim.
///
/// # Errors
/// At least one is red; in words for the agent, with the end of its output.
pub fn gates_green(gates: &[GateOutcome]) -> Result<(), String> {
    let red: Vec<String> = gates.iter().filter(|gate| !gate.green()).map(red).collect();
    if red.is_empty() {
        return Ok(());
    }
    let advice = "Mend it, commit, and report the story again. What was red before your work and has nothing to do with \
                  it is not yours to mend: then report without run_gates.";
    Err(format!("{}\n\n{advice}", red.join("\n\n")))
}

fn red(gate: &GateOutcome) -> String {
    let end = match gate.end {
        GateEnd::Exited(code) => format!("ended with exit code {code}"),
        GateEnd::Killed(signal) => format!("was killed by signal {signal}"),
        GateEnd::TimedOut => "took longer than its limit".to_owned(),
    };
    format!("the gate {:?} (`{}`) {end}:\n{}", gate.name, gate.command, gate.tail.trim_end())
}

/// The claims that a block leads to: the story that is named, or all that are asked for and not in `reported`.
///
/// # Errors
/// There is no such story, or nothing is said; in words for the agent.
pub fn blocked(errand: &Errand, block: &Blocked, reported: &[StoryClaim]) -> Result<Vec<StoryClaim>, String> {
    let (on, detail) = (one_line(&block.on), one_line(&block.detail));
    if on.is_empty() || detail.is_empty() {
        return Err("say what stands in the way (`on`) and what a person would have to do (`detail`)".to_owned());
    }
    let stories = match &block.story {
        Some(story) => vec![asked(errand, story)?],
        None => {
            let is_left = |id: &&StoryId| !reported.iter().any(|claim| claim.id == **id);
            errand.stories.iter().filter(is_left).cloned().collect()
        }
    };
    if stories.is_empty() {
        return Err("no story is left that could be blocked; name one to take its report back".to_owned());
    }
    let claim = |id| StoryClaim {
        id,
        passes: false,
        failure_reason: Some(format!("blocked on {on}: {detail}")),
        commit: None,
        evidence: Vec::new(),
    };
    Ok(stories.into_iter().map(claim).collect())
}

/// What an agent is told whose claims were accepted.
pub fn accepted(new: &[StoryClaim], look: &Look, errand: &Errand, reported: &[StoryClaim]) -> String {
    let mut text = String::new();
    for claim in new {
        let how = match (claim.passes, &claim.commit) {
            (true, Some(commit)) => format!("accepted as done in {}", commit.get(..10).unwrap_or(commit)),
            (true, None) => {
                "accepted as done, but unproven: no commit is named; report it again with one if it has one".into()
            }
            (false, _) => "accepted as not done".to_owned(),
        };
        text.push_str(&format!("{}: {how}.\n", claim.id));
    }
    if !look.uncommitted.is_empty() {
        let files = some_of(&look.uncommitted);
        text.push_str(&format!(
            "Not committed in your worktree: {files}. Commit what belongs to the work, remove the rest.\n"
        ));
    }
    let left: Vec<String> = errand
        .stories
        .iter()
        .filter(|id| !reported.iter().any(|claim| claim.id == **id))
        .map(ToString::to_string)
        .collect();
    if left.is_empty() {
        text.push_str("Every story is reported; no report file has to be written.");
    } else {
        text.push_str(&format!("Still to be reported: {}.", some_of(&left)));
    }
    text
}

fn some_of(all: &[String]) -> String {
    let named: Vec<String> = all.iter().take(MOST_NAMED).map(|text| one_line(text)).collect();
    let more = all.len().saturating_sub(MOST_NAMED);
    if more == 0 { named.join(", ") } else { format!("{}, and {more} more", named.join(", ")) }
}

#[cfg(test)]
mod tests;
