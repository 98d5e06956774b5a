//! A run in which every text that comes from elsewhere is as bad as it can be.

use std::sync::Arc;

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::gate::GateEnd;
use ralph_teams::domain::id::StoryId;
use ralph_teams::domain::outcome::{Outcome, RunEnd, Status, StoryProof};
use ralph_teams::domain::plan::{Epic, Plan, Story};
use ralph_teams::scheduler::view::{RunPhase, TrackState};
use ralph_teams::scheduler::{Notice, RunView};
use ralph_teams::ui::card::Home;
use ralph_teams::ui::summary::end_card;
use ralph_teams::ui::tui::model::{Dialog, Page, Pane, TABS};
use ralph_teams::ui::tui::msg::Place;
use ralph_teams::ui::tui::theme::Theme;
use ralph_teams::ui::tui::{Facts, Model, Msg, update};

use super::shop::{epic, gate, merged, scope, started, tell, view, waits, working};

/// Escape sequences, control bytes, tabs, line breaks, wide and combining characters, emoji that are joined, marks that
/// turn the reading direction, and no place to break a line.
pub const NASTY: &str = "\u{1B}[31mrot\u{1B}]0;owned\u{7}\t日本語日本語👩\u{200D}🔧🏳\u{FE0F}\u{200D}🌈e\u{301}\u{302}\u{303}\u{202E}abc\u{2066}\
    \r\n\u{0}\u{8}\u{9B}31m\u{7F}｜全角\u{FEFF}\u{AD}\u{200B}한국어ไทย\u{E31}नमस्ते\u{1F1E9}\u{1F1EA}wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww\u{1B}";

fn story(n: usize) -> Story {
    Story {
        id: StoryId::new(&format!("US-{n:03}")).expect("an id"),
        title: NASTY.to_owned(),
        description: NASTY.to_owned(),
        acceptance_criteria: vec![NASTY.to_owned(), NASTY.repeat(4)],
        priority: 1,
        passes: false,
    }
}

fn plan() -> Plan {
    let epics = (1..=6).map(|n| Epic {
        id: epic(n),
        title: NASTY.to_owned(),
        description: NASTY.repeat(3),
        status: Status::Pending,
        planned: false,
        depends_on: if n < 3 { vec![] } else { vec![epic(n - 2)] },
        touches: vec![],
        user_stories: vec![story(2 * n - 1), story(2 * n)],
    });
    Plan::check(NASTY, NASTY, epics.collect()).expect("a plan")
}

fn nasty_view(phase: RunPhase) -> RunView {
    let failed = TrackState::Done(Outcome::Failed { reason: NASTY.to_owned() });
    let partial = TrackState::Done(Outcome::Partial { reason: NASTY.repeat(5) });
    let mut view = view([merged(), working(), failed, TrackState::Merging, waits(&[3]), partial], phase);
    view.project = NASTY.to_owned();
    view.epics.iter_mut().for_each(|track| track.title = NASTY.to_owned());
    view
}

/// Everything that an agent can say, said badly.
pub fn nasty_activities() -> Vec<Activity> {
    let text = NASTY.to_owned();
    vec![
        Activity::Text(text.clone()),
        Activity::Text(format!("@@ -1 +1 @@\n-{text}\n+{text}\n{}", text.repeat(20))),
        Activity::ToolStarted { by: None, name: text.clone(), summary: text.clone() },
        Activity::ToolEnded { by: None, failed: true, summary: text.clone() },
        Activity::SubAgentStarted { id: "1".to_owned(), parent: None, name: text.clone(), summary: text.clone() },
        Activity::SubAgentStarted {
            id: "2".to_owned(),
            parent: Some("1".to_owned()),
            name: text.clone(),
            summary: text.clone(),
        },
        Activity::SubAgentProgress { id: "2".to_owned(), summary: text.clone(), tokens: Some(u64::MAX) },
        Activity::SubAgentEnded { id: "1".to_owned(), name: text.clone(), failed: true },
        Activity::Retrying { reason: text, delay_ms: Some(1) },
    ]
}

/// The run in its middle.
pub fn nasty(size: (u16, u16)) -> Model {
    let text = || NASTY.to_owned();
    let facts = Facts {
        plan: Some(plan()),
        backend: text(),
        models: text(),
        permissions: text(),
        home: Home { elsewhere: Some(text()), run_dir: text(), again: Some(text()) },
        ..super::shop::facts()
    };
    let mut model = Model::new(facts, Theme::default(), size);
    let now = nasty_view(RunPhase::Working);
    let mut red = gate(false);
    (red.name, red.command, red.tail, red.end) = (text(), text(), NASTY.repeat(9), GateEnd::TimedOut);
    for n in [2, 3] {
        tell(&mut model, 60_000, started(n), &now);
        nasty_activities().into_iter().for_each(|activity| {
            update(&mut model, Msg::Activity(61_000, scope(n), activity));
        });
        tell(&mut model, 62_000, Notice::GateRan { scope: scope(n), on_candidate: false, outcome: red.clone() }, &now);
        let proof = StoryProof {
            id: StoryId::new(&format!("US-{:03}", 2 * n)).expect("an id"),
            passes: false,
            reason: Some(text()),
            commit: None,
            evidence: vec![text(), text()],
        };
        tell(&mut model, 62_000, Notice::StoryChecked { scope: scope(n), proof }, &now);
        let retrying = Notice::Conflict { scope: scope(n), files: vec![text(), text()], round: 1, of: 3 };
        tell(&mut model, 63_000, retrying, &now);
    }
    let ended = Notice::EpicEnded { epic: epic(3), outcome: Outcome::Failed { reason: text() }, branch: Some(text()) };
    tell(&mut model, 64_000, ended, &now);
    update(&mut model, Msg::Now(140_000));
    model.selected = 1;
    model
}

/// The run everywhere where texts are shown: pages, tabs, search, dialogs, lines at the bottom, and the end.
pub fn nasty_everywhere(size: (u16, u16)) -> Vec<Model> {
    let mut all: Vec<Model> = TABS.iter().map(|tab| Model { tab: *tab, ..nasty(size) }).collect();
    all.extend(TABS.iter().map(|tab| Model {
        tab: *tab,
        pane: Pane::Detail,
        zoomed: true,
        selected: 2,
        ..nasty(size)
    }));
    all.extend([Pane::Epics, Pane::Notices].map(|pane| Model { pane, zoomed: true, ..nasty(size) }));
    all.extend([Page::Graph, Page::Timeline, Page::Verdict].map(|page| Model { page, ..nasty(size) }));
    all.extend([Dialog::Help, Dialog::Quit].map(|dialog| Model { dialog: Some(dialog), ..nasty(size) }));
    let mut search = nasty(size);
    (search.search.text, search.search.typing) = (NASTY.to_owned(), true);
    all.push(search.clone());
    search.search.typing = false;
    (search.facts.watching, search.place) = (true, Some(Place { event: 3, of: usize::MAX, live: true, gone: false }));
    all.push(search);
    all.push(Model { toast: Some(NASTY.to_owned()), ..nasty(size) });
    all.push(Model { card: Some(NASTY.repeat(3)), ..nasty(size) });
    let end = RunEnd::Environment { reason: NASTY.to_owned() };
    let last = nasty_view(RunPhase::Ended(end));
    let mut over = nasty(size);
    let card = end_card(&last, &over.facts.home);
    update(&mut over, Msg::Card(card));
    update(&mut over, Msg::View(Arc::new(last)));
    all.push(over);
    all
}
