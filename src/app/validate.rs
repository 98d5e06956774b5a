//! What `validate` says of a prd.json: every fault on a line of its own, then one sentence that sums it up.

use super::inputs;
use super::refusal::Refusal;
use super::table::print;
use crate::cli::ValidateArgs;
use crate::domain::prd::{self, Checked, Fault};
use crate::exit::ExitCode;

/// `ralph-teams validate`.
///
/// # Errors
/// The file cannot be read.
pub fn validate(args: &ValidateArgs) -> Result<ExitCode, Refusal> {
    let file = args.prd.display().to_string();
    let bytes = inputs::prd_bytes(&args.prd)?;
    let result = prd::check(&bytes);
    let report = report(&file, &result);
    let text = if args.json { json(&result) } else { report.text };
    print(&text)?;
    Ok(if report.valid { ExitCode::Success } else { ExitCode::BadInput })
}

/// The same for programs: one object.
fn json(result: &Result<Checked, Vec<Fault>>) -> String {
    let none: &[Fault] = &[];
    let (faults, warnings) = match result {
        Ok(checked) => (none, checked.warnings.as_slice()),
        Err(faults) => (faults.as_slice(), none),
    };
    let object = serde_json::json!({ "v": 1, "valid": result.is_ok(), "faults": faults, "warnings": warnings });
    format!("{object}\n")
}

/// The answer of `validate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Lines for people, with a line break at the end.
    pub text: String,
    /// Whether the file can be run. If not, the exit code is the one for bad input.
    pub valid: bool,
}

/// Puts the result of [`crate::domain::prd::check`] into words. `file` is the name as the user gave it.
#[must_use]
pub fn report(file: &str, result: &Result<Checked, Vec<Fault>>) -> Report {
    let (faults, kind, last) = match result {
        Ok(checked) => (&checked.warnings, "warning: ", verdict_of_valid(file, checked)),
        Err(faults) => (faults, "", format!("{file} has {}; nothing can be run with it", count(faults.len(), "fault"))),
    };
    let mut lines: Vec<String> = faults.iter().map(|fault| format!("{kind}{}", fault.in_file(file))).collect();
    lines.push(last);
    Report { text: lines.join("\n") + "\n", valid: result.is_ok() }
}

fn verdict_of_valid(file: &str, checked: &Checked) -> String {
    let plan = &checked.plan;
    let n_stories = plan.epics().iter().map(|epic| epic.user_stories.len()).sum();
    let warnings = match checked.warnings.len() {
        0 => String::new(),
        n => format!(", {}", count(n, "warning")),
    };
    let epics = count(plan.epics().len(), "epic");
    let stories = count_as(n_stories, "story", "stories");
    format!("{file} is valid: {epics}, {stories}, {}{warnings}", count(plan.n_waves(), "wave"))
}

/// A number with its noun, which takes an s when there is more than one.
pub(super) fn count(n: usize, noun: &str) -> String {
    count_as(n, noun, &format!("{noun}s"))
}

/// A number with its noun in the right form.
pub(super) fn count_as(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prd::check;

    const VALID: &str = r#"{"project":"p","epics":[{"id":"A","title":"a","status":"completed",
"userStories":[{"id":"S","title":"s"}]}]}"#;

    #[test]
    fn a_valid_file_is_summed_up_after_its_warnings() {
        let report = report("x/prd.json", &check(VALID.as_bytes()));
        assert!(report.valid);
        assert_eq!(
            report.text,
            "warning: x/prd.json:1:56: epics[0].status: is completed, but 1 of its 1 stories do not pass; write \
             \"pending\" to have them done; as it is, the epic is left out\n\
             x/prd.json is valid: 1 epic, 1 story, 1 wave, 1 warning\n"
        );
    }

    #[test]
    fn every_fault_has_its_line() {
        let report = report("prd.json", &check(br#"{"project":"","epics":[]}"#));
        assert!(!report.valid);
        assert_eq!(
            report.text,
            "prd.json:1:12: project: is empty; write a text\n\
             prd.json:1:23: epics: is empty; write at least one entry\n\
             prd.json has 2 faults; nothing can be run with it\n"
        );
    }
}
