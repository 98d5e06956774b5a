//! The report of a validator: whether it is complete and fits together, and the file that it becomes.

use std::collections::BTreeSet;

use serde_json::json;

use super::arguments::{Criterion, CriterionWord, ReportValidation, VerdictWord};
use super::epic::CriterionOf;
use crate::domain::role::Role;
use crate::effects::prompt::phase;
use crate::effects::text::one_line;

/// Criteria that an answer names at most.
const MOST_NAMED: usize = 20;

/// The file of a validator's report, in the form that is read after its session. What it found contradicted or missing
/// becomes a finding of its own, because findings are what is mended. `stamp`: the time of day.
///
/// # Errors
/// It is not complete, or contradicts itself; in words for the agent.
pub fn file_of(
    report: &ReportValidation,
    expected: &[CriterionOf<'_>],
    caller: Role,
    stamp: &str,
) -> Result<String, String> {
    known_and_once(report, expected)?;
    let failed: Vec<&Criterion> = report
        .criteria
        .iter()
        .filter(|one| crate::domain::report::CriterionWord::from(one.verdict).speaks_against())
        .collect();
    let passes = report.verdict == VerdictWord::Pass;
    if passes && !failed.is_empty() {
        let named = named(failed.iter().map(|one| (one.story.as_str(), one.criterion)));
        return Err(format!("the verdict is `pass`, but these criteria do not hold: {named}; one of the two is wrong"));
    }
    let left_out =
        expected.iter().filter(|(story, n, _)| !report.criteria.iter().any(|one| is(one, story.as_str(), *n)));
    let left_out: Vec<(&str, u32)> = left_out.map(|(story, n, _)| (story.as_str(), *n)).collect();
    if passes && !left_out.is_empty() {
        let named = named(left_out.into_iter());
        return Err(format!("a `pass` needs a word on every criterion; these are missing: {named}"));
    }
    let is_proven = |one: &Criterion| one.verdict == CriterionWord::Proven;
    if passes && !expected.is_empty() && !report.criteria.iter().any(is_proven) {
        return Err(
            "a `pass` needs something that you saw hold, and no criterion is `proven`: look at what you can, or \
                    report a `fail` that says what could not be looked at"
                .to_owned(),
        );
    }
    let mut findings: Vec<String> = report.findings.iter().map(|text| one_line(text)).collect();
    findings.extend(failed.into_iter().map(|one| finding(one, expected)));
    findings.retain(|text| !text.is_empty());
    if !passes && findings.is_empty() {
        return Err("a `fail` needs at least one finding that a builder can act on".to_owned());
    }
    // By the very id, or the verdict would not find the story of a word.
    let trimmed = |one: &Criterion| Criterion { story: one.story.trim().to_owned(), ..one.clone() };
    let words: Vec<Criterion> = report.criteria.iter().map(trimmed).collect();
    let whole = json!({
        "phase": phase(caller),
        "verdict": report.verdict,
        "tests": report.tests,
        "browser_check": report.browser_check,
        "timestamp": stamp,
        "findings": findings,
        "criteria": words,
    });
    Ok(format!("{whole:#}\n"))
}

fn known_and_once(report: &ReportValidation, expected: &[CriterionOf<'_>]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for one in &report.criteria {
        let (story, n) = (one_line(&one.story), one.criterion);
        if !expected.iter().any(|(story, n, _)| is(one, story.as_str(), *n)) {
            return Err(format!("there is no criterion {n} of {story:?} to judge; `get_epic` tells them"));
        }
        if !seen.insert((one.story.trim(), n)) {
            return Err(format!("criterion {n} of {story:?} is judged twice; keep one"));
        }
    }
    Ok(())
}

fn is(one: &Criterion, story: &str, n: u32) -> bool {
    one.story.trim() == story && one.criterion == n
}

fn finding(one: &Criterion, expected: &[CriterionOf<'_>]) -> String {
    let says = expected.iter().find(|(story, n, _)| is(one, story.as_str(), *n)).map_or("", |(_, _, text)| text);
    let how = if one.verdict == CriterionWord::Missing { "nothing was done for it" } else { "it does not hold" };
    let (story, n, says, evidence) = (one_line(&one.story), one.criterion, one_line(says), one_line(&one.evidence));
    let seen = if evidence.is_empty() { String::new() } else { format!(": {evidence}") };
    format!("{story}, criterion {n} ({says}): {how}{seen}")
}

fn named<'a>(criteria: impl Iterator<Item = (&'a str, u32)>) -> String {
    let all: Vec<String> = criteria.map(|(story, n)| format!("{} {n}", one_line(story))).collect();
    let more = all.len().saturating_sub(MOST_NAMED);
    let named = all[..all.len() - more].join(", ");
    if more == 0 { named } else { format!("{named}, and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::StoryId;
    use crate::domain::report::{Check, parse_validation};
    use crate::effects::desk::arguments::read;

    fn judged(report: serde_json::Value) -> Result<String, String> {
        let (a, b) = (StoryId::new("a").expect("an id"), StoryId::new("b").expect("an id"));
        let expected = [(&a, 1, "it works"), (&a, 2, "there is a test"), (&b, 1, "it is fast")];
        let report = read(report.as_object().cloned().expect("an object")).expect("arguments");
        file_of(&report, &expected, Role::FinalValidator, "2026-11-20T10:15:00+01:00")
    }

    fn all(word: &str) -> serde_json::Value {
        json!([
            { "story": "a", "criterion": 1, "verdict": "proven", "evidence": "12 passed" },
            { "story": "a", "criterion": 2, "verdict": "unverified" },
            { "story": "b", "criterion": 1, "verdict": word, "evidence": "it takes\n9 s" },
        ])
    }

    #[test]
    fn a_complete_pass_becomes_the_file_that_is_read_after_the_session() {
        let file = judged(json!({ "verdict": "pass", "tests": "pass", "criteria": all("proven") })).expect("accepted");
        let report = parse_validation(file.as_bytes()).expect("the usual form");
        assert_eq!((report.pass, report.tests, report.browser_check), (true, Check::Pass, Check::Na));
        assert!(report.findings.is_empty() && file.contains("12 passed"), "{file}");
    }

    #[test]
    fn a_word_is_on_the_very_story_also_when_its_id_was_written_with_blanks() {
        let word = json!({ "story": " a ", "criterion": 2, "verdict": "missing" });
        let file = judged(json!({ "verdict": "fail", "criteria": [word] })).expect("accepted");
        let report = parse_validation(file.as_bytes()).expect("the usual form");
        assert_eq!(report.criteria.iter().map(|word| word.story.as_str()).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn a_criterion_that_does_not_hold_becomes_a_finding() {
        let file =
            judged(json!({ "verdict": "fail", "findings": ["the footer overlaps"], "criteria": all("contradicted") }));
        let report = parse_validation(file.expect("accepted").as_bytes()).expect("the usual form");
        let expected = ["the footer overlaps", "b, criterion 1 (it is fast): it does not hold: it takes 9 s"];
        assert_eq!((report.pass, report.findings), (false, expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_report_that_is_incomplete_or_contradicts_itself_is_refused_with_what_to_do() {
        let unseen: Vec<_> = [("a", 1), ("a", 2), ("b", 1)]
            .map(|(story, n)| json!({ "story": story, "criterion": n, "verdict": "unverified" }))
            .to_vec();
        for (report, what) in [
            (json!({ "verdict": "pass" }), "these are missing: a 1, a 2, b 1"),
            (json!({ "verdict": "pass", "criteria": all("missing") }), "do not hold: b 1"),
            (json!({ "verdict": "pass", "criteria": unseen }), "something that you saw hold"),
            (json!({ "verdict": "fail" }), "at least one finding"),
            (
                json!({ "verdict": "fail", "criteria": [{ "story": "a", "criterion": 3, "verdict": "proven" }] }),
                "no criterion 3",
            ),
            (
                json!({ "verdict": "fail", "criteria": [{ "story": "a", "criterion": 1, "verdict": "proven" },
                                                        { "story": "a", "criterion": 1, "verdict": "missing" }] }),
                "twice",
            ),
        ] {
            let fault = judged(report).expect_err(what);
            assert!(fault.contains(what), "{fault}");
        }
    }
}
