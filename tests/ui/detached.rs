//! No screen can slow or stop a run: pipes that nobody reads, readers that go away, sinks that panic.

use std::io::{self, BufRead as _, Read as _};
use std::sync::mpsc;

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::outcome::RunEnd;
use ralph_teams::scheduler::{Notice, RunView, Scope};
use ralph_teams::ui::detached::Detached;
use ralph_teams::ui::json::Json;
use ralph_teams::ui::{Sink, Sinks};

use crate::samples::{notices, scope, view};

/// More than a pipe and the queue hold together.
const MANY: usize = 20_000;

fn flood(sink: &mut impl Sink) {
    let view = view();
    let notice = Notice::Preparing { scope: scope(1) };
    let activity = Activity::Text("x".repeat(200));
    for at in 0..MANY as u64 {
        sink.notice(at, &notice, &view).expect("a full pipe is no error");
        sink.activity(at, &scope(1), &activity).expect("a full pipe is no error");
    }
    let end = Notice::RunEnded { end: RunEnd::Interrupted };
    sink.notice(MANY as u64, &end, &view).expect("a full pipe is no error");
}

#[test]
fn a_pipe_that_nobody_reads_holds_up_neither_the_run_nor_its_end() {
    let (reader, writer) = io::pipe().expect("a pipe");
    let mut sink = Detached::new(Json::new(writer)).expect("a thread");
    flood(&mut sink);
    let error = sink.close().expect_err("nobody read it");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    drop(reader);
}

#[test]
fn a_reader_that_comes_back_is_told_what_it_missed_and_gets_the_end() {
    let (reader, writer) = io::pipe().expect("a pipe");
    let mut sink = Detached::new(Json::new(writer)).expect("a thread");
    flood(&mut sink);
    let lines = std::thread::spawn(move || {
        let lines = io::BufReader::new(reader).lines();
        lines.map(|line| serde_json::from_str(&line.expect("UTF-8")).expect("JSON")).collect::<Vec<serde_json::Value>>()
    });
    // Closing would wait for a bounded time only, and a busy machine can need longer.
    drop(sink);
    let lines = lines.join().expect("the reader ends with the pipe");
    let of = |name: &str| lines.iter().filter(|line| line["type"] == name).collect::<Vec<_>>();
    assert_eq!(lines.last().expect("there are lines")["type"], "run-ended");
    let missed: u64 = of("missed").iter().filter_map(|line| line["notices"].as_u64()).sum();
    assert!(missed > 0);
    assert_eq!(of("preparing").len() as u64 + missed, MANY as u64);
    let missed: u64 = of("missed").iter().filter_map(|line| line["activities"].as_u64()).sum();
    assert_eq!(of("activity").len() as u64 + missed, MANY as u64);
}

#[test]
fn everything_arrives_in_order_when_it_is_read() {
    let (mut reader, writer) = io::pipe().expect("a pipe");
    let text = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    });
    let mut sink = Detached::new(Json::new(writer)).expect("a thread");
    for notice in notices() {
        sink.notice(0, &notice, &view()).expect("it is read");
    }
    drop(sink);
    let text = text.join().expect("a reader").expect("UTF-8");
    let expected: Vec<&str> = notices().iter().map(crate::samples::name).collect();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let names: Vec<String> = lines.map(|line| line["type"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(names, expected);
}

/// A sink that does at each refresh what it was made for, and says that it is over when it is dropped.
struct Misbehaving<F> {
    act: F,
    _over: mpsc::Sender<()>,
}

impl<F: FnMut() -> io::Result<()>> Sink for Misbehaving<F> {
    fn notice(&mut self, _at_ms: u64, _notice: &Notice, _view: &RunView) -> io::Result<()> {
        Ok(())
    }

    fn activity(&mut self, _at_ms: u64, _scope: &Scope, _activity: &Activity) -> io::Result<()> {
        Ok(())
    }

    fn refresh(&mut self, _view: &RunView) -> io::Result<()> {
        (self.act)()
    }

    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The error that closing a sink gives after it misbehaved in its thread.
fn end_of(act: impl FnMut() -> io::Result<()> + Send + 'static) -> io::Error {
    let (over, ended) = mpsc::channel();
    let mut sink = Detached::new(Misbehaving { act, _over: over }).expect("a thread");
    sink.refresh(&view()).expect("it is only put into the queue");
    ended.recv().expect_err("nothing is ever sent, the thread only ends");
    sink.close().expect_err("it misbehaved")
}

#[test]
fn a_sink_that_keeps_up_is_closed_without_complaint() {
    let (over, ended) = mpsc::channel();
    let mut sink = Detached::new(Misbehaving { act: || Ok(()), _over: over }).expect("a thread");
    sink.refresh(&view()).expect("it is only put into the queue");
    sink.close().expect("it keeps up");
    assert!(ended.recv().is_err(), "its thread is over");
}

#[test]
fn a_sink_that_fails_hands_its_error_on() {
    assert_eq!(end_of(|| Err(io::ErrorKind::BrokenPipe.into())).kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_sink_that_panics_is_an_error_and_not_a_panic_of_the_run() {
    let error = end_of(|| std::panic::resume_unwind(Box::new("a bug in a screen")));
    assert_eq!(error.to_string(), "its thread panicked");
}

#[test]
fn a_sink_that_fails_is_dropped_and_the_others_go_on() {
    let (over, _ended) = mpsc::channel();
    let failing = Misbehaving { act: || Err(io::ErrorKind::BrokenPipe.into()), _over: over.clone() };
    let working = Misbehaving { act: || Ok(()), _over: over };
    let mut sinks = Sinks::new().with("failing", Box::new(failing)).with("working", Box::new(working));
    sinks.refresh(&view());
    assert_eq!(sinks.len(), 1);
    sinks.refresh(&view());
    assert_eq!(sinks.len(), 1);
    sinks.close();
    assert!(sinks.is_empty());
}
