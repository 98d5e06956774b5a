//! How long a frame takes: a run of 100 epics, the selected one with a transcript of 100,000 lines.

use std::sync::Arc;

use divan::Bencher;
use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::{CommitId, EpicId, RunId};
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::view::{RunPhase, TrackState, TrackView};
use ralph_teams::scheduler::{Role, RunView, Scope};
use ralph_teams::ui::tui::theme::Theme;
use ralph_teams::ui::tui::view::draw;
use ralph_teams::ui::tui::{Facts, Model, Msg, update};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn main() {
    divan::main();
}

fn scope(n: usize) -> Scope {
    Scope::Epic(EpicId::new(&format!("EPIC-{n:03}")).expect("an id"))
}

fn model(size: (u16, u16)) -> Model {
    let commit = CommitId::new(&"a".repeat(40)).expect("a commit id");
    let track = |n: usize| TrackView {
        scope: scope(n),
        title: "A title of the usual length for an epic".to_owned(),
        wave: 1 + n / 20,
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
    let view = RunView {
        run: RunId::new("20261120-101500-k3f9").expect("a run id"),
        project: "bench".to_owned(),
        at: 1_000,
        slots: 8,
        slots_used: 8,
        phase: RunPhase::Working,
        base: commit.clone(),
        loop_tip: commit,
        epics: (0..100).map(track).collect(),
        fixes: vec![],
        queue: vec![],
        usage: Usage::default(),
        usage_by_role: std::collections::BTreeMap::new(),
        budget: None,
    };
    let mut model = Model::new(Facts::default(), Theme::default(), size);
    update(&mut model, Msg::View(Arc::new(view)));
    for n in 0..100_000 {
        let text = format!("line {n}: what an agent says while it works, in a sentence of the usual length");
        update(&mut model, Msg::Activity(n, scope(0), Activity::Text(text)));
    }
    model
}

#[divan::bench(args = [(80, 24), (200, 60), (400, 120)])]
fn frame(bencher: Bencher, size: (u16, u16)) {
    let model = model(size);
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal");
    bencher.bench_local(|| terminal.draw(|frame| draw(frame, &model)).map(|_| ()));
}
