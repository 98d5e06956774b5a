//! The strict reading of reports. A fault names its line and column, so that the session that wrote the file can mend it.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Check, CriterionJudgement, LeadReport, REPORT_MAX_BYTES, StoryClaim, ValidationReport};
use crate::domain::id::{EpicId, StoryId};

/// Reads the report of a team lead of `expected`. Unknown fields are ignored; story ids that the epic does not have
/// are kept as claims, for the checks to judge.
///
/// # Errors
/// One sentence with line and column: what is wrong and what is expected there.
pub fn parse_lead(bytes: &[u8], expected: &EpicId) -> Result<LeadReport, String> {
    let shape = r#"{ "epicId": "...", "stories": { "<story id>": { "passes": true, ... } } }"#;
    let bytes = within_limits(bytes, shape)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let report = LeadSeed { expected }.deserialize(&mut json).map_err(|fault| say(&fault, shape))?;
    json.end().map_err(|fault| say(&fault, shape))?;
    Ok(report)
}

/// Reads the report of a validator; `tests` and `browser_check` count as [`Check::Na`] when they are missing. Words on
/// criteria that cannot be understood are left out: the verdict does not hang on them.
///
/// # Errors
/// One sentence with line and column: what is wrong and what is expected there.
pub fn parse_validation(bytes: &[u8]) -> Result<ValidationReport, String> {
    let shape = r#"{ "phase": "final-validation", "verdict": "pass" or "fail", "findings": [...] }"#;
    let bytes = within_limits(bytes, shape)?;
    let body: ValidationBody = serde_json::from_slice(bytes).map_err(|fault| say(&fault, shape))?;
    let ValidationBody { phase: Phase::Final | Phase::Epic | Phase::Story, .. } = body;
    let ValidationBody { verdict, tests, browser_check, findings, criteria, .. } = body;
    let words = criteria.as_ref().and_then(serde_json::Value::as_array).into_iter().flatten();
    let criteria: Vec<_> = words.filter_map(|word| CriterionJudgement::deserialize(word).ok()).collect();
    let pass = verdict == VerdictWord::Pass;
    if let Some(one) = criteria.iter().find(|one| pass && one.verdict.speaks_against()) {
        let CriterionJudgement { story, criterion, verdict, .. } = one;
        return Err(format!(
            "the verdict is `pass`, but criterion {criterion} of {story} is said to be {}; one of the two is wrong",
            verdict.word()
        ));
    }
    Ok(ValidationReport {
        pass,
        tests: tests.unwrap_or(Check::Na),
        browser_check: browser_check.unwrap_or(Check::Na),
        findings: findings.unwrap_or_default(),
        criteria,
    })
}

fn within_limits<'a>(bytes: &'a [u8], shape: &str) -> Result<&'a [u8], String> {
    if bytes.len() > REPORT_MAX_BYTES {
        return Err(format!(
            "the report is {} bytes long, more than the {REPORT_MAX_BYTES} that are read",
            bytes.len()
        ));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(format!("the report is empty (line 1, column 1); expected {shape}"));
    }
    Ok(bytes)
}

fn say(fault: &serde_json::Error, shape: &str) -> String {
    // serde_json appends the place by itself; ours stands in one form for every fault, and counts columns from 1.
    let (line, column) = (fault.line().max(1), fault.column().max(1));
    let whole = fault.to_string();
    let what = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(what, _place)| what);
    match fault.classify() {
        serde_json::error::Category::Eof => {
            format!("the report ends too early at line {line}, column {column}; expected {shape}")
        }
        serde_json::error::Category::Syntax => {
            format!("the report is not JSON: {what} at line {line}, column {column}; expected {shape}")
        }
        serde_json::error::Category::Data | serde_json::error::Category::Io => {
            format!("the report is wrong at line {line}, column {column}: {what}; expected {shape}")
        }
    }
}

/// Reads a lead's report by hand, because only inside of the parser is the place of a wrong epic id known.
struct LeadSeed<'a> {
    expected: &'a EpicId,
}

impl<'de> DeserializeSeed<'de> for LeadSeed<'_> {
    type Value = LeadReport;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<LeadReport, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for LeadSeed<'_> {
    type Value = LeadReport;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the report, an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LeadReport, A::Error> {
        let mut epic = None;
        let mut stories = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "epicId" if epic.is_some() => return Err(de::Error::duplicate_field("epicId")),
                "epicId" => {
                    let id: EpicId = map.next_value()?;
                    if id != *self.expected {
                        let expected = self.expected;
                        return Err(de::Error::custom(format!(
                            "this is epic {id:?}, not {expected:?}",
                            id = id.as_str(),
                            expected = expected.as_str()
                        )));
                    }
                    epic = Some(id);
                }
                "stories" if stories.is_some() => return Err(de::Error::duplicate_field("stories")),
                "stories" => stories = Some(map.next_value::<Stories>()?.0),
                _unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(LeadReport {
            epic: epic.ok_or_else(|| de::Error::missing_field("epicId"))?,
            stories: stories.ok_or_else(|| de::Error::missing_field("stories"))?,
        })
    }
}

