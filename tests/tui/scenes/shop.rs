//! The run of six epics that most scenes are made of.

use std::sync::Arc;

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::gate::{GateEnd, GateOutcome};
use ralph_teams::domain::id::{CommitId, EpicId, RunId, StoryId};
use ralph_teams::domain::outcome::{Outcome, Status, StoryProof};
use ralph_teams::domain::plan::{Epic, Plan, Story};
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};
use ralph_teams::scheduler::{Notice, Role, RunView, Scope};
use ralph_teams::ui::card::Home;
use ralph_teams::ui::tui::theme::Theme;
use ralph_teams::ui::tui::{Facts, Model, Msg, update};

pub fn epic(n: usize) -> EpicId {
    EpicId::new(&format!("EPIC-{n:03}")).expect("an id")
}

pub fn scope(n: usize) -> Scope {
    Scope::Epic(epic(n))
}

pub fn commit(digit: char) -> CommitId {
    CommitId::new(&digit.to_string().repeat(40)).expect("a commit id")
}

fn story(id: usize, title: &str, criteria: &[&str]) -> Story {
    Story {
        id: StoryId::new(&format!("US-{id:03}")).expect("an id"),
        title: title.to_owned(),
        description: String::new(),
        acceptance_criteria: criteria.iter().map(|text| (*text).to_owned()).collect(),
        priority: 1,
        passes: false,
    }
}

fn an_epic(n: usize, title: &str, depends_on: &[usize], user_stories: Vec<Story>) -> Epic {
    Epic {
        id: epic(n),
        title: title.to_owned(),
        description: "What it is about, in a sentence.".to_owned(),
        status: Status::Pending,
        planned: false,
        depends_on: depends_on.iter().map(|n| epic(*n)).collect(),
        touches: vec![],
        user_stories,
    }
}

pub fn plan() -> Plan {
    let two = |first| {
        vec![
            story(first, "It can be seen", &["The page shows it", "A test proves it"]),
            story(first + 1, "It survives a reload", &["The value is there after a reload"]),
        ]
    };
    let epics = vec![
        an_epic(1, "Sign in with a passkey", &[], two(1)),
        an_epic(2, "日本語の検索 🔎", &[], two(3)),
        an_epic(3, "Orders as CSV", &[1], two(5)),
        an_epic(4, "Invoices by mail", &[1], two(7)),
        an_epic(5, "Search in orders", &[2, 3], two(9)),
        an_epic(6, "A dashboard for everything", &[4, 5], two(11)),
    ];
    Plan::check("shop", "", epics).expect("a plan")
}

fn track(n: usize, state: TrackState, passed: usize) -> TrackView {
    let plan = plan();
    let attempt = u32::from(!matches!(state, TrackState::Waiting(_)));
    let cost = if attempt > 0 { 420_000 * n as u64 } else { 0 };
    TrackView {
        scope: scope(n),
        title: plan.epics()[n - 1].title.clone(),
        wave: plan.wave(n - 1),
        state,
        since: 60_000,
        last_active: None,
        stories_passed: passed,
        n_stories: 2,
        attempt,
        fix_cycle: 0,
        usage: Usage {
            input_tokens: cost / 10,
            output_tokens: 900,
            cached_tokens: 0,
            cost_microdollars: cost,
            ..Usage::default()
        },
        usage_by_role: std::collections::BTreeMap::new(),
        usage_by_story: Default::default(),
    }
}

pub fn view(states: [TrackState; 6], phase: RunPhase) -> RunView {
    let epics: Vec<TrackView> = states
        .into_iter()
        .enumerate()
        .map(|(n, state)| {
            let passed = if matches!(state, TrackState::Done(Outcome::Merged { .. })) { 2 } else { 0 };
            track(n + 1, state, passed)
        })
        .collect();
    let usage = epics.iter().fold(Usage::default(), |sum, track| sum.plus(track.usage));
    RunView {
        run: RunId::new("20261120-101500-k3f9").expect("a run id"),
        project: "shop".to_owned(),
        at: 140_000,
        slots: 3,
        slots_used: 2,
        phase,
        base: commit('a'),
        loop_tip: commit('b'),
        queue: epics.iter().filter(|t| matches!(t.state, TrackState::Queued { .. })).map(|t| t.scope.clone()).collect(),
        epics,
        fixes: vec![],
        usage,
        usage_by_role: std::collections::BTreeMap::new(),
        budget: None,
    }
}

pub fn merged() -> TrackState {
    TrackState::Done(Outcome::Merged { commit: commit('b') })
}

pub fn waits(on: &[usize]) -> TrackState {
    TrackState::Waiting(WaitReason::Dependencies(on.iter().map(|n| epic(*n)).collect()))
}

pub fn working() -> TrackState {
    TrackState::Working(Role::TeamLead)
}

pub fn running() -> RunView {
    view([merged(), working(), working(), TrackState::Merging, waits(&[2, 3]), waits(&[4, 5])], RunPhase::Working)
}

pub fn gate(green: bool) -> GateOutcome {
    GateOutcome {
        name: "test".to_owned(),
        command: "cargo test --workspace".to_owned(),
        end: GateEnd::Exited(if green { 0 } else { 101 }),
        took_ms: 12_000,
        log_digest: "sha256:00ff".to_owned(),
        log: "jobs/epic-001.check.1/gate-1.log".to_owned(),
        tail: "running 2 tests\ntest csv::quotes ... FAILED\n\nassertion failed: 3 columns, found 4\n".to_owned(),
    }
}

