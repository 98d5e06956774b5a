//! The merge queue: what is being merged, what comes next, and what was merged last.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::draw_lines;
use super::pieces::{badge, frame_of, span, two_sided};
use crate::scheduler::view::TrackView;
use crate::ui::phrases::who;
use crate::ui::safe;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Kind};
use crate::ui::units::clock;

/// Columns below which an epic is shown without its title.
const NARROW: usize = 40;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    if area.is_empty() {
        return;
    }
    let theme = model.theme;
    let inner = frame_of(frame, area, "merge queue", false, theme);
    let (height, width) = (usize::from(inner.height), usize::from(inner.width));
    let Some(view) = &model.view else { return };
    let tracks = || view.epics.iter().chain(&view.fixes);
    let merging = tracks().filter(|track| model.kind(track) == Kind::Merging);
    let queued = view.queue.iter().filter_map(|scope| tracks().find(|track| track.scope == *scope));
    let mut lines: Vec<Line> = merging.chain(queued).map(|track| line(model, track, width)).collect();
    if lines.is_empty() {
        lines.push(Line::from(span(theme, Ink::Dim, "nothing waits to be merged")));
    }
    // What was merged before this run began has no moment in it.
    let mut merged: Vec<&TrackView> =
        tracks().filter(|track| model.kind(track) == Kind::Merged && track.attempt > 0).collect();
    merged.sort_by_key(|track| std::cmp::Reverse(track.since));
    lines.extend(merged.into_iter().map(|track| line(model, track, width)));
    lines.truncate(height.saturating_sub(1));
    lines.resize(height.saturating_sub(1), Line::default());
    lines.push(Line::from(span(theme, Ink::Dim, format!("loop branch at {}", view.loop_tip.short()))));
    draw_lines(frame, inner, lines, 0);
}

fn line(model: &Model, track: &TrackView, width: usize) -> Line<'static> {
    let (theme, kind) = (model.theme, model.kind(track));
    let [glyph, word] = badge(theme, kind);
    let mut left = vec![glyph, span(theme, Ink::Text, format!(" {} ", who(&track.scope))), word];
    if width >= NARROW {
        left.push(span(theme, Ink::Dim, format!("  {}", safe::line(&track.title, 60))));
    }
    let time = if kind == Kind::Merged {
        format!(" at {}", clock(track.since))
    } else {
        format!(" {}", clock(model.now.saturating_sub(track.since)))
    };
    two_sided(left, vec![span(theme, Ink::Dim, time)], width)
}
