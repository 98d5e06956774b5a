//! The screen: pictures of every state, every key, anything at all that can come in, and the real program on a real
//! pseudo-terminal.

#![expect(clippy::disallowed_methods, reason = "tests start the program, wait for it and draw pictures")]

#[path = "../common/mod.rs"]
mod common;

mod contrast;
mod dead;
mod documents;
mod drawing;
mod emulator;
mod frames;
mod keys;
mod light;
mod outside;
mod pictures;
mod pty;
mod random;
mod safety;
mod scenes;
mod shown;
mod slow;
mod steering;
mod svg;
mod terminal;
mod watching;

use ralph_teams::ui::tui::Model;
use ralph_teams::ui::tui::view::draw;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// The cells of the screen.
pub fn cells(model: &Model) -> Buffer {
    let (columns, rows) = model.size;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a terminal");
    terminal.draw(|frame| draw(frame, model)).expect("it draws");
    terminal.backend().buffer().clone()
}

/// The text of the screen, line by line.
pub fn text(model: &Model) -> String {
    let buffer = cells(model);
    let (columns, rows) = model.size;
    let mut text = String::new();
    for y in 0..rows {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..columns {
            let symbol = buffer[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            } else {
                skip -= 1;
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
