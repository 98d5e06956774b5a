//! The help: the table of keys, and nothing that is not in it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::pieces::{badge, fill, frame_of, span};
use super::{draw_lines, in_the_middle};
use crate::ui::tui::keys::present;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, KINDS};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.theme;
    let keys = present(model.facts.watching).map(|binding| {
        Line::from(vec![span(theme, Ink::Accent, fill(binding.shown, 11)), span(theme, Ink::Text, binding.what)])
    });
    let mut lines: Vec<Line> = keys.collect();
    lines.push(Line::default());
    for pair in KINDS.chunks(3) {
        let spans = pair.iter().flat_map(|kind| {
            let [glyph, word] = badge(theme, *kind);
            [glyph, span(theme, Ink::Text, " "), ratatui::text::Span::styled(fill(&word.content, 14), word.style)]
        });
        lines.push(Line::from(spans.collect::<Vec<_>>()));
    }
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let place = in_the_middle(frame, area, area.width.min(66), height);
    let inner = frame_of(frame, place, "keys (any key closes, j and k scroll)", true, theme);
    let most = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_sub(inner.height);
    draw_lines(frame, inner, lines, model.scroll.min(most));
}
