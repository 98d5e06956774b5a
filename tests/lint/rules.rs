//! Each rule fires, and keeps silent about what is beside it.

use serde_json::json;

use crate::plans::{epic, said, said_of, stories, story};

const NOTHING: [&str; 0] = [];

#[test]
fn a_criterion_that_still_has_to_be_written_is_a_placeholder() {
    for text in
        ["TBD", "todo", "...", " ", "The limit is TBD", "TODO: decide on the limit", "???", "Colours are to be defined"]
    {
        assert_eq!(said_of(text), "placeholder!", "{text}");
    }
    for text in
        ["The todo list shows 3 entries", "A TODO is marked as done with Enter", "Shows \"TBD\" while there is no date"]
    {
        assert_eq!(said_of(text), "", "{text}");
    }
}

#[test]
fn a_word_that_everybody_reads_in_their_own_way_is_vague() {
    for text in [
        "The page loads fast",
        "The form is user-friendly",
        "Errors are handled properly",
        "Robust against failures",
        "An appropriate message is shown",
        "The import should work",
        "Works correctly",
        "Good UX",
        "Handles edge cases",
        "A person can do it easily",
        "Errors are handled gracefully",
        "Shows name, address, etc.",
        "Evicts entries as needed",
        "The layout is intuitive and it's the users' own",
    ] {
        assert_eq!(said_of(text), "vague-criterion!", "{text}");
    }
    for text in [
        "Caches 10 entries and evicts them as needed",
        "All tags (<b>, <i>, etc.) are kept",
        "The total is calculated correctly",
        "Login works as expected",
    ] {
        assert_eq!(said_of(text), "vague-criterion?", "{text}");
    }
    for text in [
        "The page loads fast: the first book is shown in under 200 ms",
        "The page loads in under 200 ms",
        "Fast forward skips to the next chapter",
        "At breakfast time the reminder is sent",
        "Shows \"Save fast\" on the button",
        "Dates are escaped properly, e.g. <b> is shown as text",
        "Properly nested brackets like `(())` are accepted",
        "A graceful shutdown sends what is left",
        "A stable sort keeps the order of equal names",
        "The order of the entries is stable across restarts",
        "Answers 404 with an appropriate message",
    ] {
        assert_eq!(said_of(text), "", "{text}");
    }
}

#[test]
fn a_criterion_that_names_nothing_to_see_count_or_try_is_told() {
    for text in [
        "Password reset",
        "Search functionality",
        "Error handling",
        "Authentication is implemented",
        "The feature is complete",
        "Unit test coverage",
    ] {
        assert_eq!(said_of(text), "nothing-to-observe!", "{text}");
    }
    for text in [
        "Tests pass",
        "--json outputs {address, publicKey}",
        "ScrollView for long analyses",
        "The card below periods",
        "Translations:",
        "Verify in browser using dev-browser skill",
        "Typecheck/lint passes",
        "Compiles without warnings",
        "Filter dropdown includes All, Active, Completed",
        "Clicking delete shows confirmation dialog",
        "Placed traps are visible on the grid with a trap icon",
        "Header navigation includes a link to it",
        "Pagination via limit/offset",
        "Behavior is consistent across all markers",
        "Typecheck passes",
        "The user can log in",
        "Password reset by mail is offered",
        "A message is shown when the upload is complete",
        "Migrations run in order at start, each one once",
        "GET /books answers 200",
        "Empty list => empty page",
        "Every action can be reached with the Tab key",
        "The wanderer frobnicates the marvellous widget thoroughly today",
    ] {
        assert_eq!(said_of(text), "", "{text}");
    }
}

#[test]
fn a_criterion_about_how_it_is_built_is_a_hint() {
    for text in [
        "Use Redux for the state",
        "Implement a repository pattern",
        "Refactor the parser",
        "Create a class `Foo` for it",
    ] {
        assert_eq!(said_of(text), "implementation?", "{text}");
    }
    for text in [
        "Use of an old token is refused",
        "Using the Tab key every field is reached",
        "Implement rate limit of 5 requests",
        "A used token is refused",
    ] {
        assert_eq!(said_of(text), "", "{text}");
    }
}

