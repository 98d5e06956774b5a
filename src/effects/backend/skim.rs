//! A line of any length, made short enough to be read as any other: what nobody would look at is left out as it passes by.
//!
//! **Invariant:** what comes out is about [`LINE_BYTES`] long at most. What comes out of a JSON line is JSON again, unless it is
//! an object of endless keys or depth; then it is cut off, and no line any more.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use super::text::TEXT_MAX;

/// Bytes of one text that are kept: characters may take four.
const TEXT_BYTES: usize = 4 * TEXT_MAX;

/// Bytes of one list that are kept; what follows in it is dropped.
const LIST_BYTES: usize = 64 * 1024;

/// Bytes of a line that are kept.
const LINE_BYTES: usize = 1024 * 1024;

/// The line of `length` bytes at `offset` of a file, with long texts and long lists cut.
pub(super) fn shortened(file: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(file)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut line = Shortener::default();
    io::copy(&mut file.take(length), &mut line)?;
    Ok(line.short)
}

#[derive(Debug, Default)]
struct Shortener {
    short: Vec<u8>,
    /// The lists and objects that are open: where each began, if it is a list.
    open: Vec<Option<usize>>,
    place: Place,
    /// Bytes that belong to an escape that was begun.
    escape: Escape,
}

#[derive(Debug, Clone, Copy, Default)]
enum Place {
    #[default]
    Between,
    /// In a text that began here.
    Text(usize),
    /// In a text of which enough was kept.
    CutText,
    /// In the rest of a list, so many lists and objects deep.
    Dropped(usize),
    /// In a text in there.
    DroppedText(usize),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    /// Behind the backslash.
    Begun,
    /// So many digits are missing.
    Digits(u8),
}

