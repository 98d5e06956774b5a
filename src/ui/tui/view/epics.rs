//! The list of epics by wave: state, stories, attempt, time, cost, and what each does or why it waits.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::draw_lines;
use super::pieces::{fill, frame_of, over, span, two_sided};
use super::standing::standing;
use crate::scheduler::view::{TrackState, TrackView};
use crate::ui::phrases::{cost_cell, who};
use crate::ui::tui::areas::{Row, first_row, rows};
use crate::ui::tui::model::{Model, Pane};
use crate::ui::tui::theme::{Ink, Kind};
use crate::ui::units::clock;
use crate::ui::{phrases, safe};

/// Columns from which on time and cost have columns of their own.
const ROOMY: usize = 60;
/// Columns below which an epic is shown without its title.
const NARROW: usize = 40;
/// Silence of a session that is told, and that is doubtful, in milliseconds.
const SILENT_MS: u64 = 60_000;
const DOUBTFUL_MS: u64 = 180_000;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    if area.is_empty() {
        return;
    }
    let (rows, selected) = rows(model);
    let height = usize::from(area.height.saturating_sub(2));
    let title = if rows.len() > height && !rows.is_empty() {
        format!("epics, {} of {}", model.selected + 1, model.tracks().len())
    } else {
        "epics".to_owned()
    };
    let inner = frame_of(frame, area, &title, model.pane == Pane::Epics, model.theme);
    // The mark of the selected epic stands in the blank column before the text.
    let inner = Rect { x: inner.x.saturating_sub(1), width: inner.width + 1, ..inner };
    if rows.is_empty() {
        return draw_lines(frame, inner, vec![Line::from(span(model.theme, Ink::Dim, " no epics yet"))], 0);
    }
    let first = first_row(rows.len(), selected, height);
    let width = usize::from(inner.width).saturating_sub(1);
    let visible = rows.iter().skip(first).take(height);
    let lines = visible.map(|row| line(model, row, width)).collect();
    draw_lines(frame, inner, lines, 0);
}

fn line(model: &Model, row: &Row, width: usize) -> Line<'static> {
    let theme = model.theme;
    let (index, mut line) = match row {
        Row::Wave(wave) => (None, wave_line(model, *wave, width)),
        Row::Fixes => (None, rule(model, "fixes ", String::new(), width)),
        Row::Track(index, track) => (Some(*index), track_line(model, track, width)),
        Row::More(index, track) => (Some(*index), more_line(model, track, width)),
    };
    let is_selected = index == Some(model.selected);
    if is_selected {
        line = over(line, theme.selected());
    }
    let mark = if is_selected { theme.pick("▌", ">") } else { " " };
    line.spans.insert(0, span(theme, Ink::Accent, mark));
    line
}

fn wave_line(model: &Model, wave: usize, width: usize) -> Line<'static> {
    let of_wave = || model.tracks().into_iter().filter(move |track| track.wave == wave && track.scope.epic().is_some());
    let merged = of_wave().filter(|track| model.kind(track) == Kind::Merged).count();
    rule(model, &format!("wave {wave} "), format!(" {merged}/{}", of_wave().count()), width)
}

fn rule(model: &Model, text: &str, end: String, width: usize) -> Line<'static> {
    let rest = model.theme.pick("─", "-").repeat(width.saturating_sub(text.len() + end.len()));
    let dim = |text: String| span(model.theme, Ink::Dim, text);
    Line::from(vec![dim(text.to_owned()), span(model.theme, Ink::Faint, rest), dim(end)])
}

fn track_line(model: &Model, track: &TrackView, width: usize) -> Line<'static> {
    let (theme, kind) = (model.theme, model.kind(track));
    let style = theme.style(kind.ink());
    let mut left = vec![
        Span::styled(format!("{} ", theme.glyph(kind)), style),
        span(theme, Ink::Text, format!("{} ", who(&track.scope))),
    ];
    let mut right = Vec::new();
    if track.attempt > 1 {
        right.push(span(theme, Ink::Doubtful, format!("{}{} ", theme.pick("↻", "r"), track.attempt)));
    }
    if track.n_stories > 0 {
        right.push(span(theme, Ink::Text, format!("{}/{}", track.stories_passed, track.n_stories)));
    }
    if width < NARROW {
        // No room for the title, which stands on the right for the selected one.
        left.push(Span::styled(kind.signs().2, style));
        return two_sided(left, right, width);
    }
    left.push(span(theme, Ink::Dim, safe::line(&track.title, 80)));
    if width >= ROOMY {
        let time = time(model, track).unwrap_or_default();
        right.push(span(theme, Ink::Dim, format!(" {time:>7} {:>7}", cost_cell(track.usage).unwrap_or_default())));
    }
    right.push(Span::styled(format!(" {}", fill(kind.signs().2, 10)), style));
    two_sided(left, right, width)
}

/// How long it is in its state, while that will change by itself.
fn time(model: &Model, track: &TrackView) -> Option<String> {
    if !model.is_alive() {
        return None;
    }
    match &track.state {
        TrackState::Waiting(_) | TrackState::Done(_) => None,
        TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating => Some(clock(model.now.saturating_sub(track.since))),
    }
}

/// What it does now, and since when it is silent; or why it does nothing.
fn more_line(model: &Model, track: &TrackView, width: usize) -> Line<'static> {
    let theme = model.theme;
    let kind = model.kind(track);
    let text = match &track.state {
        TrackState::Working(role) | TrackState::Stopping(role) if model.is_alive() => {
            let doing = model.shelves.get(&track.scope).map(|shelf| shelf.doing.as_str()).unwrap_or_default();
            let name = if width < NARROW { role.name().trim_start_matches("team-") } else { role.name() };
            if doing.is_empty() { format!("{name} at work") } else { format!("{name}: {doing}") }
        }
        TrackState::Done(outcome) => phrases::reason(outcome).map_or_else(|| standing(model, track), safe::short),
        TrackState::Waiting(_)
        | TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Resetting
        | TrackState::Resting { .. }
        | TrackState::Checking
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating => standing(model, track),
    };
    let ink = if kind.needs_person() || kind == Kind::Blocked { kind.ink() } else { Ink::Dim };
    let left = vec![span(theme, Ink::Faint, format!("{} ", theme.pick("╰", "`"))), span(theme, ink, text)];
    two_sided(left, clocks(model, track, width), width)
}

/// At the end of the second line: since when it is silent, and what has no column of its own.
fn clocks(model: &Model, track: &TrackView, width: usize) -> Vec<Span<'static>> {
    let theme = model.theme;
    let mut spans = Vec::new();
    let silent = match &track.state {
        TrackState::Working(_) | TrackState::Stopping(_) if model.is_alive() => {
            model.now.saturating_sub(track.last_active.unwrap_or(track.since).max(track.since))
        }
        TrackState::Waiting(_)
        | TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating
        | TrackState::Done(_) => 0,
    };
    if silent >= SILENT_MS {
        let ink = if silent >= DOUBTFUL_MS { Ink::Doubtful } else { Ink::Dim };
        spans.push(span(theme, ink, format!(" silent {}", clock(silent))));
    } else if width < ROOMY
        && let Some(time) = time(model, track)
    {
        spans.push(span(theme, Ink::Dim, format!(" {time}")));
    }
    let cost = cost_cell(track.usage).unwrap_or_default();
    // In a narrow list the silence says more than the cost, which stands in the report.
    if width < ROOMY && !cost.is_empty() && (width >= NARROW || silent < SILENT_MS) {
        spans.push(span(theme, Ink::Dim, format!(" {cost}")));
    }
    spans
}