#[test]
fn a_story_without_criteria_or_with_one_twice_is_told() {
    let of = |criteria: &[&str]| said(&[epic("A", &[], json!({ "userStories": [story("S", criteria)] }))]);
    assert_eq!(of(&[]), ["no-criteria! epics[0].userStories[0].acceptanceCriteria"]);
    assert_eq!(
        of(&["A is refused", "a IS refused."]),
        ["repeated-criterion? epics[0].userStories[0].acceptanceCriteria[1]"]
    );
    assert_eq!(of(&["A is refused", "B is refused"]), NOTHING);
    let passed = json!([{ "id": "S", "title": "s", "passes": true }, story("T", &["A is refused"])]);
    assert_eq!(said(&[epic("A", &[], json!({ "userStories": passed }))]), NOTHING, "what passes is history");
}

#[test]
fn an_epic_without_an_error_or_an_edge_is_a_hint() {
    let of = |criteria: &[&str]| said(&[epic("A", &[], json!({ "userStories": [story("S", criteria)] }))]);
    let happy = ["A book is shown", "The author is shown", "The title is shown in bold"];
    assert_eq!(of(&happy), ["only-happy-path? epics[0].userStories"]);
    assert_eq!(of(&happy[..2]), NOTHING, "of two criteria nobody can tell");
    for edge in [
        "An empty title is refused",
        "Answers 422 with the field",
        "It doesn't answer twice",
        "Survives a restart",
        "A title that already exists gets a number",
        "When the shelf is full the next book goes below it",
        "An import that times out begins again",
        "A date in the past gets a red frame",
        "While the server is down the form keeps its text",
        "Of two members with the same name both are listed",
        "A title that is too long gets dots at its end",
    ] {
        assert_eq!(of(&[happy[0], happy[1], happy[2], edge]), NOTHING, "{edge}");
    }
    for smooth in [
        "Compiles without warnings",
        "Typecheck passes with no errors",
        "Passes with no warnings or errors",
        "Zero warnings are printed",
        "The new title is shown without a page reload",
        "No page reload is needed",
        "It does not need a login",
        "Only unread books are listed",
        "The full name is shown",
        "The menu drops down",
        "Logs out with one click",
        "Sorted by title by default",
        "Old books come first",
        "The list is still shown on the next page",
        "Shows a button \"Cancel\" beside it",
        "The author is shown too",
        "A block of text stands over the list",
    ] {
        assert_eq!(of(&[happy[0], happy[1], happy[2], smooth]), ["only-happy-path? epics[0].userStories"], "{smooth}");
    }
    for edge in ["Prints no errors for an empty file", "No error is lost", "Without a warning nothing is printed"] {
        assert_eq!(of(&[happy[0], happy[1], happy[2], edge]), NOTHING, "{edge}");
    }
}

#[test]
fn epics_and_stories_that_are_too_big_are_told() {
    assert_eq!(said(&[epic("A", &[], json!({ "userStories": stories("A", 6) }))]), ["big-epic! epics[0].userStories"]);
    assert_eq!(said(&[epic("A", &[], json!({ "userStories": stories("A", 5) }))]), NOTHING);
    let mut half_done = stories("A", 6);
    half_done[0]["passes"] = true.into();
    assert_eq!(said(&[epic("A", &[], json!({ "userStories": half_done }))]), NOTHING, "five are left to do");
    let criteria: Vec<String> = (0..13).map(|n| format!("Line {n} is refused")).collect();
    let criteria: Vec<&str> = criteria.iter().map(String::as_str).collect();
    let of = |criteria: &[&str]| said(&[epic("A", &[], json!({ "userStories": [story("S", criteria)] }))]);
    assert_eq!(of(&criteria), ["big-story! epics[0].userStories[0].acceptanceCriteria"]);
    assert_eq!(of(&criteria[..12]), ["big-story? epics[0].userStories[0].acceptanceCriteria"]);
    assert_eq!(of(&criteria[..8]), ["big-story? epics[0].userStories[0].acceptanceCriteria"]);
    assert_eq!(of(&criteria[..7]), NOTHING);
}

