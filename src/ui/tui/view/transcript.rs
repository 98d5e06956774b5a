//! The live transcript of the selected epic. Only the lines that are in sight are laid out.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::pieces::span;
use super::{draw_lines, wrap};
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Theme};
use crate::ui::tui::transcript::Entry;
use crate::ui::units::clock;

/// Columns for the time and the sign before a line.
const MARGIN: usize = 9;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.theme;
    let Some(shelf) = model.shelf().filter(|shelf| !shelf.transcript.range().is_empty()) else {
        let line = Line::from(span(theme, Ink::Dim, "nothing was said yet"));
        return draw_lines(frame, area, vec![line], 0);
    };
    let range = shelf.transcript.range();
    let last = shelf.anchor.unwrap_or(range.end - 1).clamp(range.start, range.end - 1);
    let behind = range.end - 1 - last;
    let mut room = usize::from(area.height);
    if behind > 0 {
        room = room.saturating_sub(1);
    }
    let mut lines: Vec<Line> = Vec::new();
    for number in (range.start..=last).rev() {
        let Some(entry) = shelf.transcript.get(number) else { break };
        let needle = model.search.text.to_lowercase();
        let laid_out = entry_lines(theme, entry, usize::from(area.width), &needle);
        lines.extend(laid_out.into_iter().rev());
        if lines.len() >= room {
            break;
        }
    }
    lines.truncate(room);
    lines.reverse();
    if behind > 0 {
        let more = format!("{} {behind} newer, f follows", theme.pick("↓", "v"));
        lines.push(Line::from(span(theme, Ink::Doubtful, more)));
    }
    draw_lines(frame, area, lines, 0);
}

fn entry_lines(theme: Theme, entry: &Entry, width: usize, needle: &str) -> Vec<Line<'static>> {
    let (sign, plain) = entry.sort.sign();
    let style = theme.style(entry.sort.ink());
    let indent = entry.text.chars().take_while(|c| *c == ' ').count();
    wrap(&entry.text, width.saturating_sub(MARGIN), indent)
        .into_iter()
        .enumerate()
        .map(|(n, part)| {
            let stamp = if n == 0 { clock(entry.at) } else { String::new() };
            let sign = if n == 0 { theme.pick(sign, plain) } else { " " };
            let mut spans =
                vec![span(theme, Ink::Dim, format!("{stamp:<6} ")), Span::styled(format!("{sign} "), style)];
            spans.extend(marked(theme, &part, style, needle));
            Line::from(spans)
        })
        .collect()
}

/// The text with the matches of the search marked.
fn marked(theme: Theme, text: &str, style: ratatui::style::Style, needle: &str) -> Vec<Span<'static>> {
    let lower = text.to_lowercase();
    // Lower case can have another length; then nothing is marked rather than something wrong.
    if needle.is_empty() || lower.len() != text.len() {
        return vec![Span::styled(text.to_owned(), style)];
    }
    let mut spans = Vec::new();
    let mut from = 0;
    for (at, found) in lower.match_indices(needle) {
        let (Some(before), Some(here)) = (text.get(from..at), text.get(at..at + found.len())) else { continue };
        spans.push(Span::styled(before.to_owned(), style));
        spans.push(Span::styled(here.to_owned(), theme.found()));
        from = at + found.len();
    }
    spans.push(Span::styled(text.get(from..).unwrap_or_default().to_owned(), style));
    spans
}
