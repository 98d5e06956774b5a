//! The real program on a real pseudo-terminal: keys go in, bytes come out, and the terminal's modes come back.

use super::pty::Pty;

#[test]
fn control_c_twice_ends_the_run_and_gives_the_terminal_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::ralph(directory.path(), &["demo", "demo", "--ui", "tui"]);
    let shown = pty.wait_for("wave 2", 0);
    assert!(!pty.is_cooked(), "it is in raw mode");
    pty.press(b"?");
    let helped = pty.wait_for("start nothing new; again: go on", shown);
    pty.press(b"x\x03");
    pty.wait_for("stopping", helped);
    pty.press(b"\x03");
    assert_eq!(pty.exit_code(), Some(130));
    pty.assert_modes_are_back();
}

#[test]
fn whoever_asks_for_lines_gets_no_full_screen() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::ralph(directory.path(), &["demo", "demo", "--ui", "plain"]);
    pty.wait_for("verdict: pass", 0);
    assert_eq!(pty.exit_code(), Some(0));
    assert!(!pty.printed(0).contains("\u{1B}[?1049h"), "the alternate screen is never taken");
}

#[test]
fn the_end_card_stays_until_a_key_and_the_run_can_be_watched_afterwards() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::ralph(directory.path(), &["demo", "demo"]);
    let over = pty.wait_for("the run is over", 0);
    assert_eq!(pty.child.try_wait().expect("a child"), None, "it waits for the person");
    pty.press(b"q");
    pty.wait_for("# the evidence", over);
    assert_eq!(pty.exit_code(), Some(0));
    pty.assert_modes_are_back();

    let mut watch = Pty::ralph(&directory.path().join("demo"), &["watch"]);
    let shown = watch.wait_for("replay", 0);
    watch.press(b"{");
    let stepped = watch.wait_for("event ", shown);
    watch.press(b"3");
    watch.wait_for("time line", stepped);
    watch.press(b"q");
    assert_eq!(watch.exit_code(), Some(0));
    watch.assert_modes_are_back();
}

#[test]
fn control_c_leaves_the_end_card_and_the_exit_code_is_that_of_the_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::ralph(directory.path(), &["demo", "demo"]);
    let over = pty.wait_for("the run is over", 0);
    pty.press(b"\x03");
    pty.wait_for("# the evidence", over);
    assert_eq!(pty.exit_code(), Some(0));
    pty.assert_modes_are_back();
}

#[test]
fn a_run_goes_on_when_its_terminal_dies() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::ralph(directory.path(), &["demo", "demo", "--ui", "tui"]);
    pty.wait_for("wave 2", 0);
    pty.close();
    assert_eq!(pty.exit_code(), Some(0), "the run came to its end without a terminal");
    assert!(directory.path().join("demo/.ralph-teams/current/verdict.json").is_file());
}
