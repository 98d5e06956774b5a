//! What the screen costs: frames of every page, messages, and memory while agents print a gigabyte.
//!
//! `cargo bench --bench tui` measures frames and messages: a run of 100 epics, the selected one with a transcript of 100,000
//! lines, drawn into the backend that the terminal uses, with the difference to the frame before and the bytes that are
//! written. `cargo bench --bench tui -- memory` floods the screen on a pseudo-terminal and looks at the memory.

#![expect(clippy::disallowed_methods, reason = "a benchmark starts itself on a terminal and measures time")]

mod support;

use std::io::{self, Read as _};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use divan::Bencher;
use ralph_teams::clock::Clock;
use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::{CommitId, EpicId, RunId};
use ralph_teams::domain::outcome::{Outcome, StoryProof};
use ralph_teams::domain::plan::{Epic, Plan, Story};
use ralph_teams::domain::prd;
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};
use ralph_teams::scheduler::{Notice, Role, RunView, Scope};
use ralph_teams::ui::Sink as _;
use ralph_teams::ui::screen::Quiet;
use ralph_teams::ui::tui::cells::Cells;
use ralph_teams::ui::tui::model::{Page, Pane, Tab};
use ralph_teams::ui::tui::msg::Key;
use ralph_teams::ui::tui::screen::{Screen, Setup};
use ralph_teams::ui::tui::theme::Theme;
use ralph_teams::ui::tui::view::draw;
use ralph_teams::ui::tui::{Facts, Model, Msg, update};
use ratatui::Terminal;

const N_EPICS: usize = 100;
const N_LINES: u64 = 100_000;
/// Running time of a picture, in milliseconds: an hour.
const NOW: u64 = 3_600_000;
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

fn plan(n_epics: usize) -> Plan {
    prd::check(support::prd::text(n_epics).as_bytes()).expect("a PRD").plan
}

fn scope(n: usize) -> Scope {
    Scope::Epic(EpicId::new(&support::prd::epic_id(n)).expect("an id"))
}

fn commit() -> CommitId {
    CommitId::new(&"a".repeat(40)).expect("a commit id")
}

/// The first half is merged, eight are worked on, the others wait for them.
fn state(plan: &Plan, n: usize) -> TrackState {
    let n_merged = plan.epics().len() / 2;
    if n < n_merged {
        TrackState::Done(Outcome::Merged { commit: commit() })
    } else if n < n_merged + 8 {
        TrackState::Working(Role::TeamLead)
    } else {
        TrackState::Waiting(WaitReason::Dependencies(plan.epics()[n].depends_on.clone()))
    }
}

