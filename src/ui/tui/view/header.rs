//! The head of every page: what runs, where, with whom, at which cost, and one line of health.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::fit::{Field, fit};
use super::pieces::{bar, span};
use crate::domain::id::EpicId;
use crate::scheduler::RunView;
use crate::scheduler::view::{RunPhase, TrackState, WaitReason};
use crate::ui::phrases::{cost, epics, n_merged, tokens_of};
use crate::ui::tui::model::{Model, Page};
use crate::ui::tui::theme::{Ink, Kind};
use crate::ui::units::{clock, duration};
use crate::ui::{phrases, safe, summary};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    // A blank column on both sides, so that the head stands in line with what is inside of the panes.
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let width = usize::from(area.width);
    let Some(view) = &model.view else {
        let begins = span(model.theme, Ink::Dim, "the run begins ...");
        let name = Span::styled("ralph-teams", model.theme.style(Ink::Text).add_modifier(Modifier::BOLD));
        return frame.render_widget(Line::from(vec![name, Span::raw("  "), begins]), area);
    };
    let has_own_line = area.height > 3;
    let mut lines = vec![
        first(model, view, width),
        fit(&progress(model, view), &if has_own_line { vec![] } else { team(model) }, &Span::raw("  "), width),
        third(model, view, width),
    ];
    if has_own_line {
        lines.insert(2, fit(&team(model), &[], &span(model.theme, Ink::Faint, model.theme.pick(" · ", " - ")), width));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// Project and run; pages.
fn first(model: &Model, view: &RunView, width: usize) -> Line<'static> {
    let theme = model.theme;
    let bold = theme.style(Ink::Text).add_modifier(Modifier::BOLD);
    let name = |most| vec![Span::styled(super::cut(&safe::line(&view.project, 60), most), bold)];
    let mut left = vec![
        Field::new(8, name(40)).or(7, name(24)).or(0, name(12)),
        Field::new(9, vec![span(theme, Ink::Dim, format!("run {}", view.run))]),
        Field::new(3, vec![span(theme, Ink::Dim, view.run.loop_branch())]),
    ];
    if model.facts.watching {
        let (long, short) = match model.place {
            Some(place) if place.gone => ("its runner is gone; ralph-teams resume", "runner gone"),
            Some(place) if place.live => ("watching", "watching"),
            Some(_) | None => ("replay", "replay"),
        };
        let word = |text: &'static str| vec![span(theme, Ink::Doubtful, text)];
        left.insert(1, Field::new(4, word(long)).or(1, word(short)));
    }
    let right = [Field::new(5, pages(model, false)).or(0, pages(model, true))];
    fit(&left, &right, &Span::raw("  "), width)
}

/// The pages, the present one marked; in short only that one by its name.
fn pages(model: &Model, short: bool) -> Vec<Span<'static>> {
    let pages = [(Page::Run, "1", " run"), (Page::Graph, "2", " graph"), (Page::Timeline, "3", " time")];
    let pages = pages.into_iter().chain([(Page::Verdict, "4", " verdict")]);
    let mut spans = Vec::new();
    for (page, key, name) in pages {
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        let style = if page == model.page {
            model.theme.style(Ink::Accent).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
        } else {
            model.theme.style(Ink::Dim)
        };
        spans.push(Span::styled(key, style));
        if !short || page == model.page {
            spans.push(Span::styled(name, style));
        }
    }
    spans
}