impl Write for Shortener {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() && self.short.len() < LINE_BYTES {
            let taken = match self.place {
                Place::Between => self.between(rest[0]),
                Place::Dropped(depth) => self.dropped(depth, rest[0]),
                Place::Text(_) | Place::CutText | Place::DroppedText(_) => self.text(rest),
            };
            rest = &rest[taken..];
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shortener {
    fn between(&mut self, byte: u8) -> usize {
        match byte {
            b'"' => self.place = Place::Text(self.short.len()),
            b'{' => self.open.push(None),
            b'[' => self.open.push(Some(self.short.len())),
            b'}' | b']' => drop(self.open.pop()),
            b',' => {
                let began = self.open.last().copied().flatten();
                if began.is_some_and(|began| self.short.len() - began > LIST_BYTES) {
                    self.place = Place::Dropped(0);
                    return 1;
                }
            }
            _ => {}
        }
        self.short.push(byte);
        1
    }

    fn dropped(&mut self, depth: usize, byte: u8) -> usize {
        self.place = match byte {
            b'"' => Place::DroppedText(depth),
            b'{' | b'[' => Place::Dropped(depth + 1),
            // The end of the list itself is looked at once more.
            b'}' | b']' if depth == 0 => {
                self.place = Place::Between;
                return 0;
            }
            b'}' | b']' => Place::Dropped(depth - 1),
            _ => return 1,
        };
        1
    }

    /// Takes some of a text, up to its end, an escape, or the place at which it is cut.
    fn text(&mut self, bytes: &[u8]) -> usize {
        if self.escape != Escape::None {
            self.escape = match (self.escape, bytes[0]) {
                (Escape::Begun, b'u') => Escape::Digits(4),
                (Escape::Digits(missing @ 2..), _) => Escape::Digits(missing - 1),
                (Escape::None | Escape::Begun | Escape::Digits(_), _) => Escape::None,
            };
            self.keep(&bytes[..1]);
            return 1;
        }
        if let Place::Text(began) = self.place
            && self.short.len() - began > TEXT_BYTES
            // Not in the middle of a character.
            && bytes[0] & 0xc0 != 0x80
        {
            self.keep("…".as_bytes());
            self.place = Place::CutText;
        }
        match bytes[0] {
            b'"' => {
                self.place = match self.place {
                    Place::DroppedText(depth) => Place::Dropped(depth),
                    Place::Text(_) | Place::CutText | Place::Between | Place::Dropped(_) => {
                        self.short.push(b'"');
                        Place::Between
                    }
                };
                1
            }
            b'\\' => {
                self.escape = Escape::Begun;
                self.keep(b"\\");
                1
            }
            _ => {
                let room = match self.place {
                    Place::Text(began) => (TEXT_BYTES + 1).saturating_sub(self.short.len() - began).max(1),
                    Place::Between | Place::CutText | Place::Dropped(_) | Place::DroppedText(_) => usize::MAX,
                };
                let run = &bytes[..room.min(bytes.len())];
                let plain = run.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(run.len());
                self.keep(&run[..plain]);
                plain
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if matches!(self.place, Place::Text(_)) {
            self.short.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::super::raw::{self, Raw};
    use super::*;

    fn short(line: &str) -> Vec<u8> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(line.as_bytes()).unwrap();
        shortened(file.path(), 0, line.len() as u64).unwrap()
    }

    fn read(line: &str) -> Value {
        serde_json::from_slice(&short(line)).unwrap()
    }

    #[test]
    fn a_long_text_is_cut_and_everything_else_is_kept() {
        for text in ["x", "ü", "漢", "😀", "\\", "\"", "\n", "\u{1}", "a\\\"ü"] {
            let long = text.repeat(1_000_000);
            let line = json!({ "a": long, "b": [{ "c": 1.5 }, "d\"", null], "e": "f" });
            let told = read(&line.to_string());
            let kept = told["a"].as_str().unwrap().strip_suffix('…').unwrap();
            assert!(long.starts_with(kept) && kept.chars().count() > TEXT_MAX / 2, "{text:?}: {} bytes", kept.len());
            assert_eq!((&told["b"], &told["e"]), (&line["b"], &line["e"]), "{text:?}");
            let escaped = line.to_string().replace('ü', "\\u00fc").replace('😀', "\\ud83d\\ude00");
            // The cut can leave half a character.
            let told = String::from_utf8(short(&escaped)).unwrap();
            let told: BTreeMap<&str, Raw<'_>> = raw::read(&told).unwrap();
            assert!(told["a"].text().unwrap().ends_with('…') && told["e"].is("f"), "{text:?}");
        }
    }

    #[test]
    fn a_long_list_is_cut_and_what_follows_it_is_kept() {
        let entry = json!({ "path": "src/\"x\".rs", "lines": [1, [2], { "three": "]" }] });
        let line = json!({ "data": { "list": vec![entry; 100_000], "code": 4 }, "kind": "result" });
        let told = read(&line.to_string());
        assert_eq!((&told["data"]["code"], &told["kind"]), (&json!(4), &json!("result")));
        assert_eq!(told["data"]["list"][0], line["data"]["list"][0]);
        let nested = format!("{{\"a\":{}1{},\"b\":2}}", "[0,".repeat(30_000), "]".repeat(30_000));
        assert!(short(&nested).len() < LINE_BYTES);
    }

    #[test]
    fn a_short_line_is_not_changed_and_no_line_is_held_whole() {
        let line = r#" { "a" : [ 1 , "é\u00e9" , { } ] , "b" : -0.5e3 } "#;
        assert_eq!(short(line), line.as_bytes());
        for endless in ["[", "{\"a\":", "\"a\\", "x", "\"a\",", "{\"k\":1,", "\\u12", "]}"] {
            assert!(short(&endless.repeat(2_000_000)).len() <= LINE_BYTES + 16, "{endless}");
        }
        assert!(shortened(Path::new("/nonexistent"), 0, 9).is_err());
    }

    #[test]
    fn where_the_pieces_of_the_file_end_makes_no_difference() {
        let line = json!({ "a": "ü\\\"\u{1}😀".repeat(4_000), "b": vec!["é\\"; 20_000], "c": 1 }).to_string();
        let whole = short(&line);
        for size in [1, 2, 3, 7, 4096] {
            let mut pieces = Shortener::default();
            line.as_bytes().chunks(size).for_each(|piece| pieces.write_all(piece).unwrap());
            assert_eq!(pieces.short, whole, "{size}");
        }
    }
}
