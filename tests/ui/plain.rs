//! Plain output and `progress.txt`: the same words, no control codes outside of a terminal, bars on one.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use ralph_teams::ui::plain::{Look, Plain};
use ralph_teams::ui::progress::Progress;
use ralph_teams::ui::text::told;
use ralph_teams::ui::{Missed, Sink};

use crate::samples::{activities, notices, scope, short_run, view};

const PLAIN: Look = Look { colour: false, unicode: false };

/// A writer whose bytes can be looked at while a sink owns it.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no writer panicked").clone()).expect("output is UTF-8")
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer whose reader is gone.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

fn show_all(sink: &mut impl Sink) -> io::Result<()> {
    for (at, notice) in short_run() {
        sink.notice(at, &notice, &view())?;
    }
    for activity in activities() {
        sink.activity(141_000, &scope(2), &activity)?;
    }
    sink.idle()?;
    sink.close()
}

fn lines_with(look: Look) -> String {
    let memory = Memory::default();
    show_all(&mut Plain::lines(memory.clone(), look)).expect("memory can be written");
    memory.text()
}

fn bars_with(look: Look, size: (u16, u16)) -> String {
    let memory = Memory::default();
    show_all(&mut Plain::with_bars(memory.clone(), look, Box::new(move || size))).expect("memory can be written");
    memory.text()
}

