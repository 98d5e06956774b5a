//! The command with the real binary: what it prints, how it ends, and what it writes.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::common::repo::Repo;

const RALPH: &str = env!("CARGO_BIN_EXE_ralph-teams");
const AGENT: &str = env!("CARGO_BIN_EXE_fake-agent");

/// A plan with something of everything.
const POOR: &str = r#"{
  "project": "Shop",
  "epics": [
    { "id": "E1", "title": "Store", "description": "Tables in src/db.rs", "userStories": [
      { "id": "S1", "title": "  Save   things", "acceptanceCriteria": ["Saving is fast", "TBD"], "passes": false }
    ] },
    { "id": "E2", "title": "Pay", "description": "After E1. Changes src/db.rs too", "userStories": [
      { "id": "S2", "title": "Pay a bill" },
      { "id": "S3", "title": "Get a receipt", "acceptanceCriteria": ["A receipt is printed after payment"] }
    ] }
  ]
}
"#;

struct Ended {
    code: i32,
    out: String,
    error: String,
}

fn lint(repo: &Repo, args: &[&str]) -> Ended {
    ralph(repo, &[&["lint"], args].concat())
}

fn ralph(repo: &Repo, args: &[&str]) -> Ended {
    let mut command = Command::new(RALPH);
    for (key, _) in std::env::vars_os() {
        let key = key.to_string_lossy().into_owned();
        if key.starts_with("GIT_") || key.starts_with("RALPH_") {
            command.env_remove(key);
        }
    }
    command.args(args).current_dir(repo.path()).envs(repo.environment()).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap_or(-1), out: text(output.stdout), error: text(output.stderr) }
}

fn file(repo: &Repo, name: &str) -> PathBuf {
    repo.path().join(name)
}

fn read(repo: &Repo) -> String {
    std::fs::read_to_string(file(repo, "prd.json")).unwrap()
}

fn object(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|fault| panic!("{fault}: {}{}", ended.out, ended.error))
}

