//! The merge queue: what is being merged, and what comes next.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::draw_lines;
use super::pieces::{badge, frame_of, span};
use crate::scheduler::view::TrackView;
use crate::ui::phrases::who;
use crate::ui::safe;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Kind};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    if area.is_empty() {
        return;
    }
    let theme = model.theme;
    let inner = frame_of(frame, area, "merge queue", false, theme);
    let Some(view) = &model.view else { return };
    let tracks = || view.epics.iter().chain(&view.fixes);
    let merging = tracks().filter(|track| Kind::of(&track.state) == Kind::Merging);
    let queued = view.queue.iter().filter_map(|scope| tracks().find(|track| track.scope == *scope));
    let mut lines: Vec<Line> = merging.chain(queued).map(|track| line(model, track)).collect();
    if lines.is_empty() {
        lines.push(Line::from(span(theme, Ink::Dim, "empty")));
    }
    let tip = format!("loop branch at {}", view.loop_tip.short());
    let room = usize::from(inner.height.saturating_sub(1));
    lines.truncate(room);
    while lines.len() < room {
        lines.push(Line::default());
    }
    lines.push(Line::from(span(theme, Ink::Faint, tip)));
    draw_lines(frame, inner, lines, 0);
}

fn line(model: &Model, track: &TrackView) -> Line<'static> {
    let theme = model.theme;
    let [glyph, word] = badge(theme, Kind::of(&track.state));
    let name = format!(" {} ", who(&track.scope));
    let title = format!("  {}", safe::line(&track.title, 60));
    Line::from(vec![glyph, span(theme, Ink::Text, name), word, span(theme, Ink::Dim, title)])
}
