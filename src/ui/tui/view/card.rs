//! The end card: what stays on the terminal afterwards, with the signs of the states.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::pieces::{frame_of, span};
use super::{draw_lines, in_the_middle, wrap};
use crate::ui::card::{Card, names};
use crate::ui::safe;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Kind, Theme};

/// The widest card.
const WIDTH: u16 = 110;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let Some(text) = &model.card else { return };
    let width = area.width.min(WIDTH);
    let room = usize::from(width.saturating_sub(4));
    let mut lines = vec![Line::default()];
    match &model.view {
        Some(view) if !model.is_alive() => {
            let card = Card::of(view, &model.facts.home);
            lines.extend(of_run(model, &card, room, usize::from(area.height).saturating_sub(3)));
        }
        Some(_) | None => {
            let ink = model.theme.style(Ink::Text);
            lines.extend(text.trim_end().lines().flat_map(|raw| wrapped(&safe::short(raw), room, ink)));
        }
    }
    let height = u16::try_from(lines.len() + 3).unwrap_or(u16::MAX).min(area.height);
    let place = in_the_middle(frame, area, width, height);
    let title = if model.is_gone() { "its runner is gone" } else { "the run is over" };
    let inner = frame_of(frame, place, &format!("{title} (enter leaves, esc looks around)"), true, model.theme);
    draw_lines(frame, inner, lines, 0);
}

/// The card in at most so many lines: the verdict and the commands stay, the epics give way.
fn of_run(model: &Model, card: &Card, room: usize, height: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = wrapped(&card.verdict.1, room, theme.style(card.verdict.0.into()).add_modifier(Modifier::BOLD));
    lines.extend(wrapped(&card.facts, room, theme.style(Ink::Text)));
    lines.push(Line::default());
    let mut end = vec![Line::default()];
    end.extend(wrapped(&card.place, room, theme.style(Ink::Dim)));
    if model.facts.home.elsewhere.is_some() {
        end.extend(wrapped(&card.next, room, theme.style(Ink::Dim)));
    }
    end.extend(commands(theme, card, room));
    let epics = epics(model, card, room);
    let free = height.saturating_sub(lines.len() + end.len());
    let n_epics = epics.len();
    if n_epics <= free {
        lines.extend(epics);
    } else {
        lines.extend(epics.into_iter().take(free.saturating_sub(1)));
        let more = format!("    {} more lines: ralph-teams status", n_epics - free.saturating_sub(1));
        lines.push(Line::from(span(theme, Ink::Dim, more)));
    }
    lines.extend(end);
    lines
}

/// What is not merged comes first: that is what one has to know.
fn epics(model: &Model, card: &Card, room: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    for rest in &card.rest {
        let track = model.tracks().into_iter().find(|track| track.scope == rest.scope);
        let kind = track.map_or(Kind::Waiting, |track| model.kind(track));
        lines.extend(signed(theme, kind, &format!("{}  {}", rest.who, rest.why), room));
        let look = rest.look.iter().flat_map(|look| wrapped(&format!("    {look}"), room, theme.style(Ink::Dim)));
        lines.extend(look);
    }
    if !card.merged.is_empty() {
        lines.extend(signed(theme, Kind::Merged, &format!("merged: {}", names(&card.merged)), room));
    }
    lines
}

/// A text in wrapped lines behind the sign of a state.
fn signed(theme: Theme, kind: Kind, text: &str, room: usize) -> Vec<Line<'static>> {
    let style = theme.style(kind.ink());
    let parts = wrap(text, room.saturating_sub(4), 0).into_iter().enumerate();
    parts
        .map(|(n, part)| {
            let sign = if n == 0 { theme.glyph(kind) } else { " " };
            Line::from(vec![Span::styled(format!("  {sign} "), style), span(theme, Ink::Text, part)])
        })
        .collect()
}

/// What to type next; what it does stands behind it where there is room for all.
fn commands(theme: Theme, card: &Card, room: usize) -> Vec<Line<'static>> {
    let width = card.commands.iter().map(|(command, _)| Span::raw(command).width()).max().unwrap_or_default();
    let widest = card.commands.iter().map(|(_, what)| what.len()).max().unwrap_or_default();
    let accent = theme.style(Ink::Accent);
    let line = |(command, what): &(String, &'static str)| {
        if width + widest + 4 > room {
            return wrapped(&format!("  {command}"), room, accent);
        }
        let blanks = width + 4 - Span::raw(command).width();
        vec![Line::from(vec![
            Span::styled(format!("  {command}"), accent),
            span(theme, Ink::Dim, format!("{:blanks$}{what}", "")),
        ])]
    };
    card.commands.iter().flat_map(line).collect()
}

/// A text in wrapped lines, the indentation of its first kept.
fn wrapped(text: &str, room: usize, style: Style) -> Vec<Line<'static>> {
    let indent = text.chars().take_while(|c| *c == ' ').count();
    wrap(text, room, indent).into_iter().map(|part| Line::styled(part, style)).collect()
}
