//! The gates that ran for an epic, newest first, with the end of the output of the red ones.

use ratatui::text::Line;

use super::pieces::{span, two_sided};
use super::wrap;
use crate::ui::phrases::gate_end;
use crate::ui::safe;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::Ink;
use crate::ui::units::duration;

/// Lines of output that are shown of a red gate.
const TAIL: usize = 12;

pub(super) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = vec![Line::default()];
    let Some(shelf) = model.shelf().filter(|shelf| !shelf.gates.is_empty()) else {
        lines.push(Line::from(span(theme, Ink::Dim, "no gate ran for it yet")));
        let waiting = |name: &String| {
            Line::from(span(theme, Ink::Dim, format!("{} {}", theme.pick("○", "."), safe::line(name, 40))))
        };
        lines.extend(model.facts.gates.iter().map(waiting));
        return lines;
    };
    for (on_candidate, gate) in shelf.gates.iter().rev() {
        let (ink, sign, word) = if gate.green() {
            (Ink::Good, theme.pick("✓ ", "+ "), "green".to_owned())
        } else {
            (Ink::Bad, theme.pick("✗ ", "x "), format!("red: {}", gate_end(gate)))
        };
        let place = if *on_candidate { "on the merged result" } else { "in its worktree" };
        let left = vec![
            span(theme, ink, sign),
            span(theme, Ink::Text, format!("{}  ", safe::line(&gate.name, 40))),
            span(theme, ink, word),
            span(theme, Ink::Dim, format!("  {place}")),
        ];
        lines.push(two_sided(left, vec![span(theme, Ink::Dim, duration(gate.took_ms))], width));
        lines.push(Line::from(span(
            theme,
            Ink::Dim,
            super::cut(&format!("  $ {}", safe::short(&gate.command)), width),
        )));
        if !gate.green() {
            for line in safe::tail(&gate.tail, TAIL) {
                lines.extend(wrap(&line, width.saturating_sub(4), 2).into_iter().map(|part| {
                    Line::from(vec![span(theme, Ink::Faint, theme.pick("  │ ", "  | ")), span(theme, Ink::Text, part)])
                }));
            }
        }
    }
    lines
}
