//! Sessions that print nothing but work, sessions that print nothing and wait, and sessions that go round in circles.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::scene::{Scene, epic};

/// Does the one story of the epic and reports it.
const HONEST: &str = r#"
echo "s is done" > s.txt; git add s.txt; git commit -q -m "Do it" -m "Ralph-Story: s"
printf '{"epicId":"E","stories":{"s":{"passes":true,"failureReason":null,"commit":"%s","evidence":[]}}}' "$(git rev-parse HEAD)" > "$RALPH_REPORT"
"#;

/// One epic with one story, led by this shell script.
fn led_by(script: &str, config: &str) -> Scene {
    let scene = Scene::of(&[epic("E", &["s"], &[])]);
    let program = scene.repo.beside("lead.sh");
    fs::write(&program, format!("#!/bin/sh\ncat > {}.$$\n{script}\n", scene.repo.beside("prompt").display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let program = json!(program);
    scene.repo.write("ralph.config.yml", &config.replace("PROGRAM", &program.to_string()));
    scene.repo.commit("Configure");
    scene
}

fn command(more: &str) -> String {
    format!(
        "execution: {{ epicPlanning: false, epicValidation: false, backend: command }}\nbackends: {{ command: {{ argv: [PROGRAM] }} }}\n{more}\n"
    )
}

#[test]
fn a_session_whose_processes_work_is_not_idle_however_silent_it_is() {
    // Three times the limit of silence, spent on a processor by a child.
    let busy = "timeout 6 sh -c 'while :; do :; done'";
    let scene = led_by(&format!("{busy}\n{HONEST}"), &command("timeouts: { idleTimeout: 2 }"));
    scene.run(&["run"]).exited_with(0);
    assert_eq!(scene.judged("E")["attempts"], 1);
    let journal = fs::read_to_string(scene.run_dir().join("journal.jsonl")).unwrap();
    assert!(journal.contains(r#""sign":"processes""#), "{journal}");
    scene.has_no_process_left();
}

#[test]
fn a_session_whose_worktree_changes_is_not_idle() {
    let slow = "for n in 1 2 3 4 5 6 7 8; do echo $n > draft.txt; sleep 0.7; done; rm draft.txt";
    let scene = led_by(&format!("{slow}\n{HONEST}"), &command("timeouts: { idleTimeout: 3 }"));
    scene.run(&["run"]).exited_with(0);
    let journal = fs::read_to_string(scene.run_dir().join("journal.jsonl")).unwrap();
    assert!(journal.contains(r#""sign":"worktree""#), "{journal}");
}

#[test]
fn a_session_that_only_waits_is_ended_and_its_last_sign_of_life_is_told() {
    let scene = led_by("echo thinking; sleep 60", &command("timeouts: { idleTimeout: 2 }\npolicy: { maxAttempts: 1 }"));
    scene.run(&["run"]).exited_with(1).says("no sign of life for 2s").says("the last was a line of output");
    scene.has_no_process_left();
}

/// What Claude Code prints for a call of its shell.
const CALL: &str = r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"Bash","input":{"command":"make test"}}]}}"#;

#[test]
fn a_session_that_goes_round_in_circles_hears_of_it_and_goes_on_in_its_conversation() {
    let script = format!(
        r#"
init() {{ echo '{{"type":"system","subtype":"init","session_id":"0198a3b4-5c6d-4e8f-9a0b-1c2d3e4f5a6b"}}'; }}
case " $* " in
*" --version "*) echo 2.1.328; exit 0;;
*" --resume "*) init; {HONEST}
  echo '{{"type":"result","subtype":"success","is_error":false,"result":"done"}}'; exit 0;;
esac
init
while :; do echo '{CALL}'; sleep 0.05; done
"#
    );
    let config = "execution: { epicPlanning: false, epicValidation: false, backend: claude, stagnationTurns: 6 }\nbackends: { claude: { program: PROGRAM } }\n";
    let scene = led_by(&script, config);
    scene.run(&["run"]).exited_with(0).says("made the same calls 6 times");
    assert_eq!(scene.judged("E")["attempts"], 1, "it is not charged");
    let prompts = fs::read_dir(scene.repo.beside("")).unwrap().filter_map(Result::ok);
    let told = prompts.filter(|entry| entry.file_name().to_string_lossy().starts_with("prompt."));
    assert!(told.into_iter().any(|entry| fs::read_to_string(entry.path()).unwrap().contains("same calls 6 times")));
    scene.has_no_process_left();
}
