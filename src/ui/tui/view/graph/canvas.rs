//! Lines in cells: which sides of a cell they touch, and the glyph for that.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The sides of a cell that a line touches, as bits.
pub(super) const LEFT: u8 = 1;
pub(super) const RIGHT: u8 = 2;
pub(super) const UP: u8 = 4;
pub(super) const DOWN: u8 = 8;
/// The lines in this cell belong together; without it a line that is crossed goes on below the other one.
pub(super) const JOINED: u8 = 16;

/// The lines of a window that looks at a larger drawing.
pub(super) struct Canvas {
    /// Where the window stands in the drawing.
    origin: (usize, usize),
    size: (usize, usize),
    cells: Vec<u8>,
}

impl Canvas {
    /// An empty window of this size.
    pub(super) fn new(origin: (usize, usize), size: (usize, usize)) -> Self {
        Self { origin, size, cells: vec![0; size.0 * size.1] }
    }

    /// Adds sides to a cell of the drawing; nothing where it is not in the window.
    pub(super) fn add(&mut self, x: usize, y: usize, sides: u8) {
        let (Some(x), Some(y)) = (x.checked_sub(self.origin.0), y.checked_sub(self.origin.1)) else { return };
        if x < self.size.0 && y < self.size.1 {
            self.cells[y * self.size.0 + x] |= sides;
        }
    }

    /// A level line over the cells `from..to`.
    pub(super) fn level(&mut self, from: usize, to: usize, y: usize) {
        for x in from..to {
            self.add(x, y, LEFT | RIGHT);
        }
    }

    /// An upright line between two rows, without the outer halves of its ends.
    pub(super) fn upright(&mut self, x: usize, one: usize, other: usize) {
        let (top, bottom) = (one.min(other), one.max(other));
        for y in top..=bottom {
            let above = if y > top { UP } else { 0 };
            let below = if y < bottom { DOWN } else { 0 };
            self.add(x, y, above | below);
        }
    }

    /// Takes over what lines of another canvas add to level and upright lines of this one, so that a heavy line shows
    /// where a light one joins it.
    pub(super) fn joins(&self, light: &Self) -> Vec<(usize, &'static str)> {
        let both = self.cells.iter().zip(&light.cells).enumerate();
        both.filter_map(|(n, (heavy, light))| Some((n, mixed(shown(*heavy), shown(*light) & !shown(*heavy))?)))
            .collect()
    }

    /// Puts the lines into a buffer, at the place of the window.
    pub(super) fn draw(&self, buffer: &mut Buffer, area: Rect, glyphs: &[&'static str; 16], style: Style) {
        for (n, sides) in self.cells.iter().enumerate().filter(|(_, sides)| **sides & !JOINED != 0) {
            self.put(buffer, area, (n, glyphs[usize::from(shown(*sides))]), style);
        }
    }

    /// Puts one glyph into a cell of the window.
    pub(super) fn put(&self, buffer: &mut Buffer, area: Rect, (n, glyph): (usize, &str), style: Style) {
        let (Ok(x), Ok(y)) = (u16::try_from(n % self.size.0), u16::try_from(n / self.size.0)) else { return };
        if let Some(cell) = buffer.cell_mut((area.x + x, area.y + y)) {
            cell.set_symbol(glyph).set_style(style);
        }
    }
}

/// A heavy line that a light one joins from one more side.
fn mixed(heavy: u8, light: u8) -> Option<&'static str> {
    const LEVEL: u8 = LEFT | RIGHT;
    const UPRIGHT: u8 = UP | DOWN;
    const UP_RIGHT: u8 = UP | RIGHT;
    const DOWN_RIGHT: u8 = DOWN | RIGHT;
    const UP_LEFT: u8 = UP | LEFT;
    const DOWN_LEFT: u8 = DOWN | LEFT;
    match (heavy, light) {
        (LEVEL, DOWN) => Some("┯"),
        (LEVEL, UP) => Some("┷"),
        (UPRIGHT, RIGHT) => Some("┠"),
        (UPRIGHT, LEFT) => Some("┨"),
        (UP_RIGHT, LEFT) => Some("┺"),
        (DOWN_RIGHT, LEFT) => Some("┲"),
        (UP_RIGHT, DOWN) => Some("┡"),
        (DOWN_RIGHT, UP) => Some("┢"),
        (UP_LEFT, RIGHT) => Some("┹"),
        (DOWN_LEFT, RIGHT) => Some("┱"),
        (UP_LEFT, DOWN) => Some("┩"),
        (DOWN_LEFT, UP) => Some("┪"),
        _ => None,
    }
}

/// The sides that are drawn: of two lines that only cross, the upright one.
fn shown(sides: u8) -> u8 {
    let all = LEFT | RIGHT | UP | DOWN;
    if sides & all == all && sides & JOINED == 0 { UP | DOWN } else { sides & all }
}

/// Glyphs by the sides that they touch.
pub(super) const LIGHT: [&str; 16] = [" ", "─", "─", "─", "│", "╯", "╰", "┴", "│", "╮", "╭", "┬", "│", "┤", "├", "┼"];
pub(super) const HEAVY: [&str; 16] = [" ", "━", "━", "━", "┃", "┛", "┗", "┻", "┃", "┓", "┏", "┳", "┃", "┫", "┣", "╋"];
pub(super) const PLAIN: [&str; 16] = [" ", "-", "-", "-", "|", "+", "+", "+", "|", "+", "+", "+", "|", "+", "+", "+"];
pub(super) const PLAIN_HEAVY: [&str; 16] =
    [" ", "=", "=", "=", "!", "#", "#", "#", "!", "#", "#", "#", "!", "#", "#", "#"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_is_a_bridge_and_a_junction_is_none() {
        assert_eq!(LIGHT[usize::from(shown(LEFT | RIGHT | UP | DOWN))], "│");
        assert_eq!(LIGHT[usize::from(shown(LEFT | RIGHT | UP | DOWN | JOINED))], "┼");
        assert_eq!(LIGHT[usize::from(shown(LEFT | DOWN))], "╮");
        assert_eq!(LIGHT[usize::from(shown(RIGHT | UP | DOWN))], "├");
    }
}
