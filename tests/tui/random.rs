//! Anything at all may come in.

use std::sync::Arc;

use fastrand::Rng;
use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::outcome::RunEnd;
use ralph_teams::scheduler::view::{RunPhase, TrackState};
use ralph_teams::scheduler::{Notice, RunView};
use ralph_teams::ui::tui::keys::KEYS;
use ralph_teams::ui::tui::model::{Page, TABS};
use ralph_teams::ui::tui::msg::{Key, Mouse, Place};
use ralph_teams::ui::tui::{Model, Msg, update};

use super::frames::faults;
use super::scenes::{
    NASTY, activities, busy, gate, merged, nasty_activities, nasty_everywhere, running, scenes, scope, view, waits,
    working,
};

/// Made once: it is taken a thousand times.
static TOLD: std::sync::LazyLock<ralph_teams::ui::tui::Model> = std::sync::LazyLock::new(|| busy((80, 24)));

fn a_view(rng: &mut Rng) -> Arc<RunView> {
    let mut state = || match rng.u32(..6) {
        0 => merged(),
        1 => working(),
        2 => TrackState::Queued { ahead: 1 },
        3 => TrackState::Resting { until: 5 },
        4 => waits(&[1]),
        _ => TrackState::Checking,
    };
    let states = [(); 6].map(|()| state());
    let phase = match rng.u32(..4) {
        0 => RunPhase::Stopping,
        1 => RunPhase::Ended(RunEnd::Judged { pass: true }),
        _ => RunPhase::Working,
    };
    let mut view = view(states, phase);
    view.at = rng.u64(..);
    if rng.bool() {
        view.project = NASTY.to_owned();
        view.epics.iter_mut().for_each(|track| track.title = NASTY.to_owned());
    }
    if rng.u32(..20) == 0 {
        view.epics.clear();
    }
    Arc::new(view)
}

fn a_message(rng: &mut Rng) -> Msg {
    let keys: Vec<Key> = KEYS.iter().flat_map(|binding| binding.keys).copied().collect();
    match rng.u32(..20) {
        0 => Msg::View(a_view(rng)),
        1 => {
            let outcome = gate(rng.bool());
            let notice = Notice::GateRan { scope: scope(rng.usize(1..9)), on_candidate: rng.bool(), outcome };
            Msg::Notice(rng.u64(..), Box::new(notice), a_view(rng))
        }
        2 | 3 => {
            let known = [activities(), nasty_activities()].concat();
            let mut activity = known[rng.usize(..known.len())].clone();
            if rng.bool() {
                activity = Activity::Text((0..rng.usize(..300)).map(|_| rng.char(..)).collect());
            }
            Msg::Activity(rng.u64(..), scope(rng.usize(1..9)), activity)
        }
        4 => Msg::Now(rng.u64(..)),
        5 => Msg::Card(if rng.bool() { "over\n  git log".to_owned() } else { NASTY.repeat(4) }),
        6 => Msg::Anew(Box::new(TOLD.clone())),
        7 => Msg::Moved(Place { event: rng.usize(..), of: rng.usize(..), live: rng.bool(), gone: rng.bool() }),
        8 => Msg::Back(if rng.bool() { "x".repeat(300) } else { NASTY.to_owned() }),
        9 | 10 => {
            let mouse = [Mouse::Click, Mouse::WheelUp, Mouse::WheelDown][rng.usize(..3)];
            Msg::Mouse(mouse, rng.u16(..220), rng.u16(..70))
        }
        11 => Msg::Key(Key::Char(rng.char(..))),
        12 => Msg::Resize(rng.u16(..220), rng.u16(..70)),
        _ => Msg::Key(keys[rng.usize(..keys.len())]),
    }
}

#[test]
fn a_hundred_thousand_messages_never_panic() {
    let mut rng = Rng::with_seed(4);
    let mut model = busy((80, 24));
    for n in 0..100_000 {
        model.facts.watching = n % 3_000 > 2_000;
        update(&mut model, a_message(&mut rng));
        if n % 100 == 0 {
            let size = (rng.u16(1..220), rng.u16(1..70));
            let shown = Model { size, ..model.clone() };
            let found = faults(&shown);
            assert!(found.is_empty(), "message {n} at {size:?}: {found:#?}");
        }
    }
}

#[test]
fn a_thousand_sizes_never_panic() {
    let mut rng = Rng::with_seed(30);
    let mut scenes: Vec<Model> = scenes((80, 24)).into_iter().map(|(_, model)| model).collect();
    scenes.extend(nasty_everywhere((80, 24)));
    for n in 0..1_000_usize {
        let len = scenes.len();
        let model = &mut scenes[n % len];
        let largest = if n % 40 == 0 { (420, 130) } else { (130, 45) };
        update(model, Msg::Resize(rng.u16(1..largest.0), rng.u16(1..largest.1)));
        model.page = [Page::Run, Page::Run, Page::Graph, Page::Timeline, Page::Verdict][rng.usize(..5)];
        model.tab = TABS[rng.usize(..TABS.len())];
        model.zoomed = rng.bool();
        let found = faults(model);
        assert!(found.is_empty(), "{:?}: {found:#?}", model.size);
    }
    assert!(running().epics.len() == 6);
}