/// Progress, time, slots and what it consumed.
fn progress(model: &Model, view: &RunView) -> Vec<Field> {
    let theme = model.theme;
    let (done, all) = (n_merged(view), view.epics.len());
    let text = |ink, text: String| vec![span(theme, ink, text)];
    let mut fields = vec![
        Field::new(8, bar(theme, done, all, 16).into()).or(7, bar(theme, done, all, 8).into()),
        Field::new(0, text(Ink::Text, format!("{done}/{all} merged"))),
        Field::new(1, text(Ink::Text, clock(model.now))),
    ];
    if let Some(left_ms) = time_left(model, view) {
        // To the minute: it is a guess, and a guess that changes each second disturbs.
        let left = if left_ms < 60_000 { "1m".to_owned() } else { duration(left_ms / 60_000 * 60_000) };
        let long = text(Ink::Dim, format!("about {left} left"));
        fields.push(Field::new(6, long).or(4, text(Ink::Dim, format!("~{left}"))));
    }
    if model.is_alive() {
        fields.push(Field::new(3, text(Ink::Dim, format!("slots {}/{}", view.slots_used, view.slots))));
    }
    if let Some(tokens) = tokens_of(view.usage) {
        fields.push(Field::new(5, text(Ink::Dim, tokens)));
    }
    let is_partly_known = view.usage.unpriced_sessions > 0;
    let none = if model.is_over() { "no cost known" } else { "no cost yet" };
    let money = cost(view.usage).unwrap_or_else(|| none.to_owned());
    fields.push(Field::new(2, text(if is_partly_known { Ink::Doubtful } else { Ink::Text }, money)));
    if let Some(spent) = view.budget {
        let ink = if spent.is_used_up() { Ink::Doubtful } else { Ink::Dim };
        let percent = spent.percent();
        let short = text(ink, format!("({percent}%)"));
        fields.push(Field::new(6, text(ink, format!("({percent}% of the budget)"))).or(2, short));
    }
    fields
}

/// Who works, and what they may do.
fn team(model: &Model) -> Vec<Field> {
    // The names go before what they may do: that is what one must know.
    let facts = [(10, &model.facts.backend), (12, &model.facts.models), (9, &model.facts.permissions)];
    let field = |(rank, fact): (u8, &String)| {
        let fact = safe::line(fact, 80);
        let first = fact.split(", ").next().unwrap_or_default().to_owned();
        let form = |text: String| vec![span(model.theme, Ink::Dim, text)];
        (!fact.is_empty()).then(|| Field::new(rank + 1, form(fact)).or(rank, form(first)))
    };
    facts.into_iter().filter_map(field).collect()
}

/// How long the rest will take, if it goes on as it did: by stories, and only once some are proven.
fn time_left(model: &Model, view: &RunView) -> Option<u64> {
    let over = !model.is_alive() || model.is_stopping();
    let worked = view.epics.iter().filter(|track| !matches!(model.kind(track), Kind::LeftOut | Kind::Blocked));
    let (done, all) = worked.fold((0, 0), |(done, all), track| {
        let passed = if track.attempt > 0 { track.stories_passed } else { 0 };
        (done + passed as u64, all + if track.attempt > 0 || passed == 0 { track.n_stories as u64 } else { 0 })
    });
    (!over && done > 0 && all > done).then(|| model.now.saturating_mul(all - done) / done)
}

/// One line of health, and how the run as a whole stands.
fn third(model: &Model, view: &RunView, width: usize) -> Line<'static> {
    let theme = model.theme;
    let mut right = Vec::new();
    if model.paused {
        let sign = theme.pick("⏸ ", "|| ");
        let long = vec![span(theme, Ink::Doubtful, format!("{sign}paused: nothing new starts"))];
        right.push(Field::new(4, long).or(1, vec![span(theme, Ink::Doubtful, format!("{sign}paused"))]));
    }
    // That it is at work would read as if it were not paused, or as if somebody were there.
    let is_misleading = model.is_gone() || (model.paused && view.phase == RunPhase::Working);
    if !is_misleading {
        let phase = phase(view);
        let short = phase.1.split([',', ':']).next().unwrap_or_default().to_owned();
        let form = |text: String| vec![span(theme, phase.0, text)];
        right.push(Field::new(6, form(phase.1.clone())).or(2, form(short)));
    }
    fit(&health(model, view), &right, &span(theme, Ink::Dim, ", "), width)
}

fn phase(view: &RunView) -> (Ink, String) {
    match &view.phase {
        RunPhase::Ended(end) => {
            let (tone, text) = phrases::verdict(end);
            // What to do now stands on the card; here there is room for how it ended.
            (tone.into(), text.split(" (").next().unwrap_or_default().to_owned())
        }
        RunPhase::Stopping => (Ink::Doubtful, summary::phase(&view.phase)),
        RunPhase::Opening
        | RunPhase::Working
        | RunPhase::Validating { .. }
        | RunPhase::Fixing { .. }
        | RunPhase::Judging => (Ink::Accent, summary::phase(&view.phase)),
    }
}