#[test]
fn epics_side_by_side_that_name_one_file_will_meet_there() {
    let with = |id: &str, after: &[&str], text: &str| epic(id, after, json!({ "description": text }));
    let both = |one: &str, other: &str| said(&[with("A", &[], one), with("B", &[], other)]);
    let file = "Adds a table to src/db/schema.rs.";
    assert_eq!(both(file, "Changes `src/db/schema.rs`, too"), ["shared-files! epics[1].description"]);
    assert_eq!(both("Says so in README.md", "README.md tells how"), ["shared-files? epics[1].description"]);
    assert_eq!(both("Owns all of src/db/", file), ["shared-files? epics[1].description"]);
    assert_eq!(both("Owns src/db/**", file), ["shared-files? epics[1].description"]);
    assert_eq!(both(file, "Changes src/db/books.rs"), NOTHING);
    assert_eq!(both("All is below src/", file), NOTHING, "the top folder is everybody's");
    assert_eq!(both("See https://x.org/a/b.html", "See https://x.org/a/b.html"), NOTHING);
    assert_eq!(both("Serves GET /api/books.json", "Reads GET /api/books.json"), NOTHING, "a route is no file");
    assert_eq!(both("Written for Node.js", "Needs Node.js"), NOTHING);
    let after = |last: &[&str]| said(&[with("A", &[], file), with("B", &["A"], ""), with("C", last, file)]);
    assert_eq!(after(&["B"]), NOTHING, "C waits for B, and B for A");
    assert_eq!(after(&[]), ["shared-files! epics[2].description"]);
    let done = epic(
        "A",
        &[],
        json!({ "description": file, "status": "completed", "userStories": [{ "id": "S", "title": "s", "passes": true }] }),
    );
    assert_eq!(said(&[done, with("B", &[], file)]), NOTHING, "a completed epic meets nobody");
}

#[test]
fn epics_side_by_side_that_touch_the_same_files_will_meet_there() {
    let with = |id: &str, after: &[&str], touches: &[&str]| epic(id, after, json!({ "touches": touches }));
    let both = |one: &str, other: &str| said(&[with("A", &[], &["docs/a.md", one]), with("B", &[], &[other])]);
    let (warning, hint) = (["shared-files! epics[1].touches[0]"], ["shared-files? epics[1].touches[0]"]);
    assert_eq!(both("src/auth.rs", "src/auth.rs"), warning);
    assert_eq!(both("src/**", "src/auth.rs"), warning);
    assert_eq!(both("src/auth.rs", "**/*.rs"), warning);
    assert_eq!(both("src/auth/**", "src/auth/"), hint, "two can well work in one folder");
    assert_eq!(both("src/*/mod.rs", "src/auth/*.rs"), hint);
    assert_eq!(both("src/auth/**", "src/author/**"), NOTHING);
    assert_eq!(both("src/*.rs", "src/auth/*.rs"), NOTHING, "a star stays inside of a folder");
    assert_eq!(both("migrations/*.sql", "migrations/*.md"), NOTHING);
    assert_eq!(both("Cargo.toml", "core/Cargo.toml"), NOTHING, "paths begin at the root");
    let after =
        |last: &[&str]| said(&[with("A", &[], &["src/a"]), with("B", &["A"], &[]), with("C", last, &["src/a"])]);
    assert_eq!(after(&["B"]), NOTHING, "C waits for B, and B for A");
    assert_eq!(after(&[]), ["shared-files! epics[2].touches[0]"]);
    let many: Vec<_> = ["A", "B", "C"].iter().map(|id| with(id, &[], &["src/a", "src/**"])).collect();
    let each_once = ["shared-files! epics[1].touches[0]", "shared-files! epics[2].touches[0]"];
    assert_eq!(said(&many), each_once, "once for an epic, however many meet, and the worst");
    let done = json!({ "touches": ["src/a"], "status": "completed", "userStories": [{ "id": "S", "title": "s", "passes": true }] });
    assert_eq!(said(&[epic("A", &[], done), with("B", &[], &["src/a"])]), NOTHING, "a completed epic meets nobody");
}