#[test]
fn a_run_without_a_terminal_is_a_line_a_notice() {
    insta::assert_snapshot!(lines_with(PLAIN), @r#"
    +00:00  run       - run 20261120-101500-k3f9 of "shop" began: 3 epics in 2 waves, at most 2 at a time, on top of aaaaaaaaaa
    +00:01  run       - ralph/loop/20261120-101500-k3f9 is ready; all 2 gates pass on the commit it starts from
    +00:01  EPIC-001  - a worktree is being made and set up
    +00:04  EPIC-001  - team-lead starts
    +01:24  EPIC-001  - team-lead ended after 1m 20s (12.3k tokens, $0.42); its work is checked now
    +01:25  EPIC-001  + story US-001 passes
    +01:37  EPIC-001  x gate test is red after 12s: exit code 101; full output in .ralph-teams/runs/20261120-101500-k3f9/jobs/epic-001.check.1/gate-1.log
                          running 2 tests
                          test login ... FAILED
    +01:38  EPIC-001  + merged; ralph/loop/20261120-101500-k3f9 now stands at bbbbbbbbbb
    +02:20  run       + verdict: pass; 1 of 3 epics merged into ralph/loop/20261120-101500-k3f9, after 2m 20s, 12.3k tokens, $0.42
    +02:21  EPIC-002  ! the provider is asked again in 30s: overloaded
    "#);
}

#[test]
fn outside_of_a_terminal_there_are_no_control_codes() {
    let text = lines_with(Look::new(false, None, Some("xterm"), Some("C.UTF-8")));
    assert!(text.contains('✓'));
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn signs_are_ascii_when_the_locale_is_not_utf_8() {
    assert!(lines_with(Look::new(true, None, Some("xterm"), Some("C"))).is_ascii());
}

#[test]
fn no_color_takes_the_colours_and_nothing_else() {
    let coloured = lines_with(Look::new(true, None, Some("xterm"), Some("C.UTF-8")));
    let plain = lines_with(Look::new(true, Some("1"), Some("xterm"), Some("C.UTF-8")));
    assert!(coloured.contains("\u{1B}[32m✓\u{1B}[0m"), "{coloured:?}");
    assert!(!plain.contains('\u{1B}'), "{plain:?}");
    let without_codes = ["\u{1B}[31m", "\u{1B}[32m", "\u{1B}[33m", "\u{1B}[0m"]
        .iter()
        .fold(coloured, |text, code| text.replace(code, ""));
    assert_eq!(without_codes, plain);
}

#[test]
fn a_terminal_gets_a_bar_for_each_track_at_work() {
    let text = bars_with(PLAIN, (80, 24));
    assert!(text.contains("> EPIC-002  working (team-lead)  1/3 stories  00:00:00"), "{text:?}");
    assert!(!text.contains("> EPIC-001") && !text.contains("> EPIC-003"), "{text:?}");
}

#[test]
fn a_bar_takes_one_line_and_a_detail_no_more_than_there_is_however_narrow_the_terminal() {
    use unicode_width::UnicodeWidthStr as _;
    for columns in [30, 40, 50, 60] {
        let text = bars_with(PLAIN, (columns, 24));
        let bars: Vec<&str> = text.split(['\n', '\r', '\u{1B}']).filter(|line| line.starts_with("> EPIC")).collect();
        assert!(!bars.is_empty(), "{text:?}");
        for bar in bars {
            assert!(bar.trim_end().width() <= usize::from(columns), "{columns}: {bar:?}");
        }
    }
    let text = bars_with(PLAIN, (40, 24));
    assert!(text.contains("                      test login ... FAI> EPIC"), "as wide as the terminal: {text:?}");
}

#[test]
fn the_card_is_broken_between_words_where_the_terminal_is_narrow() {
    let memory = Memory::default();
    let mut plain = Plain::with_bars(memory.clone(), PLAIN, Box::new(|| (30, 24)));
    plain.card("one\n\n  two three four five six seven eight\n").expect("memory can be written");
    assert_eq!(memory.text(), "\none\n\n  two three four five six\n  seven eight\n");
    let after_the_screen = Memory::default();
    let mut plain = Plain::lines_within(after_the_screen.clone(), PLAIN, Box::new(|| (30, 24)));
    plain.card("  two three four five six seven eight\n").expect("memory can be written");
    assert_eq!(after_the_screen.text(), "\n  two three four five six\n  seven eight\n");
}

#[test]
fn bars_are_gone_when_the_sink_is_closed() {
    let memory = Memory::default();
    let mut plain = Plain::with_bars(memory.clone(), PLAIN, Box::new(|| (80, 24)));
    plain.refresh(&view()).expect("memory can be written");
    plain.close().expect("memory can be written");
    assert!(memory.text().ends_with("\r\u{1B}[2K") || memory.text().ends_with('\n'), "{:?}", memory.text());
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    use unicode_width::UnicodeWidthStr as _;
    let memory = Memory::default();
    let mut plain = Plain::with_bars(memory.clone(), PLAIN, Box::new(|| (50, 24)));
    let mut quiet = view();
    quiet.epics.truncate(1);
    for notice in notices() {
        plain.notice(0, &notice, &quiet).expect("memory can be written");
    }
    for line in memory.text().lines() {
        assert!(line.width() <= 50, "{line}");
    }
}

#[test]
fn a_retry_of_the_provider_is_worth_a_line_and_other_activity_is_not() {
    let memory = Memory::default();
    let mut plain = Plain::lines(memory.clone(), PLAIN);
    for activity in activities() {
        plain.activity(0, &scope(1), &activity).expect("memory can be written");
    }
    assert_eq!(memory.text(), "+00:00  EPIC-001  ! the provider is asked again in 30s: overloaded\n");
}

#[test]
fn what_could_not_be_shown_is_said() {
    let memory = Memory::default();
    let mut plain = Plain::lines(memory.clone(), PLAIN);
    plain.missed(0, Missed { notices: 0, activities: 5 }).expect("memory can be written");
    plain.missed(0, Missed { notices: 2, activities: 5 }).expect("memory can be written");
    let said = "+00:00  run       ! 2 messages were left out here, because nobody read them in time\n";
    assert_eq!(memory.text(), said);
}

#[test]
fn a_reader_that_went_away_is_an_error_with_and_without_bars() {
    assert!(show_all(&mut Plain::lines(Broken, PLAIN)).is_err());
    let mut bars = Plain::with_bars(Broken, PLAIN, Box::new(|| (80, 24)));
    assert!(bars.refresh(&view()).is_err(), "the bars themselves cannot be drawn");
}

#[test]
fn progress_has_the_words_of_plain_output_in_one_line_a_notice() {
    let memory = Memory::default();
    let mut progress = Progress::new(memory.clone(), Box::new(|| "2026-11-20T10:15:00Z".to_owned()));
    for notice in notices() {
        progress.notice(0, &notice, &view()).expect("memory can be written");
    }
    let text = memory.text();
    assert_eq!(text.lines().count(), notices().len());
    for (line, notice) in text.lines().zip(notices()) {
        let told = told(&notice, &view());
        assert_eq!(line, format!("2026-11-20T10:15:00Z  {}  {}", told.who, told.line));
    }
}
