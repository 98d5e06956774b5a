//! `verdict.json`: the run's result for programs, in a published layout that begins with what ralph-teams 1.0.x wrote.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::verdict_usage::{UsageEntry, by_role, by_story};
use super::write_verdict::{Facts, Proof, proof_of, stories_of};
use crate::domain::gate::{GateEnd, GateOutcome};
use crate::domain::id::EpicId;
use crate::domain::outcome::{Outcome, StoryProof};
use crate::domain::plan::{Plan, Story};
use crate::domain::report::{Check, CriterionJudgement, CriterionWord};
use crate::domain::role::Role;
use crate::domain::verdict::{EpicVerdict, Judged, Verdict};

/// The layout's number; it grows when a field changes its meaning or goes away, not when one is added.
pub const SCHEMA: u32 = 1;

/// The content of `verdict.json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Verdict of a run of ralph-teams")]
struct VerdictFile {
    /// Always `final-validation`.
    phase: &'static str,
    /// `pass` only if every selected epic is merged, every gate is green on the tip, and the final validator agrees.
    verdict: Word,
    /// Whether tests passed.
    tests: Check,
    /// Whether a look in the browser passed.
    browser_check: Check,
    /// When it was written (RFC 3339).
    timestamp: String,
    /// The number of this layout.
    schema: u32,
    /// The version of ralph-teams that wrote it.
    version: String,
    /// The project's name.
    project: String,
    /// The run.
    run: String,
    /// The commit that the run began from.
    base: String,
    /// The tip of the loop branch.
    tip: String,
    /// The tree of that tip.
    tree: String,
    /// The branch that holds the result.
    branch: String,
    /// Running time in seconds.
    seconds: f64,
    /// The epics, in the order of the PRD.
    epics: Vec<EpicEntry>,
    /// The gates on the tip.
    gates: Vec<GateEntry>,
    /// What the final validator found.
    findings: Vec<String>,
    /// What the whole run consumed.
    usage: UsageEntry,
    /// The same by role.
    usage_by_role: BTreeMap<Role, UsageEntry>,
    /// What a reader must know before trusting the result.
    open_risks: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Word {
    Pass,
    Fail,
}

/// One epic.
#[derive(Debug, Serialize, JsonSchema)]
struct EpicEntry {
    /// Its id in the PRD.
    id: String,
    /// Its title in the PRD.
    title: String,
    /// What became of it.
    status: EpicStatus,
    /// Why it is not merged.
    reason: Option<String>,
    /// The epics that it waited for and that ended without being merged.
    blocked_by: Vec<String>,
    /// Sessions of its lead that were charged to it.
    attempts: u32,
    /// Rounds in which findings were given back.
    fix_cycles: u32,
    /// Its branch, when it has one.
    branch: Option<String>,
    /// The tip of that branch when it was last checked.
    branch_tip: Option<String>,
    /// The commit that merged it into the loop branch.
    merge_commit: Option<String>,
    /// Its stories, in the order of the PRD.
    stories: Vec<StoryEntry>,
    /// The gates in its own worktree.
    gates: Vec<GateEntry>,
    /// What it consumed.
    usage: UsageEntry,
    /// The same by role.
    usage_by_role: BTreeMap<Role, UsageEntry>,
    /// By story: what the sessions consumed that worked for this one alone. A story without such sessions is not in it.
    #[serde(default)]
    usage_by_story: BTreeMap<String, UsageEntry>,
    /// The rest: by sessions for several stories, or for none in particular. Null: there were none.
    usage_of_no_single_story: Option<UsageEntry>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum EpicStatus {
    AlreadyCompleted,
    Merged,
    Partial,
    Failed,
    MergeFailed,
    Blocked,
    LeftOut,
    Interrupted,
}

/// One story.
#[derive(Debug, Serialize, JsonSchema)]
struct StoryEntry {
    /// Its id in the PRD.
    id: String,
    /// Its title in the PRD.
    title: String,
    /// Whether it is accepted as done.
    passes: bool,
    /// What that rests on.
    proof: Proof,
    /// The commit that holds it.
    commit: Option<String>,
    /// Why it does not pass.
    reason: Option<String>,
    /// The acceptance criteria, as in the PRD.
    criteria: Vec<String>,
    /// What validators said of them, the last word on each; a criterion that nobody judged is not in it.
    judged: Vec<JudgedEntry>,
    /// What the agent that built it offers as evidence, in its own words.
    evidence: Vec<String>,
}

/// A validator's word on one criterion.
#[derive(Debug, Serialize, JsonSchema)]
struct JudgedEntry {
    /// Which of `criteria`, counted from 1.
    criterion: u32,
    /// The word.
    verdict: CriterionWord,
    /// Whose it is.
    by: Role,
    /// What it saw, in its own words; often a command and its result.
    evidence: String,
}

/// One run of one gate.
#[derive(Debug, Serialize, JsonSchema)]
struct GateEntry {
    /// The gate's name.
    name: String,
    /// The command that was run.
    command: String,
    /// Whether it exited with 0.
    green: bool,
    /// Its exit code; null when it was killed or took too long.
    exit_code: Option<i32>,
    /// The signal that killed it.
    signal: Option<i32>,
    /// Whether it was killed because it took longer than its limit.
    timed_out: bool,
    /// How long it took.
    seconds: f64,
    /// `sha256:<hex>` of its whole output.
    log_digest: String,
    /// The file with its whole output, relative to this file.
    log: String,
}

/// The text of `verdict.json`.
///
/// # Errors
/// None for the verdicts that exist; serde's signature has one.
pub fn verdict_json(verdict: &Verdict, plan: &Plan, facts: &Facts) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(&VerdictFile::new(verdict, plan, facts))? + "\n")
}