#[test]
fn what_a_text_names_counts_only_where_touches_are_missing() {
    let told =
        |id: &str, text: &str, touches: &[&str]| epic(id, &[], json!({ "description": text, "touches": touches }));
    let of = |text: &str, touches: &[&str]| said(&[told("A", "", touches), told("B", text, &[])]);
    assert_eq!(of("Changes src/api/users.rs.", &["src/api/users.rs"]), ["shared-files! epics[1].description"]);
    assert_eq!(of("Changes src/api/users.rs.", &["src/api/**"]), ["shared-files? epics[1].description"]);
    assert_eq!(of("Owns src/api/", &["src/*/users.rs"]), ["shared-files? epics[1].description"]);
    assert_eq!(of("Says so in README.md", &["core/README.md"]), ["shared-files? epics[1].description"]);
    assert_eq!(of("Says so in README.md", &["core/**"]), NOTHING, "every folder may have a file of that name");
    assert_eq!(of("All is below src/", &["src/api/**"]), NOTHING, "the top folder is everybody's");
    assert_eq!(of("Changes src/api/users.rs.", &["src/web/**"]), NOTHING);
    let file = "Reads src/api/users.rs.";
    assert_eq!(said(&[told("A", file, &["src/a"]), told("B", file, &["src/b"])]), NOTHING, "touches say it better");
    assert_eq!(said(&[told("A", file, &[]), told("B", file, &[])]), ["shared-files! epics[1].description"]);
}

#[test]
fn a_text_that_speaks_of_another_epic_needs_a_dependency() {
    let titled = |id: &str, title: &str, text: &str| epic(id, &[], json!({ "title": title, "description": text }));
    let of = |title: &str, text: &str| said(&[titled("E1", title, ""), titled("E2", "Reports", text)]);
    let warning = ["missing-dependency! epics[1].description"];
    let hint = ["missing-dependency? epics[1].description"];
    assert_eq!(of("Books", "To be built after E1."), warning);
    assert_eq!(of("Books", "The table of E1 is read."), warning);
    assert_eq!(of("Storage of books", "Uses the table from storage of books."), warning);
    assert_eq!(of("Member accounts", "Builds on member accounts."), warning);
    assert_eq!(of("User accounts", "Builds on user accounts."), hint, "one word that means something");
    assert_eq!(of("Member accounts", "Begins once member accounts exist."), warning);
    assert_eq!(of("Login", "Starts once login exists."), hint);
    assert_eq!(of("Storage of old books", "Storage of old books is slow."), hint);
    for (title, text) in [
        ("Login", "After login the dashboard is shown."),
        ("Login", "The page requires login."),
        ("Search", "The search answers 200."),
        ("Member accounts", "A list of member accounts is shown."),
        ("Books", "Independent of E1."),
        ("Books", "This is not part of E1."),
        ("Books", "Shows E12 and AE1."),
        ("Reports", ""),
    ] {
        assert_eq!(of(title, text).iter().filter(|said| said.starts_with("missing")).count(), 0, "{title}: {text}");
    }
    let named = |id: &str, after: &[&str], text: &str| epic(id, after, json!({ "description": text }));
    let known = |depends_on: &[&str]| {
        said(&[named("E1", &[], ""), named("E2", &["E1"], ""), named("E3", depends_on, "After E1.")])
    };
    assert_eq!(known(&["E2"]), NOTHING, "E3 waits for E2, and E2 for E1");
    assert_eq!(known(&[]), ["missing-dependency! epics[2].description"]);
    assert_eq!(said(&[named("E1", &[], "E2 reads its table."), named("E2", &["E1"], "")]), NOTHING, "E2 waits already");
}

#[test]
fn an_id_that_is_a_plain_word_is_no_mention_by_itself() {
    let named = |id: &str, text: &str| epic(id, &[], json!({ "description": text }));
    assert_eq!(said(&[named("search", ""), named("A", "A search of a book.")]), NOTHING);
    assert_eq!(
        said(&[named("search", ""), named("A", "Needs the epic search.")]),
        ["missing-dependency! epics[1].description"]
    );
    assert_eq!(said(&[named("1", ""), named("2", "Answers 1 when it is 1.")]), NOTHING);
}

