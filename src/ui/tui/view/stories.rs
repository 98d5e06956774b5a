//! The stories of an epic with their criteria, and what is proven of them.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::pieces::span;
use super::wrap;
use crate::domain::plan::{Epic, Story};
use crate::scheduler::view::{TrackState, TrackView};
use crate::ui::safe;
use crate::ui::tui::model::{Model, Standing};
use crate::ui::tui::theme::{Ink, Theme};

/// What is known of a story: meaning, glyphs outside of ASCII and inside, and words.
pub(super) fn verdict_of(model: &Model, track: &TrackView, story: &Story) -> (Ink, &'static str, &'static str, String) {
    use crate::domain::outcome::Outcome;
    let mark = model.shelves.get(&track.scope).and_then(|shelf| shelf.marks.get(&story.id)).map(|mark| &mark.standing);
    let merged = matches!(track.state, TrackState::Done(Outcome::Merged { .. } | Outcome::AlreadyCompleted));
    match mark {
        Some(Standing::Claimed) => (Ink::Doubtful, "✓", "+", "claimed: it passes, but no commit was named".to_owned()),
        Some(Standing::Proven(commit)) => (Ink::Good, "✓", "+", format!("proven by commit {}", commit.short())),
        Some(Standing::NotProven(why)) => (Ink::Bad, "✗", "x", format!("not proven: {why}")),
        None if story.passes => (Ink::Good, "✓", "+", "proven by an earlier run".to_owned()),
        None if merged => (Ink::Good, "✓", "+", "merged".to_owned()),
        None => (Ink::Dim, "○", ".", "open".to_owned()),
    }
}

pub(super) fn lines(model: &Model, track: &TrackView, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let epic = track.scope.epic().and_then(|id| model.facts.plan.as_ref()?.epic(id));
    let Some(epic) = epic else {
        return vec![Line::from(span(theme, Ink::Dim, "a round of fixes has no stories of its own"))];
    };
    let mut lines = vec![Line::default()];
    if !epic.depends_on.is_empty() {
        lines.push(Line::from(span(
            theme,
            Ink::Dim,
            format!("builds on {}", crate::ui::phrases::epics(&epic.depends_on)),
        )));
        lines.push(Line::default());
    }
    for story in &epic.user_stories {
        lines.extend(story_lines(model, track, story, width));
        lines.push(Line::default());
    }
    lines.extend(about(theme, epic, width));
    lines
}

fn story_lines(model: &Model, track: &TrackView, story: &Story, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let (ink, glyph, plain, words) = verdict_of(model, track, story);
    let mark = theme.pick(glyph, plain);
    let bold = theme.style(Ink::Text).add_modifier(Modifier::BOLD);
    let title = format!("{}  {}", safe::line(story.id.as_str(), 30), safe::line(&story.title, 200));
    let mut lines = Vec::new();
    for (n, part) in wrap(&title, width.saturating_sub(2), 0).into_iter().enumerate() {
        let sign = if n == 0 { format!("{mark} ") } else { "  ".to_owned() };
        lines.push(Line::from(vec![span(theme, ink, sign), Span::styled(part, bold)]));
    }
    for part in wrap(&words, width.saturating_sub(2), 0) {
        lines.push(Line::from(span(theme, ink, format!("  {part}"))));
    }
    for criterion in &story.acceptance_criteria {
        lines.extend(criterion_lines(theme, criterion, width, 2));
    }
    lines
}

/// A criterion in wrapped lines behind a bullet.
pub(super) fn criterion_lines(theme: Theme, criterion: &str, width: usize, indent: usize) -> Vec<Line<'static>> {
    let bullet = theme.pick("·", "-");
    wrap(&safe::short(criterion), width.saturating_sub(indent + 2), 0)
        .into_iter()
        .enumerate()
        .map(|(n, part)| {
            let sign = if n == 0 { bullet } else { " " };
            Line::from(vec![span(theme, Ink::Faint, format!("{:indent$}{sign} ", "")), span(theme, Ink::Dim, part)])
        })
        .collect()
}

fn about(theme: Theme, epic: &Epic, width: usize) -> Vec<Line<'static>> {
    if epic.description.is_empty() {
        return Vec::new();
    }
    wrap(&safe::short(&epic.description), width, 0)
        .into_iter()
        .map(|part| Line::from(span(theme, Ink::Dim, part)))
        .collect()
}