fn view(plan: &Plan) -> RunView {
    let track = |(n, epic): (usize, &Epic)| TrackView {
        scope: scope(n),
        title: epic.title.clone(),
        wave: plan.wave(n),
        state: state(plan, n),
        since: 60_000 * (n as u64 % 50),
        last_active: None,
        stories_passed: if n < plan.epics().len() / 2 { 5 } else { 0 },
        n_stories: 5,
        attempt: 1,
        fix_cycle: 0,
        usage: Usage { cost_microdollars: 120_000, ..Usage::default() },
        usage_by_role: std::collections::BTreeMap::new(),
        usage_by_story: Default::default(),
    };
    RunView {
        run: RunId::new("20261120-101500-k3f9").expect("a run id"),
        project: "bench".to_owned(),
        at: NOW,
        slots: 8,
        slots_used: 8,
        phase: RunPhase::Working,
        base: commit(),
        loop_tip: commit(),
        epics: plan.epics().iter().enumerate().map(track).collect(),
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

/// What the last check found of a story, as it is told.
fn checked(n: usize, story: &Story) -> Notice {
    let evidence = (0..3).map(|line| format!("cargo test: {line} of the tests of this story passed, none failed"));
    let proof = StoryProof {
        id: story.id.clone(),
        passes: true,
        reason: None,
        commit: Some(commit()),
        evidence: evidence.collect(),
    };
    Notice::StoryChecked { scope: scope(n), proof }
}

/// The middle of a run: proofs, notices, stretches of time and transcripts as a run leaves them, that of the selected epic
/// after 100,000 lines.
fn model(n_epics: usize, size: (u16, u16), page: Page) -> Model {
    let plan = plan(n_epics);
    let now = Arc::new(view(&plan));
    let mut model = Model::new(Facts { plan: Some(plan.clone()), ..Facts::default() }, Theme::default(), size);
    for (n, state) in
        [TrackState::Preparing, TrackState::Working(Role::TeamLead), TrackState::Checking, TrackState::Merging]
            .into_iter()
            .cycle()
            .take(20)
            .enumerate()
    {
        let mut earlier = (*now).clone();
        earlier.epics.iter_mut().for_each(|track| (track.state, track.since) = (state.clone(), 100_000 * n as u64));
        update(&mut model, Msg::View(Arc::new(earlier)));
    }
    for (n, epic) in plan.epics().iter().enumerate().take(n_epics / 2) {
        for story in &epic.user_stories {
            update(&mut model, Msg::Notice(NOW, Box::new(checked(n, story)), Arc::clone(&now)));
        }
    }
    update(&mut model, Msg::View(now));
    let selected = n_epics / 2;
    for n in 0..N_LINES {
        update(&mut model, Msg::Activity(NOW, scope(selected), said(n)));
    }
    let shown = model.tracks().iter().position(|track| track.scope == scope(selected));
    model.selected = shown.expect("it is listed");
    // As a person comes to it; the page may prepare itself.
    let key = match page {
        Page::Run => '1',
        Page::Graph => '2',
        Page::Timeline => '3',
        Page::Verdict => '4',
    };
    update(&mut model, Msg::Key(Key::Char(key)));
    assert_eq!(model.page, page);
    model.tab = Tab::Transcript;
    model
}

/// Frames, one after each new line of the transcript.
fn frames(bencher: Bencher<'_, '_>, mut model: Model) {
    let mut terminal = Terminal::new(Cells::new(io::sink(), model.size)).expect("a terminal");
    let talker = model.track().expect("one is selected").scope.clone();
    let mut n = N_LINES;
    bencher.bench_local(|| {
        n += 1;
        update(&mut model, Msg::Activity(NOW + n, talker.clone(), said(n)));
        terminal.draw(|frame| draw(frame, &model)).map(|_| ())
    });
}

/// The goals are 2 ms at 200x60 and 5 ms at 400x120.
#[divan::bench(args = SIZES)]
fn run_page(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frames(bencher, model(N_EPICS, size, Page::Run));
}

/// The transcript alone on the whole screen.
#[divan::bench(args = SIZES)]
fn run_page_zoomed(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let mut model = model(N_EPICS, size, Page::Run);
    (model.pane, model.zoomed) = (Pane::Detail, true);
    frames(bencher, model);
}

#[divan::bench(args = SIZES)]
fn graph_page(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frames(bencher, model(N_EPICS, size, Page::Graph));
}

#[divan::bench(args = SIZES)]
fn graph_page_of_300(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frames(bencher, model(300, size, Page::Graph));
}

#[divan::bench(args = SIZES)]
fn time_line_page(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frames(bencher, model(N_EPICS, size, Page::Timeline));
}

#[divan::bench(args = SIZES)]
fn verdict_page(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frames(bencher, model(N_EPICS, size, Page::Verdict));
}

/// Scrolled to its end: all that is above is not drawn.
#[divan::bench(args = SIZES)]
fn verdict_page_at_its_end(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let mut model = model(N_EPICS, size, Page::Verdict);
    update(&mut model, Msg::Key(Key::End));
    assert!(model.scroll > 0);
    frames(bencher, model);
}

/// All cells are new, as after a change of the size.
#[divan::bench(args = SIZES)]
fn run_page_anew(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let model = model(N_EPICS, size, Page::Run);
    let mut terminal = Terminal::new(Cells::new(io::sink(), size)).expect("a terminal");
    bencher.bench_local(|| {
        terminal.clear()?;
        terminal.draw(|frame| draw(frame, &model)).map(|_| ())
    });
}

/// One thing that an agent says.
#[divan::bench]
fn update_activity(bencher: Bencher<'_, '_>) {
    let mut model = model(N_EPICS, (200, 60), Page::Run);
    let talker = model.track().expect("one is selected").scope.clone();
    let mut n = N_LINES;
    bencher.bench_local(|| {
        n += 1;
        update(&mut model, Msg::Activity(NOW + n, talker.clone(), said(n)))
    });
}

/// One picture of all epics.
#[divan::bench]
fn update_picture(bencher: Bencher<'_, '_>) {
    let mut model = model(N_EPICS, (200, 60), Page::Run);
    let view = Arc::new(view(&plan(N_EPICS)));
    bencher.bench_local(|| update(&mut model, Msg::View(Arc::clone(&view))));
}

/// The first key on the page of the graph: the epics are laid out.
#[divan::bench(args = [N_EPICS, 300])]
fn to_the_graph(bencher: Bencher<'_, '_>, n_epics: usize) {
    let model = model(n_epics, (200, 60), Page::Run);
    bencher.with_inputs(|| model.clone()).bench_local_values(|mut model| {
        update(&mut model, Msg::Key(Key::Char('2')));
        model
    });
}

/// Starts this program on a pseudo-terminal, reads what it draws, and prints what it says about itself.
fn memory() {
    let (mut person, program) = support::terminal::open();
    let side = || program.try_clone().expect("a copy");
    let mut command = Command::new(std::env::current_exe().expect("a program"));
    let mut child = command.arg(FLOODED).stdin(side()).stdout(side()).spawn().expect("it starts");
    // Copies of the program's side would keep the terminal alive after it.
    drop((program, command));
    let (mut drawn, mut n_frames, mut chunk) = (0, 0, vec![0; 1 << 20]);
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
        facts: Facts { plan: Some(plan(N_EPICS)), ..Facts::default() },
        theme: Theme::default().into(),
        now: Box::new(move || now.running_ms()),
        now_is_running_time: true,
        asks: Box::new(drop),
        outside: Box::new(|_| String::new()),
        after: Box::new(Quiet),
    })
    .expect("a terminal");
    screen.refresh(&view(&plan(N_EPICS))).expect("it is shown");
    let scopes: Vec<Scope> = (N_EPICS / 2..N_EPICS / 2 + 8).map(scope).collect();
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
