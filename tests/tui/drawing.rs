//! What the screen draws, and how often, on a real pseudo-terminal.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use ralph_teams::domain::activity::Activity;
use ralph_teams::ui::Sink as _;
use ralph_teams::ui::tui::terminal;

use super::pty::{How, Pty};
use super::safety::screen;
use super::scenes::{running, scope};
use super::slow::{RALPH, Slow};

/// Each frame begins with this.
const FRAME: &str = "\u{1B}[?2026h";

#[test]
fn a_storm_of_sizes_ends_with_the_right_picture() {
    let slow = Slow::new(3_000);
    let (pty, mut shown) = slow.run(How::Own);
    let mut pty = pty;
    for n in 0..200_u16 {
        let (columns, rows) = (1 + n * 97 % 400, 1 + n * 37 % 120);
        pty.resize(columns, rows);
        std::thread::sleep(Duration::from_millis(5));
        if n % 50 == 49 {
            shown = pty.len();
        }
    }
    pty.resize(1, 1);
    pty.resize(50, 10);
    shown = pty.wait_for("needs 60x20, this is 50x10", shown);
    pty.resize(120, 40);
    shown = pty.wait_for("/2 merged", shown);
    shown = pty.wait_for("merge queue", shown);
    let over = pty.wait_for("the run is over", shown);
    pty.press(b"q");
    pty.wait_for("verdict: pass", over);
    assert_eq!(pty.exit_code(), Some(0));
    assert!(slow.passed());
    pty.assert_modes_are_back();
}

#[test]
#[ignore = "is run by other tests, on a terminal of their own"]
fn here_agents_say_much_and_then_nothing() {
    if terminal::is_possible() {
        let (sender, asks) = channel();
        let mut screen = screen(move |ask| drop(sender.send(ask)));
        asks.recv().expect("asked");
        let view = running();
        screen.refresh(&view).expect("it is shown");
        let began = Instant::now();
        for n in 0..100_000_u64 {
            let text = format!("line {n} of what an agent says");
            screen.activity(n, &scope(1), &Activity::Text(text)).expect("it is shown");
        }
        let took = began.elapsed();
        std::thread::sleep(Duration::from_millis(500));
        screen.card(&format!("0123456789 {} ms", took.as_millis() + 500)).expect("it is shown");
        // The same again and again, as the run tells it once a second: only the time is another one.
        for n in 0..30 {
            let mut view = view.clone();
            view.at += n;
            screen.refresh(&view).expect("it is shown");
            std::thread::sleep(Duration::from_millis(100));
        }
        asks.recv().expect("asked");
        screen.close().expect("it ends");
    }
}

#[test]
fn a_flood_is_shown_at_thirty_frames_a_second_and_silence_is_not_drawn() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::this_test("drawing::here_agents_say_much_and_then_nothing", directory.path());
    let shown = pty.wait_for("9876543210", 0);
    pty.press(b"\x03");
    let told = pty.wait_for("0123456789 ", shown);
    let took = pty.wait_for(" ms", told);
    let printed = pty.printed(0);
    let flood: usize = printed[told..took - 3].trim().parse().expect("milliseconds");
    let frames = printed[shown..told].matches(FRAME).count();
    assert!(frames <= flood / 33 + 3, "{frames} frames in {flood} ms");
    assert!(frames >= 2, "it is shown at all");
    std::thread::sleep(Duration::from_millis(2_500));
    let quiet = pty.printed(took).matches(FRAME).count();
    // The clock on the screen may have gone on, once a second, and the rest of the last frame is in there too.
    assert!(quiet <= 5, "{quiet} frames while nothing happened");
    pty.press(b"\x03");
    assert_eq!(pty.exit_code(), Some(0));
    pty.assert_modes_are_back();
}

#[test]
fn a_quiet_run_is_drawn_once_a_second() {
    let slow = Slow::new(6_000);
    let (pty, _) = slow.run(How::Own);
    std::thread::sleep(Duration::from_millis(500));
    let before = pty.len();
    std::thread::sleep(Duration::from_millis(3_000));
    let frames = pty.printed(before).matches(FRAME).count();
    assert!((2..=5).contains(&frames), "{frames} frames in three seconds");
    let again = slow.start(RALPH, &["stop", "--now"], How::File);
    drop(again);
}
