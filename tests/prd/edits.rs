//! Edits change the fields of the runner and no other byte.

use proptest::prelude::*;
use ralph_teams::domain::id::{EpicId, StoryId};
use ralph_teams::domain::outcome::{PrdState, Status};
use ralph_teams::domain::prd::{EditFault, NotFound, apply, check, set_planned};
use serde_json::Value;

use super::generated::{any_value, prd_text, prd_value, text};

fn epic_id(id: &str) -> EpicId {
    EpicId::new(id).expect("an id")
}

fn state(epic: &str, status: Status, stories: &[(&str, bool, Option<&str>)]) -> PrdState {
    let story = |&(id, passes, reason): &(&str, bool, Option<&str>)| {
        (StoryId::new(id).expect("an id"), passes, reason.map(str::to_owned))
    };
    PrdState { epic: epic_id(epic), status, stories: stories.iter().map(story).collect() }
}

#[track_caller]
fn assert_edit(old: &str, states: &[PrdState], new: &str) {
    let edited = apply(old, states).expect("the text can be edited");
    assert_eq!(edited.text, new);
    assert_eq!(edited.not_found, []);
    assert_eq!(apply(new, states).expect("still a PRD").text, new, "twice is once");
}

#[test]
fn values_are_replaced_where_they_stand() {
    assert_edit(
        "\u{feff}{ \"epics\":[ {\"id\" : \"A\",\"x\":1.50,\r\n\t\"status\":\"pend\\u0069ng\", \"userStories\": [{\"passes\":false,\"failureReason\":\"old\", \"id\": \"S\" } ]} ]}\r\n\r\n",
        &[state("A", Status::Completed, &[("S", true, None)])],
        "\u{feff}{ \"epics\":[ {\"id\" : \"A\",\"x\":1.50,\r\n\t\"status\":\"completed\", \"userStories\": [{\"passes\":true,\"failureReason\":null, \"id\": \"S\" } ]} ]}\r\n\r\n",
    );
}

#[test]
fn a_missing_field_is_added_the_way_its_neighbour_is_laid_out() {
    let states = [state("A", Status::Failed, &[("S", false, Some("no\n\"luck\""))])];
    assert_edit(
        "{\"epics\":[{\"id\":\"A\",\"title\":\"a\",\"userStories\":[{\"id\":\"S\",\"title\":\"s\"}]}]}",
        &states,
        "{\"epics\":[{\"id\":\"A\",\"title\":\"a\",\"status\":\"failed\",\"userStories\":[{\"id\":\"S\",\"title\":\"s\",\"failureReason\":\"no\\n\\\"luck\\\"\"}]}]}",
    );
    assert_edit(
        "{\r\n\t\"epics\": [\r\n\t\t{\r\n\t\t\t\"id\": \"A\",\r\n\t\t\t\"userStories\": [{ \"id\": \"S\" }]\r\n\t\t}\r\n\t]\r\n}",
        &states,
        "{\r\n\t\"epics\": [\r\n\t\t{\r\n\t\t\t\"id\": \"A\",\r\n\t\t\t\"status\": \"failed\",\r\n\t\t\t\"userStories\": [{ \"id\": \"S\", \"failureReason\": \"no\\n\\\"luck\\\"\" }]\r\n\t\t}\r\n\t]\r\n}",
    );
    assert_edit(
        "{\"epics\": [{\n  \"id\": \"A\"\n}]}",
        &[state("A", Status::Failed, &[])],
        "{\"epics\": [{\n  \"id\": \"A\",\n  \"status\": \"failed\"\n}]}",
    );
    assert_edit(
        r#"{"epics":[{"id":"A"}]}"#,
        &[state("A", Status::Failed, &[])],
        r#"{"epics":[{"id":"A","status":"failed"}]}"#,
    );
    assert_edit(
        r#"{"epics": [{"id": "A", "userStories": [{"id": "S", "priority": 1}]}]}"#,
        &[state("A", Status::Pending, &[("S", true, Some("x"))])],
        r#"{"epics": [{"id": "A", "userStories": [{"id": "S", "priority": 1, "passes": true, "failureReason": "x"}]}]}"#,
    );
}

#[test]
fn a_missing_field_stays_missing_when_that_says_the_same() {
    let text = r#"{"epics": [{"id": "A", "userStories": [{"id": "S"}]}]}"#;
    assert_edit(text, &[state("A", Status::Pending, &[("S", false, None)])], text);
}

