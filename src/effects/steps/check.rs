//! Looking at what a session left: each claim against git, the rules, and the gates. Nothing here believes anybody.

use std::io::Read as _;
use std::path::Path;

use super::gates::{Ran, prove};
use crate::domain::id::{CommitId, EpicId, StoryId};
use crate::domain::outcome::StoryProof;
use crate::domain::report::{StoryClaim, parse_lead};
use crate::effects::context::{Context, PathRules, blocking};
use crate::effects::git::{Git, GitError};
use crate::effects::hands::Cancel;
use crate::effects::session_files::SessionFiles;
use crate::scheduler::command::CheckAsk;
use crate::scheduler::event::{Checkup, Failure, ReportFound};
use crate::scheduler::{Event, Job};

/// Reports above this size are not read; no honest one comes near it.
const REPORT_MAX: u64 = 1024 * 1024;

/// Answers `Check`.
pub async fn check(context: &Context, job: &Job, ask: &CheckAsk, cancel: Cancel) -> Result<Event, Failure> {
    let path = context.worktree(&job.scope);
    let look = Look {
        git: context.git.clone(),
        epic: job.scope.epic().cloned(),
        ask: ask.clone(),
        rules: context.rules.clone(),
        loop_branch: context.run.loop_branch(),
        message: leftover_message(context, job),
    };
    let (worktrees, branch, folder) = (context.worktrees.clone(), context.branch(&job.scope), path.clone());
    let mut checkup = blocking(move || {
        // A session may have deleted its own worktree; what is on the branch still counts.
        worktrees.ensure(&branch, &look.ask.base, &folder)?;
        look.at(&folder)
    })
    .await?;
    let readable = matches!(checkup.report, ReportFound::Read(_) | ReportFound::NotAsked);
    if readable && checkup.violations.is_empty() {
        match prove(context, job, &path, cancel).await? {
            Ran::Done(gates) => checkup.gates = gates,
            Ran::Cut => return Ok(Event::Cut { job: job.clone() }),
        }
    }
    Ok(Event::Checked { job: job.clone(), checkup: Box::new(checkup) })
}

fn leftover_message(context: &Context, job: &Job) -> String {
    let epic = job.scope.epic().map(|epic| format!("Ralph-Epic: {epic}\n")).unwrap_or_default();
    format!(
        "Commit what the session of {} left uncommitted\n\nRalph-Run: {}\n{epic}Ralph-Leftovers: yes\n",
        job.scope, context.run
    )
}

/// What a look needs to know.
struct Look {
    git: Git,
    epic: Option<EpicId>,
    ask: CheckAsk,
    rules: PathRules,
    loop_branch: String,
    message: String,
}

impl Look {
    fn at(&self, worktree: &Path) -> Result<Checkup, GitError> {
        let (git, base) = (&self.git, &self.ask.base);
        let unresolved = git.unresolved(worktree, &self.ask.conflicts)?;
        let mut violations: Vec<String> =
            unresolved.markers.iter().map(|file| format!("conflict markers are left in {file}")).collect();
        violations.extend(unresolved.unmerged.iter().map(|file| format!("{file} is still unmerged")));
        // A merge that is not resolved must not be concluded by committing what lies around.
        let leftovers = if violations.is_empty() { git.commit_leftovers(worktree, &self.message)? } else { Vec::new() };
        let tip = git.worktree_tip(worktree)?;
        violations.extend(broken_rules(git, &self.rules, &tip, &self.loop_branch)?);
        Ok(Checkup {
            n_commits: u32::try_from(git.commits_since(base, &tip)?).unwrap_or(u32::MAX),
            report: self.report(worktree, &tip)?,
            leftovers,
            violations,
            gates: Vec::new(),
            tip,
        })
    }

    fn report(&self, worktree: &Path, tip: &CommitId) -> Result<ReportFound, GitError> {
        let (Some(epic), false) = (&self.epic, self.ask.stories.is_empty()) else { return Ok(ReportFound::NotAsked) };
        let bytes = match read_report(&SessionFiles::of(worktree).report()) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(ReportFound::Missing),
            Err(fault) => return Ok(ReportFound::Faulty(fault)),
        };
        let report = match parse_lead(&bytes, epic) {
            Ok(report) => report,
            Err(fault) => return Ok(ReportFound::Faulty(fault)),
        };
        let asked = report.stories.iter().filter(|claim| self.is_asked(&claim.id));
        let proofs: Result<Vec<StoryProof>, GitError> = asked.map(|claim| self.proof(claim, tip)).collect();
        Ok(ReportFound::Read(proofs?))
    }

    fn is_asked(&self, story: &StoryId) -> bool {
        self.ask.stories.contains(story)
    }

    /// What a claim is worth: a commit that is named must be on the branch.
    fn proof(&self, claim: &StoryClaim, tip: &CommitId) -> Result<StoryProof, GitError> {
        let proof = |passes, reason, commit| StoryProof {
            id: claim.id.clone(),
            passes,
            reason,
            commit,
            evidence: claim.evidence.clone(),
        };
        if !claim.passes {
            return Ok(proof(false, claim.failure_reason.clone(), None));
        }
        let Some(named) = &claim.commit else { return Ok(proof(true, None, None)) };
        let Ok(commit) = CommitId::new(&named.to_lowercase()) else {
            return Ok(proof(false, Some(format!("the report names {named:?}, which is no full commit id")), None));
        };
        if is_of_the_branch(&self.git, &commit, tip, &self.ask.base)? {
            return Ok(proof(true, None, Some(commit)));
        }
        let reason = format!("the report names commit {}, which is not on the epic's branch", commit.short());
        Ok(proof(false, Some(reason), None))
    }
}

/// The rules that the work up to `tip` breaks, one sentence each.
///
/// # Errors
/// A pattern is none, or git fails.
pub fn broken_rules(git: &Git, rules: &PathRules, tip: &CommitId, loop_branch: &str) -> Result<Vec<String>, GitError> {
    let PathRules { allowed, forbidden } = rules;
    let mut broken = Vec::new();
    if !forbidden.is_empty() {
        let files = git.files_changed_on(tip, loop_branch, forbidden, &[])?;
        broken.extend(files.iter().map(|file| format!("{file} must not be changed (policy.forbiddenPaths)")));
    }
    if !allowed.is_empty() {
        let files = git.files_changed_on(tip, loop_branch, &[], allowed)?;
        broken.extend(files.iter().map(|file| format!("{file} is outside of policy.allowedPaths")));
    }
    Ok(broken)
}

/// Whether a commit is one that the branch with this tip has on top of its base.
///
/// # Errors
/// The repository cannot be read.
pub fn is_of_the_branch(git: &Git, commit: &CommitId, tip: &CommitId, base: &CommitId) -> Result<bool, GitError> {
    Ok(git.commit_exists(commit)? && git.is_ancestor(commit, tip)? && !git.is_ancestor(commit, base)?)
}

/// The bytes of a report. `Ok(None)`: there is none.
///
/// # Errors
/// It is there but cannot be read, in words.
pub fn read_report(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match std::fs::symlink_metadata(path) {
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(format!("it cannot be read: {fault}")),
        Ok(data) if !data.is_file() => return Err("it is not an ordinary file".to_owned()),
        Ok(data) if data.len() > REPORT_MAX => return Err(format!("it is larger than {REPORT_MAX} bytes")),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(REPORT_MAX).read_to_end(&mut bytes));
    read.map(|_| Some(bytes)).map_err(|fault| format!("it cannot be read: {fault}"))
}
