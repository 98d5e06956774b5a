//! Every state that a run, an epic, a page, a tab and a question can be in, each as a scene with a name.

use std::sync::Arc;

use ralph_teams::domain::outcome::{Outcome, RunEnd};
use ralph_teams::domain::role::Role;
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::Notice;
use ralph_teams::scheduler::Scope;
use ralph_teams::scheduler::notice::StopReason;
use ralph_teams::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};
use ralph_teams::ui::summary::end_card;
use ralph_teams::ui::tui::model::{Dialog, Page, Pane, TABS, Tab};
use ralph_teams::ui::tui::msg::Place;
use ralph_teams::ui::tui::{Model, Msg, update};

use super::large::{diamonds, forty, ledger, ledger_over};
use super::shop::{busy, epic, facts, gate, merged, model, running, scope, tell, view, waits, with, working};

/// Columns and rows.
type Size = (u16, u16);

/// Every scene by its name.
pub fn scenes(size: Size) -> Vec<(&'static str, Model)> {
    let mut all = [states(size), pages(size), questions(size)].concat();
    all.extend(TABS.map(|tab| (tab_name(tab), Model { tab, ..busy(size) })));
    all
}

fn tab_name(tab: Tab) -> &'static str {
    match tab {
        Tab::Stories => "tab-stories",
        Tab::Transcript => "tab-transcript",
        Tab::Agents => "tab-agents",
        Tab::Gates => "tab-gates",
        Tab::Report => "tab-report",
    }
}

/// Every state of a run, by its name.
pub fn states(size: Size) -> Vec<(&'static str, Model)> {
    vec![
        ("start", model(size)),
        ("opening", opening(size)),
        ("running", busy(size)),
        ("ledger", ledger(size)),
        ("waiting", waiting(size)),
        ("blocked", blocked(size)),
        ("held", held(size)),
        ("resetting", resetting(size)),
        ("retry", retry(size)),
        ("conflict", conflict(size)),
        ("gate-red", gate_red(size)),
        ("unpriced", unpriced(size)),
        ("validator", with(size, &view([(); 6].map(|()| merged()), RunPhase::Validating { round: 1 }))),
        ("fix-round", fix_round(size)),
        ("paused", paused(size)),
        ("disk-low", disk_low(size)),
        ("stopping", stopping(size)),
        ("pass", over(size, RunEnd::Judged { pass: true })),
        ("fail", over(size, RunEnd::Judged { pass: false })),
        ("ledger-pass", ledger_over(size, true)),
        ("ledger-fail", ledger_over(size, false)),
        ("interrupted", over(size, RunEnd::Interrupted)),
        ("looked-around", Model { card: None, ..over(size, RunEnd::Judged { pass: false }) }),
    ]
}

/// Every page, and what is zoomed.
fn pages(size: Size) -> Vec<(&'static str, Model)> {
    let zoomed = |pane| Model { pane, zoomed: true, ..busy(size) };
    let watching = |live| {
        let mut model = busy(size);
        model.facts.watching = true;
        model.place = Some(Place { event: 212, of: 340, live, gone: false });
        model
    };
    vec![
        ("page-graph", Model { page: Page::Graph, ..busy(size) }),
        ("page-graph-ledger", Model { page: Page::Graph, ..ledger(size) }),
        ("page-graph-diamonds", diamonds(size)),
        ("page-graph-forty", forty(size)),
        ("page-timeline", Model { page: Page::Timeline, ..busy(size) }),
        ("page-timeline-ledger", Model { page: Page::Timeline, ..ledger(size) }),
        ("page-timeline-over", Model { page: Page::Timeline, card: None, ..ledger_over(size, false) }),
        ("page-verdict", Model { page: Page::Verdict, ..busy(size) }),
        ("zoomed-epics", zoomed(Pane::Epics)),
        ("zoomed-detail", zoomed(Pane::Detail)),
        ("zoomed-notices", zoomed(Pane::Notices)),
        ("watch-live", watching(true)),
        ("watch-replay", watching(false)),
    ]
}

/// Every question, the search, and a line about what was just done.
fn questions(size: Size) -> Vec<(&'static str, Model)> {
    let asked = |dialog| Model { dialog: Some(dialog), ..busy(size) };
    let mut search = Model { tab: Tab::Transcript, ..busy(size) };
    (search.search.text, search.search.typing) = ("quote".to_owned(), true);
    let mut found = search.clone();
    found.search.typing = false;
    let toast = Some("copied: git diff ralph/loop/20261120-101500-k3f9...ralph/epic".to_owned());
    vec![
        ("dialog-help", asked(Dialog::Help)),
        ("dialog-quit", asked(Dialog::Quit)),
        ("search", search),
        ("found", found),
        ("toast", Model { toast, ..busy(size) }),
    ]
}

fn held(size: Size) -> Model {
    let mut now = running();
    now.epics[2].state = TrackState::Waiting(WaitReason::Held);
    let mut model = busy(size);
    tell(&mut model, 140_000, Notice::EpicHeld { epic: epic(3) }, &now);
    model
}

fn resetting(size: Size) -> Model {
    let mut now = running();
    now.epics[2].state = TrackState::Resetting;
    let mut model = busy(size);
    tell(&mut model, 140_000, Notice::EpicResetting { epic: epic(3) }, &now);
    model
}

