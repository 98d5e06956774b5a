//! The way from cells to the terminal: crossterm's, with the size taken from the terminal that is written to, and each
//! frame written at once.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::crossterm::{cursor, queue, terminal};
use ratatui::layout::{Position, Size};

/// The terminal shows nothing between these two, so that no half of a frame is ever seen. Others do not know and ignore them.
const BEGIN: &[u8] = b"\x1B[?2026h";
const END: &[u8] = b"\x1B[?2026l";

/// Crossterm's backend on one file. Crossterm itself would ask the controlling terminal for its size, which can be
/// another one, and would start a program where there is none.
pub struct Cells<W: Write> {
    inner: CrosstermBackend<Pen<W>>,
    pub(super) size: (u16, u16),
}

impl<W: Write> Cells<W> {
    /// Writes to this file.
    pub fn new(out: W, size: (u16, u16)) -> Self {
        Self { inner: CrosstermBackend::new(Pen { out, bytes: Vec::new() }), size }
    }
}

/// Keeps what is written until the frame is whole: crossterm writes every few bytes by themselves.
struct Pen<W> {
    out: W,
    bytes: Vec<u8>,
}

/// Bytes of room that are kept from frame to frame; a full frame of a large terminal needs more for a moment.
const KEPT: usize = 256 * 1024;

impl<W: Write> Write for Pen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.is_empty() {
            self.bytes.extend_from_slice(BEGIN);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Nothing is written where nothing changed.
    fn flush(&mut self) -> io::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        self.bytes.extend_from_slice(END);
        let written = self.out.write_all(&self.bytes);
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        written.and_then(|()| self.out.flush())
    }
}

impl<W: Write> Backend for Cells<W> {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        // Colours are reset after each draw, also after one of nothing.
        let mut content = content.peekable();
        if content.peek().is_none() { Ok(()) } else { self.inner.draw(content) }
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        // It is hidden for as long as the terminal is taken; ratatui would say so with every frame.
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        // Whoever gives the terminal back does it; ratatui would do it again, over what is there by then.
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // A terminal that does not answer would hold the screen for seconds, and nothing here needs to know.
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        queue!(self.inner, cursor::MoveTo(x, y))
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        match region {
            // Written with the frame that follows, so that the screen is never seen empty.
            ClearType::All => queue!(self.inner, terminal::Clear(terminal::ClearType::All)),
            ClearType::AfterCursor | ClearType::BeforeCursor | ClearType::CurrentLine | ClearType::UntilNewLine => {
                self.inner.clear_region(region)
            }
        }
    }

    fn size(&self) -> io::Result<Size> {
        Ok(Size::new(self.size.0, self.size.1))
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: Size::new(self.size.0, self.size.1), pixels: Size::new(0, 0) })
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use ratatui::Terminal;

    use super::*;

    /// What was written, one entry a write.
    #[derive(Clone, Default)]
    struct Writes(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_one_write_and_a_frame_in_which_nothing_changed_is_none() {
        let writes = Writes::default();
        let mut terminal = Terminal::new(Cells::new(writes.clone(), (20, 5))).expect("a terminal");
        for text in ["one", "one", "two"] {
            terminal.draw(|frame| frame.render_widget(text, frame.area())).expect("it draws");
        }
        let writes = writes.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert_eq!(writes.len(), 2);
        assert!(writes.iter().all(|write| write.starts_with(BEGIN) && write.ends_with(END)));
        assert!(String::from_utf8_lossy(&writes[1]).contains("two"), "{writes:?}");
    }
}