#[test]
fn a_field_of_a_wrong_type_is_put_right() {
    assert_edit(
        r#"{"epics": [{"id": "A", "status": 7, "userStories": [{"id": "S", "passes": "x", "failureReason": [1]}]}]}"#,
        &[state("A", Status::Pending, &[("S", false, None)])],
        r#"{"epics": [{"id": "A", "status": "pending", "userStories": [{"id": "S", "passes": false, "failureReason": null}]}]}"#,
    );
}

#[test]
fn of_two_states_of_one_epic_the_later_one_counts() {
    assert_edit(
        r#"{"epics": [{"id": "A", "userStories": [{"id": "S"}]}]}"#,
        &[
            state("A", Status::Failed, &[("S", false, Some("x"))]),
            state("A", Status::Completed, &[("S", false, None), ("S", true, None)]),
        ],
        r#"{"epics": [{"id": "A", "status": "completed", "userStories": [{"id": "S", "passes": true}]}]}"#,
    );
}

#[test]
fn epics_and_stories_that_a_person_removed_are_named_and_the_rest_is_written() {
    let text = r#"{"epics": [{"id": "A", "status": "pending", "userStories": [{"id": "S"}]}, {"id": "C"}]}"#;
    let edited = apply(
        text,
        &[
            state("A", Status::Partial, &[("S", true, None), ("T", true, None)]),
            state("B", Status::Failed, &[]),
            state("C", Status::Failed, &[("U", true, None)]),
        ],
    )
    .expect("a PRD");
    let missing = |epic: &str, story: Option<&str>| NotFound {
        epic: epic_id(epic),
        story: story.map(|story| StoryId::new(story).expect("an id")),
    };
    assert_eq!(edited.not_found, [missing("A", Some("T")), missing("B", None), missing("C", Some("U"))]);
    assert_eq!(
        edited.text,
        r#"{"epics": [{"id": "A", "status": "partial", "userStories": [{"id": "S", "passes": true}]}, {"id": "C", "status": "failed"}]}"#
    );
}

#[test]
fn text_without_epics_is_refused_and_says_that_nothing_is_lost() {
    let broken = apply("{\"epics\": [\n", &[]).expect_err("half a file");
    assert_eq!(
        broken.to_string(),
        "prd.json:2:1: not JSON: EOF while parsing a list; the file ends too early: close what is still open. \
         The results are not lost: mend the file, and they are written next time"
    );
    for text in ["[]", "{}", r#"{"epics": 1}"#, "null"] {
        assert_eq!(apply(text, &[]), Err(EditFault::NoEpics));
    }
}

#[test]
fn planned_is_set_after_the_status() {
    let edited = set_planned(
        r#"{"epics": [{"id": "A", "status": "pending", "x": 1}, {"id": "B", "planned": false}, {"id": "C", "planned": true}]}"#,
        &["A", "B", "C", "A", "D"].map(epic_id),
    )
    .expect("a PRD");
    assert_eq!(
        edited.text,
        r#"{"epics": [{"id": "A", "status": "pending", "planned": true, "x": 1}, {"id": "B", "planned": true}, {"id": "C", "planned": true}]}"#
    );
    assert_eq!(edited.not_found, [NotFound { epic: epic_id("D"), story: None }]);
}

fn any_status() -> impl Strategy<Value = Status> {
    proptest::sample::select(vec![
        Status::Pending,
        Status::Completed,
        Status::Partial,
        Status::Failed,
        Status::MergeFailed,
    ])
}

/// States of epics and stories of which some are in the generated PRDs.
fn any_states() -> impl Strategy<Value = Vec<PrdState>> {
    let story_id = (0..12_usize).prop_map(|n| StoryId::new(&format!("S{n}")).expect("an id"));
    let story = (story_id, any::<bool>(), prop::option::of(text()));
    let state = ((0..7_usize), any_status(), prop::collection::vec(story, 0..6))
        .prop_map(|(n, status, stories)| PrdState { epic: epic_id(&format!("E{n}")), status, stories });
    prop::collection::vec(state, 0..6)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("JSON")
}

