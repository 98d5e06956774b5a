//! The chapter of README that leads from an idea to landed work, followed word by word at a real terminal.

use std::path::Path;
use std::process::Command;

use crate::pty::{How, Pty};

/// The blocks of the chapter in their order: what kind of text each is, and the text.
fn blocks() -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, chapter) = readme.split_once("## From an idea to a running team\n").expect("the chapter");
    let chapter = chapter.split("\n## ").next().unwrap();
    let mut found: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in chapter.lines() {
        match line.strip_prefix("```") {
            Some("") => inside = false,
            Some(kind) => {
                inside = true;
                found.push((kind.to_owned(), String::new()));
            }
            None if inside => found.last_mut().unwrap().1 += &format!("{line}\n"),
            None => {}
        }
    }
    found
}

/// What is asked, and what is answered.
fn dialogue(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let pairs =
        lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].strip_prefix("> ").expect("an answer").to_owned()));
    pairs.collect()
}

#[test]
fn whoever_follows_the_chapter_word_by_word_ends_with_landed_work() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("work");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(home.path().join(".gitconfig"), "[user]\nname = Reader\nemail = reader@example.invalid\n").unwrap();
    let blocks = blocks();
    let of = |kind: &str| {
        blocks.iter().filter(|(found, _)| found == kind).map(|(_, text)| text.as_str()).collect::<Vec<_>>()
    };
    let script = format!("set -e\n{}echo the end is reached\n", of("sh").concat());
    std::fs::write(home.path().join("chapter.sh"), &script).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_ralph-teams")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path))).unwrap();
    let mut shell = Command::new("sh");
    shell.arg(home.path().join("chapter.sh")).env("PATH", path).env("HOME", home.path());
    shell.env("XDG_STATE_HOME", home.path().join("state")).env("GIT_CONFIG_NOSYSTEM", "1");
    // Lines instead of the screen, which only a person could leave.
    shell.env("CI", "1");
    let mut pty = Pty::start(shell, &folder, How::Own);
    let mut at = 0;
    for (question, answer) in dialogue(of("text")[0]) {
        at = pty.wait_for(&question, at);
        pty.press(format!("{answer}\r").as_bytes());
    }
    assert_eq!(pty.exit_code(), Some(0), "{}", pty.printed(at));
    pty.wait_for("the end is reached", at);
    let clock = folder.join("clock");
    let landed = std::fs::read_dir(clock.join("rehearsal")).map_or(0, Iterator::count);
    assert_eq!(landed, 3, "the work is in the checkout:\n{}", pty.printed(at));
    let prd = std::fs::read_to_string(clock.join("prd.json")).unwrap();
    assert_eq!(prd.matches("\"completed\"").count(), 3, "{prd}");
    assert!(prd.contains("A clock that shows hours and minutes"));
}
