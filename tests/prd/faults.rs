//! Every kind of fault and warning, with its exact line and column.

use ralph_teams::domain::prd::{Fault, check};

/// One epic `A` on lines 2 to 5; what stands for `{}` is one line of it.
fn with_epic_line(line: &str) -> String {
    format!(
        "{{\"project\": \"p\", \"epics\": [\n  {{ \"id\": \"A\", \"title\": \"a\",\n    {line}\n    \"userStories\": [{{ \"id\": \"S\", \"title\": \"s\" }}] }}\n]}}\n"
    )
}

fn with_story_line(line: &str) -> String {
    format!(
        "{{\"project\": \"p\", \"epics\": [{{ \"id\": \"A\", \"title\": \"a\", \"userStories\": [\n  {{ \"id\": \"S\", \"title\": \"s\",\n    {line} }}\n]}}]}}\n"
    )
}

/// Epics with an id and what they depend on, each on a line of its own, from line 2.
fn with_epics(epics: &[(&str, &[&str])]) -> String {
    let line = |(n, (id, depends_on)): (usize, &(&str, &[&str]))| {
        format!(
            "{{\"dependsOn\": {depends_on:?}, \"id\": {id:?}, \"title\": \"t\", \"userStories\": [{{\"id\": \"S{n}\", \"title\": \"s\"}}]}}"
        )
    };
    let lines: Vec<String> = epics.iter().enumerate().map(line).collect();
    format!("{{\"project\": \"p\", \"epics\": [\n{}\n]}}", lines.join(",\n"))
}

