//! `report.md`: the run's result for people. Nothing that an agent wrote can pose as a heading, a table or a link of ours.

use std::fmt::Write as _;

use super::markdown::{code, plain};
use super::report_usage::usage;
use super::write_verdict::{Facts, Proof, proof_of, stories_of};
use crate::domain::gate::{GateEnd, GateOutcome};
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::domain::report::{Check, CriterionWord};
use crate::domain::verdict::{EpicVerdict, Judged, Verdict};

/// The text of `report.md`.
#[must_use]
pub fn report_md(verdict: &Verdict, plan: &Plan, facts: &Facts) -> String {
    let sections = [
        summary(verdict, plan, facts),
        epics_table(verdict, plan),
        not_merged(verdict),
        gates_section(verdict),
        list("What the final validator found", &verdict.findings),
        list("Open risks", &verdict.open_risks),
        evidence(verdict, plan),
        usage(verdict),
    ];
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

fn summary(verdict: &Verdict, plan: &Plan, facts: &Facts) -> String {
    let merged = verdict.epics.iter().filter(|epic| is_in(&epic.outcome)).count();
    let red = verdict.gates.iter().filter(|gate| !gate.green()).count();
    let word = if verdict.pass { "PASS" } else { "FAIL" };
    let gates = match (verdict.gates.len(), red) {
        (0, _) => "no gates are configured".to_owned(),
        (n, 0) => format!("all {n} gates are green on the tip"),
        (n, red) => format!("{red} of {n} gates are red on the tip"),
    };
    format!(
        "# {}: {word}\n\n\
         **{word}**: {merged} of {} epics are merged, {gates}; tests: {}, browser: {}.\n\n\
         - Run {} on {}, {} of running time, by ralph-teams {}\n\
         - Result: branch {}, tip {}, tree {}, from base {}\n\
         - All changes: `git diff {}..{}`\n",
        plain(plan.project()),
        verdict.epics.len(),
        check(verdict.tests),
        check(verdict.browser_check),
        verdict.run,
        facts.timestamp,
        duration(verdict.took_ms),
        facts.version,
        code(&verdict.run.loop_branch()),
        code(verdict.tip.as_str()),
        code(&facts.tree),
        code(verdict.base.as_str()),
        verdict.base.short(),
        verdict.tip.short(),
    )
}

fn epics_table(verdict: &Verdict, plan: &Plan) -> String {
    let mut text = String::from(
        "## Epics\n\n| epic | title | result | stories | attempts | merge commit |\n|---|---|---|---|---|---|\n",
    );
    for epic in &verdict.epics {
        let title = plan.epic(&epic.id).map(|planned| planned.title.as_str()).unwrap_or_default();
        let (passed, all) = stories_of(epic, plan).fold((0, 0), |(passed, all), (story, proof)| {
            (passed + usize::from(proof_of(story, proof) != Proof::None), all + 1)
        });
        let merge = match &epic.outcome {
            Outcome::Merged { commit } => commit.short(),
            Outcome::AlreadyCompleted
            | Outcome::Partial { .. }
            | Outcome::Failed { .. }
            | Outcome::MergeFailed { .. }
            | Outcome::Blocked { .. }
            | Outcome::LeftOut
            | Outcome::Interrupted => "",
        };
        let (id, title, result) = (plain(epic.id.as_str()), plain(title), result(&epic.outcome));
        put(&mut text, format_args!("| {id} | {title} | {result} | {passed}/{all} | {} | {merge} |\n", epic.attempts));
    }
    text
}

fn not_merged(verdict: &Verdict) -> String {
    let mut text = String::new();
    for epic in verdict.epics.iter().filter(|epic| !is_in(&epic.outcome)) {
        put(
            &mut text,
            format_args!("- **{}** {}{}\n", plain(epic.id.as_str()), result(&epic.outcome), why(&epic.outcome)),
        );
        if let Some(branch) = &epic.branch {
            put(
                &mut text,
                format_args!("  - its work: {}\n", code(&format!("git log -p {}..{branch}", verdict.tip.short()))),
            );
        }
    }
    if text.is_empty() { text } else { format!("## Not merged\n\n{text}") }
}

fn gates_section(verdict: &Verdict) -> String {
    let mut text = String::from("## Gates on the tip\n\n");
    if verdict.gates.is_empty() {
        text.push_str("None are configured: nothing but the agents' word and git stands behind this result.\n");
    }
    for gate in &verdict.gates {
        gate_lines(&mut text, "", gate);
    }
    text
}

fn gate_lines(text: &mut String, indent: &str, gate: &GateOutcome) {
    let end = match gate.end {
        GateEnd::Exited(0) => "green, exit code 0".to_owned(),
        GateEnd::Exited(code) => format!("RED, exit code {code}"),
        GateEnd::Killed(signal) => format!("RED, killed by signal {signal}"),
        GateEnd::TimedOut => "RED, took longer than its limit".to_owned(),
    };
    let (name, command, took) = (plain(&gate.name), code(&gate.command), duration(gate.took_ms));
    put(text, format_args!("{indent}- gate {name}: {end}, {took}, {command}\n"));
    put(text, format_args!("{indent}  - log {}, {}\n", code(&gate.log), code(&gate.log_digest)));
}

fn list(title: &str, items: &[String]) -> String {
    let items: String = items.iter().map(|item| format!("- {}\n", plain(item))).collect();
    if items.is_empty() { items } else { format!("## {title}\n\n{items}") }
}

fn evidence(verdict: &Verdict, plan: &Plan) -> String {
    let mut text = String::from("## Evidence\n");
    for epic in &verdict.epics {
        epic_evidence(&mut text, epic, plan);
    }
    text
}

fn epic_evidence(text: &mut String, epic: &EpicVerdict, plan: &Plan) {
    put(text, format_args!("\n### Epic {}\n\n", plain(epic.id.as_str())));
    for (story, proof) in stories_of(epic, plan) {
        let word = match proof_of(story, proof) {
            Proof::Commit => "passes, proven by a commit",
            Proof::Unproven => "passes the gates, but no commit was named: unproven",
            Proof::EarlierRun => "passes, by the word of an earlier run",
            Proof::None if proof.is_some() => "DOES NOT PASS",
            Proof::None => "NOT DONE, nothing was checked",
        };
        put(text, format_args!("- **{}** {}: {word}\n", plain(story.id.as_str()), plain(&story.title)));
        for (n, criterion) in (1..).zip(&story.acceptance_criteria) {
            put(text, format_args!("  - criterion: {}\n", plain(criterion)));
            if let Some(judged) = epic.judged(&story.id, n) {
                judged_line(text, judged);
            }
        }
        let Some(proof) = proof else { continue };
        if let Some(commit) = &proof.commit {
            put(text, format_args!("  - commit: `git show {commit}`\n"));
        }
        if let Some(reason) = &proof.reason {
            put(text, format_args!("  - reason: {}\n", plain(reason)));
        }
        for said in &proof.evidence {
            put(text, format_args!("  - the agent says: {}\n", plain(said)));
        }
    }
    for gate in &epic.gates {
        gate_lines(text, "", gate);
    }
}

/// Whether the epic's work is in the result.
fn judged_line(text: &mut String, judged: &Judged) {
    let word = match judged.word.verdict {
        CriterionWord::Proven => "it holds",
        CriterionWord::Contradicted => "it does NOT HOLD",
        CriterionWord::Missing => "NOTHING was done for it",
        CriterionWord::Unverified => "it could not be looked at",
    };
    let evidence = plain(&judged.word.evidence);
    let seen = if evidence.is_empty() { String::new() } else { format!(": {evidence}") };
    put(text, format_args!("    - the {} says: {word}{seen}\n", judged.by.name()));
}

fn is_in(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::AlreadyCompleted | Outcome::Merged { .. } => true,
        Outcome::Partial { .. }
        | Outcome::Failed { .. }
        | Outcome::MergeFailed { .. }
        | Outcome::Blocked { .. }
        | Outcome::LeftOut
        | Outcome::Interrupted => false,
    }
}