/// The JSON Schema of `verdict.json`, published as `schemas/verdict.schema.json`.
///
/// # Errors
/// None for this layout; serde's signature has one.
pub fn verdict_schema() -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(&schemars::schema_for!(VerdictFile))? + "\n")
}

impl VerdictFile {
    fn new(verdict: &Verdict, plan: &Plan, facts: &Facts) -> Self {
        Self {
            phase: "final-validation",
            verdict: if verdict.pass { Word::Pass } else { Word::Fail },
            tests: verdict.tests,
            browser_check: verdict.browser_check,
            timestamp: facts.timestamp.clone(),
            schema: SCHEMA,
            version: facts.version.clone(),
            project: plan.project().to_owned(),
            run: verdict.run.to_string(),
            base: verdict.base.to_string(),
            tip: verdict.tip.to_string(),
            tree: facts.tree.clone(),
            branch: verdict.run.loop_branch(),
            seconds: seconds(verdict.took_ms),
            epics: verdict.epics.iter().map(|epic| EpicEntry::new(epic, plan)).collect(),
            gates: verdict.gates.iter().map(GateEntry::new).collect(),
            findings: verdict.findings.clone(),
            usage: UsageEntry::new(verdict.usage),
            usage_by_role: by_role(&verdict.usage_by_role),
            open_risks: verdict.open_risks.clone(),
        }
    }
}

