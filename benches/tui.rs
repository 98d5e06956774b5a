//! What the screen costs: frames of every page, messages, and memory while agents print a gigabyte.
//!
//! `cargo bench --bench tui` measures frames and messages: a run of 100 epics, the selected one with a transcript of 100,000
//! lines, drawn into the backend that the terminal uses, with the difference to the frame before and the bytes that are
//! written. `cargo bench --bench tui -- memory` floods the screen on a pseudo-terminal and looks at the memory.

#![expect(clippy::disallowed_methods, reason = "a benchmark starts itself on a terminal and measures time")]

mod support;

use std::fs::File;
use std::io::{self, Read as _};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use divan::Bencher;
use ralph_teams::clock::Clock;
use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::{CommitId, EpicId, RunId};
use ralph_teams::domain::plan::Plan;
use ralph_teams::domain::prd;
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::view::{RunPhase, TrackState, TrackView};
use ralph_teams::scheduler::{Role, RunView, Scope};
use ralph_teams::ui::Sink as _;
use ralph_teams::ui::screen::Quiet;
use ralph_teams::ui::tui::cells::Cells;
use ralph_teams::ui::tui::model::{Page, Tab};
use ralph_teams::ui::tui::screen::{Screen, Setup};
use ralph_teams::ui::tui::theme::Theme;
use ralph_teams::ui::tui::view::draw;
use ralph_teams::ui::tui::{Facts, Model, Msg, update};
use ratatui::Terminal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

const N_EPICS: usize = 100;
const N_LINES: u64 = 100_000;
const SIZES: [(u16, u16); 3] = [(80, 24), (200, 60), (400, 120)];
/// The argument with which this program is the one that is measured.
const FLOODED: &str = "flooded";

fn main() {
    let has = |word: &str| std::env::args().any(|arg| arg == word);
    if has(FLOODED) {
        flooded();
    } else if has("memory") {
        memory();
    } else {
        divan::main();
    }
}

fn plan() -> Plan {
    prd::check(support::prd::text(N_EPICS).as_bytes()).expect("a PRD").plan
}

fn scope(n: usize) -> Scope {
    Scope::Epic(EpicId::new(&support::prd::epic_id(n)).expect("an id"))
}

fn view() -> RunView {
    let commit = CommitId::new(&"a".repeat(40)).expect("a commit id");
    let track = |n: usize| TrackView {
        scope: scope(n),
        title: "A title of the usual length for an epic".to_owned(),
        wave: 1 + n / 10,
        state: TrackState::Working(Role::TeamLead),
        since: 0,
        last_active: None,
        stories_passed: 1,
        n_stories: 5,
        attempt: 1,
        fix_cycle: 0,
        usage: Usage { cost_microdollars: 120_000, ..Usage::default() },
        usage_by_role: std::collections::BTreeMap::new(),
    };
    RunView {
        run: RunId::new("20261120-101500-k3f9").expect("a run id"),
        project: "bench".to_owned(),
        at: 1_000,
        slots: 8,
        slots_used: 8,
        phase: RunPhase::Working,
        base: commit.clone(),
        loop_tip: commit,
        epics: (0..N_EPICS).map(track).collect(),
        fixes: vec![],
        queue: vec![],
        usage: Usage::default(),
        usage_by_role: std::collections::BTreeMap::new(),
        budget: None,
    }
}

fn said(n: u64) -> Activity {
    Activity::Text(format!("line {n}: what an agent says while it works, in a sentence of the usual length"))
}

fn model(size: (u16, u16), page: Page) -> Model {
    let facts = Facts { plan: Some(plan()), ..Facts::default() };
    let mut model = Model::new(facts, Theme::default(), size);
    update(&mut model, Msg::View(Arc::new(view())));
    for n in 0..N_LINES {
        update(&mut model, Msg::Activity(n, scope(0), said(n)));
    }
    (model.page, model.tab) = (page, Tab::Transcript);
    model
}

/// Frames, one after each new line of the transcript.
fn frames(bencher: Bencher<'_, '_>, size: (u16, u16), page: Page) {
    let mut model = model(size, page);
    let mut terminal = Terminal::new(Cells::new(io::sink(), size)).expect("a terminal");
    let mut n = N_LINES;
    bencher.bench_local(|| {
        n += 1;
        update(&mut model, Msg::Activity(n, scope(0), said(n)));
        terminal.draw(|frame| draw(frame, &model)).map(|_| ())
    });
}

