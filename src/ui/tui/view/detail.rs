//! The selected epic: its tabs, and the transcript below where there is room.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::fit::{Field, fit};
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
    frame.render_widget(tab_line(model, Kind::of(&track.state), tabs.width), tabs);
    if model.tab == Tab::Transcript {
        transcript::draw(frame, content, model);
    } else {
        draw_lines(frame, content, lines(model, model.tab, content.width), model.scroll);
    }
    if !below.is_empty() {
        let inner = frame_of(frame, below, "transcript", false, model.theme);
        transcript::draw(frame, inner, model);
    }
}

fn tab_line(model: &Model, kind: Kind, width: u16) -> Line<'static> {
    let theme = model.theme;
    let mut spans = Vec::new();
    for tab in TABS {
        let style = if is_selected(model, tab) {
            theme.style(Ink::Accent).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
        } else {
            theme.style(Ink::Dim)
        };
        spans.extend([Span::styled(tab.name(), style), Span::raw("  ")]);
    }
    let [glyph, word] = badge(theme, kind);
    // The state stands in the list of epics too; all tabs stand only here.
    let state = Field::new(1, vec![glyph, span(theme, Ink::Text, " "), word]);
    fit(&[Field::new(0, spans)], &[state], &Span::raw(" "), usize::from(width))
}

/// The lines of a tab; none for the transcript, of which only what is in sight is laid out.
pub(super) fn lines(model: &Model, tab: Tab, width: u16) -> Vec<Line<'static>> {
    let Some(track) = model.track() else { return Vec::new() };
    let width = usize::from(width);
    match tab {
        Tab::Stories => stories::lines(model, track, width),
        Tab::Transcript => Vec::new(),
        Tab::Agents => agents::lines(model, width),
        Tab::Gates => gates::lines(model, width),
        Tab::Report => report::lines(model, track, width),
    }
}