fn opening(size: Size) -> Model {
    let nothing = TrackState::Waiting(WaitReason::Opening);
    let mut first = view([(); 6].map(|()| nothing.clone()), RunPhase::Opening);
    (first.at, first.slots_used) = (3_000, 0);
    let mut model = model(size);
    update(&mut model, Msg::View(Arc::new(first)));
    model
}

fn waiting(size: Size) -> Model {
    let wait = TrackState::Waiting;
    let states = [
        merged(),
        working(),
        wait(WaitReason::Slot),
        wait(WaitReason::Wave),
        waits(&[2, 3]),
        wait(WaitReason::LeftOut),
    ];
    with(size, &view(states, RunPhase::Working))
}

/// Sessions of which nobody knows what they cost.
fn unpriced(size: Size) -> Model {
    let mut now = running();
    for (n, track) in now.epics.iter_mut().enumerate().skip(1).take(3) {
        track.usage = Usage { unpriced_sessions: 1, uncounted_sessions: u32::from(n > 1), ..Usage::default() };
    }
    now.usage = now.epics.iter().fold(Usage::default(), |sum, track| sum.plus(track.usage));
    with(size, &now)
}

fn fix_round(size: Size) -> Model {
    let mut now = view([(); 6].map(|()| merged()), RunPhase::Fixing { round: 1 });
    now.fixes = vec![TrackView {
        scope: Scope::Fix(1),
        title: "what the final validation found".to_owned(),
        wave: 0,
        state: working(),
        since: 100_000,
        last_active: Some(135_000),
        stories_passed: 0,
        n_stories: 0,
        attempt: 1,
        fix_cycle: 0,
        usage_by_role: std::collections::BTreeMap::new(),
        usage_by_story: Default::default(),
        usage: Usage { cost_microdollars: 310_000, output_tokens: 4_000, ..Usage::default() },
    }];
    let mut model = with(size, &now);
    model.selected = 6;
    model
}

fn disk_low(size: Size) -> Model {
    let mut now = running();
    now.epics[4].state = TrackState::Waiting(WaitReason::Disk);
    let mut model = busy(size);
    tell(&mut model, 140_000, Notice::DiskLow { free_mib: 400 }, &now);
    model
}

fn blocked(size: (u16, u16)) -> Model {
    let failed = TrackState::Done(Outcome::Failed { reason: "no report after 3 attempts".to_owned() });
    let blocked = TrackState::Done(Outcome::Blocked { by: vec![epic(3)] });
    let mut model =
        with(size, &view([merged(), merged(), failed, working(), blocked.clone(), blocked], RunPhase::Working));
    model.selected = 4;
    model.tab = ralph_teams::ui::tui::model::Tab::Report;
    model
}

fn retry(size: (u16, u16)) -> Model {
    let mut now = running();
    now.epics[2].state = TrackState::Resting { until: 170_000 };
    let mut model = busy(size);
    let retrying = Notice::Retrying {
        scope: scope(3),
        attempt: 2,
        of: 3,
        reason: "the provider is overloaded".to_owned(),
        delay_ms: 30_000,
    };
    tell(&mut model, 140_000, retrying, &now);
    model.tab = ralph_teams::ui::tui::model::Tab::Report;
    model
}

fn conflict(size: (u16, u16)) -> Model {
    let mut now = running();
    now.epics[2].state = TrackState::Working(Role::Resolver);
    let mut model = busy(size);
    let files = vec!["src/orders/mod.rs".to_owned()];
    tell(&mut model, 140_000, Notice::Conflict { scope: scope(3), files, round: 1, of: 3 }, &now);
    model.tab = ralph_teams::ui::tui::model::Tab::Report;
    model
}

pub fn gate_red(size: (u16, u16)) -> Model {
    let mut model = busy(size);
    let red = Notice::GateRan { scope: scope(3), on_candidate: false, outcome: gate(false) };
    tell(&mut model, 140_000, red, &running());
    model.tab = ralph_teams::ui::tui::model::Tab::Gates;
    model
}

fn paused(size: (u16, u16)) -> Model {
    let mut model = busy(size);
    tell(&mut model, 140_000, Notice::Paused { paused: true }, &running());
    model
}

fn stopping(size: (u16, u16)) -> Model {
    let mut now = running();
    now.phase = RunPhase::Stopping;
    let mut model = busy(size);
    let how = ralph_teams::scheduler::event::Stop::Graceful;
    tell(&mut model, 140_000, Notice::Stopping { how, reason: StopReason::Asked, n_jobs: 3 }, &now);
    model
}

pub fn over(size: (u16, u16), end: RunEnd) -> Model {
    let partial = || TrackState::Done(Outcome::Partial { reason: "US-010 has no test".to_owned() });
    let states = match &end {
        RunEnd::Judged { pass: true } => [(); 6].map(|()| merged()),
        RunEnd::Judged { pass: false } => {
            let blocked = TrackState::Done(Outcome::Blocked { by: vec![epic(5)] });
            [merged(), merged(), merged(), merged(), partial(), blocked]
        }
        RunEnd::Limit { .. } | RunEnd::Interrupted | RunEnd::Environment { .. } => {
            [merged(), TrackState::Done(Outcome::Interrupted), merged(), merged(), waits(&[2]), waits(&[5])]
        }
    };
    let last = view(states, RunPhase::Ended(end.clone()));
    let mut model = busy(size);
    tell(&mut model, 140_000, Notice::RunEnded { end }, &last);
    let card = end_card(&last, &facts().home);
    update(&mut model, Msg::Card(card));
    model
}
