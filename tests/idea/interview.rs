//! `init` at a terminal: a person talks with an agent program, sees the graph, and agrees.

use rustix::process::Signal;
use serde_json::json;

use crate::pty::{Pty, eventually};
use crate::scene::Scene;
use crate::texts::{BRIEF, at_terminal, cut, draft, has_no_process_left, without_prd};

const QUESTION: &str = "What bothers you?";

fn script() -> serde_json::Value {
    json!({ "*/what/*": [{ "ask": QUESTION }, { "result": BRIEF }], "*/cut/*": [{ "result": cut() }] })
}

fn prd(scene: &Scene) -> Option<String> {
    std::fs::read_to_string(scene.repo.path().join("prd.json")).ok()
}

fn answers(pty: &mut Pty, question: &str, answer: &str, from: usize) -> usize {
    let at = pty.wait_for(question, from);
    pty.press(answer.as_bytes());
    at
}

#[test]
fn a_person_is_asked_sees_the_graph_and_agrees() {
    let scene = without_prd(&script());
    let mut pty = at_terminal(&scene, &["init"]);
    let at = answers(&mut pty, QUESTION, "I am always late\r", 0);
    let at = pty.wait_for("wave 2", at);
    let at = answers(&mut pty, "Write this to prd.json?", "y\r", at);
    answers(&mut pty, "plan the epics", "n\r", at);
    assert_eq!(pty.exit_code(), Some(0), "{}", pty.printed(0));
    assert!(pty.is_cooked());
    assert_eq!(prd(&scene), Some(cut()));
    assert!(std::fs::read_to_string(draft(&scene).join("brief.md")).unwrap().contains("I am always late"));
}

#[test]
fn a_brief_with_holes_goes_back_into_the_conversation() {
    let mut script = script();
    script["*/what/1"] = json!([{ "ask": QUESTION }, { "result": "## Problem\nx\n" }]);
    script["*/what/2"] = json!([{ "shell": "grep -q 'Out of scope.* is missing' \"$RALPH_PROMPT_FILE\"" }, { "ask": "And then?" }, { "result": BRIEF }]);
    let any = script.as_object_mut().unwrap().shift_remove("*/what/*");
    assert!(any.is_some());
    let scene = without_prd(&script);
    let mut pty = at_terminal(&scene, &["init"]);
    let at = answers(&mut pty, QUESTION, "late\r", 0);
    let at = answers(&mut pty, "And then?", "later\r", at);
    answers(&mut pty, "Write this to prd.json?", "n\r", at);
    assert_eq!(pty.exit_code(), Some(1), "{}", pty.printed(0));
    pty.wait_for("init --from .ralph-teams/drafts/", 0);
    assert_eq!(prd(&scene), None);
    assert_eq!(std::fs::read_to_string(draft(&scene).join("prd.json")).unwrap(), cut());
}

#[test]
fn ctrl_c_at_any_point_writes_nothing_and_names_the_draft() {
    for (last, keys) in [(QUESTION, "\u{3}"), ("Write this to prd.json?", "\u{3}")] {
        let scene = without_prd(&script());
        let mut pty = at_terminal(&scene, &["init"]);
        let mut at = pty.wait_for(QUESTION, 0);
        if last != QUESTION {
            pty.press(b"late\r");
            at = pty.wait_for(last, at);
        }
        pty.press(keys.as_bytes());
        assert_eq!(pty.exit_code(), Some(130), "{last}: {}", pty.printed(at));
        pty.wait_for("the draft in .ralph-teams/drafts/", 0);
        assert!(pty.is_cooked(), "{last}");
        assert_eq!(prd(&scene), None);
        has_no_process_left(&scene);
    }
}

#[test]
fn a_signal_at_a_question_is_heeded_at_once_and_nothing_is_half_written() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let scene = without_prd(&script());
        let mut pty = at_terminal(&scene, &["init"]);
        let at = answers(&mut pty, QUESTION, "late\r", 0);
        let at = pty.wait_for("Write this to prd.json?", at);
        pty.signal(signal);
        assert_eq!(pty.exit_code(), Some(130), "{signal:?}: {}", pty.printed(at));
        pty.wait_for("the draft in .ralph-teams/drafts/", at);
        assert!(pty.is_cooked(), "{signal:?}");
        assert_eq!(prd(&scene), None);
        has_no_process_left(&scene);
        assert_eq!(scene.worktrees(), [""; 0]);
    }
}

