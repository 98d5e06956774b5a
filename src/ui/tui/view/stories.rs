//! The stories of an epic with their criteria, and what is proven of them.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::in_sight::InSight;
use super::pieces::span;
use super::wrap;
use crate::domain::plan::{Epic, Story};
use crate::scheduler::view::{TrackState, TrackView};
use crate::ui::phrases::consumed;
use crate::ui::safe;
use crate::ui::tui::model::{Mark, Model, Standing};
use crate::ui::tui::theme::{Ink, Theme};

/// What is known of a story, to be shown.
pub(super) struct Verdict {
    pub ink: Ink,
    /// Its sign, outside of ASCII and inside.
    pub signs: (&'static str, &'static str),
    /// In one word or two, for each of its criteria.
    pub word: &'static str,
    /// In a sentence.
    pub words: String,
}

pub(super) fn verdict_of(model: &Model, track: &TrackView, story: &Story) -> Verdict {
    use crate::domain::outcome::Outcome;
    let verdict = |ink, signs, word, words: String| Verdict { ink, signs, word, words };
    let good = |words: String| verdict(Ink::Good, ("✓", "+"), "proven", words);
    match (mark_of(model, track, story).map(|mark| &mark.standing), &track.state) {
        (Some(Standing::Proven(commit)), _) => good(format!("proven by commit {}", commit.short())),
        (Some(Standing::Claimed), _) => {
            let words = "claimed: the gates pass, but no commit was named for it".to_owned();
            verdict(Ink::Doubtful, ("?", "?"), "claimed", words)
        }
        (Some(Standing::NotProven(why)), _) => {
            let words = if why.is_empty() { "not proven".to_owned() } else { format!("not proven: {why}") };
            verdict(Ink::Bad, ("✗", "x"), "not proven", words)
        }
        (None, TrackState::Done(Outcome::AlreadyCompleted)) => good("proven by an earlier run".to_owned()),
        (None, _) if story.passes => good("proven by an earlier run".to_owned()),
        (None, TrackState::Done(Outcome::Merged { commit })) => {
            verdict(Ink::Good, ("✓", "+"), "merged", format!("merged as {}", commit.short()))
        }
        (None, _) => verdict(Ink::Dim, ("○", "."), "open", "open".to_owned()),
    }
}

/// What the last check found of a story.
fn mark_of<'a>(model: &'a Model, track: &TrackView, story: &Story) -> Option<&'a Mark> {
    model.shelves.get(&track.scope)?.marks.get(&story.id)
}

/// What the agent offers as evidence, line by line.
pub(super) fn evidence_lines(
    model: &Model,
    track: &TrackView,
    story: &Story,
    width: usize,
    indent: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme;
    let quote = theme.pick("│", "|");
    let evidence = mark_of(model, track, story).map(|mark| mark.evidence.as_slice()).unwrap_or_default();
    let parts = evidence.iter().flat_map(|line| wrap(line, width.saturating_sub(indent + 2), 0));
    let line = |part| {
        Line::from(vec![span(theme, Ink::Faint, format!("{:indent$}{quote} ", "")), span(theme, Ink::Text, part)])
    };
    parts.map(line).collect()
}

pub(super) fn lay_out(model: &Model, track: &TrackView, width: usize, lines: &mut InSight) {
    let theme = model.theme;
    let epic = track.scope.epic().and_then(|id| model.facts.plan.as_ref()?.epic(id));
    let Some(epic) = epic else {
        return lines.push(|| Line::from(span(theme, Ink::Dim, "a round of fixes has no stories of its own")));
    };
    lines.push(Line::default);
    if !epic.depends_on.is_empty() {
        let builds_on = || format!("builds on {}", crate::ui::phrases::epics(&epic.depends_on));
        lines.push(|| Line::from(span(theme, Ink::Dim, builds_on())));
        lines.push(Line::default);
    }
    for story in &epic.user_stories {
        if lines.is_full() {
            return;
        }
        story_lines(model, track, story, width, lines);
        lines.push(Line::default);
    }
    if let Some(shared) = track.usage_by_story.shared.and_then(consumed) {
        let told = wrap(&format!("consumed for no single story: {shared}"), width, 2);
        lines.extend(told.into_iter().map(|part| Line::from(span(theme, Ink::Dim, part))));
        lines.push(Line::default);
    }
    lines.extend(about(theme, epic, width));
}

fn story_lines(model: &Model, track: &TrackView, story: &Story, width: usize, lines: &mut InSight) {
    let theme = model.theme;
    let Verdict { ink, signs: (sign, plain), words, .. } = verdict_of(model, track, story);
    let mark = theme.pick(sign, plain);
    let bold = theme.style(Ink::Text).add_modifier(Modifier::BOLD);
    let title = format!("{}  {}", safe::line(story.id.as_str(), 30), safe::line(&story.title, 200));
    for (n, part) in wrap(&title, width.saturating_sub(2), 0).into_iter().enumerate() {
        let sign = if n == 0 { format!("{mark} ") } else { "  ".to_owned() };
        lines.push(|| Line::from(vec![span(theme, ink, sign), Span::styled(part, bold)]));
    }
    for part in wrap(&words, width.saturating_sub(2), 0) {
        lines.push(|| Line::from(span(theme, ink, format!("  {part}"))));
    }
    if let Some(alone) = track.usage_by_story.alone.get(&story.id).copied().and_then(consumed) {
        let told = wrap(&format!("consumed for it alone: {alone}"), width.saturating_sub(2), 0);
        lines.extend(told.into_iter().map(|part| Line::from(span(theme, Ink::Dim, format!("  {part}")))));
    }
    lines.extend(evidence_lines(model, track, story, width, 2));
    for criterion in &story.acceptance_criteria {
        lines.extend(criterion_lines(theme, criterion, width, 2));
    }
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
