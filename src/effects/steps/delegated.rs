//! Hosting a session that works for a lead: what stood in the worktree before, the session, and what it left there.
//!
//! **Invariant:** what the lead is told of commits, rules and files is read from git, and what it is told of a verdict or a
//! plan is what the session handed in; its last words are told as such and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::check::{broken_rules, read_report};
use super::{brief, session};
use crate::domain::id::{CommitId, StoryId};
use crate::domain::report::parse_lead;
use crate::domain::role::Role;
use crate::effects::context::{Context, PathRules, blocking};
use crate::effects::desk::arguments::{CheckWord, Criterion, VerdictWord};
use crate::effects::git::{Git, GitError};
use crate::effects::hands::{Cancel, Outbox};
use crate::effects::paths::shown;
use crate::effects::session_files::SessionFiles;
use crate::effects::text::one_line;
use crate::effects::vital::traces;
use crate::scheduler::command::SessionAsk;
use crate::scheduler::delegation::Delegation;
use crate::scheduler::event::Failure;
use crate::scheduler::{Event, Job};

/// Commits and files that a lead is told at most.
const MOST: usize = 50;

/// The longest plan, and the longest last words, that a lead is told, in characters.
const LONGEST: usize = 32_000;
const LONGEST_SAID: usize = 4_000;

/// The longest evidence of one criterion, in characters.
const LONGEST_EVIDENCE: usize = 1_000;

/// What stood in a worktree before a session.
struct Before {
    tip: CommitId,
    uncommitted: BTreeSet<PathBuf>,
    traces: String,
}

/// Answers `Session` for a session that works for a lead, and keeps what it left for that lead.
pub async fn host(
    context: &Context,
    job: &Job,
    ask: &SessionAsk,
    asked: &Delegation,
    cancel: Cancel,
    outbox: &Outbox,
) -> Result<Event, Failure> {
    let worktree = context.worktree(&job.scope);
    let (git, folder) = (context.git.clone(), worktree.clone());
    let before = blocking(move || Before::look(&git, &folder)).await?;
    let ended = session::host(context, job, ask, cancel, outbox).await?;
    let look = Look {
        git: context.git.clone(),
        rules: context.rules.clone(),
        loop_branch: context.run.loop_branch(),
        branch: context.branch(&job.scope),
        files: brief::files(job, ask, &worktree),
        criteria: criteria(context, job, &ask.stories),
        asked: asked.clone(),
        worktree,
        before,
    };
    let said = said(&ended);
    // A look that fails is told like anything else that was found: the session ran, and what it consumed must count.
    let mut found = blocking(move || look.found()).await.unwrap_or_else(|failure| no_look(&failure));
    found.insert("session".to_owned(), job.to_string().into());
    if !said.is_empty() {
        found.insert("lastWords".to_owned(), said.into());
    }
    context.delegations.keep(job, found);
    Ok(ended)
}

fn no_look(failure: &Failure) -> Map<String, Value> {
    let problem = format!("what it left cannot be looked at: {}", one_line(&failure.what));
    Map::from_iter([("problems".to_owned(), vec![problem].into())])
}

fn said(ended: &Event) -> String {
    let Event::SessionEnded { end, .. } = ended else { return String::new() };
    end.said.as_deref().map_or_else(String::new, |said| cut(said, LONGEST_SAID))
}

/// The criteria that a session in a judging role has to judge: story and number, counted from 1.
fn criteria(context: &Context, job: &Job, stories: &[StoryId]) -> Vec<(String, u32)> {
    let epic = job.scope.epic().and_then(|id| context.plan.epic(id));
    let asked = epic.into_iter().flat_map(|epic| &epic.user_stories).filter(|story| stories.contains(&story.id));
    asked.flat_map(|story| (1..).zip(&story.acceptance_criteria).map(|(n, _)| (story.id.to_string(), n))).collect()
}

impl Before {
    fn look(git: &Git, worktree: &Path) -> Result<Self, GitError> {
        let uncommitted = git.worktree_changes(worktree)?.into_iter().collect();
        Ok(Self { tip: git.worktree_tip(worktree)?, uncommitted, traces: traces(git, worktree)? })
    }
}