#[test]
fn a_title_that_stands_twice_is_told() {
    let titled = |id: &str, title: &str| epic(id, &[], json!({ "title": title }));
    assert_eq!(said(&[titled("A", "The list"), titled("B", "the  List")]), ["repeated-title! epics[1].title"]);
    assert_eq!(said(&[titled("A", "The list"), titled("B", "The lists")]), NOTHING);
    let tests = |id: &str, text: &str| json!({ "id": id, "title": "Tests", "acceptanceCriteria": [text] });
    let of = |stories: &[serde_json::Value]| said(&[epic("A", &[], json!({ "userStories": stories }))]);
    assert_eq!(
        of(&[tests("S", "A is refused"), tests("T", "B is refused")]),
        ["repeated-title! epics[0].userStories[1].title"]
    );
    let two = |one: &str, other: &str| {
        said(&[
            epic("A", &[], json!({ "userStories": [tests("S", one)] })),
            epic("B", &[], json!({ "userStories": [tests("T", other)] })),
        ])
    };
    assert_eq!(two("A is refused", "B is refused"), NOTHING, "two epics may both have tests");
    assert_eq!(two("A is refused", "A is refused"), ["repeated-title! epics[1].userStories[0].title"]);
}

#[test]
fn a_story_that_belongs_to_another_epic_is_a_hint() {
    let told = |id: &str, title: &str, text: &str| json!({ "id": id, "title": title, "description": text, "acceptanceCriteria": ["Nothing is lost"] });
    let books = |stray: serde_json::Value| {
        epic(
            "A",
            &[],
            json!({ "title": "Books and shelves", "description": "Members keep books on shelves.",
            "userStories": [told("S1", "Books have a shelf", "Each book stands on a shelf."), stray] }),
        )
    };
    let mail = epic(
        "B",
        &[],
        json!({ "title": "Weekly newsletter by mail", "description": "Subscribers get a newsletter.", "userStories": [told("S3", "Newsletter leaves on Monday", "")] }),
    );
    let stray = json!({ "id": "S2", "title": "Unsubscribe from the newsletter", "description": "Subscribers leave the weekly mail with one click.", "acceptanceCriteria": ["Clicking twice answers 404"] });
    assert_eq!(said(&[books(stray.clone()), mail.clone()]), ["stray-story? epics[0].userStories[1]"]);
    let mut related = stray;
    related["description"] = "Subscribers leave the weekly mail about books with one click.".into();
    assert_eq!(said(&[books(related), mail]), NOTHING);
}

#[test]
fn a_bottleneck_between_wide_waves_is_a_hint() {
    let chain = |middle: &[&str]| {
        let mut epics: Vec<_> = ["A1", "A2", "A3"].iter().map(|id| epic(id, &[], json!({}))).collect();
        epics.extend(middle.iter().map(|id| epic(id, &["A1", "A2", "A3"], json!({}))));
        epics.extend(["C1", "C2", "C3"].iter().map(|id| epic(id, middle, json!({}))));
        said(&epics)
    };
    assert_eq!(chain(&["B1"]), ["narrow-wave? epics[3]"]);
    assert_eq!(chain(&["B1", "B2"]), NOTHING);
    let diamond = [
        epic("A", &[], json!({})),
        epic("B", &["A"], json!({})),
        epic("C", &["A"], json!({})),
        epic("D", &["A"], json!({})),
        epic("E", &["B", "C", "D"], json!({})),
    ];
    assert_eq!(said(&diamond), NOTHING, "a first and a last epic are as they should be");
}

#[test]
fn an_epic_that_outweighs_its_wave_is_a_hint_when_all_wait_for_it() {
    let sized = |id: &str, n: usize| epic(id, &[], json!({ "userStories": stories(id, n) }));
    assert_eq!(said(&[sized("A", 5), sized("B", 2), sized("C", 2)]), ["heavy-epic? epics[0]"]);
    assert_eq!(said(&[sized("A", 5), sized("B", 3), sized("C", 2)]), NOTHING);
    assert_eq!(said(&[sized("A", 5), sized("B", 2)]), NOTHING, "two epics are no wide wave");
    let elsewhere =
        [sized("A", 5), sized("B", 2), sized("C", 2), epic("D", &["B"], json!({ "userStories": stories("D", 5) }))];
    assert_eq!(said(&elsewhere), NOTHING, "the longest way does not go through it");
}

#[test]
fn a_plan_in_another_language_is_not_judged_by_english_words() {
    let german = [
        "Die Suche ist fast fertig",
        "Der Bericht wird gezeigt und nicht gelöscht",
        "Passwort vergessen",
        "Das Ergebnis ist robust",
    ];
    assert_eq!(said(&[epic("A", &[], json!({ "userStories": [story("S", &german)] }))]), NOTHING);
}