/// The document without the fields of the runner, as text, so that the order of the keys counts.
fn without_results(text: &str) -> String {
    let mut value = parsed(text);
    for epic in value["epics"].as_array_mut().expect("epics") {
        epic.as_object_mut().expect("an epic").shift_remove("status");
        for story in epic["userStories"].as_array_mut().expect("stories") {
            let story = story.as_object_mut().expect("a story");
            story.shift_remove("passes");
            story.shift_remove("failureReason");
        }
    }
    value.to_string()
}

/// How many line ends there are of Windows, and of any kind.
fn n_line_breaks(text: &str) -> (usize, usize) {
    (text.matches("\r\n").count(), text.matches('\n').count())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn only_the_results_change_and_they_read_as_they_were_written(text in prd_text(), states in any_states()) {
        let edited = apply(&text, &states).expect("a PRD");
        prop_assert_eq!(without_results(&text), without_results(&edited.text));
        prop_assert_eq!(text.starts_with('\u{feff}'), edited.text.starts_with('\u{feff}'));
        prop_assert_eq!(text.ends_with('\n'), edited.text.ends_with('\n'));
        let (crlf, lf) = n_line_breaks(&edited.text);
        prop_assert!(crlf == 0 || crlf == lf, "mixed line ends:\n{}", edited.text);
        prop_assert_eq!(text.contains('\n'), lf > 0);

        let plan = check(edited.text.as_bytes()).expect("still valid").plan;
        for (n, state) in states.iter().enumerate() {
            if states[n + 1..].iter().any(|later| later.epic == state.epic) {
                continue;
            }
            let Some(epic) = plan.epic(&state.epic) else {
                let not_found = NotFound { epic: state.epic.clone(), story: None };
                prop_assert!(edited.not_found.contains(&not_found));
                continue;
            };
            prop_assert_eq!(epic.status, state.status);
            for (m, (id, passes, _)) in state.stories.iter().enumerate() {
                if state.stories[m + 1..].iter().any(|(later, ..)| later == id) {
                    continue;
                }
                match epic.user_stories.iter().find(|story| story.id == *id) {
                    Some(story) => prop_assert_eq!(story.passes, *passes),
                    None => {
                        let not_found = NotFound { epic: state.epic.clone(), story: Some(id.clone()) };
                        prop_assert!(edited.not_found.contains(&not_found));
                    }
                }
            }
        }
    }

    #[test]
    fn an_edit_that_is_taken_back_leaves_every_byte_as_it_was(text in prd_text(), states in any_states()) {
        let stories: Vec<_> = (0..20).map(|n| (StoryId::new(&format!("S{n}")).expect("an id"), true, Some("x".into()))).collect();
        let state = |n| PrdState { epic: epic_id(&format!("E{n}")), status: Status::Completed, stories: stories.clone() };
        let complete: Vec<PrdState> = (0..6).map(state).collect();
        let before = apply(&text, &complete).expect("a PRD").text;
        let between = apply(&before, &states).expect("a PRD").text;
        prop_assert_eq!(apply(&between, &complete).expect("a PRD").text, before);
    }

    #[test]
    fn the_reason_is_read_back_as_it_was_written(text in prd_text(), reason in prop::option::of(any::<String>())) {
        let states = [PrdState {
            epic: epic_id("E0"),
            status: Status::Failed,
            stories: vec![(StoryId::new("S0").expect("an id"), false, reason.clone())],
        }];
        let edited = parsed(&apply(&text, &states).expect("a PRD").text);
        prop_assert_eq!(edited["epics"][0]["userStories"][0]["failureReason"].as_str(), reason.as_deref());
    }

    #[test]
    fn the_same_edit_twice_is_the_same_edit_once(text in prd_text(), states in any_states()) {
        let once = apply(&text, &states).expect("a PRD");
        prop_assert_eq!(&apply(&once.text, &states).expect("a PRD"), &once);
        prop_assert_eq!(apply(&text, &[]).expect("a PRD").text, text);
    }

    #[test]
    fn a_damaged_prd_is_edited_or_refused_without_a_panic(
        mut prd in prd_value(), at in any::<proptest::sample::Index>(), with in any_value(), states in any_states()
    ) {
        let places = super::any_input::pointers(&prd, String::new());
        *prd.pointer_mut(&places[at.index(places.len())]).expect("the place is there") = with;
        if let Ok(edited) = apply(&prd.to_string(), &states) {
            parsed(&edited.text);
        }
    }
}