#[test]
fn a_poor_plan_reads_like_this() {
    let repo = Repo::new();
    repo.write("prd.json", POOR);
    let ended = lint(&repo, &[]);
    assert_eq!(ended.code, 1, "{}", ended.error);
    insta::assert_snapshot!(ended.out, @r#"
    prd.json:5:30: hint[untidy-title] S1: " Save things" has stray white space; write single blanks only, or let `ralph-teams lint --fix` do it
    prd.json:5:72: warning[vague-criterion] S1: "fast" in "Saving is fast" means something else to everybody; say how long it may take and with how much, like "in under 200 ms with 10,000 entries"
    prd.json:5:90: warning[placeholder] S1: "TBD" is a placeholder: nobody can check it; decide it now, or leave the criterion out
    prd.json:7:50: warning[shared-files] E1 and E2 may run at the same time, and name src/db.rs: their merge may conflict; let one depend on the other, or give the file to one of them
    prd.json:7:50: warning[missing-dependency] E2: "After E1." speaks of E1, and neither waits for the other; add "E1" to "dependsOn" of E2, or say it without the other epic
    prd.json:8:7: hint[missing-passes] S2: does not say whether it passes, as 2 stories of the file; add "passes": false, or let `ralph-teams lint --fix` do it
    prd.json:8:7: warning[no-criteria] S2 has no acceptance criteria, so nothing can be proven of it; write what can be seen or tried when it is done, one statement each
    prd.json: 2 epics, 3 stories: 5 warnings, 2 hints (2 can be mended with --fix)

    Critical path: 2 stories of 3, one after the other
        E2
    Useful slots: 2 (--parallel 2); with more nothing gets faster
        at most 2 epics can ever run side by side
    Time: unknown
        no earlier run of this repository merged an epic with a real agent

    With 2 slots (4 columns are a story; # is the critical path):
        E2  1  ########
        E1  2  ====....
    "#);
}

#[test]
fn the_exit_code_tells_warnings_hints_and_faults_apart() {
    let repo = Repo::new();
    let good = include_str!("good.json");
    for (text, plain, strict) in [
        (good.to_owned(), 0, 0),
        (good.replace("\"title\": \"The page\"", "\"title\": \"The  page\""), 0, 1),
        (POOR.to_owned(), 1, 1),
        (good.replace("\"EPIC-002\", \"EPIC-003\"", "\"EPIC-002\", \"EPIC-009\""), 2, 2),
        ("{".to_owned(), 2, 2),
    ] {
        repo.write("prd.json", &text);
        assert_eq!(lint(&repo, &[]).code, plain);
        assert_eq!(lint(&repo, &["--strict"]).code, strict);
        assert_eq!(lint(&repo, &["--strict", "--json"]).code, strict);
        assert_eq!(read(&repo), text, "without --fix nothing is written");
    }
    let missing = lint(&repo, &["nowhere.json"]);
    assert_eq!(missing.code, 2);
    assert!(missing.error.contains("nowhere.json cannot be read"), "{}", missing.error);
}

#[test]
fn a_faulty_plan_is_told_in_the_words_of_validate() {
    let repo = Repo::new();
    repo.write("prd.json", &POOR.replace("\"project\"", "\"projekt\""));
    let validated = ralph(&repo, &["validate"]);
    assert_eq!(lint(&repo, &[]).out, validated.out);
    let object = object(&lint(&repo, &["--json"]));
    assert_eq!((&object["valid"], &object["outlook"], &object["findings"]), (&json!(false), &json!(null), &json!([])));
    assert_eq!(object["faults"][0]["path"], "project");
}

#[test]
fn programs_get_every_finding_with_its_place() {
    let repo = Repo::new();
    repo.write("prd.json", POOR);
    let object = object(&lint(&repo, &["--json"]));
    assert_eq!(
        (&object["v"], &object["valid"], &object["warnings"], &object["hints"]),
        (&json!(1), &json!(true), &json!(5), &json!(2))
    );
    let expected = json!({
        "rule": "vague-criterion", "severity": "warning", "file": "prd.json", "line": 5, "column": 72,
        "path": "epics[0].userStories[0].acceptanceCriteria[0]", "epic": "E1", "story": "S1", "field": "acceptanceCriteria",
        "what": "\"fast\" in \"Saving is fast\" means something else to everybody",
        "instead": "say how long it may take and with how much, like \"in under 200 ms with 10,000 entries\"", "fixable": false,
    });
    let found = object["findings"].as_array().unwrap();
    assert!(found.contains(&expected), "{found:#?}");
    let outlook = &object["outlook"];
    assert_eq!(
        (&outlook["stories"], &outlook["usefulSlots"], &outlook["estimate"]),
        (&json!(3), &json!(2), &json!(null))
    );
    assert_eq!(outlook["epics"][0], json!({ "epic": "E2", "slot": 1, "start": 0, "end": 2 }));
}

#[test]
fn what_is_mechanical_is_mended_shown_and_mended_once() {
    let repo = Repo::new();
    repo.write("prd.json", POOR);
    let ended = lint(&repo, &["--fix"]);
    assert_eq!(ended.code, 1, "warnings stay: {}", ended.error);
    let shown = ended.out.split("\n\n").next().unwrap();
    insta::assert_snapshot!(shown, @r#"
    --- a/prd.json
    +++ b/prd.json
    @@ -2,11 +2,11 @@
       "project": "Shop",
       "epics": [
         { "id": "E1", "title": "Store", "description": "Tables in src/db.rs", "userStories": [
    -      { "id": "S1", "title": "  Save   things", "acceptanceCriteria": ["Saving is fast", "TBD"], "passes": false }
    +      { "id": "S1", "title": "Save things", "acceptanceCriteria": ["Saving is fast", "TBD"], "passes": false }
         ] },
         { "id": "E2", "title": "Pay", "description": "After E1. Changes src/db.rs too", "userStories": [
    -      { "id": "S2", "title": "Pay a bill" },
    -      { "id": "S3", "title": "Get a receipt", "acceptanceCriteria": ["A receipt is printed after payment"] }
    +      { "id": "S2", "title": "Pay a bill", "passes": false },
    +      { "id": "S3", "title": "Get a receipt", "acceptanceCriteria": ["A receipt is printed after payment"], "passes": false }
         ] }
       ]
     }
    prd.json: 3 places mended
    "#);
    let mended = POOR
        .replace("  Save   things", "Save things")
        .replace("\"Pay a bill\" }", "\"Pay a bill\", \"passes\": false }")
        .replace("after payment\"] }", "after payment\"], \"passes\": false }");
    assert_eq!(read(&repo), mended);
    let before = std::fs::metadata(file(&repo, "prd.json")).unwrap();
    let again = lint(&repo, &["--fix", "--json"]);
    assert_eq!(object(&again)["fixed"], json!([]));
    let after = std::fs::metadata(file(&repo, "prd.json")).unwrap();
    assert_eq!(
        std::os::unix::fs::MetadataExt::ino(&before),
        std::os::unix::fs::MetadataExt::ino(&after),
        "nothing was written"
    );
}

#[test]
fn a_long_schedule_is_shown_as_far_as_was_asked_for_and_the_rest_is_counted() {
    let repo = Repo::new();
    let epic = |n: usize| {
        json!({ "id": format!("E{n}"), "title": format!("Part {n}"), "userStories": [
            { "id": format!("S{n}"), "title": format!("Story {n}"), "acceptanceCriteria": ["An empty name is refused"], "passes": false }] })
    };
    let prd = json!({ "project": "p", "epics": (0..50).map(epic).collect::<Vec<_>>() });
    repo.write("prd.json", &prd.to_string());
    let rows = |args: &[&str]| {
        let out = lint(&repo, args).out;
        let picture = out.split_once("is the critical path):\n").expect("a picture").1.to_owned();
        (picture.lines().count(), picture.lines().last().unwrap_or_default().trim().to_owned())
    };
    assert_eq!(rows(&["--rows", "7"]), (8, "and 43 epics more: --rows 50".to_owned()));
    assert_eq!(rows(&["--rows", "50"]).0, 50);
    assert_eq!(rows(&[]).0, 50, "a file or a pipe gets all of it");
}

#[test]
fn a_plan_that_only_fails_for_a_mechanical_reason_is_valid_after_it_was_mended() {
    let repo = Repo::new();
    let good = include_str!("good.json");
    repo.write(
        "prd.json",
        &good.replace("[\"EPIC-002\", \"EPIC-003\"]", "[\"EPIC-002\", \" EPIC-003\", \"EPIC-002\"]"),
    );
    assert_eq!(lint(&repo, &[]).code, 2);
    let object = object(&lint(&repo, &["--fix", "--json"]));
    assert_eq!((&object["valid"], object["fixed"].as_array().unwrap().len()), (&json!(true), 2));
    assert_eq!(read(&repo), good);
}

#[test]
fn time_is_told_from_earlier_runs_and_never_invented() {
    let repo = Repo::new();
    let prd = json!({ "project": "p", "epics": [{ "id": "A", "title": "One", "userStories": [
        { "id": "S", "title": "s", "acceptanceCriteria": ["A wrong key is refused"], "passes": false }] }] });
    repo.write("prd.json", &serde_json::to_string_pretty(&prd).unwrap());
    let script = repo.beside("script.json");
    std::fs::write(&script, "{}").unwrap();
    let argv = format!("[{AGENT:?}, --script, {script:?}]");
    repo.write(
        "ralph.config.yml",
        &format!("execution:\n  backend: command\nbackends:\n  command:\n    argv: {argv}\n"),
    );
    repo.commit("a PRD");
    let estimate = || object(&lint(&repo, &["--json"]))["outlook"]["estimate"].clone();
    assert_eq!(estimate(), Value::Null, "there is no run");
    let again = |args: &[&str]| {
        let ended = ralph(&repo, args);
        assert_eq!(ended.code, 0, "{}{}", ended.out, ended.error);
        repo.write("prd.json", &serde_json::to_string_pretty(&prd).unwrap());
    };
    again(&["run", "--rehearse", "--ui", "plain", "--base", "head"]);
    assert_eq!(estimate(), Value::Null, "a rehearsal tells nothing about time");
    repo.git(&["checkout", "--quiet", "--", "."]);
    again(&["run", "--ui", "plain", "--base", "head"]);
    let known = estimate();
    assert_eq!((&known["mergedEpics"], &known["mergedStories"]), (&json!(1), &json!(1)));
    assert_eq!(known["runs"].as_array().unwrap().len(), 1);
    let text = lint(&repo, &[]).out;
    assert!(text.contains("\nTime: about ") && text.contains("1 merged epic (1 story) of run "), "{text}");
}