fn written(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn assert_faults(text: impl AsRef<[u8]>, expected: &[&str]) {
    let faults = check(text.as_ref()).expect_err("the file has faults");
    assert_eq!(written(&faults), expected, "{}", String::from_utf8_lossy(text.as_ref()));
}

#[track_caller]
fn assert_warnings(text: &str, expected: &[&str]) {
    let checked = check(text.as_bytes()).unwrap_or_else(|faults| panic!("{:#?}", written(&faults)));
    assert_eq!(written(&checked.warnings), expected, "{text}");
}

#[test]
fn the_example_has_no_fault_and_no_warning() {
    assert_warnings(include_str!("../../prd.json.example"), &[]);
}

#[test]
fn text_that_is_not_json_is_one_fault_where_it_stops_being_json() {
    for (text, fault) in [
        ("", "1:1: the file is empty; write at least a project and one epic; see prd.json.example"),
        (" \n", "1:1: the file is empty; write at least a project and one epic; see prd.json.example"),
        ("\u{feff}", "1:1: the file is empty; write at least a project and one epic; see prd.json.example"),
        ("{\n  \"a\": 1,\n}", "3:1: not JSON: trailing comma; remove the comma before it"),
        ("{\"ä\": 'x'}", "1:7: not JSON: expected value; write double quotes instead of single ones"),
        ("{ // no\n}", "1:3: not JSON: key must be a string; remove the comment, JSON has none"),
        ("\u{feff}{,}", "1:2: not JSON: key must be a string; write the name of the field in double quotes"),
        ("{\"a\": 1} x", "1:10: not JSON: trailing characters; remove what follows the end of the document"),
        ("{\"a\" 1}", "1:6: not JSON: expected `:`; put a colon between the name of a field and its value"),
        ("[1e999]", "1:6: not JSON: number out of range; write a smaller number"),
        ("[1 2]", "1:4: not JSON: expected `,` or `]`; put a comma between two entries, or close the bracket"),
        (
            "{\"a\": \"\r\n",
            r"1:8: not JSON: control character (\u0000-\u001F) found while parsing a string; write \n for a line break, \t for a tab, and close the string with a double quote",
        ),
        (r#"{"a": "C:\x"}"#, r"1:11: not JSON: invalid escape; write \\ for a backslash"),
        ("{\"a\": [\n", "2:1: not JSON: EOF while parsing a list; the file ends too early: close what is still open"),
    ] {
        assert_faults(text, &[&format!("prd.json:{fault}")]);
    }
}

#[test]
fn bytes_that_are_not_utf8_are_one_fault_at_the_first_of_them() {
    assert_faults(b"{\n\"\xc3\xa4\xff", &["prd.json:2:3: the byte 0xff is not UTF-8; save the file as UTF-8"]);
    assert_faults(b"\xef\xbb\xbf\xff", &["prd.json:1:1: the byte 0xff is not UTF-8; save the file as UTF-8"]);
    assert_faults(b"\xff\xfe{\0}\0", &["prd.json:1:1: the file is UTF-16, not UTF-8; save it as UTF-8"]);
}

#[test]
fn deep_nesting_is_a_fault_and_no_overflow() {
    let fault =
        "prd.json:1:128: not JSON: recursion limit exceeded; put less into each other: 127 levels are the limit";
    assert_faults("[".repeat(1_000_000), &[fault]);
    assert_faults("[".repeat(128) + &"]".repeat(128), &[fault]);
    let nested = |n: usize| with_epic_line(&format!("\"x\": {}{},", "[".repeat(n), "]".repeat(n)));
    assert_warnings(&nested(124), &[]);
    assert!(check(nested(125).as_bytes()).is_err());
}

#[test]
fn a_byte_order_mark_is_allowed_and_counts_for_nothing() {
    let text = with_epic_line("");
    assert_warnings(&format!("\u{feff}{text}"), &[]);
    assert_faults("\u{feff}[]", &["prd.json:1:1: is a list, not an object; write { ... } here"]);
}

#[test]
fn everything_optional_may_be_missing_or_null() {
    assert_warnings(&with_epic_line(""), &[]);
    assert_warnings(
        &with_epic_line(r#""description": null, "status": null, "planned": null, "dependsOn": null, "touches": null,"#),
        &[],
    );
    assert_warnings(
        &with_story_line(
            r#""description": null, "acceptanceCriteria": null, "priority": null, "passes": null, "failureReason": null"#,
        )
        .replacen('{', r#"{"branchName": null, "description": null, "#, 1),
        &[],
    );
}

#[test]
fn required_fields_that_are_missing_empty_or_null_are_faults() {
    assert_faults(
        "{}",
        &[
            "prd.json:1:1: project: is missing; add \"project\" to this object",
            "prd.json:1:1: epics: is missing; add \"epics\" to this object",
        ],
    );
    assert_faults(
        "{\"project\": \" \",\n \"epics\": [ {}, {\"id\": null, \"title\": \"\", \"userStories\": []}]}",
        &[
            "prd.json:1:13: project: is empty; write a text",
            "prd.json:2:13: epics[0].id: is missing; add \"id\" to this object",
            "prd.json:2:13: epics[0].title: is missing; add \"title\" to this object",
            "prd.json:2:13: epics[0].userStories: is missing; add \"userStories\" to this object",
            "prd.json:2:24: epics[1].id: is null, not a string; write a text in double quotes",
            "prd.json:2:39: epics[1].title: is empty; write a text",
            "prd.json:2:58: epics[1].userStories: is empty; write at least one entry",
        ],
    );
    assert_faults(
        r#"{"project": "p", "Epics": [], "epics": []}"#,
        &["prd.json:1:40: epics: is empty; write at least one entry"],
    );
    assert_faults(
        r#"{"project": "p", "Epics": []}"#,
        &["prd.json:1:1: epics: is missing; rename \"Epics\" to \"epics\""],
    );
}

#[test]
fn wrong_types_are_faults_that_say_how_to_write_the_right_one() {
    for (line, fault) in [
        (r#""status": 1,"#, "3:15: epics[0].status: is a number, not a string; write a text in double quotes"),
        (r#""planned": "true","#, "3:16: epics[0].planned: is a string, not true or false; write true without quotes"),
        (r#""planned": 1,"#, "3:16: epics[0].planned: is a number, not true or false; write true or false"),
        (r#""dependsOn": "B","#, "3:18: epics[0].dependsOn: is a string, not a list; put it in [ ]"),
        (
            r#""dependsOn": [true],"#,
            "3:19: epics[0].dependsOn[0]: is a truth value, not a string; write a text in double quotes",
        ),
        (r#""touches": "src/**","#, "3:16: epics[0].touches: is a string, not a list; put it in [ ]"),
        (
            r#""touches": ["src", null],"#,
            "3:24: epics[0].touches[1]: is null, not a string; write a text in double quotes",
        ),
        (
            r#""description": {},"#,
            "3:20: epics[0].description: is an object, not a string; write a text in double quotes",
        ),
    ] {
        assert_faults(with_epic_line(line), &[&format!("prd.json:{fault}")]);
    }
    for (line, fault) in [
        (
            r#""priority": "1""#,
            "3:17: epics[0].userStories[0].priority: is a string, not a whole number; write it without quotes",
        ),
        (
            r#""priority": 1.5"#,
            "3:17: epics[0].userStories[0].priority: 1.5 is not a whole number that fits; write a whole number like 1",
        ),
        (
            r#""passes": "false""#,
            "3:15: epics[0].userStories[0].passes: is a string, not true or false; write false without quotes",
        ),
        (
            r#""failureReason": false"#,
            "3:22: epics[0].userStories[0].failureReason: is a truth value, not a string; write a text in double quotes",
        ),
        (
            r#""acceptanceCriteria": ["x", 2]"#,
            "3:33: epics[0].userStories[0].acceptanceCriteria[1]: is a number, not a string; write a text in double quotes",
        ),
    ] {
        assert_faults(with_story_line(line), &[&format!("prd.json:{fault}")]);
    }
    assert_faults(
        r#"{"project": "p", "epics": [1, "x"]}"#,
        &[
            "prd.json:1:28: epics[0]: is a number, not an object; write { ... } here",
            "prd.json:1:31: epics[1]: is a string, not an object; write { ... } here",
        ],
    );
}

#[test]
fn a_priority_may_be_spelt_as_any_whole_number() {
    assert_warnings(&with_story_line(r#""priority": 1.0"#), &[]);
    assert_warnings(&with_story_line(r#""priority": -2e1"#), &[]);
}

#[test]
fn a_status_that_is_none_is_a_fault_that_guesses_what_was_meant() {
    let allowed = "allowed are pending, completed, partial, failed and merge-failed";
    for (status, guess) in [
        ("in-progress", "did you mean \"pending\"? "),
        ("Completed", "did you mean \"completed\"? "),
        ("merge_failed", "did you mean \"merge-failed\"? "),
        ("banana", ""),
    ] {
        let fault = format!("prd.json:3:15: epics[0].status: \"{status}\" is not a status; {guess}{allowed}");
        assert_faults(with_epic_line(&format!("\"status\": \"{status}\",")), &[&fault]);
    }
}

#[test]
fn a_pattern_that_names_nothing_in_the_repository_is_a_fault_that_says_what_to_write() {
    let seen = "write the path as it is seen from the root, like \"src/auth/**\"";
    let meant = "write which files are meant, like \"src/auth/**\" or \"migrations/*.sql\"";
    for (pattern, what, instead) in [
        (" ", "a pattern must name a path", meant),
        ("/src", "a pattern must be relative to the root of the repository", seen),
        ("src/../x", "a pattern must not leave the repository with \"..\"", seen),
        ("src/{a,b}", "a pattern cannot name alternatives in braces", "write one pattern for each"),
        ("!src", "a pattern cannot exclude", "name only what is meant"),
    ] {
        let fault = format!("prd.json:3:24: epics[0].touches[1]: \"{pattern}\": {what}; {instead}");
        assert_faults(with_epic_line(&format!("\"touches\": [\"src\", \"{pattern}\"],")), &[&fault]);
    }
    assert_faults(
        with_epic_line(r#""touches": ["src\\auth", "a\u0007"],"#),
        &[
            r#"prd.json:3:17: epics[0].touches[0]: "src\\auth": a pattern must not contain a backslash; write slashes, like "src/auth/**""#,
            &format!(
                r#"prd.json:3:30: epics[0].touches[1]: "a\u{{7}}": a pattern must not contain the control character '\u{{7}}'; {meant}"#
            ),
        ],
    );
    assert_warnings(&with_epic_line(r#""touches": ["src/auth/**", "./migrations/*.sql", "app/[slug]/"],"#), &[]);
    assert_warnings(
        &with_epic_line(r#""touchs": ["src"],"#),
        &[
            "prd.json:3:5: epics[0].touchs: is not a known field; did you mean \"touches\"? The field has no meaning as it is",
        ],
    );
}

#[test]
fn a_field_that_an_object_has_twice_is_a_fault_wherever_it_is() {
    assert_faults(
        with_epic_line("\"x\": [{ \"y\": 1,\n \"y\": 2 }], \"status\": \"failed\",\n    \"status\": \"pending\","),
        &[
            "prd.json:4:2: epics[0].x[0].y: the object has this field twice; remove one of the two",
            "prd.json:5:5: epics[0].status: the object has this field twice; remove one of the two",
        ],
    );
}

#[test]
fn ids_that_cannot_be_named_are_faults() {
    assert_faults(
        with_epics(&[("a\nb", &[]), ("B", &["c\td"])]),
        &[
            "prd.json:2:25: epics[0].id: an id must not contain the control character '\\n'; write a short name like EPIC-001",
            "prd.json:3:16: epics[1].dependsOn[0]: an id must not contain the control character '\\t'; write a short name like EPIC-001",
        ],
    );
}

#[test]
fn ids_that_are_there_twice_are_faults_of_the_later_one() {
    let text = r#"{"project": "p", "epics": [
 {"id": "A", "title": "a", "userStories": [{"id": "S", "title": "s"}, {"id": "S", "title": "s"}]},
 7,
 {"id": "A", "title": "a", "userStories": [{"id": "S", "title": "s"}]}]}"#;
    assert_faults(
        text,
        &[
            "prd.json:2:78: epics[0].userStories[1].id: is also the id of epics[0].userStories[0]; give each story an id of its own in the whole file",
            "prd.json:3:2: epics[1]: is a number, not an object; write { ... } here",
            "prd.json:4:9: epics[2].id: \"A\" is also the id of epics[0]; give each epic an id of its own",
            "prd.json:4:51: epics[2].userStories[0].id: is also the id of epics[0].userStories[0]; give each story an id of its own in the whole file",
        ],
    );
}

#[test]
fn dependencies_that_lead_nowhere_are_faults() {
    assert_faults(
        with_epics(&[("EPIC-1", &["EPIC-1", "epic-2"]), ("EPIC-2", &["EPIC-1", "EPIC-1"]), ("LAST", &["EPIC-7"])]),
        &[
            "prd.json:2:16: epics[0].dependsOn[0]: \"EPIC-1\" depends on itself; remove the entry",
            "prd.json:2:26: epics[0].dependsOn[1]: there is no epic \"epic-2\"; did you mean \"EPIC-2\"?",
            "prd.json:3:26: epics[1].dependsOn[1]: \"EPIC-1\" is named twice; remove one of the two",
            "prd.json:4:16: epics[2].dependsOn[0]: there is no epic \"EPIC-7\"; name one of \"EPIC-1\", \"EPIC-2\"",
        ],
    );
    assert_faults(
        with_epics(&[("A", &["B"])]),
        &["prd.json:2:16: epics[0].dependsOn[0]: there is no epic \"B\"; remove the entry, there is no other epic"],
    );
}

#[test]
fn each_cycle_is_named_as_its_exact_path() {
    assert_faults(
        with_epics(&[("A", &["C"]), ("B", &["A"]), ("C", &["E", "A"]), ("D", &["E"]), ("E", &["D"])]),
        &[
            "prd.json:2:16: epics[0].dependsOn[0]: the epics wait for each other: A -> C -> A; remove one of these dependencies",
            "prd.json:5:16: epics[3].dependsOn[0]: the epics wait for each other: D -> E -> D; remove one of these dependencies",
        ],
    );
}

#[test]
fn faults_of_fields_and_of_the_graph_come_together_in_the_order_of_the_file() {
    assert_faults(
        with_epics(&[("", &["X"]), ("B", &["B"])]),
        &[
            "prd.json:2:16: epics[0].dependsOn[0]: there is no epic \"X\"; name one of \"B\"",
            "prd.json:2:28: epics[0].id: is empty; write a text",
            "prd.json:3:16: epics[1].dependsOn[0]: \"B\" depends on itself; remove the entry",
        ],
    );
}

#[test]
fn contradictions_and_likely_misspellings_are_warnings() {
    assert_warnings(
        &with_epic_line(r#""status": "completed", "depends_on": ["B"], "notes": "kept","#),
        &[
            "prd.json:3:15: epics[0].status: is completed, but 1 of its 1 stories do not pass; write \"pending\" to have them done; as it is, the epic is left out",
            "prd.json:3:28: epics[0].depends_on: is not a known field; did you mean \"dependsOn\"? The field has no meaning as it is",
        ],
    );
    assert_warnings(
        &with_story_line(r#""passes": true, "failureReason": "x""#),
        &[
            "prd.json:1:28: epics[0].status: is pending, but all of its 1 stories pass; write \"completed\" if its work is merged, or \"passes\": false for what is to be done",
            "prd.json:3:38: epics[0].userStories[0].failureReason: the story passes and has a failure reason; write null here, or \"passes\": false",
        ],
    );
}

#[test]
fn a_completed_epic_on_top_of_one_that_is_not_is_a_warning() {
    let story = |id: &str, passes: bool| format!(r#"[{{"id": "{id}", "title": "s", "passes": {passes}}}]"#);
    let text = format!(
        "{{\"project\": \"p\", \"epics\": [\n{{\"id\": \"A\", \"title\": \"a\", \"userStories\": {}}},\n{{\"status\": \"completed\", \"id\": \"B\", \"title\": \"b\", \"dependsOn\": [\"A\"], \"userStories\": {}}}]}}",
        story("S", false),
        story("T", true)
    );
    assert_warnings(
        &text,
        &[
            "prd.json:3:12: epics[1].status: is completed, but \"A\", which it depends on, is not; write \"pending\" to have it done again on top of that one, if it needs it",
        ],
    );
}

#[test]
fn a_thousand_epics_are_checked_at_once() {
    let ids: Vec<String> = (0..1000).map(|n| format!("EPIC-{n:04}")).collect();
    let names: Vec<&str> = ids.iter().map(String::as_str).collect();
    let epics: Vec<(&str, &[&str])> = (0..1000).map(|n| (names[n], &names[n.saturating_sub(3)..n])).collect();
    assert_eq!(check(with_epics(&epics).as_bytes()).expect("valid").plan.n_waves(), 1000);
    let faulty: Vec<(&str, &[&str])> = (0..1000).map(|n| (names[n], &["nobody"][..])).collect();
    assert_eq!(check(with_epics(&faulty).as_bytes()).expect_err("faults").len(), 1000);
}
