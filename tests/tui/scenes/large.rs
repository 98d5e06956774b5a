//! Larger runs: the one of the pictures, and graphs that do not fit on one screen.

use std::sync::Arc;

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::{RunId, StoryId};
use ralph_teams::domain::outcome::{Outcome, RunEnd, Status};
use ralph_teams::domain::plan::{Epic, Plan, Story};
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};
use ralph_teams::scheduler::{Notice, Role, RunView};
use ralph_teams::ui::summary::end_card;
use ralph_teams::ui::tui::theme::Theme;
use ralph_teams::ui::tui::{Facts, Model, Msg, update};

use super::shop::{commit, epic, facts, gate, merged, scope, started, tell, waits, working};

/// Title, dependencies and stories of an epic.
type Sketch<'a> = (&'a str, &'a [usize], usize);

const LEDGER: [Sketch; 9] = [
    ("Accounts and journals", &[], 4),
    ("Sign in with a passkey", &[], 3),
    ("Import bank statements", &[1], 4),
    ("Post double entries", &[1], 5),
    ("Roles and permissions", &[2], 3),
    ("Match payments to invoices", &[3, 4], 4),
    ("Reports: balance and income", &[1, 2], 3),
    ("Audit trail", &[4, 5], 3),
    ("Close a fiscal year", &[6, 7, 8], 4),
];

fn plan_of(project: &str, sketches: &[Sketch]) -> Plan {
    let epics = sketches.iter().enumerate().map(|(n, (title, depends_on, n_stories))| Epic {
        id: epic(n + 1),
        title: (*title).to_owned(),
        description: String::new(),
        status: Status::Pending,
        planned: false,
        depends_on: depends_on.iter().map(|n| epic(*n)).collect(),
        touches: vec![],
        user_stories: (1..=*n_stories).map(|story| a_story(n + 1, story)).collect(),
    });
    Plan::check(project, "", epics.collect()).expect("a plan")
}

fn a_story(epic: usize, story: usize) -> Story {
    let texts: [(&str, &[&str]); 5] = [
        ("A CSV statement is read", &["Columns are found by their names", "A broken line is named, the rest is read"]),
        ("Duplicates are recognised", &["The same statement twice adds nothing"]),
        ("Amounts are exact", &["No floating point anywhere", "A test sums a million lines"]),
        ("An import can be undone", &["All of its entries go, in one step"]),
        ("It is fast enough", &["A year of statements takes less than a second"]),
    ];
    let (title, criteria) = texts[story - 1];
    Story {
        id: StoryId::new(&format!("US-{:03}", epic * 10 + story)).expect("an id"),
        title: title.to_owned(),
        description: String::new(),
        acceptance_criteria: criteria.iter().map(|text| (*text).to_owned()).collect(),
        priority: 1,
        passes: false,
    }
}

fn track_of(plan: &Plan, n: usize, state: TrackState) -> TrackView {
    let epic = &plan.epics()[n];
    let started = !matches!(state, TrackState::Waiting(_));
    let done = matches!(state, TrackState::Done(Outcome::Merged { .. }));
    let cost = if started { 640_000 + 310_000 * (n as u64 % 4) } else { 0 };
    TrackView {
        scope: scope(n + 1),
        title: epic.title.clone(),
        wave: plan.wave(n),
        state,
        since: 1_100_000 + 40_000 * n as u64,
        last_active: started.then_some(1_495_000),
        stories_passed: if done { epic.user_stories.len() } else { 0 },
        n_stories: epic.user_stories.len(),
        attempt: u32::from(started),
        fix_cycle: 0,
        usage_by_role: std::collections::BTreeMap::new(),
        usage_by_story: Default::default(),
        usage: Usage { input_tokens: cost / 9, output_tokens: cost / 90, cost_microdollars: cost, ..Usage::default() },
    }
}

fn view_of(plan: &Plan, at: u64, phase: RunPhase, state: impl Fn(usize) -> TrackState) -> RunView {
    let epics: Vec<TrackView> = (0..plan.epics().len()).map(|n| track_of(plan, n, state(n + 1))).collect();
    RunView {
        run: RunId::new("20261120-101500-k3f9").expect("a run id"),
        project: plan.project().to_owned(),
        at,
        slots: 4,
        slots_used: 4,
        phase,
        base: commit('a'),
        loop_tip: commit('b'),
        queue: epics.iter().filter(|t| matches!(t.state, TrackState::Queued { .. })).map(|t| t.scope.clone()).collect(),
        usage_by_role: std::collections::BTreeMap::new(),
        budget: None,
        usage: epics.iter().fold(Usage::default(), |sum, track| sum.plus(track.usage)),
        epics,
        fixes: vec![],
    }
}

