//! The tree of an epic's session and the sub-agents below it.

use ratatui::text::Line;

use super::pieces::{span, two_sided};
use crate::ui::tui::model::{Agent, Model};
use crate::ui::tui::theme::Ink;
use crate::ui::units::duration;

pub(super) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let agents = model.shelf().map(|shelf| shelf.agents.as_slice()).unwrap_or_default();
    let mut lines = vec![Line::default()];
    if agents.is_empty() {
        lines.push(Line::from(span(theme, Ink::Dim, "no session yet")));
    }
    for (n, agent) in agents.iter().enumerate() {
        let next = agents[n + 1..].iter().find(|next| next.depth <= agent.depth);
        let is_last = next.is_none_or(|next| next.depth < agent.depth);
        lines.push(line(model, agent, is_last, width));
    }
    lines
}

fn line(model: &Model, agent: &Agent, is_last: bool, width: usize) -> Line<'static> {
    let theme = model.theme;
    let indent = "     ".repeat(agent.depth.saturating_sub(1));
    let branch = match (agent.depth, is_last) {
        (0, _) => "",
        (_, true) => theme.pick("  ╰─ ", "  `- "),
        (_, false) => theme.pick("  ├─ ", "  |- "),
    };
    let (ink, sign, word) = match (agent.until, agent.failed) {
        (None, _) => (Ink::Accent, theme.pick("● ", "* "), "at work"),
        (Some(_), false) => (Ink::Dim, theme.pick("✓ ", "+ "), "ended"),
        (Some(_), true) => (Ink::Bad, theme.pick("✗ ", "x "), "failed"),
    };
    let took = agent.until.unwrap_or(model.now).saturating_sub(agent.since);
    let left = vec![
        span(theme, Ink::Faint, format!("{indent}{branch}")),
        span(theme, ink, sign),
        span(theme, if agent.until.is_none() { Ink::Text } else { Ink::Dim }, format!("{}  ", agent.name)),
        span(theme, Ink::Dim, agent.summary.clone()),
    ];
    two_sided(left, vec![span(theme, ink, format!("{word} {}", duration(took)))], width)
}