fn result(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::AlreadyCompleted => "completed by an earlier run",
        Outcome::Merged { .. } => "merged",
        Outcome::Partial { .. } => "partial",
        Outcome::Failed { .. } => "failed",
        Outcome::MergeFailed { .. } => "proven, but not mergeable",
        Outcome::Blocked { .. } => "blocked",
        Outcome::LeftOut => "left out",
        Outcome::Interrupted => "interrupted",
    }
}

fn why(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Partial { reason } | Outcome::Failed { reason } | Outcome::MergeFailed { reason } => {
            format!(": {}", plain(reason))
        }
        Outcome::Blocked { by } => {
            let by: Vec<String> = by.iter().map(|id| plain(id.as_str())).collect();
            format!(" by {}", by.join(", "))
        }
        Outcome::AlreadyCompleted | Outcome::Merged { .. } | Outcome::LeftOut | Outcome::Interrupted => String::new(),
    }
}

fn check(check: Check) -> &'static str {
    match check {
        Check::Pass => "pass",
        Check::Fail => "fail",
        Check::Na => "not applicable",
    }
}

fn duration(ms: u64) -> String {
    let seconds = ms / 1_000;
    match (seconds / 3_600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds}.{} s", ms % 1_000 / 100),
        (0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(line);
}

#[cfg(test)]
mod tests {
    use super::super::write_verdict::tests::{commit, epic, facts, judged, plan, proof, story, verdict};
    use super::*;
    use crate::domain::usage::{ByStory, Usage};

    fn report() -> String {
        let plan = plan(&[("A", &[story("S1", false)]), ("B", &[story("S2", false)]), ("C", &[])]);
        let epics = vec![
            epic("A", Outcome::Merged { commit: commit('f') }, vec![proof("S1", true, Some(commit('d')))]),
            epic("B", Outcome::Partial { reason: "S2 fails".into() }, vec![proof("S2", false, None)]),
            EpicVerdict {
                branch: None,
                ..epic("C", Outcome::Blocked { by: vec!["B".to_owned().try_into().expect("an id")] }, vec![])
            },
        ];
        report_md(&verdict(false, epics), &plan, &facts())
    }

    #[test]
    fn what_a_validator_says_of_a_criterion_stands_below_it() {
        let merged = epic("A", Outcome::Merged { commit: commit('f') }, vec![]);
        let judged = vec![judged("S1", 1, CriterionWord::Unverified), judged("S2", 1, CriterionWord::Contradicted)];
        let plan = plan(&[("A", &[story("S1", false), story("S2", false), story("S3", false)])]);
        let text = report_md(&verdict(true, vec![EpicVerdict { judged, ..merged }]), &plan, &facts());
        let said: Vec<&str> =
            text.lines().filter(|line| line.contains("criterion") || line.contains("says:")).collect();
        let expected = [
            "  - criterion: criterion of S1",
            "    - the epic-validator says: it could not be looked at: seen",
            "  - criterion: criterion of S2",
            "    - the epic-validator says: it does NOT HOLD: seen",
            "  - criterion: criterion of S3",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn what_sessions_consumed_for_one_story_alone_stands_beside_the_rest_of_its_epic() {
        let id = |id: &str| id.to_owned().try_into().expect("an id");
        let known = Usage { output_tokens: 7, cost_microdollars: 10_000, ..Usage::default() };
        let parts = ByStory {
            alone: [(id("S1"), known), (id("S2"), Usage::UNKNOWN)].into(),
            shared: Some(known.plus(Usage::UNKNOWN)),
        };
        let merged = epic("A", Outcome::Merged { commit: commit('f') }, vec![]);
        let text = report_md(
            &verdict(true, vec![EpicVerdict { usage: parts.total(), usage_by_story: parts, ..merged }]),
            &plan(&[]),
            &facts(),
        );
        insta::assert_snapshot!(text.split("| epic A ").nth(1).expect("a row"), @"
        | at least 0 | at least 0 | at least 14 | at least $0.02, not known of 2 sessions |
        | A: story S1 | 0 | 0 | 7 | $0.01 |
        | A: story S2 | not known | not known | not known | not known |
        | A: of no single story | at least 0 | at least 0 | at least 7 | at least $0.01, not known of 1 session |

        A story has what the sessions consumed that worked for it alone.

        Costs are in US dollars, as the agent programs state them or a table of prices says.
        ");
    }

    #[test]
    fn the_first_lines_say_the_result_and_where_it_is() {
        insta::assert_snapshot!(report().split("## Evidence").next().expect("a beginning"), @"
        # shop: FAIL

        **FAIL**: 1 of 3 epics are merged, 1 of 2 gates are red on the tip; tests: pass, browser: not applicable.

        - Run r1 on 2026-11-20T12:00:00+01:00, 1 min 30 s of running time, by ralph-teams 1.2.3
        - Result: branch `ralph/loop/r1`, tip `bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb`, tree `eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee`, from base `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`
        - All changes: `git diff aaaaaaaaaa..bbbbbbbbbb`

        ## Epics

        | epic | title | result | stories | attempts | merge commit |
        |---|---|---|---|---|---|
        | A | epic A | merged | 1/1 | 1 | ffffffffff |
        | B | epic B | partial | 0/1 | 1 |  |
        | C | epic C | blocked | 0/0 | 1 |  |

        ## Not merged

        - **B** partial: S2 fails
          - its work: `git log -p bbbbbbbbbb..ralph/epic/r1/b`
        - **C** blocked by B

        ## Gates on the tip

        - gate unit: green, exit code 0, 1.5 s, `make unit`
          - log `jobs/run.prove.1/gate-unit.log`, `sha256:5555555555555555555555555555555555555555555555555555555555555555`
        - gate slow: RED, took longer than its limit, 1.5 s, `make slow`
          - log `jobs/run.prove.1/gate-slow.log`, `sha256:5555555555555555555555555555555555555555555555555555555555555555`

        ## Open risks

        - no browser was looked at
        ");
    }

    #[test]
    fn each_criterion_stands_beside_its_evidence() {
        insta::assert_snapshot!(report().split("## Evidence\n").nth(1).expect("an end"), @"
        ### Epic A

        - **S1** story S1: passes, proven by a commit
          - criterion: criterion of S1
          - commit: `git show dddddddddddddddddddddddddddddddddddddddd`
          - the agent says: 12 tests passed
        - gate unit: green, exit code 0, 1.5 s, `make unit`
          - log `jobs/run.prove.1/gate-unit.log`, `sha256:5555555555555555555555555555555555555555555555555555555555555555`

        ### Epic B

        - **S2** story S2: DOES NOT PASS
          - criterion: criterion of S2
          - reason: the button is missing
          - the agent says: 12 tests passed
        - gate unit: green, exit code 0, 1.5 s, `make unit`
          - log `jobs/run.prove.1/gate-unit.log`, `sha256:5555555555555555555555555555555555555555555555555555555555555555`

        ### Epic C

        - gate unit: green, exit code 0, 1.5 s, `make unit`
          - log `jobs/run.prove.1/gate-unit.log`, `sha256:5555555555555555555555555555555555555555555555555555555555555555`

        ## Usage

        | of | tokens in | cached | out | cost |
        |---|---|---|---|---|
        | the run | 10 | 20 | 30 | at least $1.25, not known of 1 session |
        | team-lead | 0 | 0 | 30 | $1.25 |
        | epic A | not known | not known | not known | not known |
        | epic B | not known | not known | not known | not known |
        | epic C | not known | not known | not known | not known |

        Costs are in US dollars, as the agent programs state them or a table of prices says.
        ");
    }
}
