//! A small terminal: what a person would see after the program wrote these bytes. It knows what the program uses.

use unicode_width::UnicodeWidthChar as _;

pub struct Emulator {
    columns: usize,
    cells: Vec<Vec<String>>,
    at: (usize, usize),
    /// Bytes that are no whole sequence or character yet.
    rest: Vec<u8>,
}

impl Emulator {
    pub fn new(columns: usize, rows: usize) -> Self {
        Self { columns, cells: vec![vec![" ".to_owned(); columns]; rows], at: (0, 0), rest: Vec::new() }
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.cells.iter().map(|row| row.concat().trim_end().to_owned()).collect();
        lines.join("\n")
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        let bytes = std::mem::take(&mut self.rest);
        let mut from = 0;
        while from < bytes.len() {
            let Some(used) = self.step(&bytes[from..]) else { break };
            from += used;
        }
        self.rest = bytes[from..].to_vec();
    }

    /// Takes one character or sequence; how long it is. `None`: it is not whole yet.
    fn step(&mut self, bytes: &[u8]) -> Option<usize> {
        match bytes {
            [0x1B, b'[', rest @ ..] => {
                let end = rest.iter().position(|byte| (0x40..=0x7E).contains(byte))?;
                self.control(&String::from_utf8_lossy(&rest[..end]), rest[end]);
                Some(end + 3)
            }
            // A bell ends it, or the two bytes of `ESC \`.
            [0x1B, b']', rest @ ..] => {
                let end = rest.iter().position(|byte| [0x07, 0x1B].contains(byte))?;
                let is_bell = rest[end] == 0x07;
                (is_bell || rest.len() > end + 1).then_some(end + if is_bell { 3 } else { 4 })
            }
            [0x1B] => None,
            [0x1B, ..] => Some(2),
            [b'\r', ..] => {
                self.at.1 = 0;
                Some(1)
            }
            [b'\n', ..] => {
                self.at.0 += 1;
                Some(1)
            }
            [byte, ..] if *byte < 0x20 => Some(1),
            bytes => {
                let length = match bytes[0] {
                    0..0xC0 => 1,
                    0xC0..0xE0 => 2,
                    0xE0..0xF0 => 3,
                    0xF0.. => 4,
                };
                let text = String::from_utf8_lossy(bytes.get(..length)?).into_owned();
                text.chars().for_each(|c| self.put(c));
                Some(length)
            }
        }
    }

    fn control(&mut self, arguments: &str, end: u8) {
        let number = |n: usize| arguments.split(';').nth(n).and_then(|text| text.parse::<usize>().ok());
        match end {
            b'H' => self.at = (number(0).unwrap_or(1).max(1) - 1, number(1).unwrap_or(1).max(1) - 1),
            b'G' => self.at.1 = number(0).unwrap_or(1).max(1) - 1,
            b'C' => self.at.1 += number(0).unwrap_or(1),
            b'J' => self.cells.iter_mut().flatten().for_each(|cell| " ".clone_into(cell)),
            _ => {}
        }
    }

    fn put(&mut self, c: char) {
        let (row, column) = self.at;
        let width = c.width().unwrap_or(0);
        let Some(cells) = self.cells.get_mut(row) else { return };
        if width == 0 || column + width > self.columns {
            return;
        }
        cells[column] = c.to_string();
        cells[column + 1..column + width].iter_mut().for_each(String::clear);
        self.at.1 += width;
    }
}

#[test]
fn what_is_written_over_is_seen_no_more() {
    let mut emulator = Emulator::new(10, 2);
    emulator.feed("\u{1B}[1;1Hone 日本\u{1B}[2;".as_bytes());
    emulator.feed("2H\u{1B}[31mtwo\u{1B}[1;1HONE".as_bytes());
    assert_eq!(emulator.text(), "ONE 日本\n two");
}

#[test]
fn what_is_asked_of_a_terminal_is_not_seen() {
    let mut emulator = Emulator::new(10, 1);
    for piece in ["\u{1B}]11;?\u{1B}", "\\one\u{1B}]52;c;", "dHdv\u{7}two"] {
        emulator.feed(piece.as_bytes());
    }
    assert_eq!(emulator.text(), "onetwo");
}