pub fn facts() -> Facts {
    Facts {
        plan: Some(plan()),
        backend: "claude".to_owned(),
        models: "opus".to_owned(),
        permissions: "agents may do anything, no sandbox".to_owned(),
        gates: vec!["test".to_owned()],
        max_fix_cycles: Some(3),
        home: Home {
            elsewhere: None,
            run_dir: ".ralph-teams/runs/20261120-101500-k3f9".to_owned(),
            again: Some("ralph-teams run".to_owned()),
        },
        watching: false,
    }
}

pub fn model(size: (u16, u16)) -> Model {
    Model::new(facts(), Theme::default(), size)
}

pub fn tell(model: &mut Model, at: u64, notice: Notice, view: &RunView) {
    update(model, Msg::Notice(at, Box::new(notice), Arc::new(view.clone())));
}

/// A run in its middle, with everything that agents and gates say.
pub fn busy(size: (u16, u16)) -> Model {
    let mut model = model(size);
    let nothing = TrackState::Waiting(WaitReason::Opening);
    let mut first = view([(); 6].map(|()| nothing.clone()), RunPhase::Opening);
    first.at = 0;
    first.epics.iter_mut().for_each(|track| track.since = 0);
    let began = Notice::RunBegan { run: first.run.clone(), n_epics: 6, n_waves: 4, slots: 3, base: commit('a') };
    tell(&mut model, 0, began, &first);
    let mut early =
        view([working(), working(), waits(&[1]), waits(&[1]), waits(&[2, 3]), waits(&[4, 5])], RunPhase::Working);
    early.at = 12_000;
    early.epics.iter_mut().for_each(|track| track.since = 12_000);
    tell(&mut model, 12_000, started(1), &early);
    tell(&mut model, 12_500, started(2), &early);
    let now = running();
    for (green, on_candidate) in [(true, false), (true, true)] {
        tell(&mut model, 50_000, Notice::GateRan { scope: scope(1), on_candidate, outcome: gate(green) }, &now);
    }
    for (n, commit) in [(1, Some(commit('c'))), (2, None)] {
        tell(&mut model, 50_000, Notice::StoryChecked { scope: scope(1), proof: proof(n, commit) }, &now);
    }
    let ended = Notice::EpicEnded { epic: epic(1), outcome: Outcome::Merged { commit: commit('b') }, branch: None };
    tell(&mut model, 58_000, ended, &now);
    tell(&mut model, 60_000, started(3), &now);
    tell(&mut model, 60_000, started(4), &now);
    for activity in activities() {
        update(&mut model, Msg::Activity(61_000, scope(3), activity));
    }
    update(&mut model, Msg::Now(140_000));
    model.selected = 2;
    model
}

fn proof(n: usize, commit: Option<CommitId>) -> StoryProof {
    StoryProof {
        id: StoryId::new(&format!("US-{n:03}")).expect("an id"),
        passes: true,
        reason: None,
        commit,
        evidence: vec!["tests/sign_in.rs: a passkey signs in, a wrong one does not".to_owned()],
    }
}

pub fn started(n: usize) -> Notice {
    Notice::SessionStarted { scope: scope(n), role: Role::TeamLead, attempt: 1, fix_cycle: 0, continued: false }
}

pub fn activities() -> Vec<Activity> {
    let text = |text: &str| Activity::Text(text.to_owned());
    let tool = |name: &str, summary: &str| Activity::ToolStarted {
        by: None,
        name: name.to_owned(),
        summary: summary.to_owned(),
    };
    let by = |id: &str, name: &str, summary: &str| Activity::ToolStarted {
        by: Some(id.to_owned()),
        name: name.to_owned(),
        summary: summary.to_owned(),
    };
    let sub_agent = |id: &str, parent: Option<&str>, name: &str, summary: &str| Activity::SubAgentStarted {
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        name: name.to_owned(),
        summary: summary.to_owned(),
    };
    vec![
        text("I read the epic and the code first."),
        tool("Read", "src/orders/mod.rs"),
        sub_agent("1", None, "planner", "plan the CSV export"),
        text("The export streams; quotes follow RFC 4180."),
        Activity::SubAgentEnded { id: "1".to_owned(), name: "planner".to_owned(), failed: false },
        sub_agent("2", None, "builder", "US-005 It can be seen"),
        by("2", "Edit", "src/orders/csv.rs"),
        sub_agent("3", Some("2"), "validator", "looks at the export with fresh eyes"),
        by("3", "Bash", "cargo test -p orders csv"),
        Activity::SubAgentProgress {
            id: "3".to_owned(),
            summary: "Reads the test that failed".to_owned(),
            tokens: Some(12_345),
        },
        sub_agent("4", None, "builder", "US-006 It survives a reload"),
        text(
            "@@ -1,3 +1,4 @@\n fn row(order: &Order) -> String {\n-    format!(\"{},{}\", order.id, order.total)\n+    quoted([&order.id, &order.total])\n+        .join(\",\")\n }",
        ),
        tool("Bash", "cargo test -p orders"),
        Activity::ToolEnded { by: None, failed: true, summary: "1 of 12 tests failed: csv::quotes".to_owned() },
        text(
            "A quote inside of a field must be doubled. 日本語 and e\u{301} and 👩\u{200D}🔧 stay whole; \u{1B}[31mcolours\u{1B}[0m do not.",
        ),
    ]
}

/// The same run, its picture replaced.
pub fn with(size: (u16, u16), view: &RunView) -> Model {
    let mut model = busy(size);
    update(&mut model, Msg::View(Arc::new(view.clone())));
    model
}
