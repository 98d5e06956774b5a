//! Programs that the person opens from the screen, on a real terminal: they get it whole, the run goes on, and the screen
//! comes back.

use rustix::process::{Pid, Signal, kill_process};

use super::pty::{How, Pty, eventually};
use super::slow::{RALPH, Slow};

const RUN: [&str; 5] = ["run", "--rehearse", "--parallel", "--ui", "tui"];

fn run(slow: &Slow, variables: &[(&str, &str)]) -> (Pty, usize) {
    let pty = slow.start_with(RALPH, &RUN, variables, How::Own);
    let shown = pty.wait_for("team-lead starts", 0);
    let progress = slow.repo.path().join(".ralph-teams/progress.txt");
    eventually("both sessions are at work", || {
        let told = std::fs::read_to_string(&progress).unwrap_or_default();
        (told.matches("team-lead starts").count() == 2).then_some(())
    });
    (pty, shown)
}

/// The screen is there again, and the run ends well.
fn ends(slow: &Slow, mut pty: Pty, from: usize) {
    let taken = pty.wait_for("\u{1B}[?1049h", from);
    let shown = pty.wait_for("/2 merged", taken);
    assert!(!pty.is_cooked(), "the screen has it again: {}", pty.printed(taken));
    let over = pty.wait_for("the run is over", shown);
    pty.press(b"q");
    pty.wait_for("verdict: pass", over);
    assert_eq!(pty.exit_code(), Some(0));
    assert!(slow.passed());
    pty.assert_modes_are_back();
}

#[test]
fn a_shell_has_the_terminal_as_it_was_and_its_keys_are_not_for_the_run() {
    let slow = Slow::new(8_000);
    let (mut pty, shown) = run(&slow, &[("SHELL", "/bin/sh"), ("PS1", "ready> ")]);
    pty.press(b"o");
    pty.wait_for("a shell in ", shown);
    let ready = pty.wait_for("ready> ", shown);
    assert!(pty.is_cooked(), "the shell has the modes that the person had");
    pty.press(b"env | grep -c '^RALPH_\\|^GIT_DIR'; git branch --show-current\r");
    let count = pty.wait_for("\n0\r\n", ready);
    let branch = pty.wait_for("ralph/", count);
    pty.press(b"sleep 60\r");
    let slept = pty.wait_for("sleep 60", branch);
    // Who has the terminal is asked until it is the program: a shell starts it a moment after it read the line.
    eventually("sleep runs", || pty.runs("sleep").then_some(()));
    pty.press(b"\x03");
    let ready = pty.wait_for("ready> ", slept);
    pty.press(b"exit\r");
    ends(&slow, pty, ready);
}

#[test]
fn control_z_in_a_program_that_nobody_could_continue_does_not_hold_the_screen() {
    let slow = Slow::new(8_000);
    let (mut pty, shown) = run(&slow, &[("SHELL", "/bin/cat")]);
    pty.press(b"o");
    let opened = pty.wait_for("brings the run back\r\n", shown);
    // What is typed before it has the foreground is thrown away with the signal.
    let ours = Pid::from_child(&pty.child);
    eventually("it is lent", || pty.foreground().filter(|group| *group != ours));
    eventually("cat runs", || pty.runs("cat").then_some(()));
    pty.press(b"\x1Abefore\r");
    let said = pty.wait_for("before\r\nbefore\r\n", opened);
    pty.press(b"\x04");
    ends(&slow, pty, said);
}

#[test]
fn a_program_has_the_foreground_to_itself_and_gives_it_back_also_when_it_is_killed() {
    for signal in [Signal::INT, Signal::KILL] {
        let slow = Slow::new(8_000);
        let (mut pty, shown) = run(&slow, &[("SHELL", "/bin/cat")]);
        let ours = Pid::from_child(&pty.child);
        assert_eq!(pty.foreground(), Some(ours));
        pty.press(b"o");
        let opened = pty.wait_for("brings the run back\r\n", shown);
        let group = eventually("it is lent", || pty.foreground().filter(|group| *group != ours));
        if signal == Signal::INT {
            eventually("cat runs", || pty.runs("cat").then_some(()));
            pty.press(b"\x03");
        } else {
            kill_process(group, signal).expect("it is there");
        }
        pty.wait_for("\u{1B}[?1049h", opened);
        assert_eq!(pty.foreground(), Some(ours));
        ends(&slow, pty, opened);
    }
}

#[test]
fn changes_are_shown_by_the_pager_that_the_person_chose() {
    for (name, pager) in [("GIT_PAGER", "cat"), ("PAGER", "sed s/^/paged:/")] {
        let slow = Slow::new(6_000);
        let (mut pty, shown) = run(&slow, &[(name, pager)]);
        pty.press(b"d");
        let said = pty.wait_for("enter brings the screen back", shown);
        assert!(pty.is_cooked());
        pty.press(b"\r");
        ends(&slow, pty, said);
    }
}

#[test]
fn the_usual_pager_stays_until_it_is_left() {
    let slow = Slow::new(1_500);
    let (mut pty, shown) = run(&slow, &[]);
    let passed = pty.wait_for("passes after", shown);
    pty.press(b"g");
    let gate = pty.wait_for("the gate of", passed);
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    // Ctrl-C is for the pager, which rings the bell and shows the same again.
    pty.press(b"\x03");
    let again = pty.wait_for("the gate of", gate);
    pty.press(b"q");
    ends(&slow, pty, again);
}

#[test]
fn a_program_that_is_not_there_is_a_line_of_help() {
    let slow = Slow::new(6_000);
    let (mut pty, shown) = run(&slow, &[("SHELL", "/no/such/shell")]);
    pty.press(b"o");
    let help = pty.wait_for("/no/such/shell cannot be started", shown);
    ends(&slow, pty, shown);
    assert!(help > shown);
}
