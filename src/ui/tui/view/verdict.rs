//! The verdict as it stands: epic by epic, story by story, criterion by criterion; what is not proven is not called so.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::in_sight::{InSight, in_sight};
use super::pieces::{frame_of, head, span, two_sided};
use super::stories::{self, Verdict};
use super::{draw_lines, wrap};
use crate::domain::plan::Story;
use crate::scheduler::view::{RunPhase, TrackView};
use crate::scheduler::{RunView, Scope};
use crate::ui::phrases::{consumed, gate_end, merged_of, who};
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Kind};
use crate::ui::{phrases, safe, summary};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let inner = frame_of(frame, area, "verdict", true, model.theme);
    let width = usize::from(inner.width);
    let lines = in_sight(model.scroll, inner.height, |lines| lay_out(model, width, lines));
    draw_lines(frame, inner, lines, 0);
}

/// Lays the page out for so many columns.
pub(super) fn lay_out(model: &Model, width: usize, lines: &mut InSight) {
    let theme = model.theme;
    let Some(view) = &model.view else { return };
    lines.extend([state(model, view, width), Line::default()]);
    lines.extend(gates(model, view));
    if let Some(shelf) = model.shelves.get(&Scope::Run).filter(|shelf| !shelf.findings.is_empty()) {
        lines.push(|| head(theme, "of the whole run"));
        for (_, tone, text) in &shelf.findings {
            lines.extend(wrap(text, width, 2).into_iter().map(|part| Line::from(span(theme, (*tone).into(), part))));
        }
        lines.push(Line::default);
    }
    for track in model.tracks() {
        if lines.is_full() {
            return;
        }
        epic(model, track, width, lines);
        lines.push(Line::default);
    }
}

fn state(model: &Model, view: &RunView, width: usize) -> Line<'static> {
    let theme = model.theme;
    let (ink, text) = if let RunPhase::Ended(end) = &view.phase {
        let (tone, text) = phrases::verdict(end);
        (tone.into(), text)
    } else if model.is_gone() {
        (Ink::Doubtful, summary::RUNNER_GONE.to_owned())
    } else {
        (Ink::Doubtful, format!("no verdict yet: {}", summary::phase(&view.phase)))
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
        let shelf = model.shelves.get(&track.scope).filter(|_| model.kind(track) == Kind::Merged);
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

fn epic(model: &Model, track: &TrackView, width: usize, lines: &mut InSight) {
    let (theme, kind) = (model.theme, model.kind(track));
    lines.push(|| {
        let style = theme.style(kind.ink());
        let bold = theme.style(Ink::Text).add_modifier(Modifier::BOLD);
        let left = vec![
            Span::styled(format!("{} ", theme.glyph(kind)), style),
            Span::styled(format!("{}  {}", who(&track.scope), safe::line(&track.title, 120)), bold),
        ];
        two_sided(left, vec![Span::styled(summary::state_now(track, model.is_alive()), style)], width)
    });
    let epic = track.scope.epic().and_then(|id| model.facts.plan.as_ref()?.epic(id));
    for story in epic.into_iter().flat_map(|epic| &epic.user_stories) {
        if lines.is_full() {
            return;
        }
        story_lines(model, track, story, width, lines);
    }
}

/// A story with what is proven of it, and each of its criteria: a criterion is proven when its story is, never alone.
fn story_lines(model: &Model, track: &TrackView, story: &Story, width: usize, lines: &mut InSight) {
    let theme = model.theme;
    let Verdict { ink, signs: (sign, plain), word, words } = stories::verdict_of(model, track, story);
    let sign = theme.pick(sign, plain);
    lines.push(|| {
        let name = format!("{}  {}", safe::line(story.id.as_str(), 30), safe::line(&story.title, 120));
        two_sided(vec![span(theme, ink, format!("  {sign} ")), span(theme, Ink::Text, name)], Vec::new(), width)
    });
    let said = wrap(&words, width.saturating_sub(4), 0);
    lines.extend(said.into_iter().map(|part| Line::from(span(theme, ink, format!("    {part}")))));
    lines.extend(stories::evidence_lines(model, track, story, width, 4));
    let head = format!("    {sign} {word:<10} ");
    let indent = head.chars().count();
    for criterion in &story.acceptance_criteria {
        for (n, part) in wrap(&safe::short(criterion), width.saturating_sub(indent), 0).into_iter().enumerate() {
            lines.push(|| {
                let head = if n == 0 { head.clone() } else { " ".repeat(indent) };
                Line::from(vec![span(theme, ink, head), span(theme, Ink::Dim, part)])
            });
        }
    }
}
