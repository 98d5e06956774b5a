//! The tree of an epic's session and the sub-agents below it.

use ratatui::text::{Line, Span};

use super::cut;
use super::in_sight::InSight;
use super::pieces::{span, two_sided};
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Theme};
use crate::ui::tui::tree::{Agent, Tree};
use crate::ui::units::{count, duration, tokens};

pub(super) fn lay_out(model: &Model, width: usize, lines: &mut InSight) {
    let theme = model.theme;
    lines.push(Line::default);
    let Some(tree) = model.shelf().map(|shelf| &shelf.tree).filter(|tree| !tree.agents.is_empty()) else {
        return lines.push(|| Line::from(span(theme, Ink::Dim, "no session yet")));
    };
    lines.extend(earlier(theme, tree, width));
    for (n, agent) in tree.agents.iter().enumerate() {
        lines.push(|| line(model, tree, n, agent, width));
        if agent.until.is_none() && !agent.doing.is_empty() {
            lines.push(|| doing(theme, tree, n, agent, width));
        }
    }
    if tree.n_gone > 0 {
        let gone = count(tree.n_gone, "older sub-agent is", "older sub-agents are");
        lines.push(|| Line::from(span(theme, Ink::Faint, format!("{gone} not shown any more"))));
    }
}

/// What an agent does now, below its line.
fn doing(theme: Theme, tree: &Tree, n: usize, agent: &Agent, width: usize) -> Line<'static> {
    let branches = branches_below(theme, tree, n);
    let room = width.saturating_sub(branches.chars().count() + 4);
    let doing = format!("  {} {}", theme.pick("›", ">"), cut(&agent.doing, room));
    Line::from(vec![span(theme, Ink::Faint, branches), span(theme, Ink::Dim, doing)])
}

/// The sessions before, in one line.
fn earlier(theme: Theme, tree: &Tree, width: usize) -> Option<Line<'static>> {
    let earlier = tree.earlier;
    if earlier.n_sessions == 0 {
        return None;
    }
    let mut parts = vec![count(earlier.n_sessions, "earlier session", "earlier sessions")];
    if earlier.n_failed > 0 {
        parts.push(format!("{} failed", earlier.n_failed));
    }
    if earlier.n_agents > 0 {
        parts.push(count(earlier.n_agents, "sub-agent", "sub-agents"));
    }
    let left = vec![span(theme, Ink::Dim, format!("{} {}", theme.pick("▸", ">"), parts.join(", ")))];
    let right = vec![span(theme, Ink::Dim, amounts(Some(earlier.tokens), &duration(earlier.took_ms)))];
    Some(two_sided(left, right, width))
}

fn line(model: &Model, tree: &Tree, n: usize, agent: &Agent, width: usize) -> Line<'static> {
    let theme = model.theme;
    let (ink, sign, word) = match (agent.until, agent.failed) {
        (None, _) => (Ink::Accent, theme.pick("● ", "* "), "at work"),
        (Some(_), false) => (Ink::Dim, theme.pick("✓ ", "+ "), "ended"),
        (Some(_), true) => (Ink::Bad, theme.pick("✗ ", "x "), "failed"),
    };
    let took = duration(agent.until.unwrap_or(model.now).saturating_sub(agent.since));
    let left: Vec<Span> = vec![
        span(theme, Ink::Faint, branches(theme, tree, n)),
        span(theme, ink, sign),
        span(theme, if agent.until.is_none() { Ink::Text } else { Ink::Dim }, format!("{}  ", agent.name)),
        span(theme, Ink::Dim, agent.summary.clone()),
    ];
    let right = vec![span(theme, Ink::Dim, amounts(agent.tokens, "")), span(theme, ink, format!("{word} {took}"))];
    two_sided(left, right, width)
}

fn amounts(consumed: Option<u64>, took: &str) -> String {
    let consumed = consumed.filter(|n| *n > 0).map(|n| format!("{} tokens  ", tokens(n))).unwrap_or_default();
    format!("{consumed}{took}")
}

/// Whether another agent follows at this level, below the same one.
fn goes_on(tree: &Tree, n: usize, level: usize) -> bool {
    tree.agents[n + 1..].iter().take_while(|next| next.depth >= level).any(|next| next.depth == level)
}

/// The lines of the tree before an agent.
fn branches(theme: Theme, tree: &Tree, n: usize) -> String {
    let depth = tree.agents[n].depth;
    if depth == 0 {
        return String::new();
    }
    let last = if goes_on(tree, n, depth) { theme.pick("├─ ", "|- ") } else { theme.pick("╰─ ", "`- ") };
    trunk(theme, tree, n, depth - 1) + last
}

/// The lines of the tree before what is said of an agent below it.
fn branches_below(theme: Theme, tree: &Tree, n: usize) -> String {
    let depth = tree.agents[n].depth;
    let has_more = tree.agents.get(n + 1).is_some_and(|next| next.depth > depth);
    trunk(theme, tree, n, depth) + if has_more { theme.pick("│", "|") } else { " " }
}

fn trunk(theme: Theme, tree: &Tree, n: usize, levels: usize) -> String {
    let piece = |level| if goes_on(tree, n, level) { theme.pick("│  ", "|  ") } else { "   " };
    (1..=levels).map(piece).collect()
}
