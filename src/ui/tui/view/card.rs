//! The end card: the same text that stays on the terminal afterwards.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::Line;

use super::pieces::{frame_of, span};
use super::{draw_lines, in_the_middle, wrap};
use crate::scheduler::view::RunPhase;
use crate::ui::phrases;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::Ink;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let Some(text) = &model.card else { return };
    let theme = model.theme;
    let ink = match model.view.as_ref().map(|view| &view.phase) {
        Some(RunPhase::Ended(end)) => phrases::verdict(end).0.into(),
        Some(_) | None => Ink::Doubtful,
    };
    let width = area.width.min(100);
    let mut lines = vec![Line::default()];
    for (n, raw) in text.trim_end().lines().enumerate() {
        let indent = raw.chars().take_while(|c| *c == ' ').count();
        for part in wrap(raw, usize::from(width.saturating_sub(4)), indent) {
            lines.push(if n == 0 {
                Line::styled(part, theme.style(ink).add_modifier(Modifier::BOLD))
            } else {
                Line::from(span(theme, Ink::Text, part))
            });
        }
    }
    lines.push(Line::default());
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let place = in_the_middle(frame, area, width, height);
    let title = "the run is over (enter leaves, esc looks around)";
    let inner = frame_of(frame, place, title, true, theme);
    draw_lines(frame, inner, lines, 0);
}
