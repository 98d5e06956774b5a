//! A PRD of any size, shaped like those that people write.

use serde_json::json;

/// Stories of each epic.
pub const STORIES: usize = 5;

/// The text of a PRD with so many epics of five stories each; every epic depends on up to two earlier ones.
pub fn text(n_epics: usize) -> String {
    let epics: Vec<_> = (0..n_epics).map(epic).collect();
    let prd = json!({
        "project": "bench",
        "branchName": "main",
        "description": "A project that exists only to be measured",
        "epics": epics,
    });
    format!("{prd:#}\n")
}

/// The id of the epic at a position.
pub fn epic_id(n: usize) -> String {
    format!("EPIC-{:04}", n + 1)
}

fn epic(n: usize) -> serde_json::Value {
    // Ten chains side by side, now and then tied together, as in a plan with several components.
    let before = [n.checked_sub(10), n.checked_sub(13).filter(|_| n.is_multiple_of(3))];
    let depends_on: Vec<String> = before.into_iter().flatten().map(epic_id).collect();
    let stories: Vec<_> = (0..STORIES).map(|story| one_story(n * STORIES + story)).collect();
    json!({
        "id": epic_id(n),
        "title": format!("Component {n}: storage, service and screens"),
        "description": "Everything that this component needs, from the tables to the pages that people look at.",
        "status": "pending",
        "planned": false,
        "dependsOn": depends_on,
        "userStories": stories,
    })
}

fn one_story(n: usize) -> serde_json::Value {
    json!({
        "id": format!("US-{:05}", n + 1),
        "title": format!("As a user I can do thing {n}"),
        "description": "A person opens the page, does the thing, and sees at once that it was done.",
        "acceptanceCriteria": [
            "The page shows what was entered before",
            "A wrong entry is refused with a sentence that says why",
            "Tests cover the usual way and the two faults",
        ],
        "priority": n % STORIES + 1,
        "passes": false,
        "failureReason": null,
    })
}
