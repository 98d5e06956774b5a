//! The graph of epics: a column a wave, and for each epic what it builds on and what builds on it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::pieces::{frame_of, over, span, two_sided};
use super::{draw_lines, wrap};
use crate::domain::id::EpicId;
use crate::scheduler::view::TrackView;
use crate::ui::phrases::who;
use crate::ui::safe;
use crate::ui::tui::areas::first_row;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Kind};

/// The narrowest column of a wave.
const COLUMN: u16 = 26;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let [waves, legend] = Layout::vertical([Constraint::Min(4), Constraint::Length(6)]).areas(area);
    let tracks = model.tracks();
    let mut numbers: Vec<usize> = tracks.iter().filter(|t| t.scope.epic().is_some()).map(|t| t.wave).collect();
    numbers.dedup();
    let n_columns = usize::from((waves.width / COLUMN).max(1)).min(numbers.len().max(1));
    let here = model.track().and_then(|track| numbers.iter().position(|wave| *wave == track.wave)).unwrap_or(0);
    // The wave of the selected epic is in sight.
    let first = here.saturating_sub(n_columns.saturating_sub(1)).min(numbers.len().saturating_sub(n_columns));
    let columns = Layout::horizontal(vec![Constraint::Fill(1); n_columns]).split(waves);
    for (column, wave) in columns.iter().zip(numbers.iter().skip(first)) {
        draw_wave(frame, *column, model, *wave, &tracks);
    }
    draw_legend(frame, legend, model);
}

fn draw_wave(frame: &mut Frame, area: Rect, model: &Model, wave: usize, tracks: &[&TrackView]) {
    let inner = frame_of(frame, area, &format!("wave {wave}"), false, model.theme);
    let width = usize::from(inner.width);
    let (mut lines, mut selected) = (Vec::new(), 0);
    let of_wave = tracks.iter().enumerate().filter(|(_, t)| t.wave == wave && t.scope.epic().is_some());
    for (index, track) in of_wave {
        if index == model.selected {
            selected = lines.len();
        }
        lines.extend(node(model, index, track, width));
    }
    let first = first_row(lines.len(), selected, usize::from(inner.height));
    draw_lines(frame, inner, lines, u16::try_from(first).unwrap_or(u16::MAX));
}

fn node(model: &Model, index: usize, track: &TrackView, width: usize) -> Vec<Line<'static>> {
    let (theme, kind) = (model.theme, Kind::of(&track.state));
    let style = theme.style(kind.ink());
    let left = vec![Span::styled(format!("{} ", theme.glyph(kind)), style), span(theme, Ink::Text, who(&track.scope))];
    let name = two_sided(left, vec![Span::styled(kind.signs().2, style)], width);
    let name = if index == model.selected { over(name, theme.selected()) } else { name };
    let mut lines = vec![
        name,
        Line::from(span(
            theme,
            Ink::Dim,
            format!("  {}", super::cut(&safe::line(&track.title, 80), width.saturating_sub(2))),
        )),
    ];
    let builds_on = dependencies(model, track);
    if !builds_on.is_empty() {
        let mut spans = vec![span(theme, Ink::Faint, theme.pick("  ╰─ ", "  `- "))];
        for id in &builds_on {
            let kind = kind_of(model, id);
            spans.push(Span::styled(
                format!("{} {} ", theme.glyph(kind), safe::line(id.as_str(), 20)),
                theme.style(kind.ink()),
            ));
        }
        lines.push(Line::from(super::pieces::clip(spans, width)));
    }
    lines.push(Line::default());
    lines
}

fn dependencies(model: &Model, track: &TrackView) -> Vec<EpicId> {
    let epic = track.scope.epic().and_then(|id| model.facts.plan.as_ref()?.epic(id));
    epic.map(|epic| epic.depends_on.clone()).unwrap_or_default()
}

fn kind_of(model: &Model, id: &EpicId) -> Kind {
    let track = model.view.as_ref().and_then(|view| view.epics.iter().find(|track| track.scope.epic() == Some(id)));
    track.map_or(Kind::Waiting, |track| Kind::of(&track.state))
}

fn draw_legend(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.theme;
    let Some(track) = model.track() else { return };
    let inner = frame_of(frame, area, &who(&track.scope), true, theme);
    let width = usize::from(inner.width);
    let names = |ids: &[EpicId]| {
        if ids.is_empty() { "nothing".to_owned() } else { crate::ui::phrases::epics(ids) }
    };
    let plan = model.facts.plan.as_ref();
    let then: Vec<EpicId> = plan
        .into_iter()
        .flat_map(|plan| plan.epics())
        .filter(|epic| track.scope.epic().is_some_and(|id| epic.depends_on.contains(id)))
        .map(|epic| epic.id.clone())
        .collect();
    let texts = [
        (Ink::Text, safe::line(&track.title, 200)),
        (Ink::Dim, format!("state: {}", crate::ui::summary::state(&track.state))),
        (Ink::Dim, format!("builds on: {}", names(&dependencies(model, track)))),
        (Ink::Dim, format!("needed by: {}", names(&then))),
    ];
    let lines = texts.into_iter().flat_map(|(ink, text)| {
        wrap(&text, width, 2).into_iter().take(1).map(move |part| Line::from(span(theme, ink, part)))
    });
    draw_lines(frame, inner, lines.collect(), 0);
}
