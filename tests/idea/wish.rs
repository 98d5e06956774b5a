//! `init --from`: notes become a PRD without anybody at a terminal.

use std::io::Write as _;
use std::process::Stdio;

use rustix::process::Signal;
use serde_json::json;

use crate::scene::Scene;
use crate::texts::{BRIEF, bad_cut, cut, draft, has_no_process_left, without_prd};

/// An agent that writes this as the brief, and these as the cut, one after the other.
fn script(cuts: &[String]) -> serde_json::Value {
    let mut script = json!({ "*/what/*": [{ "result": BRIEF }] });
    for (n, cut) in (1..).zip(cuts) {
        script[format!("*/cut/{n}")] = json!([{ "result": cut }]);
    }
    script
}

fn nothing_is_left(scene: &Scene) {
    has_no_process_left(scene);
    assert_eq!(scene.worktrees(), [""; 0], "no worktree is left");
    assert_eq!(scene.repo.git(&["status", "--porcelain"]), "?? wish.md");
}

#[test]
fn notes_in_a_file_become_a_prd_that_can_be_run() {
    let mut script = script(&[cut()]);
    let scene = without_prd(&script);
    let told = scene.mark("told");
    script["*/what/1"] = json!([{ "save_prompt": told }, { "shell": "touch scribble" }, { "result": BRIEF }]);
    script.as_object_mut().unwrap().shift_remove("*/what/*");
    scene.script(&script);
    scene.repo.write("wish.md", "It would be nice to see the time.\n");
    scene.run(&["init", "--from", "wish.md", "--yes"]).exited_with(0).says("wave 2").says("ralph-teams run");
    assert_eq!(std::fs::read_to_string(scene.repo.path().join("prd.json")).unwrap(), cut());
    assert!(std::fs::read_to_string(told).unwrap().contains("nice to see the time"));
    assert_eq!(std::fs::read_to_string(draft(&scene).join("brief.md")).unwrap(), BRIEF.replace("@ANSWER@", ""));
    std::fs::remove_file(scene.repo.path().join("prd.json")).unwrap();
    nothing_is_left(&scene);
}