/// The stories of a report in the order in which they were written; a story that is named twice is a fault.
struct Stories(Vec<StoryClaim>);

impl<'de> Deserialize<'de> for Stories {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StoriesVisitor)
    }
}

struct StoriesVisitor;

impl<'de> Visitor<'de> for StoriesVisitor {
    type Value = Stories;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object from story ids to what is said of each")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Stories, A::Error> {
        let mut named = BTreeSet::new();
        let mut claims = Vec::new();
        while let Some(id) = map.next_key::<StoryId>()? {
            if !named.insert(id.clone()) {
                return Err(de::Error::custom(format!("story {:?} is named twice", id.as_str())));
            }
            let ClaimBody { passes, failure_reason, commit, evidence } = map.next_value()?;
            claims.push(StoryClaim { id, passes, failure_reason, commit, evidence: evidence.unwrap_or_default() });
        }
        Ok(Stories(claims))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object like { \"passes\": true }")]
struct ClaimBody {
    passes: bool,
    failure_reason: Option<String>,
    commit: Option<String>,
    evidence: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ValidationBody {
    phase: Phase,
    verdict: VerdictWord,
    tests: Option<Check>,
    browser_check: Option<Check>,
    findings: Option<Vec<String>>,
    criteria: Option<serde_json::Value>,
}

/// What was judged. Whose report it is the runner knows by itself.
#[derive(Deserialize)]
enum Phase {
    #[serde(rename = "final-validation")]
    Final,
    #[serde(rename = "epic-validation")]
    Epic,
    #[serde(rename = "story-validation")]
    Story,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum VerdictWord {
    Pass,
    Fail,
}

#[cfg(test)]
mod tests {
    use super::super::CriterionWord;
    use super::*;
    use proptest::prelude::*;

    fn lead(text: &str) -> Result<LeadReport, String> {
        parse_lead(text.as_bytes(), &EpicId::new("EPIC-001").expect("an id"))
    }

    #[test]
    fn a_full_report_is_read_in_its_own_order() {
        let report = lead(
            r#"{"note": [1, {"x": null}], "stories": {
                 "US-002": {"passes": false, "failureReason": "no time", "commit": null, "evidence": []},
                 "US-001": {"passes": true, "failureReason": null, "commit": "ab", "evidence": ["12 passed"], "mood": 1}
               }, "epicId": "EPIC-001"}"#,
        )
        .expect("a report");
        assert_eq!(report.stories.iter().map(|claim| claim.id.as_str()).collect::<Vec<_>>(), ["US-002", "US-001"]);
        assert_eq!(report.stories[0].failure_reason.as_deref(), Some("no time"));
        assert_eq!(report.stories[1].commit.as_deref(), Some("ab"));
        assert_eq!(report.stories[1].evidence, ["12 passed"]);
    }

