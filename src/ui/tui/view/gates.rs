//! The gates that ran for an epic, newest first, with the end of the output of the red ones.

use ratatui::text::Line;

use super::in_sight::InSight;
use super::pieces::{span, two_sided};
use super::wrap;
use crate::domain::gate::GateOutcome;
use crate::ui::phrases::gate_end;
use crate::ui::safe;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Theme};
use crate::ui::units::duration;

/// Lines of output that are shown of a red gate.
const TAIL: usize = 12;

pub(super) fn lay_out(model: &Model, width: usize, lines: &mut InSight) {
    let theme = model.theme;
    lines.push(Line::default);
    let Some(shelf) = model.shelf().filter(|shelf| !shelf.gates.is_empty()) else {
        lines.push(|| Line::from(span(theme, Ink::Dim, "no gate ran for it yet")));
        let waiting = |name: &String| {
            Line::from(span(theme, Ink::Dim, format!("{} {}", theme.pick("○", "."), safe::line(name, 40))))
        };
        return lines.extend(model.facts.gates.iter().map(waiting));
    };
    for (on_candidate, gate) in shelf.gates.iter().rev() {
        if lines.is_full() {
            return;
        }
        lines.push(|| gate_line(theme, gate, *on_candidate, width));
        let command = || super::cut(&format!("  $ {}", safe::short(&gate.command)), width);
        lines.push(|| Line::from(span(theme, Ink::Dim, command())));
        if !gate.green() {
            let tail = safe::tail(&gate.tail, TAIL);
            let parts = tail.iter().flat_map(|line| wrap(line, width.saturating_sub(4), 2));
            let bar = || span(theme, Ink::Faint, theme.pick("  │ ", "  | "));
            lines.extend(parts.map(|part| Line::from(vec![bar(), span(theme, Ink::Text, part)])));
        }
    }
}

/// The name of a gate, how it ended, where it ran and how long it took.
fn gate_line(theme: Theme, gate: &GateOutcome, on_candidate: bool, width: usize) -> Line<'static> {
    let (ink, sign, word) = if gate.green() {
        (Ink::Good, theme.pick("✓ ", "+ "), "green".to_owned())
    } else {
        (Ink::Bad, theme.pick("✗ ", "x "), format!("red: {}", gate_end(gate)))
    };
    let place = if on_candidate { "on the merged result" } else { "in its worktree" };
    let left = vec![
        span(theme, ink, sign),
        span(theme, Ink::Text, format!("{}  ", safe::line(&gate.name, 40))),
        span(theme, ink, word),
        span(theme, Ink::Dim, format!("  {place}")),
    ];
    two_sided(left, vec![span(theme, Ink::Dim, duration(gate.took_ms))], width)
}
