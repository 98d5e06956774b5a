//! The reports that the fake agent writes, honest and otherwise.

use serde_json::{Value, json};

use crate::git;
use crate::perform;
use crate::script::{Report, Validation};
use crate::session::{Fault, Session};

/// Writes the report of a lead.
pub fn lead(report: &Report, session: &Session) -> Result<(), Fault> {
    let epic = session.epic_id.clone().unwrap_or_default();
    let text = match report {
        Report::Honest => pretty(&epic, honest_stories(session)?),
        Report::Unproven => pretty(&epic, every_story(session, &Value::Null)),
        Report::WrongCommit => pretty(&epic, every_story(session, &json!("f".repeat(40)))),
        Report::HalfWritten => {
            let whole = pretty(&epic, honest_stories(session)?);
            whole.chars().take(whole.chars().count() / 2).collect()
        }
        Report::WrongEpic => pretty(&format!("not-{epic}"), honest_stories(session)?),
        Report::Failing(reasons) => {
            let mut stories = honest_stories(session)?;
            for (story, reason) in reasons {
                stories.insert(story.clone(), story_claim(false, Some(reason), &Value::Null));
            }
            pretty(&epic, stories)
        }
        Report::Raw(text) => text.clone(),
    };
    perform::write(&session.report, &text)
}

/// Writes the report of a final validator.
pub fn validator(validation: &Validation, session: &Session) -> Result<(), Fault> {
    let report = json!({
        "phase": "final-validation",
        "verdict": validation.verdict,
        "tests": validation.tests.as_ref().unwrap_or(&validation.verdict),
        "browser_check": validation.browser_check,
        "timestamp": "2026-11-20T10:15:00Z",
        "findings": validation.findings,
    });
    perform::write(&session.report, &serde_json::to_string_pretty(&report)?)
}

type Stories = serde_json::Map<String, Value>;

fn honest_stories(session: &Session) -> Result<Stories, Fault> {
    let mut stories = Stories::new();
    for story in &session.pending {
        let claim = match git::last_commit_of(&Session::story_file(story))? {
            Some(commit) => story_claim(true, None, &json!(commit)),
            None => story_claim(false, Some("it was not done"), &Value::Null),
        };
        stories.insert(story.clone(), claim);
    }
    Ok(stories)
}

fn every_story(session: &Session, commit: &Value) -> Stories {
    session.pending.iter().map(|story| (story.clone(), story_claim(true, None, commit))).collect()
}

fn story_claim(passes: bool, reason: Option<&str>, commit: &Value) -> Value {
    let evidence = if passes { vec!["looked at it: 1 passed"] } else { vec![] };
    json!({ "passes": passes, "failureReason": reason, "commit": commit, "evidence": evidence })
}

fn pretty(epic: &str, stories: Stories) -> String {
    format!("{:#}\n", json!({ "epicId": epic, "stories": stories }))
}
