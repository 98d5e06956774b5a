//! The head of every page: what runs, where, with whom, at which cost, and one line of health.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::pieces::{bar, span, two_sided};
use crate::scheduler::RunView;
use crate::scheduler::view::{RunPhase, TrackState, WaitReason};
use crate::ui::phrases::{consumed_in_short, epics, n_merged};
use crate::ui::summary;
use crate::ui::tui::model::{Model, Page};
use crate::ui::tui::theme::{Ink, Kind, Theme};
use crate::ui::units::{clock, duration};
use crate::ui::{phrases, safe};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let width = usize::from(area.width);
    let Some(view) = &model.view else {
        let line = Line::from(span(model.theme, Ink::Dim, " ralph-teams: the run begins ..."));
        return frame.render_widget(line, area);
    };
    let lines = vec![first(model, view, width), second(model, view, width), third(model, view, width)];
    frame.render_widget(Paragraph::new(lines), area);
}

/// Project and run; pages.
fn first(model: &Model, view: &RunView, width: usize) -> Line<'static> {
    let theme = model.theme;
    let bold = theme.style(Ink::Text).add_modifier(Modifier::BOLD);
    let mut left = vec![
        Span::styled(format!(" {}", safe::line(&view.project, 40)), bold),
        span(theme, Ink::Dim, format!("  {}", view.run.loop_branch())),
    ];
    if model.facts.watching {
        let how = if model.place.is_some_and(|place| place.live) { "  watching" } else { "  replay" };
        left.push(span(theme, Ink::Doubtful, how));
    }
    let pages =
        [(Page::Run, "1 run"), (Page::Graph, "2 graph"), (Page::Timeline, "3 time"), (Page::Verdict, "4 verdict")];
    let mut right = Vec::new();
    for (page, name) in pages {
        let style = if page == model.page {
            theme.style(Ink::Accent).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
        } else {
            theme.style(Ink::Dim)
        };
        right.extend([Span::styled(name, style), Span::raw("  ")]);
    }
    two_sided(left, right, width)
}

/// Progress, time and cost; who works and what they may do.
fn second(model: &Model, view: &RunView, width: usize) -> Line<'static> {
    let theme = model.theme;
    let (done, all) = (n_merged(view), view.epics.len());
    let mut left = vec![Span::raw(" ")];
    left.extend(bar(theme, done, all, if width >= 100 { 16 } else { 8 }));
    left.push(span(theme, Ink::Text, format!(" {done}/{all} merged  {}", clock(model.now))));
    if let Some(left_ms) = time_left(model, view) {
        left.push(span(theme, Ink::Dim, format!(" (~{} left)", duration(left_ms))));
    }
    left.push(span(theme, Ink::Dim, format!("  slots {}/{}", view.slots_used, view.slots)));
    if let Some(consumed) = consumed_in_short(view.usage) {
        left.push(span(theme, Ink::Text, format!("  {consumed}")));
    }
    if let Some(spent) = view.budget {
        let ink = if spent.is_used_up() { Ink::Doubtful } else { Ink::Dim };
        left.push(span(theme, ink, format!(" ({}% of the budget)", spent.percent())));
    }
    let facts = [&model.facts.backend, &model.facts.models, &model.facts.permissions];
    let facts: Vec<&str> = facts.into_iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
    let used: usize = left.iter().map(Span::width).sum();
    let facts = super::cut(&facts.join(" · "), width.saturating_sub(used + 4));
    two_sided(left, vec![span(theme, Ink::Dim, format!("{facts}  "))], width)
}

/// How long the rest will take, if it goes on as it did: by stories, and only once some are proven.
fn time_left(model: &Model, view: &RunView) -> Option<u64> {
    let over = matches!(view.phase, RunPhase::Ended(_) | RunPhase::Stopping);
    let worked = view.epics.iter().filter(|track| !matches!(Kind::of(&track.state), Kind::LeftOut | Kind::Blocked));
    let (done, all) = worked.fold((0, 0), |(done, all), track| {
        let passed = if track.attempt > 0 { track.stories_passed } else { 0 };
        (done + passed as u64, all + if track.attempt > 0 || passed == 0 { track.n_stories as u64 } else { 0 })
    });
    (!over && done > 0 && all > done).then(|| model.now.saturating_mul(all - done) / done)
}

/// One line of health, and how the run as a whole stands.
fn third(model: &Model, view: &RunView, width: usize) -> Line<'static> {
    let theme = model.theme;
    let mut left = vec![Span::raw(" ")];
    for (ink, text) in health(view) {
        if left.len() > 1 {
            left.push(span(theme, Ink::Faint, ", "));
        }
        left.push(span(theme, ink, text));
    }
    let mut right = Vec::new();
    if model.paused {
        right.push(span(theme, Ink::Doubtful, format!("{} paused: nothing new starts  ", theme.pick("⏸", "||"))));
    }
    right.push(phase(theme, view));
    two_sided(left, right, width)
}

fn phase(theme: Theme, view: &RunView) -> Span<'static> {
    let ink = match &view.phase {
        RunPhase::Ended(end) => phrases::verdict(end).0.into(),
        RunPhase::Stopping => Ink::Doubtful,
        RunPhase::Opening
        | RunPhase::Working
        | RunPhase::Validating { .. }
        | RunPhase::Fixing { .. }
        | RunPhase::Judging => Ink::Accent,
    };
    span(theme, ink, format!("{}  ", super::cut(&summary::phase(&view.phase), 40)))
}

/// What runs, what waits and why, and what needs a person.
pub(super) fn health(view: &RunView) -> Vec<(Ink, String)> {
    let kinds = || view.epics.iter().chain(&view.fixes).map(|track| Kind::of(&track.state));
    let count = |is: fn(Kind) -> bool| kinds().filter(|kind| is(*kind)).count();
    let running = count(Kind::is_busy);
    let need = count(Kind::needs_person);
    let mut health = vec![(if running > 0 { Ink::Accent } else { Ink::Dim }, format!("{running} running"))];
    let waits: Vec<&[crate::domain::id::EpicId]> = view
        .epics
        .iter()
        .filter_map(|track| {
            let TrackState::Waiting(WaitReason::Dependencies(ids)) = &track.state else { return None };
            Some(ids.as_slice())
        })
        .collect();
    let waiting = count(|kind| kind == Kind::Waiting);
    if waiting > 0 {
        let mut ids: Vec<_> = waits.into_iter().flatten().cloned().collect();
        ids.sort();
        ids.dedup();
        let on = if ids.is_empty() { String::new() } else { format!(" on {}", epics(&ids)) };
        health.push((Ink::Dim, format!("{waiting} waiting{on}")));
    }
    for (kind, word) in [(Kind::Queued, "queued"), (Kind::Resting, "to be tried again"), (Kind::Blocked, "blocked")] {
        let n = kinds().filter(|other| *other == kind).count();
        if n > 0 {
            health.push((kind.ink(), format!("{n} {word}")));
        }
    }
    let (ink, verb) = if need > 0 { (Ink::Bad, if need == 1 { "needs" } else { "need" }) } else { (Ink::Dim, "need") };
    health.push((ink, format!("{need} {verb} you")));
    health
}
