//! A person steers a real run on a real pseudo-terminal: stops an epic, lets it go on, sets it back; leaves the screen; and
//! finds the run over for everybody else while the end card stands.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::pty::Pty;

/// Protects against a hang; nothing takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a program that is run to its end printed; it must succeed.
fn said(directory: &Path, program: &str, args: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(args).current_dir(directory).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.env("HOME", directory).env("XDG_STATE_HOME", directory.join("state")).output();
    let output = output.expect("it starts");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program} {args:?}: {shown}{}", String::from_utf8_lossy(&output.stderr));
    shown
}

/// A repository with two epics of so many stories, each of which takes a while.
fn site(directory: &Path, n_stories: [usize; 2]) {
    let epic = |(epic, n): (&str, usize)| {
        let story = |n: usize| {
            format!(
                r#"{{"id":"{epic}-{n}","title":"part {n}","acceptanceCriteria":["it is there"],"priority":1,"passes":false}}"#
            )
        };
        let stories: Vec<String> = (1..=n).map(story).collect();
        format!(r#"{{"id":"{epic}","title":"{epic}","status":"pending","userStories":[{}]}}"#, stories.join(","))
    };
    let epics: Vec<String> = ["A", "B"].into_iter().zip(n_stories).map(epic).collect();
    let script = directory.join("script.json");
    std::fs::create_dir(directory).expect("a folder");
    let worktrees = directory.with_file_name("worktrees");
    let config = format!(
        "worktrees:\n  dir: {:?}\nexecution:\n  epicPlanning: false\n  epicValidation: false\n  backend: rehearsal\n  parallel: 2\nbackends:\n  rehearsal:\n    env:\n      {}: {:?}\n",
        worktrees.display().to_string(),
        ralph_teams::effects::backend::rehearsal::SCRIPT_VARIABLE,
        script.display().to_string()
    );
    let prd = format!(r#"{{"project":"steered","branchName":"main","userStories":[],"epics":[{}]}}"#, epics.join(","));
    for (name, text) in
        [("prd.json", prd), ("ralph.config.yml", config), ("script.json", r#"{"pause_ms":1500}"#.to_owned())]
    {
        std::fs::write(directory.join(name), text).expect("written");
    }
    said(directory, "git", &["init", "--quiet", "--initial-branch=main"]);
    said(directory, "git", &["config", "user.name", "A Person"]);
    said(directory, "git", &["config", "user.email", "person@localhost"]);
    said(directory, "git", &["add", "--all"]);
    said(directory, "git", &["commit", "--quiet", "--message", "Begin"]);
}

/// Waits until the journal holds this so many times.
fn journal_holds(directory: &Path, text: &str, times: usize) {
    let end = Instant::now() + PATIENCE;
    loop {
        let journal = std::fs::read_to_string(directory.join(".ralph-teams/current/journal.jsonl")).unwrap_or_default();
        if journal.matches(text).count() >= times {
            return;
        }
        assert!(Instant::now() < end, "{text:?} is not {times} times in\n{journal}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_epic_is_stopped_goes_on_is_set_back_and_the_run_passes() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = &directory.path().join("repository");
    site(directory, [2, 10]);
    let mut pty = Pty::ralph(directory, &["run", "--parallel"]);
    journal_holds(directory, r#"{"prepared":{"job":{"scope":{"epic":"A"}"#, 1);
    pty.press(b"s");
    let held = pty.wait_for("held", 0);
    pty.press(b"r");
    let working = pty.wait_for("working", held);
    pty.press(b"x");
    let asked = pty.wait_for("begins again", working);
    pty.press(b"y");
    journal_holds(directory, r#"{"prepared":{"job":{"scope":{"epic":"A"}"#, 2);
    pty.wait_for("the run is over", asked);
    let backups = said(directory, "git", &["for-each-ref", "refs/ralph/backup"]);
    assert!(!backups.is_empty(), "what A had is saved");
    pty.press(b"q");
    assert_eq!(pty.exit_code(), Some(0));
    pty.assert_modes_are_back();
}

#[test]
fn while_the_end_card_stands_the_run_is_over_for_everybody_else() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = &directory.path().join("repository");
    site(directory, [1, 1]);
    let mut pty = Pty::ralph(directory, &["run", "--parallel"]);
    pty.wait_for("the run is over", 0);
    // Only a free lock lets another command in.
    said(directory, env!("CARGO_BIN_EXE_ralph-teams"), &["land"]);
    assert_eq!(pty.child.try_wait().expect("a child"), None, "the card still stands");
    pty.signal(rustix::process::Signal::TERM);
    assert_eq!(pty.exit_code(), Some(0), "the exit code is that of the run");
    pty.assert_modes_are_back();
}

#[test]
fn whoever_leaves_the_screen_hears_how_to_look_and_how_to_stop_and_control_c_stops() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = &directory.path().join("repository");
    site(directory, [8, 8]);
    let mut pty = Pty::ralph(directory, &["run", "--parallel"]);
    journal_holds(directory, r#"{"prepared":{"#, 2);
    pty.press(b"qd");
    let left = pty.wait_for("`ralph-teams watch` shows the screen again", 0);
    pty.wait_for("`ralph-teams stop` stops it", left);
    pty.assert_modes_are_back();
    pty.signal(rustix::process::Signal::INT);
    assert_eq!(pty.exit_code(), Some(130));
}
