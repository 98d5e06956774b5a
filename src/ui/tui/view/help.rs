//! The help: the table of keys, and nothing that is not in it; below, what the signs of the states mean.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::pieces::{badge, fill, frame_of, head, span};
use super::{draw_lines, in_the_middle};
use crate::ui::tui::keys::{Binding, present};
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, KINDS, Theme};

/// Columns of a key with what it does.
const COLUMN: usize = 57;
/// Columns of the sign and the word of a state.
const STATE: usize = 14;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let (n_columns, width) = columns(area);
    let lines = lines(model, n_columns, width);
    let wanted = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let columns = u16::try_from(width + 4).unwrap_or(u16::MAX).min(area.width);
    let place = in_the_middle(frame, area, columns, wanted.min(area.height));
    let title = if wanted > area.height { "keys (j and k scroll, any other closes)" } else { "keys (any key closes)" };
    let inner = frame_of(frame, place, title, true, model.theme);
    draw_lines(frame, inner, lines, model.help_scroll.min(scroll_max(model, area)));
}

/// How far it can be scrolled in this area.
pub(super) fn scroll_max(model: &Model, area: Rect) -> u16 {
    let (n_columns, width) = columns(area);
    let n_lines = u16::try_from(lines(model, n_columns, width).len()).unwrap_or(u16::MAX);
    n_lines.saturating_sub(area.height.saturating_sub(2))
}

/// Columns of keys side by side, and the width of all of them.
fn columns(area: Rect) -> (usize, usize) {
    let n_columns = if usize::from(area.width) > 2 * COLUMN + 4 { 2 } else { 1 };
    (n_columns, (n_columns * COLUMN + 2).min(usize::from(area.width).saturating_sub(4)))
}

fn lines(model: &Model, n_columns: usize, width: usize) -> Vec<Line<'static>> {
    let mut lines = keys(model, n_columns);
    lines.extend([Line::default(), head(model.theme, "states")]);
    lines.extend(states(model.theme, width));
    lines
}

/// The keys, read down the columns.
fn keys(model: &Model, n_columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let bindings: Vec<&Binding> = present(model.facts.watching).collect();
    let n_rows = bindings.len().div_ceil(n_columns);
    let entry = |binding: &&Binding| {
        [span(theme, Ink::Accent, fill(binding.shown, 11)), span(theme, Ink::Text, fill(binding.what, COLUMN - 11))]
    };
    let row = |row: usize| -> Vec<Span<'static>> {
        (0..n_columns).filter_map(|column| bindings.get(column * n_rows + row)).flat_map(entry).collect()
    };
    (0..n_rows).map(|n| Line::from(row(n))).collect()
}

fn states(theme: Theme, width: usize) -> Vec<Line<'static>> {
    let entry = |kind| {
        let [glyph, word] = badge(theme, kind);
        [glyph, Span::raw(" "), Span::styled(fill(&word.content, STATE - 2), word.style)]
    };
    let rows = KINDS.chunks((width / STATE).max(1));
    rows.map(|kinds| Line::from(kinds.iter().copied().flat_map(entry).collect::<Vec<_>>())).collect()
}