/// What a look after the session needs to know.
struct Look {
    git: Git,
    rules: PathRules,
    loop_branch: String,
    branch: String,
    worktree: PathBuf,
    files: SessionFiles,
    criteria: Vec<(String, u32)>,
    asked: Delegation,
    before: Before,
}

impl Look {
    fn found(&self) -> Result<Map<String, Value>, GitError> {
        let mut found = Map::from_iter([
            ("role".to_owned(), self.asked.role.name().into()),
            ("story".to_owned(), self.asked.story.as_ref().map(ToString::to_string).into()),
        ]);
        found.extend(match self.asked.role {
            Role::StoryValidator | Role::EpicValidator | Role::FinalValidator => self.judged()?,
            Role::StoryPlanner | Role::EpicPlanner => self.planned()?,
            Role::Builder | Role::TeamLead | Role::Resolver => self.built()?,
        });
        Ok(found)
    }

    /// What a session left that was to change something.
    fn built(&self) -> Result<Map<String, Value>, GitError> {
        let (tip, before) = (self.git.worktree_tip(&self.worktree)?, &self.before.tip);
        let on_branch = self.git.branch_tip(&self.branch)?;
        let mut problems = broken_rules(&self.git, &self.rules, &tip, &self.loop_branch)?;
        if on_branch.as_ref() != Some(&tip) {
            problems.push(format!("the worktree does not stand at the tip of {} any more", self.branch));
        }
        if !self.git.is_ancestor(before, &tip)? {
            problems.push(format!("the commit {} of before is not on the branch any more", before.short()));
        }
        let commits = self.git.subjects_since(before, tip.as_str(), MOST)?;
        let commits: Vec<Value> = commits
            .iter()
            .map(|(id, subject)| json!({ "commit": id.as_str(), "subject": one_line(subject) }))
            .collect();
        if commits.is_empty() {
            problems.push("nothing was committed".to_owned());
        }
        problems.extend(self.blocked());
        Ok(Map::from_iter([
            ("commits".to_owned(), commits.into()),
            ("uncommitted".to_owned(), self.uncommitted(&BTreeSet::new())?.into()),
            ("problems".to_owned(), problems.into()),
        ]))
    }

    /// What it reported as standing in its way.
    fn blocked(&self) -> Vec<String> {
        let report = read_report(&self.files.report()).ok().flatten();
        let epic = self.asked.by.scope.epic();
        let report = report.zip(epic).and_then(|(bytes, epic)| parse_lead(&bytes, epic).ok());
        let claims = report.into_iter().flat_map(|report| report.stories).filter(|claim| !claim.passes);
        claims.filter_map(|claim| Some(format!("{}: {}", claim.id, one_line(&claim.failure_reason?)))).collect()
    }

    /// The verdict of a session that was to change nothing.
    fn judged(&self) -> Result<Map<String, Value>, GitError> {
        let mut found = match read_report(&self.files.report()) {
            Ok(Some(bytes)) => verdict(&bytes, &self.criteria),
            Ok(None) => no_verdict("it handed in no report"),
            Err(fault) => no_verdict(&format!("its report cannot be used: {fault}")),
        };
        found.insert("problems".to_owned(), self.meddled()?.into());
        Ok(found)
    }

    /// The plan of a session that was to change nothing.
    fn planned(&self) -> Result<Map<String, Value>, GitError> {
        let plan = read_report(&self.files.plan()).ok().flatten();
        let plan = plan.map(|bytes| cut(&String::from_utf8_lossy(&bytes), LONGEST));
        Ok(Map::from_iter([
            ("plan".to_owned(), plan.map_or(Value::Null, Value::from)),
            ("problems".to_owned(), self.meddled()?.into()),
        ]))
    }

