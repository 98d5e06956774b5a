//! The spellings of an epic's status, and what a person most likely meant by another one.

use super::super::outcome::Status;

const ALL: [Status; 5] = [Status::Pending, Status::Completed, Status::Partial, Status::Failed, Status::MergeFailed];

/// The status that is spelt exactly so.
pub(super) fn parse(text: &str) -> Option<Status> {
    ALL.into_iter().find(|&status| status.name() == text)
}

/// What to write instead of a text that is no status.
pub(super) fn advice(text: &str) -> String {
    let allowed = "allowed are pending, completed, partial, failed and merge-failed";
    match meant(text) {
        Some(status) => format!("did you mean {:?}? {allowed}", status.name()),
        None => allowed.to_owned(),
    }
}

fn meant(text: &str) -> Option<Status> {
    let plain = text.trim().to_lowercase().replace(['_', ' '], "-");
    let known = match plain.as_str() {
        "in-progress" | "inprogress" | "running" | "started" | "active" | "todo" | "to-do" | "open" | "new"
        | "not-started" | "blocked" | "planned" => Some(Status::Pending),
        "done" | "complete" | "passed" | "pass" | "merged" | "success" => Some(Status::Completed),
        "error" | "fail" => Some(Status::Failed),
        "conflict" | "mergefailed" => Some(Status::MergeFailed),
        other => parse(other),
    };
    let score = |status: Status| strsim::normalized_damerau_levenshtein(&plain, status.name());
    let near = || ALL.into_iter().max_by(|&a, &b| score(a).total_cmp(&score(b))).filter(|&best| score(best) >= 0.6);
    known.or_else(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_is_the_one_of_serde() {
        for status in ALL {
            assert_eq!(serde_json::to_value(status).expect("json"), status.name());
            assert_eq!(parse(status.name()), Some(status));
        }
    }

    #[test]
    fn other_words_lead_to_what_was_meant() {
        for (text, status) in [
            ("in-progress", Some(Status::Pending)),
            ("IN_PROGRESS", Some(Status::Pending)),
            ("Completed", Some(Status::Completed)),
            ("done", Some(Status::Completed)),
            ("merge_failed", Some(Status::MergeFailed)),
            ("faild", Some(Status::Failed)),
            ("pendign", Some(Status::Pending)),
            ("banana", None),
            ("", None),
        ] {
            assert_eq!(meant(text), status, "{text}");
        }
    }
}
