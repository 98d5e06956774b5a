//! What `--fix` mends, and that it touches nothing else.

use proptest::prelude::*;
use ralph_teams::domain::prd::{EditFault, UntidyKind, check, tidy};

use crate::generated::{any_value, prd_text};

#[track_caller]
fn assert_tidied(old: &str, new: &str, kinds: &[UntidyKind]) {
    let tidied = tidy(old).expect("epics");
    assert_eq!(tidied.text, new);
    assert_eq!(tidied.untidy.iter().map(|one| one.kind).collect::<Vec<_>>(), kinds);
    let again = tidy(new).expect("epics");
    assert_eq!((again.text.as_str(), again.untidy.len()), (new, 0), "twice is once");
}

#[test]
fn stray_white_space_leaves_titles_and_nothing_else_changes() {
    assert_tidied(
        "\u{feff}{\"epics\":[ {\"id\":\" A\",\r\n\t\"title\" : \"  a \\u00e4\\t\\n b\\\" \", \"x\":1.50, \"userStories\":[]} ]}\r\n",
        "\u{feff}{\"epics\":[ {\"id\":\" A\",\r\n\t\"title\" : \"a \\u00e4 b\\\"\", \"x\":1.50, \"userStories\":[]} ]}\r\n",
        &[UntidyKind::Title],
    );
    for tidy in ["a b", "a\\u00a0 b", "\\\\n", "   ", ""] {
        let text = format!("{{\"epics\":[{{\"title\":\"{tidy}\"}}]}}");
        assert_tidied(&text, &text, &[]);
    }
}

#[test]
fn a_dependency_is_trimmed_when_that_names_an_epic_and_stands_once() {
    let with = |list: &str| {
        format!("{{\"epics\":[{{\"id\":\"A\"}},{{\"id\":\"B \"}},{{\"id\":\"C\",\"dependsOn\":{list}}}]}}")
    };
    let dependency = |n| vec![UntidyKind::Dependency; n];
    for (old, new, n) in [
        ("[\" A\"]", "[\"A\"]", 1),
        ("[\"A\",\n  \"A\"]", "[\"A\"]", 1),
        ("[\"A\", \" A\",\"A \" , \"B \"]", "[\"A\" , \"B \"]", 2),
        ("[\"B \"]", "[\"B \"]", 0),
        ("[\" X\"]", "[\" X\"]", 0),
        ("[1, null, \"A\"]", "[1, null, \"A\"]", 0),
    ] {
        assert_tidied(&with(old), &with(new), &dependency(n));
    }
}

#[test]
fn passes_is_added_the_way_its_neighbour_is_laid_out() {
    assert_tidied(
        "{\"epics\":[{\"userStories\":[{\"id\": \"S\", \"priority\": 1},\n{\"id\":\"T\",\"passes\":true},{\n  \"id\": \"U\"\n}]}]}",
        "{\"epics\":[{\"userStories\":[{\"id\": \"S\", \"priority\": 1, \"passes\": false},\n{\"id\":\"T\",\"passes\":true},{\n  \"id\": \"U\",\n  \"passes\": false\n}]}]}",
        &[UntidyKind::Passes; 2],
    );
}

#[test]
fn what_is_no_prd_is_left_alone() {
    assert!(matches!(tidy("{"), Err(EditFault::NotJson(_))));
    assert_eq!(tidy("{\"epics\": 1}"), Err(EditFault::NoEpics));
    let odd = r#"{"epics":[1,{"title":2,"dependsOn":"A","userStories":{}},{"userStories":[null]}]}"#;
    assert_tidied(odd, odd, &[]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_valid_prd_stays_valid_and_is_tidy_afterwards(text in prd_text()) {
        let tidied = tidy(&text).expect("epics");
        prop_assert_eq!(tidied.untidy.is_empty(), tidied.text == text);
        let again = tidy(&tidied.text).expect("epics");
        prop_assert!(again.untidy.is_empty() && again.text == tidied.text);
        let (before, after) = (check(text.as_bytes()).expect("valid").plan, check(tidied.text.as_bytes()).expect("valid").plan);
        for (old, new) in before.epics().iter().zip(after.epics()) {
            prop_assert_eq!((&old.id, &old.depends_on, &old.status), (&new.id, &new.depends_on, &new.status));
            prop_assert_eq!(old.pending().count(), new.pending().count());
        }
    }

    #[test]
    fn any_document_can_be_tidied_without_a_panic(value in any_value()) {
        if let Ok(tidied) = tidy(&serde_json::json!({ "epics": value }).to_string()) {
            prop_assert_eq!(tidy(&tidied.text).map(|again| again.text), Ok(tidied.text));
        }
    }
}