#[test]
fn notes_on_standard_input_are_taken_and_the_result_runs() {
    let scene = without_prd(&script(&[cut()]));
    let mut command = scene.command(&["init", "--from", "-", "--yes"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"a clock").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    scene.repo.commit("A PRD");
    scene.run(&["run", "--ui", "plain"]).exited_with(0);
    assert_eq!((scene.status("A").as_str(), scene.status("B").as_str()), ("completed", "completed"));
}

#[test]
fn what_is_wrong_goes_back_with_the_exact_words_of_validate() {
    let scene = without_prd(&json!({}));
    scene.repo.write("wish.md", "a clock\n");
    scene.repo.write("bad.json", &bad_cut());
    let words = scene.run(&["validate", "bad.json"]).exited_with(2).stdout;
    let words = words.lines().next().unwrap().strip_prefix("bad.json:").unwrap().to_owned();
    std::fs::remove_file(scene.repo.path().join("bad.json")).unwrap();
    let mut script = script(&[bad_cut(), cut()]);
    let told = scene.mark("told");
    script["*/cut/2"] =
        json!([{ "save_prompt": told }, { "shell": "grep -q '\"Z\"' .ralph/prd.json" }, { "result": cut() }]);
    scene.script(&script);
    scene.run(&["init", "--from", "wish.md", "--yes"]).exited_with(0).says(&words);
    let told = std::fs::read_to_string(told).unwrap();
    assert!(told.contains(&format!("prd.json:{words}")) && told.contains("Cut a brief into epics"), "{told}");
}

#[test]
fn a_conversation_is_gone_on_with_where_the_program_can() {
    let claude = |result: &str, text: &str| json!([{ "claude": { "session": "5f0c2a5e-0000-4000-8000-000000000001", "text": text } }, { "result": result }]);
    let mut script = json!({ "*/what/*": claude(BRIEF, "done"), "*/cut/1": claude(&bad_cut(), "cut") });
    let scene = without_prd(&script);
    let (args, told) = (scene.mark("args"), scene.mark("told"));
    script["*/cut/2"] = json!([{ "save_args": args }, { "save_prompt": told },
        { "claude": { "session": "5f0c2a5e-0000-4000-8000-000000000001", "text": "mended" } }, { "result": cut() }]);
    scene.script(&script);
    let agent =
        json!({ "program": env!("CARGO_BIN_EXE_fake-agent"), "args": ["--script", scene.repo.beside("script.json")] });
    scene
        .repo
        .write("ralph.config.yml", &format!("execution: {{ backend: claude }}\nbackends: {{ claude: {agent} }}\n"));
    scene.repo.commit("Claude");
    scene.repo.write("wish.md", "a clock\n");
    scene.run(&["init", "--from", "wish.md", "--yes"]).exited_with(0);
    assert!(std::fs::read_to_string(args).unwrap().contains("\"--resume\""));
    assert!(std::fs::read_to_string(told).unwrap().starts_with("# It cannot be used yet"));
}

#[test]
fn after_three_corrections_it_is_given_up_and_the_draft_stays() {
    let scene = without_prd(&script(&[bad_cut(), bad_cut(), bad_cut(), bad_cut(), cut()]));
    scene.repo.write("wish.md", "a clock\n");
    let refused = scene.run(&["init", "--from", "wish.md", "--yes"]).exited_with(1).says("after 3 corrections");
    assert!(refused.stderr.contains("drafts/") && refused.stderr.contains("/prd.json"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(draft(&scene).join("prd.json")).unwrap(), bad_cut());
    nothing_is_left(&scene);
}

#[test]
fn a_session_that_fails_is_told_and_leaves_no_prd() {
    let scene = without_prd(&json!({ "*/what/*": [{ "print_error": "no credit" }, { "exit": 3 }] }));
    scene.repo.write("wish.md", "a clock\n");
    scene.run(&["init", "--from", "wish.md", "--yes"]).exited_with(3).says("no credit");
    nothing_is_left(&scene);
}

#[test]
fn a_session_that_never_comes_to_an_end_is_ended() {
    let scene = without_prd(&json!({ "*/what/*": [{ "shell": "while :; do echo still; sleep 0.1; done" }] }));
    let config = std::fs::read_to_string(scene.repo.path().join("ralph.config.yml")).unwrap();
    scene.repo.write("ralph.config.yml", &format!("{config}\ntimeouts: {{ epicTimeout: 1 }}\n"));
    scene.repo.commit("A bound");
    scene.repo.write("wish.md", "a clock\n");
    scene.run(&["init", "--from", "wish.md", "--yes"]).exited_with(3).says("timeouts.epicTimeout");
    nothing_is_left(&scene);
}

#[test]
fn ctrl_c_in_the_middle_leaves_a_draft_and_no_process() {
    let scene = without_prd(&json!({}));
    let begun = scene.mark("begun");
    scene.script(&json!({ "*/what/*": [{ "result": "half a brief" }, { "spawn": 600_000 }, { "touch": begun }, { "sleep_ms": 600_000 }] }));
    scene.repo.write("wish.md", "a clock\n");
    let mut running = scene.start(&["init", "--from", "wish.md", "--yes"]);
    running.until_exists(&begun);
    running.signal(Signal::INT);
    running.outcome().exited_with(130).says("the draft in .ralph-teams/drafts/");
    assert_eq!(std::fs::read_to_string(draft(&scene).join("brief.md")).unwrap(), "half a brief");
    nothing_is_left(&scene);
}

#[test]
fn without_a_terminal_everything_must_have_been_said() {
    let scene = without_prd(&script(&[cut()]));
    scene.run(&["init"]).exited_with(2).says("init --from FILE --yes");
    scene.repo.write("wish.md", "\n");
    scene.run(&["init", "--from", "wish.md", "--yes"]).exited_with(2).says("is empty");
    scene.run(&["init", "--from", "none.md", "--yes"]).exited_with(2).says("none.md cannot be read");
    scene.repo.write("clock.md", "a clock\n");
    for (place, why) in [("none/prd.json", "make it first"), ("../", "is a folder")] {
        scene.run(&["init", "--from", "clock.md", "--yes", "--prd", place]).exited_with(2).says(why);
    }
    scene.repo.write("wish.md", "a clock\n");
    scene.run(&["init", "--from", "wish.md"]).exited_with(2).says("add --yes");
    scene.repo.write("prd.json", "mine");
    scene.run(&["init", "--from", "wish.md", "--yes"]).exited_with(2).says("--overwrite");
    assert_eq!(std::fs::read_to_string(scene.repo.path().join("prd.json")).unwrap(), "mine");
    assert!(!scene.state().join("drafts").exists(), "no agent was started");
    scene.run(&["init", "--from", "wish.md", "--yes", "--overwrite"]).exited_with(0);
    assert_eq!(std::fs::read_to_string(scene.repo.path().join("prd.json")).unwrap(), cut());
}
