//! The views: pure functions from the model to the cells of the terminal, one file a pane.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Clear;

use self::in_sight::n_lines;
use super::areas::areas;
use super::model::{Model, Page, Pane, Tab};

mod agents;
mod card;
mod detail;
mod dialog;
mod epics;
mod fit;
mod footer;
mod gates;
mod graph;
mod header;
mod help;
mod in_sight;
mod notices;
mod pieces;
mod queue;
mod report;
mod small;
mod standing;
mod stories;
mod timeline;
mod transcript;
mod verdict;

pub use graph::LaidOut;
pub use pieces::{cut, wrap};

/// Draws everything.
pub fn draw(frame: &mut Frame, model: &Model) {
    let Some(areas) = areas(model) else {
        small::draw(frame, model);
        dialog::draw(frame, frame.area(), model);
        return plain_cells(frame, model);
    };
    header::draw(frame, areas.header, model);
    match model.page {
        Page::Run => {
            epics::draw(frame, areas.epics, model);
            detail::draw(frame, areas.detail, areas.below, model);
            queue::draw(frame, areas.queue, model);
            notices::draw(frame, areas.notices, model);
        }
        Page::Graph => graph::draw(frame, areas.body, model),
        Page::Timeline => timeline::draw(frame, areas.body, model),
        Page::Verdict => verdict::draw(frame, areas.body, model),
    }
    footer::draw(frame, areas.footer, model);
    if model.shows_card() {
        card::draw(frame, areas.body, model);
    }
    dialog::draw(frame, areas.body, model);
    plain_cells(frame, model);
}

/// How far the page or the pane that the keys are about can be scrolled.
#[must_use]
pub fn scroll_max(model: &Model) -> u16 {
    let Some(areas) = areas(model) else { return 0 };
    let (n_lines, height) = match (model.page, model.pane) {
        (Page::Run, Pane::Detail) => {
            let width = usize::from(areas.detail.width.saturating_sub(4));
            (n_lines(|lines| detail::lay_out(model, width, lines)), areas.detail.height.saturating_sub(3))
        }
        (Page::Verdict, _) => {
            let width = usize::from(areas.body.width.saturating_sub(4));
            (n_lines(|lines| verdict::lay_out(model, width, lines)), areas.body.height.saturating_sub(2))
        }
        (Page::Timeline, _) => (timeline::n_lines(model), areas.body.height.saturating_sub(timeline::FIXED_LINES)),
        (Page::Run, Pane::Epics | Pane::Notices) | (Page::Graph, _) => (0, 0),
    };
    u16::try_from(n_lines).unwrap_or(u16::MAX).saturating_sub(height)
}

/// How far the help can be scrolled.
#[must_use]
pub fn help_scroll_max(model: &Model) -> u16 {
    let whole = Rect::new(0, 0, model.size.0, model.size.1);
    help::scroll_max(model, areas(model).map_or(whole, |areas| areas.body))
}

/// Where nothing but ASCII can be shown, nothing else reaches the terminal.
fn plain_cells(frame: &mut Frame, model: &Model) {
    if model.theme.unicode {
        return;
    }
    for cell in &mut frame.buffer_mut().content {
        if !cell.symbol().is_ascii() {
            cell.set_symbol(plain(cell.symbol()));
        }
    }
}

/// What stands for a glyph where nothing but ASCII can be shown.
fn plain(symbol: &str) -> &'static str {
    match symbol {
        "…" => "~",
        "·" | "–" | "—" | "─" => "-",
        "‘" | "’" => "'",
        "“" | "”" | "„" => "\"",
        "→" => ">",
        "✓" => "+",
        _ => "?",
    }
}

/// A box in the middle of an area, on a cleared ground.
fn in_the_middle(frame: &mut Frame, area: Rect, width: u16, height: u16) -> Rect {
    let [row] = Layout::vertical([Constraint::Length(height)]).flex(ratatui::layout::Flex::Center).areas(area);
    let [cell] = Layout::horizontal([Constraint::Length(width)]).flex(ratatui::layout::Flex::Center).areas(row);
    frame.render_widget(Clear, cell);
    cell
}

/// Draws the lines that are in sight.
fn draw_lines(frame: &mut Frame, area: Rect, lines: Vec<Line<'_>>, scroll: u16) {
    let visible = lines.into_iter().skip(usize::from(scroll));
    // Nothing is wrapped here, so the way through a paragraph would only cost.
    for (line, row) in visible.zip(area.rows()) {
        frame.buffer_mut().set_line(row.x, row.y, &line, row.width);
    }
}

/// Whether a tab is the one whose transcript is shown below it.
fn is_selected(model: &Model, tab: Tab) -> bool {
    model.tab == tab
}
