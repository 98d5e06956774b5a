//! Where each pane is: computed from the size alone, for the views and for the mouse alike.

use ratatui::layout::{Constraint, Layout, Rect};

use super::model::{Model, Page, Pane, TABS, Tab};
use super::theme::Kind;
use crate::scheduler::view::TrackView;

/// The smallest terminal that everything fits into: columns and rows.
pub const SMALLEST: (u16, u16) = (60, 20);

/// The places of the first page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Areas {
    /// Project, run, cost, health.
    pub header: Rect,
    /// Everything between header and footer.
    pub body: Rect,
    /// The epics.
    pub epics: Rect,
    /// The selected epic.
    pub detail: Rect,
    /// Its transcript below, where there is room for both.
    pub below: Rect,
    /// The merge queue.
    pub queue: Rect,
    /// The notices.
    pub notices: Rect,
    /// Keys and search.
    pub footer: Rect,
}

/// The places for a terminal of this size; `None`: it is too small.
#[must_use]
pub fn areas(model: &Model) -> Option<Areas> {
    let (columns, rows) = model.size;
    if columns < SMALLEST.0 || rows < SMALLEST.1 {
        return None;
    }
    let whole = Rect::new(0, 0, columns, rows);
    // Who works has a line of its own where it has no room beside the rest.
    let head = if columns < 150 && rows >= 24 { 4 } else { 3 };
    let [header, body, footer] =
        Layout::vertical([Constraint::Length(head), Constraint::Min(1), Constraint::Length(1)]).areas(whole);
    let mut areas = Areas { header, body, footer, ..Areas::default() };
    if model.page != Page::Run {
        return Some(areas);
    }
    if model.zoomed {
        match model.pane {
            Pane::Epics => areas.epics = body,
            Pane::Detail => areas.detail = body,
            Pane::Notices => areas.notices = body,
        }
        return Some(areas);
    }
    let low = if rows >= 36 { (rows / 5).clamp(9, 20) } else { (rows / 4).clamp(5, 8) };
    let [upper, lower] = Layout::vertical([Constraint::Min(6), Constraint::Length(low)]).areas(body);
    let left = (columns * 2 / 5).clamp(30, 96);
    [areas.epics, areas.detail] = Layout::horizontal([Constraint::Length(left), Constraint::Min(20)]).areas(upper);
    [areas.queue, areas.notices] = Layout::horizontal([Constraint::Length(left), Constraint::Min(20)]).areas(lower);
    if areas.detail.height >= 26 && model.tab != Tab::Transcript && model.track().is_some() {
        [areas.detail, areas.below] =
            Layout::vertical([Constraint::Percentage(55), Constraint::Min(8)]).areas(areas.detail);
    }
    Some(areas)
}

/// A line of the list of epics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Row<'a> {
    /// The head of a wave.
    Wave(usize),
    /// The head of the rounds of fixes.
    Fixes,
    /// An epic: its position in the list, and itself.
    Track(usize, &'a TrackView),
    /// What it does now, or why it does nothing.
    More(usize, &'a TrackView),
}

/// All lines of the list of epics, and which of them is the selected one.
#[must_use]
pub fn rows(model: &Model) -> (Vec<Row<'_>>, usize) {
    let (mut rows, mut selected, mut wave) = (Vec::new(), 0, 0);
    for (index, track) in model.tracks().into_iter().enumerate() {
        if track.scope.epic().is_none() {
            if wave != usize::MAX {
                rows.push(Row::Fixes);
                wave = usize::MAX;
            }
        } else if track.wave != wave {
            wave = track.wave;
            rows.push(Row::Wave(wave));
        }
        if index == model.selected {
            selected = rows.len();
        }
        rows.push(Row::Track(index, track));
        if !matches!(model.kind(track), Kind::Merged | Kind::LeftOut) {
            rows.push(Row::More(index, track));
        }
    }
    (rows, selected)
}

/// The first line that is shown, so that the selected one is in the middle where possible.
#[must_use]
pub fn first_row(n_rows: usize, selected: usize, height: usize) -> usize {
    selected.saturating_sub(height / 2).min(n_rows.saturating_sub(height))
}

/// What is under the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// An epic: its position in the list.
    Track(usize),
    /// A tab.
    Tab(Tab),
    /// A pane.
    Pane(Pane),
}

/// What is under the mouse at this column and row.
#[must_use]
pub fn hit(model: &Model, column: u16, row: u16) -> Option<Hit> {
    let areas = areas(model)?;
    let at = ratatui::layout::Position::new(column, row);
    if areas.epics.contains(at) {
        let inner = areas.epics.height.saturating_sub(2);
        let (rows, selected) = rows(model);
        let first = first_row(rows.len(), selected, usize::from(inner));
        let line = row.checked_sub(areas.epics.y + 1).filter(|line| *line < inner);
        let hit = line.and_then(|line| rows.get(first + usize::from(line)));
        return Some(match hit {
            Some(Row::Track(index, _) | Row::More(index, _)) => Hit::Track(*index),
            Some(Row::Wave(_) | Row::Fixes) | None => Hit::Pane(Pane::Epics),
        });
    }
    if areas.detail.contains(at) {
        return Some(tab_at(areas.detail, column, row).map_or(Hit::Pane(Pane::Detail), Hit::Tab));
    }
    if areas.below.contains(at) {
        return Some(Hit::Tab(Tab::Transcript));
    }
    areas.notices.contains(at).then_some(Hit::Pane(Pane::Notices))
}

/// The tab whose name stands there, in the line below the top of the pane.
fn tab_at(detail: Rect, column: u16, row: u16) -> Option<Tab> {
    let all: usize = TABS.iter().map(|tab| tab.name().len() + 2).sum();
    if row != detail.y + 1 || all > usize::from(detail.width.saturating_sub(4)) {
        return None;
    }
    let mut x = detail.x + 2;
    for tab in TABS {
        let width = u16::try_from(tab.name().len()).unwrap_or(u16::MAX);
        if (x..x + width).contains(&column) {
            return Some(tab);
        }
        x += width + 2;
    }
    None
}