impl EpicEntry {
    fn new(epic: &EpicVerdict, plan: &Plan) -> Self {
        let (status, reason, blocked_by, merge_commit) = match &epic.outcome {
            Outcome::AlreadyCompleted => (EpicStatus::AlreadyCompleted, None, &[][..], None),
            Outcome::Merged { commit } => (EpicStatus::Merged, None, &[][..], Some(commit.to_string())),
            Outcome::Partial { reason } => (EpicStatus::Partial, Some(reason), &[][..], None),
            Outcome::Failed { reason } => (EpicStatus::Failed, Some(reason), &[][..], None),
            Outcome::MergeFailed { reason } => (EpicStatus::MergeFailed, Some(reason), &[][..], None),
            Outcome::Blocked { by } => (EpicStatus::Blocked, None, by.as_slice(), None),
            Outcome::LeftOut => (EpicStatus::LeftOut, None, &[][..], None),
            Outcome::Interrupted => (EpicStatus::Interrupted, None, &[][..], None),
        };
        Self {
            id: epic.id.to_string(),
            title: plan.epic(&epic.id).map(|planned| planned.title.clone()).unwrap_or_default(),
            status,
            reason: reason.cloned(),
            blocked_by: blocked_by.iter().map(EpicId::to_string).collect(),
            attempts: epic.attempts,
            fix_cycles: epic.fix_cycles,
            branch: epic.branch.clone(),
            branch_tip: epic.tip.as_ref().map(ToString::to_string),
            merge_commit,
            stories: stories_of(epic, plan).map(|(story, proof)| StoryEntry::new(epic, story, proof)).collect(),
            gates: epic.gates.iter().map(GateEntry::new).collect(),
            usage: UsageEntry::new(epic.usage),
            usage_by_role: by_role(&epic.usage_by_role),
            usage_by_story: by_story(&epic.usage_by_story),
            usage_of_no_single_story: epic.usage_by_story.shared.map(UsageEntry::new),
        }
    }
}

impl StoryEntry {
    fn new(epic: &EpicVerdict, story: &Story, proof: Option<&StoryProof>) -> Self {
        let rests_on = proof_of(story, proof);
        let numbers = (1..).zip(&story.acceptance_criteria).map(|(n, _)| n);
        Self {
            id: story.id.to_string(),
            title: story.title.clone(),
            passes: rests_on != Proof::None,
            proof: rests_on,
            commit: proof.and_then(|proof| proof.commit.as_ref()).map(ToString::to_string),
            reason: proof.and_then(|proof| proof.reason.clone()),
            criteria: story.acceptance_criteria.clone(),
            judged: numbers.filter_map(|n| epic.judged(&story.id, n)).map(JudgedEntry::new).collect(),
            evidence: proof.map(|proof| proof.evidence.clone()).unwrap_or_default(),
        }
    }
}

impl JudgedEntry {
    fn new(judged: &Judged) -> Self {
        let CriterionJudgement { criterion, verdict, evidence, .. } = &judged.word;
        Self { criterion: *criterion, verdict: *verdict, by: judged.by, evidence: evidence.clone() }
    }
}

impl GateEntry {
    fn new(gate: &GateOutcome) -> Self {
        let (exit_code, signal) = match gate.end {
            GateEnd::Exited(code) => (Some(code), None),
            GateEnd::Killed(signal) => (None, Some(signal)),
            GateEnd::TimedOut => (None, None),
        };
        Self {
            name: gate.name.clone(),
            command: gate.command.clone(),
            green: gate.green(),
            exit_code,
            signal,
            timed_out: gate.end == GateEnd::TimedOut,
            seconds: seconds(gate.took_ms),
            log_digest: gate.log_digest.clone(),
            log: gate.log.clone(),
        }
    }
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::super::write_verdict::tests::{commit, epic, facts, judged, plan, proof, story, verdict};
    use super::*;
    use crate::domain::id::StoryId;
    use crate::domain::usage::{ByStory, Usage};

    fn json(verdict: &Verdict, plan: &Plan) -> serde_json::Value {
        serde_json::from_str(&verdict_json(verdict, plan, &facts()).expect("text")).expect("json")
    }

