//! How an epic stands or ended, and everything that was found on the way.

use ratatui::text::Line;

use super::pieces::{badge, head, span};
use super::stories::verdict_of;
use super::wrap;
use crate::scheduler::view::{TrackState, TrackView};
use crate::ui::phrases::{consumed, reason};
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Kind};
use crate::ui::units::clock;
use crate::ui::{safe, summary};

pub(super) fn lines(model: &Model, track: &TrackView, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let [glyph, _] = badge(theme, Kind::of(&track.state));
    let mut lines = vec![
        Line::default(),
        Line::from(vec![glyph, span(theme, Ink::Text, format!(" {}", summary::state(&track.state)))]),
    ];
    if let TrackState::Done(outcome) = &track.state
        && let Some(reason) = reason(outcome)
    {
        lines.extend(
            wrap(&safe::short(reason), width, 2).into_iter().map(|part| Line::from(span(theme, Ink::Bad, part))),
        );
    }
    let mut facts = vec![format!("attempt {}", track.attempt)];
    if track.fix_cycle > 0 {
        let of = model.facts.max_fix_cycles.map(|most| format!(" of {most}")).unwrap_or_default();
        facts.push(format!("fix round {}{of}", track.fix_cycle));
    }
    facts.extend(consumed(track.usage));
    if let Some(view) = &model.view {
        facts.push(view.run.epic_branch(&track.scope.slug()));
    }
    lines.extend(wrap(&facts.join("  "), width, 2).into_iter().map(|part| Line::from(span(theme, Ink::Dim, part))));
    lines.push(Line::default());
    lines.extend(reported(model, track, width));
    let findings = model.shelf().into_iter().flat_map(|shelf| shelf.findings.iter().rev());
    for (at, tone, text) in findings {
        for (n, part) in wrap(text, width.saturating_sub(7), 0).into_iter().enumerate() {
            let stamp = if n == 0 { clock(*at) } else { String::new() };
            lines.push(Line::from(vec![
                span(theme, Ink::Dim, format!("{stamp:<7}")),
                span(theme, (*tone).into(), part),
            ]));
        }
    }
    lines
}

/// What the lead reported of its stories, and what the check made of it, one line a story.
fn reported(model: &Model, track: &TrackView, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let epic = track.scope.epic().and_then(|id| model.facts.plan.as_ref()?.epic(id));
    let is_known = |id| model.shelves.get(&track.scope).is_some_and(|shelf| shelf.marks.contains_key(id));
    let stories: Vec<_> = epic.into_iter().flat_map(|epic| &epic.user_stories).filter(|s| is_known(&s.id)).collect();
    if stories.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![head(theme, "what was reported and checked")];
    for story in stories {
        let verdict = verdict_of(model, track, story);
        let sign = theme.pick(verdict.signs.0, verdict.signs.1);
        let line = format!("{sign} {}  {}", safe::line(story.id.as_str(), 30), verdict.words);
        let parts = wrap(&line, width, 2);
        lines.extend(parts.into_iter().map(|part| Line::from(span(theme, verdict.ink, part))));
    }
    lines.push(Line::default());
    lines
}
