//! A single task as a PRD: one epic with one story, whose criterion is the task itself.

use serde_json::json;

/// How the ids of epics begin that were made for a task.
pub const TASK_PREFIX: &str = "TASK-";

/// Characters of a title at most.
const TITLE_MAX: usize = 72;

/// The PRD of a task. `id` is short and safe in every name, `project` the name of the repository.
#[must_use]
pub fn task_prd(id: &str, project: &str, text: &str) -> String {
    let text = text.trim();
    let epic = format!("{TASK_PREFIX}{id}");
    let prd = json!({
        "project": project,
        "epics": [{
            "id": epic,
            "title": title(text),
            "description": text,
            "status": "pending",
            "planned": false,
            "dependsOn": [],
            "userStories": [{
                "id": format!("{epic}-1"),
                "title": title(text),
                "description": text,
                "acceptanceCriteria": [text],
                "priority": 1,
                "passes": false,
                "failureReason": null,
            }],
        }],
    });
    format!("{prd:#}\n")
}

/// The first line of the task, with dots at its end where that is not all of it.
fn title(text: &str) -> String {
    let line: String = text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    if text.lines().nth(1).is_none() && line.chars().count() <= TITLE_MAX {
        return line.trim().to_owned();
    }
    let cut: String = line.chars().take(TITLE_MAX - 1).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prd;

    #[test]
    fn every_text_becomes_a_valid_plan_of_one_story() {
        for text in ["Fix the clock", &"long \" \\ ".repeat(40), "first\nsecond", "\u{1b}[31mred"] {
            let plan = prd::check(task_prd("k3f9", "shop", text).as_bytes()).expect("valid").plan;
            let epic = &plan.epics()[0];
            assert_eq!((epic.id.as_str(), epic.user_stories[0].id.as_str()), ("TASK-k3f9", "TASK-k3f9-1"));
            assert_eq!(epic.user_stories[0].acceptance_criteria, [text.trim()]);
            assert!(epic.title.chars().count() <= TITLE_MAX && !epic.title.chars().any(char::is_control));
            let is_whole = text.lines().count() == 1 && text.chars().count() <= TITLE_MAX;
            assert_eq!(epic.title.ends_with('…'), !is_whole, "{}", epic.title);
        }
    }
}
