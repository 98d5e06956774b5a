//! The last line: the search while it is typed, what was just done, or the most useful keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::pieces::{bar, clip, span};
use crate::ui::safe;
use crate::ui::tui::keys::{Binding, When, present};
use crate::ui::tui::model::Model;
use crate::ui::tui::msg::Place;
use crate::ui::tui::theme::Ink;

/// The keys that the footer shows, in this order, by how the table writes them, with a shorter word.
pub(super) const SHOWN: [(&str, &str); 16] = [
    ("?", "help"),
    ("q", "leave"),
    ("[", "back"),
    ("]", "on"),
    ("}", "next failure"),
    (".", "newest"),
    ("tab", "pane"),
    ("enter", "zoom"),
    ("/", "search"),
    ("f", "follow"),
    ("p", "pause"),
    ("s", "stop it"),
    ("r", "retry"),
    ("x", "reset"),
    ("o", "shell"),
    ("d", "diff"),
];

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let width = usize::from(area.width);
    let spans = if model.search.typing {
        search(model)
    } else if let Some(toast) = &model.toast {
        vec![span(model.theme, Ink::Doubtful, format!(" {}", safe::short(toast)))]
    } else {
        keys(model, width)
    };
    frame.render_widget(Line::from(clip(spans, width)), area);
}

fn search(model: &Model) -> Vec<Span<'static>> {
    let theme = model.theme;
    let typed = format!(" /{}{}", safe::short(&model.search.text), theme.pick("▏", "_"));
    vec![span(theme, Ink::Accent, typed), span(theme, Ink::Dim, "  enter searches, esc gives up")]
}

/// Where a replay stands, then as many keys as fit, each whole; once the run is over none that steers it.
fn keys(model: &Model, width: usize) -> Vec<Span<'static>> {
    let theme = model.theme;
    let mut spans = model.place.map(|place| standing(model, place)).unwrap_or_default();
    let mut room = width.saturating_sub(spans.iter().map(Span::width).sum());
    for (key, word) in SHOWN {
        let needed = key.len() + word.len() + 3;
        let is_there = |binding: &Binding| binding.shown == key && (binding.when != When::Own || model.is_alive());
        if needed <= room && present(model.facts.watching).any(is_there) {
            room -= needed;
            spans.push(span(theme, Ink::Accent, format!(" {key}")));
            spans.push(span(theme, Ink::Dim, format!(" {word} ")));
        }
    }
    spans
}

fn standing(model: &Model, place: Place) -> Vec<Span<'static>> {
    let text = format!(" event {} of {} ", place.event, place.of);
    let mut spans = vec![span(model.theme, Ink::Text, text)];
    spans.extend(bar(model.theme, place.event, place.of, 10));
    spans.push(Span::raw(" "));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_is_shown_stands_in_the_table() {
        for (key, _) in SHOWN {
            assert!(
                [false, true].iter().any(|watching| present(*watching).any(|binding| binding.shown == key)),
                "{key}"
            );
        }
    }
}