fn model_of(plan: &Plan, size: (u16, u16)) -> Model {
    let facts = Facts { plan: Some(plan.clone()), ..facts() };
    Model::new(facts, Theme::default(), size)
}

/// Since when the epics of the picture are in their states.
const SINCE: [u64; 9] = [600_000, 470_000, 620_000, 1_440_000, 820_000, 0, 1_130_000, 0, 0];

/// The same once the run is over.
const SINCE_AT_THE_END: [u64; 9] =
    [600_000, 470_000, 1_900_000, 1_480_000, 2_400_000, 2_900_000, 2_100_000, 3_300_000, 3_800_000];

/// The run of the pictures in its middle.
pub fn ledger(size: (u16, u16)) -> Model {
    let plan = plan_of("ledger", &LEDGER);
    let mut model = model_of(&plan, size);
    history(&mut model, &plan);
    let mut now = view_of(&plan, 1_500_000, RunPhase::Working, ledger_state);
    now.epics[4].attempt = 2;
    now.epics[2].stories_passed = 0;
    now.epics[3].usage.cost_microdollars = 2_380_000;
    for (track, since) in now.epics.iter_mut().zip(SINCE) {
        track.since = since;
    }
    now.epics[4].last_active = Some(1_395_000);
    update(&mut model, Msg::View(Arc::new(now)));
    for activity in work() {
        update(&mut model, Msg::Activity(1_497_000, scope(3), activity));
    }
    update(&mut model, Msg::Activity(1_430_000, scope(5), Activity::Text("The policy tests come first.".to_owned())));
    update(&mut model, Msg::Now(1_500_000));
    model.selected = 2;
    model
}

fn ledger_state(n: usize) -> TrackState {
    match n {
        1 | 2 => merged(),
        3 | 5 | 7 => working(),
        4 => TrackState::Merging,
        6 => waits(&[3, 4]),
        8 => waits(&[4, 5]),
        _ => waits(&[6, 7, 8]),
    }
}

/// The states of each epic along the time: epic, moment, state.
fn history(model: &mut Model, plan: &Plan) {
    let resting = || TrackState::Resting { until: 900_000 };
    let moments: [(u64, usize, TrackState); 22] = [
        (0, 1, TrackState::Preparing),
        (0, 2, TrackState::Preparing),
        (15_000, 1, working()),
        (15_000, 2, working()),
        (410_000, 2, TrackState::Checking),
        (440_000, 2, TrackState::Merging),
        (470_000, 2, merged()),
        (475_000, 5, working()),
        (520_000, 1, TrackState::Checking),
        (560_000, 1, TrackState::Merging),
        (600_000, 1, merged()),
        (605_000, 3, TrackState::Preparing),
        (605_000, 4, TrackState::Preparing),
        (620_000, 3, working()),
        (620_000, 4, working()),
        (760_000, 5, resting()),
        (820_000, 5, working()),
        (1_200_000, 4, TrackState::Checking),
        (1_300_000, 4, TrackState::Queued { ahead: 0 }),
        (1_440_000, 4, TrackState::Merging),
        (1_110_000, 7, TrackState::Preparing),
        (1_130_000, 7, working()),
    ];
    let mut states: Vec<TrackState> = (1..=LEDGER.len()).map(first_state).collect();
    let mut sorted = moments.to_vec();
    sorted.sort_by_key(|(at, n, _)| (*at, *n));
    for (at, n, state) in sorted {
        states[n - 1] = state.clone();
        let known = states.clone();
        let mut view = view_of(plan, at, RunPhase::Working, |n| known[n - 1].clone());
        for track in &mut view.epics {
            track.since = at;
        }
        let notice = match state {
            TrackState::Working(_) => started(n),
            TrackState::Checking => Notice::GateRan { scope: scope(n), on_candidate: false, outcome: gate(true) },
            TrackState::Resting { .. } => Notice::Retrying {
                scope: scope(n),
                attempt: 2,
                of: 3,
                reason: "the session left no report".to_owned(),
                delay_ms: 60_000,
            },
            TrackState::Done(outcome) => Notice::EpicEnded { epic: epic(n), outcome, branch: None },
            TrackState::Waiting(_)
            | TrackState::Preparing
            | TrackState::Stopping(_)
            | TrackState::Resetting
            | TrackState::Queued { .. }
            | TrackState::Merging
            | TrackState::Outdated
            | TrackState::Updating => {
                update(model, Msg::View(Arc::new(view)));
                continue;
            }
        };
        tell(model, at, notice, &view);
    }
}

fn first_state(n: usize) -> TrackState {
    match n {
        1 | 2 => TrackState::Waiting(WaitReason::Slot),
        3 | 4 => waits(&[1]),
        5 => waits(&[2]),
        7 => waits(&[1, 2]),
        _ => ledger_state(n),
    }
}