#[test]
fn whoever_leaves_after_the_prd_is_written_has_what_was_asked_for() {
    for key in ["\u{3}", "\u{1b}"] {
        let scene = without_prd(&script());
        let mut pty = at_terminal(&scene, &["init"]);
        let at = answers(&mut pty, QUESTION, "late\r", 0);
        let at = answers(&mut pty, "Write this to prd.json?", "y\r", at);
        answers(&mut pty, "plan the epics", key, at);
        assert_eq!(pty.exit_code(), Some(0), "{}", pty.printed(at));
        assert!(!pty.printed(at).contains("nothing was changed"), "{}", pty.printed(at));
        assert!(pty.is_cooked());
        assert_eq!(prd(&scene), Some(cut()));
    }
}

#[test]
fn a_signal_to_the_program_ends_the_conversation_with_all_that_it_started() {
    let scene = without_prd(&json!({}));
    let mark = scene.mark("child");
    let child = format!("sh -c 'echo $$ > {} && exec sleep 600' & wait", mark.display());
    scene.script(&json!({ "*/what/*": [{ "ignore": ["TERM", "INT"] }, { "print": "deaf" }, { "shell": child }] }));
    let mut pty = at_terminal(&scene, &["init"]);
    pty.wait_for("deaf", 0);
    let pid = eventually("the child", || std::fs::read_to_string(&mark).ok()?.trim().parse::<i32>().ok());
    pty.signal(Signal::TERM);
    assert_eq!(pty.exit_code(), Some(130), "{}", pty.printed(0));
    eventually("its end", || (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(()));
    assert_eq!(prd(&scene), None);
}

#[test]
fn leaving_before_anything_was_written_is_no_failure_of_anybody() {
    let scene = without_prd(&json!({ "*/what/*": [{ "ask": QUESTION }] }));
    let mut pty = at_terminal(&scene, &["init"]);
    answers(&mut pty, QUESTION, "never mind\r", 0);
    assert_eq!(pty.exit_code(), Some(130), "{}", pty.printed(0));
}

#[test]
fn a_program_that_breaks_is_not_started_again_and_again() {
    let scene = without_prd(&json!({ "*/what/*": [{ "result": "half" }, { "exit": 5 }] }));
    let mut pty = at_terminal(&scene, &["init"]);
    assert_eq!(pty.exit_code(), Some(3), "{}", pty.printed(0));
    pty.wait_for("the session of command failed", 0);
    assert_eq!(pty.printed(0).matches("a session of command").count(), 1);
}

#[test]
fn a_talk_that_never_leads_to_a_whole_brief_is_given_up_and_the_draft_stays() {
    let scene = without_prd(&json!({ "*/what/*": [{ "ask": QUESTION }, { "result": "## Problem\nx\n" }] }));
    let mut pty = at_terminal(&scene, &["init"]);
    let mut at = 0;
    for _ in 0..4 {
        at = answers(&mut pty, QUESTION, "well\r", at);
    }
    assert_eq!(pty.exit_code(), Some(1), "{}", pty.printed(at));
    pty.wait_for("after 3 corrections", at);
    pty.wait_for("/brief.md", at);
    assert!(pty.is_cooked());
    assert_eq!(
        (prd(&scene), std::fs::read_to_string(draft(&scene).join("brief.md")).unwrap().as_str()),
        (None, "## Problem\nx\n")
    );
    has_no_process_left(&scene);
}

#[test]
fn a_prd_that_is_there_is_asked_about_before_anything_is_started() {
    let scene = without_prd(&script());
    scene.repo.write("prd.json", "mine");
    let mut pty = at_terminal(&scene, &["init"]);
    answers(&mut pty, "prd.json is there already", "n\r", 0);
    assert_eq!(pty.exit_code(), Some(2), "{}", pty.printed(0));
    assert_eq!(prd(&scene), Some("mine".to_owned()));
    assert!(!scene.state().join("drafts").exists());
}

#[test]
fn the_rehearsal_asks_three_questions_and_its_plan_runs() {
    let scene = without_prd(&json!({}));
    let mut pty = at_terminal(&scene, &["init", "--backend", "rehearsal"]);
    let at = answers(&mut pty, "who has it?", "Nobody knows the time\r", 0);
    let at = answers(&mut pty, "in the end?", "A clock; An alarm\r", at);
    let at = answers(&mut pty, "may go wrong", "The battery: it says so\r", at);
    let at = answers(&mut pty, "Write this to prd.json?", "y\r", at);
    answers(&mut pty, "plan the epics", "n\r", at);
    assert_eq!(pty.exit_code(), Some(0), "{}", pty.printed(0));
    scene.repo.commit("A PRD");
    scene.run(&["run", "--rehearse", "--parallel", "2", "--ui", "plain"]).exited_with(0);
    assert_eq!(scene.status("EPIC-003"), "completed");
}
