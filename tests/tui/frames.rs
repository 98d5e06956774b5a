//! What must hold for every frame, whatever is shown in it: nothing raw in a cell, and no border that a text has broken.

use ralph_teams::ui::tui::Model;
use ralph_teams::ui::tui::areas::areas;
use ralph_teams::ui::tui::model::Page;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::cells;

/// What stands on the left and the right side of a pane.
const SIDES: [&str; 8] = ["│", "|", "╭", "╮", "╰", "╯", "+", "┃"];

/// Everything that is wrong with the picture of this model.
pub fn faults(model: &Model) -> Vec<String> {
    if model.size.0 == 0 || model.size.1 == 0 {
        return Vec::new();
    }
    let buffer = cells(model);
    let mut faults = raw_cells(&buffer);
    let Some(areas) = areas(model) else { return faults };
    let is_covered = model.shows_card() || model.dialog.is_some();
    let panes = match model.page {
        _ if is_covered => vec![],
        Page::Run => vec![areas.epics, areas.detail, areas.below, areas.queue, areas.notices],
        Page::Graph | Page::Timeline | Page::Verdict => vec![areas.body],
    };
    for pane in panes.into_iter().filter(|pane| !pane.is_empty()) {
        faults.extend(broken_sides(&buffer, pane));
    }
    if is_covered && !has_whole_box(&buffer, areas.body) {
        faults.push("nothing in front has all of its border".to_owned());
    }
    faults
}

/// Cells with something in them that a terminal would obey, or that reaches out of the screen.
fn raw_cells(buffer: &Buffer) -> Vec<String> {
    let width = buffer.area.width;
    let is_bad = |(n, cell): &(usize, &ratatui::buffer::Cell)| {
        let x = n % usize::from(width);
        cell.symbol().chars().any(char::is_control) || x + cell.symbol().width() > usize::from(width)
    };
    let bad = buffer.content.iter().enumerate().filter(is_bad);
    bad.map(|(n, cell)| format!("{:?} in cell {n}", cell.symbol())).collect()
}

fn broken_sides(buffer: &Buffer, pane: Rect) -> Vec<String> {
    let mut faults = Vec::new();
    for y in pane.top()..pane.bottom() {
        for x in [pane.left(), pane.right() - 1] {
            if !SIDES.contains(&buffer[(x, y)].symbol()) {
                faults.push(format!("{:?} in the border of {pane:?} at {x}, {y}", buffer[(x, y)].symbol()));
            }
        }
        let last = buffer[(pane.right() - 2, y)].symbol();
        if last.width() > 1 {
            faults.push(format!("{last:?} reaches into the border of {pane:?} in row {y}"));
        }
    }
    faults
}

/// Whether there is a box whose four sides are whole.
fn has_whole_box(buffer: &Buffer, area: Rect) -> bool {
    area.positions().any(|corner| {
        let symbol = buffer[corner].symbol();
        let side = if symbol == "╭" { "│" } else { "|" };
        let ends = if symbol == "╭" { ("╮", "╰") } else { ("+", "+") };
        let right = (corner.x + 1..area.right()).find(|x| buffer[(*x, corner.y)].symbol() == ends.0);
        let below = (corner.y + 1..area.bottom()).find(|y| buffer[(corner.x, *y)].symbol() != side);
        matches!(symbol, "╭" | "+")
            && below.is_some_and(|y| y > corner.y + 1 && buffer[(corner.x, y)].symbol() == ends.1)
            && right.zip(below).is_some_and(|(x, y)| {
                (corner.y + 1..y).all(|y| buffer[(x, y)].symbol() == side && buffer[(x - 1, y)].symbol().width() < 2)
            })
    })
}
