//! `doctor` on machines that are made up: programs that are there, absent, hang or fail, signed in or not.

use serde_json::Value;

use crate::place::{Ended, Place};

const SIGNED_IN: (&str, &str) = ("ANTHROPIC_API_KEY", "sk-very-secret");
const GATES: &str = "gates: [{run: 'true'}]\n";

/// A place where nothing but the agent program is missing.
fn place() -> Place {
    let place = Place::new();
    place.repo.write("ralph.config.yml", GATES);
    let prd = r#"{"project":"p","epics":[{"id":"A","title":"a","userStories":[{"id":"S","title":"s"}]}]}"#;
    place.repo.write("prd.json", prd);
    place.repo.commit("a PRD");
    place
}

fn doctor(place: &Place, variables: &[(&str, &str)], more: &[&str]) -> Ended {
    place.ralph_with(variables, &[&["doctor", "--json"], more].concat())
}

/// The level and the text, with advice, of the lines of an area that mention a word.
fn lines(ended: &Ended, area: &str, word: &str) -> Vec<(String, String)> {
    let text =
        |line: &Value| format!("{} -> {}", line["text"].as_str().unwrap(), line["advice"].as_str().unwrap_or(""));
    let json = ended.json();
    let all = json["lines"].as_array().unwrap().iter().filter(|line| line["area"] == area);
    let found = all.map(|line| (line["level"].as_str().unwrap().to_owned(), text(line)));
    found.filter(|(_, text)| text.contains(word)).collect()
}

#[track_caller]
fn level(ended: &Ended, area: &str, word: &str) -> String {
    match lines(ended, area, word).as_slice() {
        [(level, _)] => level.clone(),
        several => panic!("{area} {word}: {several:?} in {}", ended.stdout),
    }
}

#[test]
fn where_everything_is_there_it_exits_0_and_no_secret_is_told() {
    let place = place();
    place.program("claude", "echo '2.1.328 (Claude Code)'");
    let ended = doctor(&place, &[SIGNED_IN], &[]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.json()["ok"], true);
    assert_eq!(level(&ended, "agent", "2.1.328 (Claude Code)"), "pass");
    assert_eq!(level(&ended, "sign-in", "ANTHROPIC_API_KEY"), "pass");
    assert_eq!(level(&ended, "prd", "1 epic"), "pass");
    assert_eq!(level(&ended, "config", "1 gate"), "pass");
    assert_eq!(level(&ended, "agent", "codex is not there"), "info");
    assert!(!ended.stdout.contains("very-secret"));
    let text = place.ralph_with(&[SIGNED_IN], &["doctor"]);
    assert!(text.stdout.ends_with(" unknown\n") && text.stdout.contains("0 fails"), "{text:?}");
    assert_eq!(place.repo.git(&["status", "--porcelain"]), "", "nothing is made by looking");
}

#[test]
fn a_program_that_is_absent_or_broken_fails_with_3_and_one_that_hangs_is_left_alone_in_time() {
    let place = place();
    let absent = doctor(&place, &[SIGNED_IN], &[]);
    assert_eq!((absent.code, level(&absent, "agent", "npm install").as_str()), (3, "fail"));
    place.program("claude", "echo 'no such library' >&2; exit 1");
    let broken = doctor(&place, &[SIGNED_IN], &[]);
    assert_eq!((broken.code, level(&broken, "agent", "no such library").as_str()), (3, "fail"));
    place.program("claude", "sleep 1000");
    let hanging = doctor(&place, &[SIGNED_IN], &["--timeout", "1"]);
    assert_eq!((hanging.code, level(&hanging, "agent", "in time").as_str()), (0, "unknown"));
}

#[test]
fn a_sign_in_is_found_in_variables_of_the_configuration_and_in_files_and_its_lack_is_a_fail() {
    let place = place();
    place.program("claude", "echo 1");
    let without = doctor(&place, &[], &[]);
    if cfg!(target_os = "linux") {
        assert_eq!((without.code, level(&without, "sign-in", "/login").as_str()), (3, "fail"));
    }
    place.at_home(".claude/.credentials.json", "{\"token\": \"hidden-away\"}");
    let with_file = doctor(&place, &[], &[]);
    assert_eq!((with_file.code, level(&with_file, "sign-in", ".credentials.json").as_str()), (0, "pass"));
    assert!(!with_file.stdout.contains("hidden-away"));
    std::fs::remove_dir_all(place.home().join(".claude")).unwrap();
    let env = "backends: {claude: {env: {ANTHROPIC_API_KEY: $MINE}}}\n";
    place.repo.write("ralph.config.yml", &format!("{GATES}{env}"));
    assert_eq!(level(&doctor(&place, &[("MINE", "x")], &[]), "sign-in", "claude"), "pass");
}

#[test]
fn programs_that_no_role_uses_are_not_started() {
    let place = place();
    let trace = place.repo.beside("started");
    place.program("claude", "echo 1");
    place.program("codex", &format!("echo > '{}'", trace.display()));
    let ended = doctor(&place, &[SIGNED_IN], &[]);
    assert_eq!(level(&ended, "agent", "codex is there; no role uses it"), "info");
    assert!(!trace.exists());
    place.repo.write("ralph.config.yml", &format!("{GATES}execution: {{fallback: [codex]}}\n"));
    let ended = doctor(&place, &[SIGNED_IN], &[]);
    assert_eq!(level(&ended, "agent", "codex stands in for"), "unknown");
    assert!(trace.exists());
}

#[test]
fn faults_of_the_files_and_a_folder_that_is_no_repository_are_fails() {
    let place = place();
    place.repo.write("ralph.config.yml", "execution: {paralel: 2}\n");
    place.repo.write("prd.json", "{}");
    let ended = doctor(&place, &[SIGNED_IN], &[]);
    assert_eq!(ended.code, 3);
    assert_eq!(level(&ended, "config", "Did you mean `parallel`?"), "fail");
    assert_eq!(level(&ended, "prd", "ralph-teams validate prd.json"), "fail");
    assert_eq!(level(&doctor(&place, &[], &["none.json"]), "prd", "no such file"), "warn");
    let outside = place.repo.beside("outside");
    std::fs::create_dir(&outside).unwrap();
    let ended = place.ralph_in(&outside, &[], &["doctor", "--json"]);
    assert_eq!((ended.code, level(&ended, "repository", "git init").as_str()), (3, "fail"));
    assert_eq!(level(&ended, "git", "version"), "pass");
}

#[test]
fn the_room_is_measured_for_as_many_epics_as_are_asked_for() {
    let place = place();
    place.program("claude", "echo 1");
    let ended = doctor(&place, &[SIGNED_IN], &["--parallel", "7"]);
    assert!(lines(&ended, "memory", "7 sessions of claude").len() == 1, "{ended:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_a_dead_run_left_is_named() {
    let place = place();
    place.repo.write("ralph.config.yml", &format!("{GATES}execution: {{backend: rehearsal}}\n"));
    place.repo.commit("rehearse");
    let run = place.ralph(&["run", "--ui", "plain"]);
    assert_eq!(run.code, 0, "{run:?}");
    let runs = place.ralph(&["runs", "--json"]).json();
    let id = runs["runs"][0]["run"].as_str().unwrap_or_else(|| panic!("{runs}")).to_owned();
    let mut left = std::process::Command::new("sleep").arg("1000").env("RALPH_RUN_ID", &id).spawn().unwrap();
    let ended = doctor(&place, &[], &[]);
    left.kill().unwrap();
    left.wait().unwrap();
    assert_eq!(level(&ended, "leftovers", &format!("kill {}", left.id())), "warn");
}