    #[test]
    fn it_begins_with_the_five_fields_that_ralph_teams_1_0_wrote() {
        let value = json(&verdict(true, vec![]), &plan(&[]));
        let keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys[..5], ["phase", "verdict", "tests", "browser_check", "timestamp"]);
        assert_eq!(value["phase"], "final-validation");
        assert_eq!(
            (&value["verdict"], &value["tests"], &value["browser_check"]),
            (&"pass".into(), &"pass".into(), &"na".into())
        );
    }

    #[test]
    fn every_story_of_the_plan_is_there_with_what_its_word_rests_on() {
        let stories =
            [story("S1", false), story("S2", false), story("S3", false), story("S4", true), story("S5", false)];
        let proofs = vec![proof("S1", true, Some(commit('d'))), proof("S2", true, None), proof("S3", false, None)];
        let partial = Outcome::Partial { reason: "S3 fails".into() };
        let value = json(&verdict(false, vec![epic("A", partial, proofs)]), &plan(&[("A", &stories)]));
        let said: Vec<(bool, &str)> = value["epics"][0]["stories"]
            .as_array()
            .expect("stories")
            .iter()
            .map(|story| (story["passes"].as_bool().expect("bool"), story["proof"].as_str().expect("text")))
            .collect();
        assert_eq!(
            said,
            [(true, "commit"), (true, "unproven"), (false, "none"), (true, "earlier-run"), (false, "none")]
        );
        assert_eq!(value["epics"][0]["stories"][0]["criteria"][0], "criterion of S1");
        assert_eq!(value["epics"][0]["stories"][2]["reason"], "the button is missing");
        assert_eq!(
            (&value["epics"][0]["status"], &value["epics"][0]["reason"]),
            (&"partial".into(), &"S3 fails".into())
        );
    }

    #[test]
    fn a_word_on_a_criterion_stands_beside_it_with_whose_it_is() {
        let judged = vec![judged("S1", 1, CriterionWord::Proven), judged("S1", 2, CriterionWord::Missing)];
        let epic = EpicVerdict { judged, ..epic("A", Outcome::Interrupted, vec![]) };
        let value = json(&verdict(false, vec![epic]), &plan(&[("A", &[story("S1", false), story("S2", false)])]));
        let stories = &value["epics"][0]["stories"];
        let expected =
            serde_json::json!([{ "criterion": 1, "verdict": "proven", "by": "epic-validator", "evidence": "seen" }]);
        assert_eq!(stories[0]["judged"], expected, "a word on a criterion that is not there is left out");
        assert_eq!(stories[1]["judged"], serde_json::json!([]));
    }

    #[test]
    fn a_gate_says_how_it_ended_and_what_it_printed() {
        let value = json(&verdict(false, vec![]), &plan(&[]));
        assert_eq!((&value["gates"][0]["exit_code"], &value["gates"][0]["seconds"]), (&0.into(), &1.5.into()));
        assert_eq!((&value["gates"][1]["exit_code"], &value["gates"][1]["timed_out"]), (&().into(), &true.into()));
        assert_eq!(value["gates"][1]["green"], false);
        assert_eq!(value["usage"]["cost_usd"], 1.25);
    }

    #[test]
    fn what_nobody_knows_is_null_and_never_nothing() {
        let unknown = Verdict { usage: Usage::UNKNOWN, ..verdict(true, vec![]) };
        let value = json(&unknown, &plan(&[]));
        assert_eq!((&value["usage"]["cost_usd"], &value["usage"]["input_tokens"]), (&().into(), &().into()));
        assert_eq!(
            (&value["usage"]["unpriced_sessions"], &value["usage"]["uncounted_sessions"]),
            (&1.into(), &1.into())
        );
        assert_eq!(value["usage_by_role"]["team-lead"]["cost_usd"], 1.25);
        let parts = ByStory { alone: [(StoryId::new("S1").expect("an id"), Usage::UNKNOWN)].into(), shared: None };
        let epic = EpicVerdict { usage_by_story: parts, ..epic("A", Outcome::Interrupted, vec![]) };
        let epic = &json(&verdict(true, vec![epic]), &plan(&[]))["epics"][0];
        assert_eq!(epic["usage_by_story"]["S1"]["uncounted_sessions"], 1);
        assert_eq!(epic.get("usage_of_no_single_story"), Some(&().into()));
    }
}
