//! Light or dark: the terminal is asked for its background, and whatever it answers, no key is lost and none is invented.

use super::pty::{How, Pty};
use super::slow::{RALPH, Slow};

const QUESTION: &str = "\u{1B}]11;?";
const LIGHT_ANSWER: &[u8] = b"\x1B]11;rgb:ffff/ffff/eeee\x1B\\";
const DARK_ANSWER: &[u8] = b"\x1B]11;rgb:0000/2b2b/3636\x07";
/// The colour of text on each ground.
const ON_LIGHT: &str = "38;5;236";
const ON_DARK: &str = "38;5;252";

/// A finished run that is watched by a terminal which answers so. What it shows first and, when a key was sent, then.
fn watched(variables: &[(&str, &str)], answer: &[u8]) -> (Slow, Pty) {
    let slow = Slow::new(0);
    let mut run = slow.start(RALPH, &["run", "--rehearse", "--ui", "plain"], How::File);
    assert_eq!(run.exit_code(), Some(0));
    let mut pty = slow.start_with(RALPH, &["watch"], variables, How::Own);
    if !answer.is_empty() {
        pty.wait_for(QUESTION, 0);
        pty.press(answer);
    }
    pty.wait_for("replay", 0);
    (slow, pty)
}

fn leaves(mut pty: Pty) {
    pty.press(b"q");
    assert_eq!(pty.exit_code(), Some(0));
    pty.assert_modes_are_back();
}

#[test]
fn a_terminal_that_answers_gets_the_colours_that_fit() {
    for (answer, colour, other) in [(LIGHT_ANSWER, ON_LIGHT, ON_DARK), (DARK_ANSWER, ON_DARK, ON_LIGHT)] {
        let (_slow, pty) = watched(&[("COLORFGBG", "0;15")], answer);
        let text = pty.printed(0);
        assert!(text.contains(colour) && !text.contains(other), "{text:?}");
        leaves(pty);
    }
}

#[test]
fn a_terminal_that_does_not_answer_gets_what_the_environment_says() {
    for half in [b"".as_slice(), b"\x1B]11;rgb:0000/00"] {
        let (_slow, pty) = watched(&[("COLORFGBG", "0;15")], half);
        assert!(pty.printed(0).contains(QUESTION));
        assert!(pty.printed(0).contains(ON_LIGHT));
        leaves(pty);
    }
}

#[test]
fn keys_around_the_answer_are_keys_and_nothing_of_the_answer_is() {
    let mixed = [b"3".as_slice(), LIGHT_ANSWER, b"?"].concat();
    let (_slow, pty) = watched(&[], &mixed);
    let helped = pty.wait_for("one event back", 0);
    assert!(pty.printed(0).contains(ON_LIGHT));
    assert!(helped > 0);
    let mut pty = pty;
    pty.press(b"\x1B");
    let late = pty.len();
    pty.press(LIGHT_ANSWER);
    pty.press(b"1");
    pty.wait_for("merge queue", late);
    leaves(pty);
}

#[test]
fn nothing_is_asked_where_the_answer_does_not_matter_or_will_not_come() {
    for variable in [("NO_COLOR", "1"), ("TERM", "linux"), ("TERM", "screen")] {
        let (_slow, pty) = watched(&[variable], b"");
        assert!(!pty.printed(0).contains("\u{1B}]11"), "{variable:?}");
        leaves(pty);
    }
}
