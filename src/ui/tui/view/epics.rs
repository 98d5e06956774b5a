//! The list of epics by wave: state, stories, attempt, time, cost, and what each does or why it waits.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::pieces::{fill, frame_of, over, span, two_sided};
use super::{cut, draw_lines};
use crate::scheduler::view::{TrackState, TrackView};
use crate::ui::phrases::who;
use crate::ui::tui::areas::{Row, first_row, rows};
use crate::ui::tui::model::{Model, Pane};
use crate::ui::tui::theme::{Ink, Kind};
use crate::ui::units::{clock, duration, money};
use crate::ui::{safe, summary};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    if area.is_empty() {
        return;
    }
    let inner = frame_of(frame, area, "epics", model.pane == Pane::Epics, model.theme);
    let (rows, selected) = rows(model);
    if rows.is_empty() {
        return draw_lines(frame, inner, vec![Line::from(span(model.theme, Ink::Dim, "no epics yet"))], 0);
    }
    let first = first_row(rows.len(), selected, usize::from(inner.height));
    let width = usize::from(inner.width);
    let visible = rows.iter().skip(first).take(usize::from(inner.height));
    let lines = visible.map(|row| line(model, row, width)).collect();
    draw_lines(frame, inner, lines, 0);
}

fn line(model: &Model, row: &Row, width: usize) -> Line<'static> {
    match row {
        Row::Wave(wave) => rule(model, &format!("wave {wave} "), width),
        Row::Fixes => rule(model, "fixes ", width),
        Row::Track(index, track) => {
            let line = track_line(model, track, width);
            if *index == model.selected { over(line, model.theme.selected()) } else { line }
        }
        Row::More(index, track) => {
            let line = more_line(model, track, width);
            if *index == model.selected { over(line, model.theme.selected()) } else { line }
        }
    }
}

fn rule(model: &Model, text: &str, width: usize) -> Line<'static> {
    let rest = model.theme.pick("─", "-").repeat(width.saturating_sub(text.len()));
    Line::from(vec![span(model.theme, Ink::Dim, text), span(model.theme, Ink::Faint, rest)])
}

fn track_line(model: &Model, track: &TrackView, width: usize) -> Line<'static> {
    let (theme, kind) = (model.theme, Kind::of(&track.state));
    let style = theme.style(kind.ink());
    let left = vec![
        Span::styled(format!("{} ", theme.glyph(kind)), style),
        span(theme, Ink::Text, format!("{} ", who(&track.scope))),
        span(theme, Ink::Dim, safe::line(&track.title, 80)),
    ];
    let mut right = Vec::new();
    if track.attempt > 1 {
        right.push(span(theme, Ink::Doubtful, format!("{}{} ", theme.pick("↻", "r"), track.attempt)));
    }
    right.push(span(theme, Ink::Text, format!("{}/{} ", track.stories_passed, track.n_stories)));
    if width >= 52 {
        right.push(span(theme, Ink::Dim, format!("{} ", fill(&time(model, track), 6))));
        if track.usage.cost_microdollars > 0 {
            right.push(span(theme, Ink::Dim, format!("{:>6} ", money(track.usage.cost_microdollars))));
        }
    }
    right.push(Span::styled(fill(kind.signs().2, 10), style));
    two_sided(left, right, width)
}

/// How long it is in its state.
fn time(model: &Model, track: &TrackView) -> String {
    match &track.state {
        TrackState::Waiting(_) | TrackState::Done(_) => String::new(),
        TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating => clock(model.now.saturating_sub(track.since)),
    }
}

/// What it does now, and since when it is silent; or why it does nothing.
fn more_line(model: &Model, track: &TrackView, width: usize) -> Line<'static> {
    let theme = model.theme;
    let kind = Kind::of(&track.state);
    let doing = model.shelves.get(&track.scope).map(|shelf| shelf.doing.as_str()).unwrap_or_default();
    let mut right = Vec::new();
    let text = match &track.state {
        TrackState::Working(role) | TrackState::Stopping(role) => {
            let idle = model.now.saturating_sub(track.last_active.unwrap_or(track.since).max(track.since));
            if idle >= 5_000 {
                right.push(span(
                    theme,
                    if idle > 120_000 { Ink::Doubtful } else { Ink::Dim },
                    format!("idle {}", duration(idle)),
                ));
            }
            if doing.is_empty() { format!("{} at work", role.name()) } else { format!("{}: {doing}", role.name()) }
        }
        TrackState::Resting { until } => {
            format!("attempt {} in {}", track.attempt + 1, duration(until.saturating_sub(model.now)))
        }
        TrackState::Done(outcome) => {
            crate::ui::phrases::reason(outcome).map_or_else(|| summary::state(&track.state), safe::short)
        }
        TrackState::Waiting(_)
        | TrackState::Preparing
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating => summary::state(&track.state),
    };
    let ink = if kind.needs_person() || kind == Kind::Blocked { kind.ink() } else { Ink::Dim };
    let left = vec![span(theme, Ink::Faint, format!("{} ", theme.pick("╰", "`"))), span(theme, ink, cut(&text, width))];
    two_sided(left, right, width)
}
