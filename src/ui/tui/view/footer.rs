//! The last line: the search while it is typed, what was just done, or the most useful keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::pieces::{clip, span};
use crate::ui::tui::keys::present;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::Ink;

/// The keys that the footer shows, in this order, by how the table writes them, with a shorter word.
const SHOWN: [(&str, &str); 13] = [
    ("?", "help"),
    ("q", "leave"),
    ("tab", "pane"),
    ("enter", "zoom"),
    ("/", "search"),
    ("f", "follow"),
    ("p", "pause"),
    ("r", "retry"),
    ("[", "back"),
    ("]", "on"),
    ("}", "next failure"),
    ("o", "shell"),
    ("d", "diff"),
];

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.theme;
    let mut spans = Vec::new();
    if model.search.typing {
        spans.push(span(theme, Ink::Accent, format!(" /{}{}", model.search.text, theme.pick("▏", "_"))));
        spans.push(span(theme, Ink::Dim, "   enter searches, esc gives up"));
    } else if let Some(toast) = &model.toast {
        spans.push(span(theme, Ink::Doubtful, format!(" {toast}")));
    } else {
        if let Some(place) = model.place {
            spans.push(span(theme, Ink::Accent, format!(" event {}/{} ", place.event, place.of)));
        }
        for (key, word) in SHOWN {
            if present(model.facts.watching).any(|binding| binding.shown == key) {
                spans.push(span(theme, Ink::Accent, format!(" {key}")));
                spans.push(span(theme, Ink::Dim, format!(" {word} ")));
            }
        }
    }
    frame.render_widget(Line::from(clip(spans, usize::from(area.width))), area);
}
