//! The selected epic: its tabs, and the transcript below where there is room.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::fit::{Field, fit};
use super::in_sight::{InSight, in_sight};
use super::pieces::{badge, frame_of, span};
use super::{agents, draw_lines, gates, is_selected, report, stories, transcript};
use crate::ui::phrases::who;
use crate::ui::safe;
use crate::ui::tui::model::{Model, Pane, TABS, Tab};
use crate::ui::tui::theme::{Ink, Kind};

pub(super) fn draw(frame: &mut Frame, area: Rect, below: Rect, model: &Model) {
    if area.is_empty() {
        return;
    }
    let focused = model.pane == Pane::Detail;
    let Some(track) = model.track() else {
        frame_of(frame, area, "nothing selected", focused, model.theme);
        return;
    };
    let title = format!("{}  {}", who(&track.scope), safe::line(&track.title, 100));
    let inner = frame_of(frame, area, &title, focused, model.theme);
    let [tabs, content] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    frame.render_widget(tab_line(model, model.kind(track), tabs.width), tabs);
    if model.tab == Tab::Transcript {
        transcript::draw(frame, content, model);
    } else {
        let width = usize::from(content.width);
        draw_lines(frame, content, in_sight(model.scroll, content.height, |lines| lay_out(model, width, lines)), 0);
    }
    if !below.is_empty() {
        let inner = frame_of(frame, below, "transcript", false, model.theme);
        transcript::draw(frame, inner, model);
    }
}

fn tab_line(model: &Model, kind: Kind, width: u16) -> Line<'static> {
    let theme = model.theme;
    let mut spans = Vec::new();
    let here = theme.style(Ink::Accent).add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    for tab in TABS {
        let style = if is_selected(model, tab) { here } else { theme.style(Ink::Dim) };
        spans.extend([Span::styled(tab.name(), style), Span::raw("  ")]);
    }
    // Where there is no room for all of them, the name of the one that is shown, and which of how many it is.
    let place = TABS.iter().position(|tab| is_selected(model, *tab)).map_or(0, |position| position + 1);
    let place = format!("  {place} of {}", TABS.len());
    let short = vec![Span::styled(model.tab.name(), here), span(theme, Ink::Dim, place)];
    let [glyph, word] = badge(theme, kind);
    // The state stands in the list of epics too; all tabs stand only here.
    let state = Field::new(3, vec![glyph, span(theme, Ink::Text, " "), word]);
    fit(&[Field::new(2, spans).or(0, short)], &[state], &Span::raw(" "), usize::from(width))
}

/// Lays out a tab for so many columns; nothing for the transcript, which is drawn from its end.
pub(super) fn lay_out(model: &Model, width: usize, lines: &mut InSight) {
    let Some(track) = model.track() else { return };
    match model.tab {
        Tab::Stories => stories::lay_out(model, track, width, lines),
        Tab::Transcript => {}
        Tab::Agents => agents::lay_out(model, width, lines),
        Tab::Gates => gates::lay_out(model, width, lines),
        Tab::Report => report::lay_out(model, track, width, lines),
    }
}
