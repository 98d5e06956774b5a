//! How an epic stands or ended, and everything that was found on the way.

use ratatui::text::Line;

use super::in_sight::InSight;
use super::pieces::{badge, head, span};
use super::standing::standing;
use super::stories::verdict_of;
use super::wrap;
use crate::scheduler::view::{TrackState, TrackView};
use crate::ui::phrases::{consumed, reason};
use crate::ui::safe;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Theme};
use crate::ui::units::clock;

pub(super) fn lay_out(model: &Model, track: &TrackView, width: usize, lines: &mut InSight) {
    let theme = model.theme;
    let [glyph, _] = badge(theme, model.kind(track));
    lines.push(Line::default);
    lines.push(|| Line::from(vec![glyph, span(theme, Ink::Text, format!(" {}", standing(model, track)))]));
    if let TrackState::Done(outcome) = &track.state
        && let Some(reason) = reason(outcome)
    {
        lines.extend(inked(theme, Ink::Bad, wrap(&safe::short(reason), width, 2)));
    }
    lines.extend(inked(theme, Ink::Dim, wrap(&facts(model, track), width, 2)));
    lines.push(Line::default);
    reported(model, track, width, lines);
    let findings = model.shelf().into_iter().flat_map(|shelf| shelf.findings.iter().rev());
    for (at, tone, text) in findings {
        if lines.is_full() {
            return;
        }
        for (n, part) in wrap(text, width.saturating_sub(7), 0).into_iter().enumerate() {
            let stamp = if n == 0 { clock(*at) } else { String::new() };
            let spans = || vec![span(theme, Ink::Dim, format!("{stamp:<7}")), span(theme, (*tone).into(), part)];
            lines.push(|| Line::from(spans()));
        }
    }
}

/// How often it was tried, what it consumed, and its branch.
fn facts(model: &Model, track: &TrackView) -> String {
    let mut facts = vec![format!("attempt {}", track.attempt)];
    if track.fix_cycle > 0 {
        let of = model.facts.max_fix_cycles.map(|most| format!(" of {most}")).unwrap_or_default();
        facts.push(format!("fix round {}{of}", track.fix_cycle));
    }
    facts.extend(consumed(track.usage));
    if let Some(view) = &model.view {
        facts.push(view.run.epic_branch(&track.scope.slug()));
    }
    facts.join("  ")
}

fn inked(theme: Theme, ink: Ink, parts: Vec<String>) -> impl Iterator<Item = Line<'static>> {
    parts.into_iter().map(move |part| Line::from(span(theme, ink, part)))
}

/// What the lead reported of its stories, and what the check made of it, one line a story.
fn reported(model: &Model, track: &TrackView, width: usize, lines: &mut InSight) {
    let theme = model.theme;
    let epic = track.scope.epic().and_then(|id| model.facts.plan.as_ref()?.epic(id));
    let is_known = |id| model.shelves.get(&track.scope).is_some_and(|shelf| shelf.marks.contains_key(id));
    let mut stories = epic.into_iter().flat_map(|epic| &epic.user_stories).filter(|s| is_known(&s.id)).peekable();
    if stories.peek().is_none() {
        return;
    }
    lines.push(|| head(theme, "what was reported and checked"));
    for story in stories {
        let verdict = verdict_of(model, track, story);
        let sign = theme.pick(verdict.signs.0, verdict.signs.1);
        let line = format!("{sign} {}  {}", safe::line(story.id.as_str(), 30), verdict.words);
        lines.extend(inked(theme, verdict.ink, wrap(&line, width, 2)));
    }
    lines.push(Line::default);
}