/// The goals are 2 ms at 200x60 and 5 ms at 400x120.
#[divan::bench(args = SIZES)]
fn run_page(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frames(bencher, size, Page::Run);
}

#[divan::bench(args = SIZES)]
fn graph_page(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frames(bencher, size, Page::Graph);
}

#[divan::bench(args = SIZES)]
fn time_line_page(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frames(bencher, size, Page::Timeline);
}

#[divan::bench(args = SIZES)]
fn verdict_page(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frames(bencher, size, Page::Verdict);
}

/// All cells are new, as after a change of the size.
#[divan::bench(args = SIZES)]
fn run_page_anew(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let model = model(size, Page::Run);
    let mut terminal = Terminal::new(Cells::new(io::sink(), size)).expect("a terminal");
    bencher.bench_local(|| {
        terminal.clear()?;
        terminal.draw(|frame| draw(frame, &model)).map(|_| ())
    });
}

/// One thing that an agent says.
#[divan::bench]
fn update_activity(bencher: Bencher<'_, '_>) {
    let mut model = model((200, 60), Page::Run);
    let mut n = N_LINES;
    bencher.bench_local(|| {
        n += 1;
        update(&mut model, Msg::Activity(n, scope(0), said(n)))
    });
}

/// One picture of all epics.
#[divan::bench]
fn update_picture(bencher: Bencher<'_, '_>) {
    let mut model = model((200, 60), Page::Run);
    let view = Arc::new(view());
    bencher.bench_local(|| update(&mut model, Msg::View(Arc::clone(&view))));
}

/// Starts this program on a pseudo-terminal, reads what it draws, and prints what it says about itself.
fn memory() {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pseudo-terminal");
    grantpt(&person).expect("granted");
    unlockpt(&person).expect("unlocked");
    let name = ptsname(&person, Vec::new()).expect("a name");
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
    let program = rustix::fs::open(name, flags, rustix::fs::Mode::empty()).expect("the other side");
    tcsetwinsize(&program, Winsize { ws_col: 200, ws_row: 60, ws_xpixel: 0, ws_ypixel: 0 }).expect("a size");
    let side = || program.try_clone().expect("a copy");
    let mut command = Command::new(std::env::current_exe().expect("a program"));
    let mut child = command.arg(FLOODED).stdin(side()).stdout(side()).spawn().expect("it starts");
    // Copies of the program's side would keep the terminal alive after it.
    drop((program, command));
    let (mut person, mut drawn, mut n_frames, mut chunk) = (File::from(person), 0, 0, vec![0; 1 << 20]);
    while let Ok(n @ 1..) = person.read(&mut chunk) {
        drawn += n;
        n_frames += chunk[..n].windows(8).filter(|window| *window == b"\x1B[?2026h").count();
    }
    child.wait().expect("a child");
    println!("{drawn} bytes in about {n_frames} frames were written to the terminal");
}

/// 8 sessions say 1 GB in lines of 200 bytes, through the real thread of the screen.
fn flooded() {
    const EACH: usize = 200;
    const ALL: usize = 1_000_000_000;
    let clock = Clock::going_on_from(0);
    let now = clock.clone();
    let mut screen = Screen::open(Setup {
        facts: Facts { plan: Some(plan()), ..Facts::default() },
        theme: Theme::default().into(),
        now: Box::new(move || now.running_ms()),
        now_is_running_time: true,
        asks: Box::new(drop),
        outside: Box::new(|_| String::new()),
        after: Box::new(Quiet),
    })
    .expect("a terminal");
    screen.refresh(&view()).expect("it is shown");
    let scopes: Vec<Scope> = (0..8).map(scope).collect();
    let began = Instant::now();
    for n in 0..ALL / EACH {
        let text = format!("{n:<200}");
        screen.activity(clock.running_ms(), &scopes[n % 8], &Activity::Text(text)).expect("it is shown");
    }
    let took = began.elapsed();
    screen.close().expect("it ends");
    let status = std::fs::read_to_string("/proc/self/status").expect("it is there");
    let stat = std::fs::read_to_string("/proc/self/stat").expect("it is there");
    for line in status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS")) {
        eprintln!("{line}");
    }
    let times: Vec<&str> = stat.rsplit_once(')').expect("a name").1.split_whitespace().skip(11).take(2).collect();
    eprintln!("1 GB from 8 sessions in {:.1} s; user and system ticks {times:?}", took.as_secs_f64());
}
