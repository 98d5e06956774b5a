//! The latest notices of the run, newest at the bottom.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::draw_lines;
use super::pieces::{clip, fill, frame_of, span};
use crate::ui::tui::model::{Model, Pane};
use crate::ui::tui::theme::Ink;
use crate::ui::units::clock;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    if area.is_empty() {
        return;
    }
    let theme = model.theme;
    let back = model.notices_back.min(model.notices.len());
    let title = if back > 0 { format!("notices, {back} newer below") } else { "notices".to_owned() };
    let inner = frame_of(frame, area, &title, model.pane == Pane::Notices, theme);
    let (height, width) = (usize::from(inner.height), usize::from(inner.width));
    let end = model.notices.len() - back;
    let start = end.saturating_sub(height);
    let lines = model.notices.range(start..end).map(|told| {
        let spans = vec![
            span(theme, Ink::Dim, format!("{:<6} ", clock(told.at))),
            span(theme, Ink::Accent, format!("{} ", fill(&told.who, 9))),
            span(theme, told.tone.into(), told.line.clone()),
        ];
        Line::from(clip(spans, width))
    });
    draw_lines(frame, inner, lines.collect(), 0);
}
