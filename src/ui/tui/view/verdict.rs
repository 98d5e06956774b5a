//! The verdict as it stands: epic by epic, story by story, criterion by criterion; what is not proven is not called so.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::pieces::{frame_of, head, span, two_sided};
use super::stories::{self, Verdict};
use super::{draw_lines, wrap};
use crate::domain::plan::Story;
use crate::scheduler::view::TrackView;
use crate::scheduler::{RunView, Scope};
use crate::ui::phrases::{consumed, gate_end, merged_of, who};
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Kind};
use crate::ui::{phrases, safe, summary};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let inner = frame_of(frame, area, "verdict", true, model.theme);
    draw_lines(frame, inner, lines(model, inner.width), model.scroll);
}

pub(super) fn lines(model: &Model, width: u16) -> Vec<Line<'static>> {
    let theme = model.theme;
    let Some(view) = &model.view else { return Vec::new() };
    let width = usize::from(width);
    let mut lines = vec![state(model, view, width), Line::default()];
    lines.extend(gates(model, view));
    if let Some(shelf) = model.shelves.get(&Scope::Run).filter(|shelf| !shelf.findings.is_empty()) {
        lines.push(head(theme, "of the whole run"));
        for (_, tone, text) in &shelf.findings {
            lines.extend(wrap(text, width, 2).into_iter().map(|part| Line::from(span(theme, (*tone).into(), part))));
        }
        lines.push(Line::default());
    }
    for track in model.tracks() {
        lines.extend(epic(model, track, width));
        lines.push(Line::default());
    }
    lines
}

fn state(model: &Model, view: &RunView, width: usize) -> Line<'static> {
    use crate::scheduler::view::RunPhase;
    let theme = model.theme;
    let (ink, text) = match &view.phase {
        RunPhase::Ended(end) => {
            let (tone, text) = phrases::verdict(end);
            (tone.into(), text)
        }
        phase => (Ink::Doubtful, format!("no verdict yet: {}", summary::phase(phase))),
    };
    let cost = consumed(view.usage).map(|consumed| format!(", {consumed}")).unwrap_or_default();
    let right = format!("{} merged{cost}", merged_of(view));
    let bold = theme.style(ink).add_modifier(Modifier::BOLD);
    two_sided(vec![Span::styled(text, bold)], vec![span(theme, Ink::Dim, right)], width)
}

/// The gates as they last ran on a merged result.
fn gates(model: &Model, view: &RunView) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut newest = std::collections::BTreeMap::new();
    for track in view.epics.iter().chain(&view.fixes) {
        let shelf = model.shelves.get(&track.scope).filter(|_| Kind::of(&track.state) == Kind::Merged);
        for (_, gate) in shelf.into_iter().flat_map(|shelf| &shelf.gates).filter(|(on_candidate, _)| *on_candidate) {
            newest.insert(gate.name.clone(), gate.clone());
        }
    }
    if newest.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![head(theme, "gates on the merged result")];
    for gate in newest.values() {
        let (ink, sign, word) = if gate.green() {
            (Ink::Good, theme.pick("✓", "+"), "green".to_owned())
        } else {
            (Ink::Bad, theme.pick("✗", "x"), format!("red: {}", gate_end(gate)))
        };
        lines.push(Line::from(span(theme, ink, format!("{sign} {} {word}", safe::line(&gate.name, 40)))));
    }
    lines.push(Line::default());
    lines
}

fn epic(model: &Model, track: &TrackView, width: usize) -> Vec<Line<'static>> {
    let (theme, kind) = (model.theme, Kind::of(&track.state));
    let style = theme.style(kind.ink());
    let bold = theme.style(Ink::Text).add_modifier(Modifier::BOLD);
    let left = vec![
        Span::styled(format!("{} ", theme.glyph(kind)), style),
        Span::styled(format!("{}  {}", who(&track.scope), safe::line(&track.title, 120)), bold),
    ];
    let mut lines = vec![two_sided(left, vec![Span::styled(summary::state(&track.state), style)], width)];
    let epic = track.scope.epic().and_then(|id| model.facts.plan.as_ref()?.epic(id));
    for story in epic.into_iter().flat_map(|epic| &epic.user_stories) {
        lines.extend(story_lines(model, track, story, width));
    }
    lines
}

/// A story with what is proven of it, and each of its criteria: a criterion is proven when its story is, never alone.
fn story_lines(model: &Model, track: &TrackView, story: &Story, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let Verdict { ink, signs: (sign, plain), word, words } = stories::verdict_of(model, track, story);
    let sign = theme.pick(sign, plain);
    let name = format!("{}  {}", safe::line(story.id.as_str(), 30), safe::line(&story.title, 120));
    let left = vec![span(theme, ink, format!("  {sign} ")), span(theme, Ink::Text, name)];
    let mut lines = vec![two_sided(left, Vec::new(), width)];
    let said = wrap(&words, width.saturating_sub(4), 0);
    lines.extend(said.into_iter().map(|part| Line::from(span(theme, ink, format!("    {part}")))));
    lines.extend(stories::evidence_lines(model, track, story, width, 4));
    for criterion in &story.acceptance_criteria {
        let head = format!("    {sign} {word:<10} ");
        let indent = head.chars().count();
        for (n, part) in wrap(&safe::short(criterion), width.saturating_sub(indent), 0).into_iter().enumerate() {
            let head = if n == 0 { head.clone() } else { " ".repeat(indent) };
            lines.push(Line::from(vec![span(theme, ink, head), span(theme, Ink::Dim, part)]));
        }
    }
    lines
}
