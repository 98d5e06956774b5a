//! Writes the verdict of a run to the disk, for programs and for people, and says what each story's word rests on.

use schemars::JsonSchema;
use serde::Serialize;

use super::fs::{FsError, write_atomic};
use super::paths::RunDir;
use super::report_md::report_md;
use super::verdict_json::verdict_json;
use crate::domain::outcome::StoryProof;
use crate::domain::plan::{Plan, Story};
use crate::domain::verdict::{EpicVerdict, Verdict};

/// What the verdict's files need besides the verdict and the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The time of day, RFC 3339.
    pub timestamp: String,
    /// The id of the tree of the verdict's tip: equal trees are equal results.
    pub tree: String,
    /// The version of this program.
    pub version: String,
}

/// Writes `report.md`, then `verdict.json`: where there is a verdict, there is also the report.
///
/// # Errors
/// The file that could not be written; each of the two is there whole or not at all.
pub fn write_verdict(run_dir: &RunDir, verdict: &Verdict, plan: &Plan, facts: &Facts) -> Result<(), FsError> {
    write_atomic(&run_dir.report_md(), report_md(verdict, plan, facts).as_bytes())?;
    let path = run_dir.verdict();
    let json = verdict_json(verdict, plan, facts).map_err(|fault| FsError::of("write", &path)(fault.into()))?;
    write_atomic(&path, json.as_bytes())
}

/// What the word on a story rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Proof {
    /// A commit that the runner found on the epic's branch, and green gates.
    Commit,
    /// Green gates only: no commit was named.
    Unproven,
    /// An earlier run accepted it; this one did not look at it again.
    EarlierRun,
    /// Nothing: it does not pass.
    None,
}

/// The stories that the PRD asks of an epic, each with its proof; a story without one was not looked at in this run.
pub(super) fn stories_of<'a>(
    epic: &'a EpicVerdict,
    plan: &'a Plan,
) -> impl Iterator<Item = (&'a Story, Option<&'a StoryProof>)> {
    let stories = plan.epic(&epic.id).map_or(&[][..], |planned| planned.user_stories.as_slice());
    stories.iter().map(|story| (story, epic.stories.iter().find(|proof| proof.id == story.id)))
}

/// What the word on a story rests on; never more than is known.
pub(super) fn proof_of(story: &Story, proof: Option<&StoryProof>) -> Proof {
    match proof {
        Some(StoryProof { passes: true, commit: Some(_), .. }) => Proof::Commit,
        Some(StoryProof { passes: true, commit: None, .. }) => Proof::Unproven,
        Some(StoryProof { passes: false, .. }) => Proof::None,
        None if story.passes => Proof::EarlierRun,
        None => Proof::None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::gate::{GateEnd, GateOutcome};
    use crate::domain::id::{CommitId, EpicId, RunId, StoryId};
    use crate::domain::outcome::{Outcome, Status};
    use crate::domain::plan::Epic;
    use crate::domain::report::{Check, CriterionJudgement, CriterionWord};
    use crate::domain::role::Role;
    use crate::domain::usage::{ByStory, Usage};
    use crate::domain::verdict::Judged;

    pub fn commit(digit: char) -> CommitId {
        CommitId::new(&digit.to_string().repeat(40)).expect("a commit")
    }

    pub fn facts() -> Facts {
        Facts { timestamp: "2026-11-20T12:00:00+01:00".into(), tree: "e".repeat(40), version: "1.2.3".into() }
    }

    pub fn gate(name: &str, end: GateEnd) -> GateOutcome {
        GateOutcome {
            name: name.into(),
            command: format!("make {name}"),
            end,
            took_ms: 1_500,
            log_digest: format!("sha256:{}", "5".repeat(64)),
            log: format!("jobs/run.prove.1/gate-{name}.log"),
            tail: String::new(),
        }
    }

    pub fn story(id: &str, passes: bool) -> Story {
        Story {
            id: StoryId::new(id).expect("an id"),
            title: format!("story {id}"),
            description: String::new(),
            acceptance_criteria: vec![format!("criterion of {id}")],
            priority: 1,
            passes,
        }
    }

    pub fn plan(epics: &[(&str, &[Story])]) -> Plan {
        let epic = |(id, stories): &(&str, &[Story])| Epic {
            id: EpicId::new(id).expect("an id"),
            title: format!("epic {id}"),
            description: String::new(),
            status: Status::Pending,
            planned: false,
            depends_on: vec![],
            touches: vec![],
            user_stories: stories.to_vec(),
        };
        Plan::check("shop", "", epics.iter().map(epic).collect()).expect("a plan")
    }

    pub fn epic(id: &str, outcome: Outcome, stories: Vec<StoryProof>) -> EpicVerdict {
        EpicVerdict {
            id: EpicId::new(id).expect("an id"),
            outcome,
            attempts: 1,
            fix_cycles: 0,
            branch: Some(format!("ralph/epic/r1/{}", id.to_lowercase())),
            tip: Some(commit('c')),
            stories,
            gates: vec![gate("unit", GateEnd::Exited(0))],
            usage: Usage::UNKNOWN,
            usage_by_role: [(Role::TeamLead, Usage::UNKNOWN)].into(),
            usage_by_story: ByStory { shared: Some(Usage::UNKNOWN), ..ByStory::default() },
            judged: vec![],
        }
    }

    pub fn judged(story: &str, criterion: u32, verdict: CriterionWord) -> Judged {
        let story = StoryId::new(story).expect("an id");
        let word = CriterionJudgement { story, criterion, verdict, evidence: "seen".into() };
        Judged { by: Role::EpicValidator, word }
    }

    pub fn proof(id: &str, passes: bool, commit: Option<CommitId>) -> StoryProof {
        StoryProof {
            id: StoryId::new(id).expect("an id"),
            passes,
            reason: (!passes).then(|| "the button is missing".into()),
            commit,
            evidence: vec!["12 tests passed".into()],
        }
    }

    pub fn verdict(pass: bool, epics: Vec<EpicVerdict>) -> Verdict {
        Verdict {
            run: RunId::new("r1").expect("a run id"),
            pass,
            tests: Check::Pass,
            browser_check: Check::Na,
            base: commit('a'),
            tip: commit('b'),
            epics,
            gates: vec![gate("unit", GateEnd::Exited(0)), gate("slow", GateEnd::TimedOut)],
            findings: vec![],
            open_risks: vec!["no browser was looked at".into()],
            usage: Usage {
                input_tokens: 10,
                cached_tokens: 20,
                output_tokens: 30,
                cost_microdollars: 1_250_000,
                unpriced_sessions: 1,
                ..Usage::default()
            },
            usage_by_role: [(
                Role::TeamLead,
                Usage { output_tokens: 30, cost_microdollars: 1_250_000, ..Usage::default() },
            )]
            .into(),
            took_ms: 90_500,
        }
    }

    #[test]
    fn verdict_and_report_are_written_side_by_side() {
        let directory = tempfile::tempdir().expect("a directory");
        let state = crate::effects::paths::StateDir::of(directory.path());
        let run_dir = state.begin(&RunId::new("r1").expect("a run id")).expect("directories");
        write_verdict(&run_dir, &verdict(true, vec![]), &plan(&[]), &facts()).expect("written");
        assert!(run_dir.verdict().is_file() && run_dir.report_md().is_file());
    }
}