/// What runs, what waits and for what, and what needs a person.
fn health(model: &Model, view: &RunView) -> Vec<Field> {
    let theme = model.theme;
    let kinds = || view.epics.iter().chain(&view.fixes).map(|track| model.kind(track));
    let count = |is: fn(Kind) -> bool| kinds().filter(|kind| is(*kind)).count();
    let field = |rank, ink, text: String| Field::new(rank, vec![span(theme, ink, text)]);
    // The final validator belongs to no epic.
    let validates = model.is_alive() && matches!(view.phase, RunPhase::Validating { .. });
    let running = count(Kind::is_busy) + usize::from(validates);
    let mut fields = vec![field(0, if running > 0 { Ink::Accent } else { Ink::Dim }, format!("{running} running"))];
    let states = |is: fn(&TrackState) -> bool| view.epics.iter().filter(|track| is(&track.state)).count();
    let is_parked = |state: &TrackState| matches!(state, TrackState::Waiting(WaitReason::Backend { .. }));
    let parked = if model.is_alive() { states(is_parked) } else { 0 };
    let waiting = count(|kind| kind == Kind::Waiting).saturating_sub(parked);
    if waiting > 0 {
        let short = format!("{waiting} waiting");
        let long = match states(|state| matches!(state, TrackState::Waiting(WaitReason::Dependencies(_)))) {
            0 => short.clone(),
            all if all == waiting => format!("{short} on {}", epics(&awaited(view))),
            some => format!("{short} ({some} on {})", epics(&awaited(view))),
        };
        fields.push(field(5, Ink::Dim, long).or(3, vec![span(theme, Ink::Dim, short)]));
    }
    if parked > 0 {
        fields.push(field(4, Ink::Doubtful, format!("{parked} parked")));
    }
    for (kind, word) in KINDS_OF_HEALTH {
        let n = kinds().filter(|other| *other == kind).count();
        if n > 0 {
            fields.push(field(4, kind.ink(), format!("{n} {word}")));
        }
    }
    let need = count(Kind::needs_person);
    let (ink, verb) = if need > 0 { (Ink::Bad, if need == 1 { "needs" } else { "need" }) } else { (Ink::Dim, "need") };
    fields.push(field(0, ink, format!("{need} {verb} you")));
    fields
}

/// What is counted by itself, with the word that the line of health has for it.
const KINDS_OF_HEALTH: [(Kind, &str); 5] = [
    (Kind::Queued, "to be merged"),
    (Kind::Resting, "to be tried again"),
    (Kind::Held, "stopped by you"),
    (Kind::Blocked, "blocked"),
    (Kind::CutShort, "cut short"),
];

/// The epics that others wait for and that wait for no other themselves: those on which everything hangs.
fn awaited(view: &RunView) -> Vec<EpicId> {
    let waits = |id: &EpicId| {
        let track = view.epics.iter().find(|track| track.scope.epic() == Some(id));
        track.is_some_and(|track| matches!(track.state, TrackState::Waiting(WaitReason::Dependencies(_))))
    };
    let mut ids: Vec<EpicId> = view
        .epics
        .iter()
        .filter_map(|track| match &track.state {
            TrackState::Waiting(WaitReason::Dependencies(ids)) => Some(ids.as_slice()),
            TrackState::Waiting(_)
            | TrackState::Preparing
            | TrackState::Resetting
            | TrackState::Working(_)
            | TrackState::Stopping(_)
            | TrackState::Checking
            | TrackState::Resting { .. }
            | TrackState::Queued { .. }
            | TrackState::Merging
            | TrackState::Outdated
            | TrackState::Updating
            | TrackState::Done(_) => None,
        })
        .flatten()
        .filter(|id| !waits(id))
        .cloned()
        .collect();
    ids.sort();
    ids.dedup();
    ids
}