    /// What a session changed that was to change nothing.
    fn meddled(&self) -> Result<Vec<String>, GitError> {
        let tip = self.git.worktree_tip(&self.worktree)?;
        let mut problems = Vec::new();
        if tip != self.before.tip {
            let (from, to) = (self.before.tip.short(), tip.short());
            problems.push(format!("it was to change nothing, and the worktree stood at {from} and stands at {to} now"));
        }
        if traces(&self.git, &self.worktree)? != self.before.traces {
            let files = self.uncommitted(&self.before.uncommitted)?;
            let named = if files.is_empty() { String::new() } else { format!(": {}", files.join(", ")) };
            problems.push(format!("it was to change nothing, and files in the worktree are not as they were{named}"));
        }
        Ok(problems)
    }

    fn uncommitted(&self, known: &BTreeSet<PathBuf>) -> Result<Vec<String>, GitError> {
        let changes = self.git.worktree_changes(&self.worktree)?;
        let new = changes.iter().filter(|path| !path.starts_with(SessionFiles::NAME) && !known.contains(*path));
        Ok(new.take(MOST).map(|path| one_line(&shown(path))).collect())
    }
}

/// The report of a validator, as far as it matters for a lead.
#[derive(Deserialize)]
struct Judgement {
    verdict: VerdictWord,
    #[serde(default)]
    tests: CheckWord,
    #[serde(default)]
    findings: Vec<String>,
    #[serde(default)]
    criteria: Vec<Criterion>,
}

/// The verdict in a report, with a word on every criterion: one that it leaves out was not verified.
fn verdict(bytes: &[u8], criteria: &[(String, u32)]) -> Map<String, Value> {
    let judgement: Judgement = match serde_json::from_slice(bytes) {
        Ok(judgement) => judgement,
        Err(fault) => return no_verdict(&format!("its report cannot be used: {fault}")),
    };
    let word = |(story, n): &(String, u32)| {
        let judged = judgement.criteria.iter().find(|one| one.story.trim() == story && one.criterion == *n);
        let word = judged.map_or(json!("unverified"), |one| json!(one.verdict));
        let evidence = judged.map_or_else(String::new, |one| cut(&one_line(&one.evidence), LONGEST_EVIDENCE));
        json!({ "story": story, "criterion": n, "verdict": word, "evidence": evidence })
    };
    let findings = judgement.findings.iter().take(MOST).map(|text| cut(&one_line(text), LONGEST_EVIDENCE));
    Map::from_iter([
        ("verdict".to_owned(), json!(judgement.verdict)),
        ("tests".to_owned(), json!(judgement.tests)),
        ("findings".to_owned(), findings.collect::<Vec<_>>().into()),
        ("criteria".to_owned(), criteria.iter().map(word).collect::<Vec<_>>().into()),
    ])
}

fn no_verdict(why: &str) -> Map<String, Value> {
    Map::from_iter([("verdict".to_owned(), Value::Null), ("why".to_owned(), one_line(why).into())])
}

fn cut(text: &str, most: usize) -> String {
    let n_chars = text.chars().count();
    if n_chars <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most).collect();
    format!("{kept} (cut; {} more characters)", n_chars - most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_criterion_that_a_report_leaves_out_was_not_verified() {
        let report = br#"{"phase": "story-validation", "verdict": "fail", "findings": ["the\nfooter"],
            "criteria": [{"story": "a", "criterion": 1, "verdict": "proven", "evidence": "12 passed"}]}"#;
        let found = verdict(report, &[("a".to_owned(), 1), ("a".to_owned(), 2)]);
        assert_eq!((&found["verdict"], &found["findings"][0]), (&json!("fail"), &json!("the footer")));
        assert_eq!(
            (&found["criteria"][0]["evidence"], &found["criteria"][1]["verdict"]),
            (&json!("12 passed"), &json!("unverified"))
        );
    }

    #[test]
    fn a_report_that_cannot_be_read_is_no_verdict() {
        for report in [&b"{"[..], br#"{"verdict": "maybe"}"#, b""] {
            let found = verdict(report, &[]);
            assert!(
                found["verdict"].is_null() && found["why"].as_str().is_some_and(|why| why.contains("cannot be used"))
            );
        }
    }
}