fn work() -> Vec<Activity> {
    let tool = |name: &str, summary: &str| Activity::ToolStarted {
        by: None,
        name: name.to_owned(),
        summary: summary.to_owned(),
    };
    let text = |text: &str| Activity::Text(text.to_owned());
    vec![
        text("I read the epic, then the importer that is there."),
        tool("Read", "src/import/mod.rs"),
        tool("Grep", "parse_amount in src/"),
        text("Banks disagree on the column names, so they are looked up and not counted."),
        Activity::SubAgentStarted {
            id: "1".to_owned(),
            parent: None,
            name: "builder".to_owned(),
            summary: "US-031 A CSV statement is read".to_owned(),
        },
        tool("Edit", "src/import/columns.rs"),
        text(
            "@@ -12,4 +12,5 @@\n-    let amount = fields[3].parse::<f64>()?;\n+    let amount = columns.amount(&fields)?;\n+    let amount = Cents::parse(amount)?;",
        ),
        tool("Bash", "cargo test -p import"),
        text("14 tests pass. Next: a broken line must be named."),
    ]
}

/// The run of the pictures at its end.
pub fn ledger_over(size: (u16, u16), pass: bool) -> Model {
    let plan = plan_of("ledger", &LEDGER);
    let state = |n| match n {
        8 if !pass => {
            TrackState::Done(Outcome::Failed { reason: "gate test stayed red after 3 rounds of fixes".to_owned() })
        }
        9 if !pass => TrackState::Done(Outcome::Blocked { by: vec![epic(8)] }),
        _ => merged(),
    };
    let end = RunEnd::Judged { pass };
    let mut last = view_of(&plan, 3_900_000, RunPhase::Ended(end.clone()), state);
    for (track, since) in last.epics.iter_mut().zip(SINCE_AT_THE_END) {
        track.since = since;
    }
    let mut model = ledger(size);
    tell(&mut model, 3_900_000, Notice::RunEnded { end }, &last);
    let card = end_card(&last, &facts().home);
    update(&mut model, Msg::Card(card));
    model
}

/// Twelve epics in diamonds: most have two that they build on.
pub fn diamonds(size: (u16, u16)) -> Model {
    let sketches: [Sketch; 12] = [
        ("Foundations", &[], 2),
        ("Left wing", &[1], 2),
        ("Right wing", &[1], 2),
        ("First roof", &[2, 3], 2),
        ("Garden", &[1], 2),
        ("Cellar", &[], 2),
        ("Heating", &[6, 2], 2),
        ("Wiring", &[6, 3], 2),
        ("Walls", &[4, 7, 8], 2),
        ("Paint", &[9], 2),
        ("Furniture", &[9, 5], 2),
        ("Moving in", &[10, 11], 2),
    ];
    graph_of(size, "house", &sketches, 5)
}

/// Forty epics in six waves.
pub fn forty(size: (u16, u16)) -> Model {
    let titles: Vec<String> = (1..=40).map(|n| format!("Part {n} of something large")).collect();
    let depends_on: Vec<Vec<usize>> = (1..=40_usize)
        .map(|n| match n {
            1..=8 => vec![],
            9..=40 => {
                let wave = (n - 1) / 8;
                let first = (wave - 1) * 8 + 1;
                let mut ids = vec![first + (n * 3) % 8, first + (n * 5 + 1) % 8];
                if n % 7 == 0 {
                    ids.push(1 + n % 8);
                }
                ids.sort_unstable();
                ids.dedup();
                ids
            }
            _ => vec![],
        })
        .collect();
    let sketches: Vec<Sketch> =
        titles.iter().zip(&depends_on).map(|(title, on)| (title.as_str(), on.as_slice(), 3)).collect();
    graph_of(size, "large", &sketches, 12)
}

fn graph_of(size: (u16, u16), project: &str, sketches: &[Sketch], n_started: usize) -> Model {
    let plan = plan_of(project, sketches);
    let mut model = model_of(&plan, size);
    let state = |n: usize| match n {
        _ if n + 3 <= n_started => merged(),
        _ if n == n_started => TrackState::Done(Outcome::Failed { reason: "no report".to_owned() }),
        _ if n < n_started => TrackState::Working(Role::TeamLead),
        _ => waits(&sketches[n - 1].1.iter().copied().filter(|on| on + 3 > n_started).collect::<Vec<_>>()),
    };
    let view = view_of(&plan, 900_000, RunPhase::Working, state);
    update(&mut model, Msg::View(Arc::new(view)));
    model.selected = n_started - 2;
    model.page = ralph_teams::ui::tui::model::Page::Graph;
    model
}