    #[test]
    fn commit_evidence_and_reason_may_be_missing() {
        let report = lead(r#"{"epicId": "EPIC-001", "stories": {"other": {"passes": true}}}"#).expect("a report");
        let expected = StoryClaim {
            id: StoryId::new("other").expect("an id"),
            passes: true,
            failure_reason: None,
            commit: None,
            evidence: vec![],
        };
        assert_eq!(report.stories, [expected]);
    }

    #[test]
    fn the_report_of_another_epic_is_a_fault_that_names_its_place() {
        let fault = lead("{\n  \"epicId\": \"EPIC-002\",\n  \"stories\": {}\n}").expect_err("a fault");
        assert!(fault.contains("line 2, column 22"), "{fault}");
        assert!(fault.contains("\"EPIC-002\", not \"EPIC-001\""), "{fault}");
    }

    #[test]
    fn wrong_types_are_faults_that_name_their_place() {
        for (text, place, what) in [
            (r#"{"epicId": 1}"#, "line 1, column 12", "expected a string"),
            (r#"{"epicId": "EPIC-001", "stories": []}"#, "line 1, column 34", "an object from story ids"),
            (
                "{\"epicId\": \"EPIC-001\", \"stories\": {\"a\":\n{\"passes\": \"yes\"}}}",
                "line 2, column 16",
                "a boolean",
            ),
            (r#"{"epicId": "EPIC-001", "stories": {"a": {}}}"#, "line 1, column 42", "missing field `passes`"),
            (
                r#"{"epicId": "EPIC-001", "stories": {"a": {"passes": true, "evidence": "x"}}}"#,
                "column 72",
                "a sequence",
            ),
            (
                r#"{"epicId": "EPIC-001", "stories": {"a": {"passes": true}, "a": {"passes": false}}}"#,
                "column",
                "twice",
            ),
            (r#"{"epicId": "EPIC-001", "stories": {" ": {"passes": true}}}"#, "column", "must not be empty"),
            (r#"{"epicId": "EPIC-001"}"#, "line 1, column 22", "missing field `stories`"),
            ("[]", "line 1, column 1", "the report, an object"),
        ] {
            let fault = lead(text).expect_err(text);
            assert!(fault.contains(place) && fault.contains(what), "{text}: {fault}");
        }
    }

    #[test]
    fn a_truncated_or_empty_report_is_a_fault() {
        let whole = r#"{"epicId": "EPIC-001", "stories": {"a": {"passes": true, "evidence": ["x"]}}}"#;
        assert!(lead(whole).is_ok());
        for length in 0..whole.len() {
            let fault = lead(&whole[..length]).expect_err("a fault");
            assert!(fault.contains("line 1, column"), "{fault}");
        }
        assert!(lead(&format!("{whole} and more")).expect_err("a fault").contains("not JSON"));
        assert!(lead("```json\n{}\n```").expect_err("a fault").contains("not JSON"));
    }

    #[test]
    fn a_report_that_is_too_long_is_a_fault() {
        let padded = format!("{}{}", r#"{"epicId": "EPIC-001", "stories": {}}"#, " ".repeat(REPORT_MAX_BYTES));
        assert!(lead(&padded).expect_err("a fault").contains("more than the 1048576"));
    }

    #[test]
    fn a_validation_needs_only_phase_and_verdict() {
        let report = parse_validation(br#"{"phase": "final-validation", "verdict": "fail", "timestamp": 3}"#);
        let expected = ValidationReport {
            pass: false,
            tests: Check::Na,
            browser_check: Check::Na,
            findings: vec![],
            criteria: vec![],
        };
        assert_eq!(report, Ok(expected));
    }

    #[test]
    fn words_on_criteria_are_read_as_far_as_they_are_understood() {
        let report = parse_validation(
            br#"{"phase": "epic-validation", "verdict": "pass", "criteria": [
                {"story": "US-001", "criterion": 2, "verdict": "proven", "evidence": "cargo test shop"},
                {"story": "US-001", "criterion": "all", "verdict": "proven"}, {"story": "US-002", "criterion": 1, "verdict": "unverified"}]}"#,
        );
        let found: Vec<_> = report.expect("a report").criteria;
        let found: Vec<_> = found.iter().map(|one| (one.story.as_str(), one.criterion, one.verdict)).collect();
        assert_eq!(found, [("US-001", 2, CriterionWord::Proven), ("US-002", 1, CriterionWord::Unverified)]);
        let other =
            parse_validation(br#"{"phase": "epic-validation", "verdict": "pass", "criteria": {"US-001": "ok"}}"#);
        assert_eq!(other.expect("a report").criteria, []);
        let rosy = br#"{"phase": "epic-validation", "verdict": "pass", "criteria": [{"story": "a", "criterion": 1, "verdict": "missing"}]}"#;
        assert!(parse_validation(rosy).expect_err("a fault").contains("criterion 1 of a is said to be missing"));
    }

    #[test]
    fn a_validation_is_read_whole() {
        let text = br#"{"phase": "final-validation", "verdict": "pass", "tests": "pass", "browser_check": "fail",
                        "timestamp": "2026-11-20T10:15:00Z", "findings": ["the footer overlaps"]}"#;
        let report = parse_validation(text).expect("a report");
        assert_eq!((report.pass, report.tests, report.browser_check), (true, Check::Pass, Check::Fail));
        assert_eq!(report.findings, ["the footer overlaps"]);
    }

    #[test]
    fn a_validation_with_other_words_is_a_fault() {
        for (text, what) in [
            (r#"{"phase": "story", "verdict": "pass"}"#, "`story`"),
            (r#"{"phase": "final-validation", "verdict": "maybe"}"#, "`maybe`"),
            (r#"{"phase": "final-validation", "verdict": true}"#, "line 1, column"),
            (r#"{"phase": "final-validation"}"#, "missing field `verdict`"),
            (r#"{"verdict": "pass"}"#, "missing field `phase`"),
        ] {
            let fault = parse_validation(text.as_bytes()).expect_err(text);
            assert!(fault.contains(what), "{text}: {fault}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_lead(&bytes, &EpicId::new("e").expect("an id"));
            let _ = parse_validation(&bytes);
        }

        #[test]
        fn a_damaged_report_never_panics(at in 0usize..76, byte in any::<u8>()) {
            let mut bytes = br#"{"epicId": "EPIC-001", "stories": {"a": {"passes": true, "evidence": ["x"]}}}"#.to_vec();
            bytes[at] = byte;
            let _ = parse_lead(&bytes, &EpicId::new("EPIC-001").expect("an id"));
        }
    }
}
