//! The judgement of a check: pure, from what was found to what that means. It never asks who claims something,
//! only what git and the gates show.

use super::command::Finding;
use super::event::{Checkup, ReportFound, SessionFailure};
use crate::domain::id::StoryId;
use crate::domain::outcome::StoryProof;

/// What a check means for its track.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Judgement {
    /// Everything that was asked for is there.
    Proven,
    /// Something must be mended.
    Findings(Vec<Finding>),
    /// The session left nothing that could be judged; it counts as a failed attempt.
    NothingUsable(String),
}

/// Judges a check. `asked` are the stories that had to be proven, `known` what earlier checks found of them (a story
/// that the report of a fix does not speak of stays what it was), `against` what else stands against it (gates).
pub(super) fn judge(
    asked: &[StoryId],
    known: &[StoryProof],
    checkup: &Checkup,
    failure: Option<&SessionFailure>,
    against: Vec<Finding>,
) -> Judgement {
    let proofs: &[StoryProof] = match &checkup.report {
        ReportFound::Read(proofs) => proofs,
        ReportFound::NotAsked => match failure {
            Some(failure) if checkup.n_commits == 0 => return Judgement::NothingUsable(failure.detail.clone()),
            Some(_) | None => &[],
        },
        ReportFound::Missing => return Judgement::NothingUsable(without_report(failure, "it left no report")),
        ReportFound::Faulty(fault) => {
            return Judgement::NothingUsable(without_report(failure, &format!("its report cannot be read: {fault}")));
        }
    };
    if !asked.is_empty() && checkup.n_commits == 0 && proofs.iter().any(|proof| proof.passes) {
        return Judgement::NothingUsable("it says that stories are done, but nothing was committed".to_owned());
    }
    let mut findings: Vec<Finding> = checkup.violations.iter().cloned().map(Finding::Violation).collect();
    findings.extend(against);
    findings.extend(asked.iter().filter_map(|id| story_finding(id, proofs, known)));
    if findings.is_empty() { Judgement::Proven } else { Judgement::Findings(findings) }
}

fn story_finding(id: &StoryId, proofs: &[StoryProof], known: &[StoryProof]) -> Option<Finding> {
    let reason = match proofs.iter().chain(known).find(|proof| proof.id == *id) {
        Some(proof) if proof.passes => return None,
        Some(proof) => proof.reason.clone().unwrap_or_else(|| "the report gives no reason".to_owned()),
        None => "the report does not speak of it".to_owned(),
    };
    Some(Finding::Story { id: id.clone(), reason })
}

fn without_report(failure: Option<&SessionFailure>, otherwise: &str) -> String {
    failure.map_or_else(|| otherwise.to_owned(), |failure| failure.detail.clone())
}

/// One line that says what findings are about, for outcomes.
pub(super) fn headline(findings: &[Finding]) -> String {
    let mut lines: Vec<String> = findings.iter().map(one_line).collect();
    let more = lines.len().saturating_sub(3);
    lines.truncate(3);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("; ")
}

fn one_line(finding: &Finding) -> String {
    match finding {
        Finding::GateRed(gate) => format!("gate `{}` is red", gate.name),
        Finding::GateRedMerged(gate) => format!("gate `{}` is red once it is merged", gate.name),
        Finding::Story { id, reason } => format!("{id}: {reason}"),
        Finding::Report(text) | Finding::Violation(text) | Finding::Session(text) | Finding::Validation(text) => {
            text.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gate::{GateEnd, GateOutcome};
    use crate::domain::id::CommitId;
    use crate::scheduler::event::FailureKind;

    fn id(text: &str) -> StoryId {
        StoryId::new(text).expect("an id")
    }

    fn proof(text: &str, passes: bool) -> StoryProof {
        let reason = (!passes).then(|| "no luck".to_owned());
        StoryProof { id: id(text), passes, reason, commit: None, evidence: vec![] }
    }

    fn checkup(report: ReportFound) -> Checkup {
        let tip = CommitId::new(&"a".repeat(40)).expect("a commit id");
        Checkup { tip, n_commits: 1, leftovers: vec![], report, violations: vec![], gates: vec![] }
    }

    fn red(name: &str) -> GateOutcome {
        GateOutcome {
            name: name.to_owned(),
            command: "false".to_owned(),
            end: GateEnd::Exited(1),
            took_ms: 1,
            log_digest: String::new(),
            log: String::new(),
            tail: String::new(),
        }
    }

    #[test]
    fn all_stories_with_green_gates_are_proven() {
        let found = checkup(ReportFound::Read(vec![proof("a", true)]));
        assert_eq!(judge(&[id("a")], &[], &found, None, vec![]), Judgement::Proven);
    }

    #[test]
    fn complete_work_counts_although_the_session_ended_badly() {
        let failure = SessionFailure::new(FailureKind::Crashed, "exit code 1");
        let found = checkup(ReportFound::Read(vec![proof("a", true)]));
        assert_eq!(judge(&[id("a")], &[], &found, Some(&failure), vec![]), Judgement::Proven);
    }

    #[test]
    fn a_missing_report_is_a_failed_attempt_and_the_session_says_why() {
        let failure = SessionFailure::new(FailureKind::Crashed, "exit code 1");
        let found = checkup(ReportFound::Missing);
        let expected = Judgement::NothingUsable("exit code 1".to_owned());
        assert_eq!(judge(&[id("a")], &[], &found, Some(&failure), vec![]), expected);
    }

    #[test]
    fn claims_without_any_commit_are_worth_nothing() {
        let mut found = checkup(ReportFound::Read(vec![proof("a", true)]));
        found.n_commits = 0;
        assert!(matches!(judge(&[id("a")], &[], &found, None, vec![]), Judgement::NothingUsable(_)));
    }

    #[test]
    fn a_story_that_a_later_report_leaves_out_stays_what_it_was() {
        let found = checkup(ReportFound::Read(vec![proof("b", true)]));
        assert_eq!(judge(&[id("a"), id("b")], &[proof("a", true)], &found, None, vec![]), Judgement::Proven);
    }

    #[test]
    fn every_finding_is_given_back_at_once() {
        let mut found = checkup(ReportFound::Read(vec![proof("a", false)]));
        found.violations.push("a conflict marker is left in x".to_owned());
        let expected = vec![
            Finding::Violation("a conflict marker is left in x".to_owned()),
            Finding::GateRed(red("test")),
            Finding::Story { id: id("a"), reason: "no luck".to_owned() },
            Finding::Story { id: id("b"), reason: "the report does not speak of it".to_owned() },
        ];
        assert_eq!(
            judge(&[id("a"), id("b")], &[], &found, None, vec![Finding::GateRed(red("test"))]),
            Judgement::Findings(expected)
        );
    }
}
