//! A source file as the checks see it: code without comments, texts and tests, line by line as in the file.

use std::path::Path;

/// A file of `src/`, read and blanked.
pub struct Source {
    /// Relative to `src/`, with `/`.
    pub path: String,
    /// As it is written.
    pub text: String,
    /// As `text`, byte for byte and line for line, but comments, the inside of texts, and everything under
    /// `#[cfg(test)]` are spaces.
    pub code: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let code = without_tests(&without_comments_and_texts(text));
        Self { path: path.to_owned(), text: text.to_owned(), code }
    }

    /// All files below `src/`, in the order of their paths.
    pub fn all(src: &Path) -> Vec<Self> {
        let mut found = Vec::new();
        let mut open = vec![src.to_owned()];
        while let Some(directory) = open.pop() {
            for entry in std::fs::read_dir(&directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let relative = path.strip_prefix(src).expect("below src").to_str().expect("a plain name");
                    found.push(Self::new(relative, &std::fs::read_to_string(&path).expect("text")));
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    /// The module's names from the crate's root: `effects/git/read.rs` is `["effects", "git", "read"]`.
    pub fn module(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs");
        let path = path.strip_suffix("mod").map_or(path, |path| path.trim_end_matches('/'));
        path.split('/').filter(|name| !matches!(*name, "" | "lib" | "main")).collect()
    }

    /// The line of a place in the code, counted from 1.
    pub fn line_of(&self, place: usize) -> usize {
        self.code[..place].matches('\n').count() + 1
    }

    /// The names and keywords of the code, each with its place.
    pub fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut rest = 0;
        std::iter::from_fn(move || {
            let start = rest + self.code[rest..].find(is_word)?;
            let end = self.code[start..].find(|c| !is_word(c)).map_or(self.code.len(), |len| start + len);
            rest = end;
            Some((start, &self.code[start..end]))
        })
    }

    /// The places of a piece of code, however it is spaced: spaces in it and in the code do not count.
    pub fn places_of(&self, piece: &str) -> Vec<usize> {
        let bytes = self.code.as_bytes();
        let piece: Vec<u8> = piece.bytes().filter(|byte| *byte != b' ').collect();
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let matches_at = |start: usize| {
            let mut rest = bytes[start..].iter().filter(|byte| !byte.is_ascii_whitespace());
            piece.iter().all(|wanted| rest.next() == Some(wanted))
        };
        (0..bytes.len())
            .filter(|&start| bytes[start] == piece[0])
            .filter(|&start| start == 0 || !is_word(piece[0]) || !is_word(bytes[start - 1]))
            .filter(|&start| matches_at(start))
            .collect()
    }
}

/// The place behind the bracket that closes the one at `open`.
pub fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (place, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return place + 1;
        }
    }
    code.len()
}

fn blank(code: &mut [u8], from: usize, to: usize) {
    let to = to.min(code.len());
    for byte in &mut code[from.min(to)..to] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn without_comments_and_texts(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut place = 0;
    while place < bytes.len() {
        let rest = &text.as_bytes()[place..];
        let len = match rest {
            [b'/', b'/', ..] => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
            [b'/', b'*', ..] => block_comment(rest),
            [b'"', ..] => quoted(rest),
            [b'r', b'"' | b'#', ..] if place == 0 || !is_word(bytes[place - 1]) || bytes[place - 1] == b'b' => {
                raw(rest)
            }
            [b'\'', ..] => character(rest),
            _ => 0,
        };
        blank(&mut code, place, place + len);
        place += len.max(1);
    }
    String::from_utf8(code).expect("only whole characters become spaces")
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut place) = (0, 0);
    while place < rest.len() {
        match &rest[place..] {
            [b'/', b'*', ..] => (depth, place) = (depth + 1, place + 2),
            [b'*', b'/', ..] => (depth, place) = (depth - 1, place + 2),
            _ => place += 1,
        }
        if depth == 0 {
            break;
        }
    }
    place
}

fn quoted(rest: &[u8]) -> usize {
    let mut place = 1;
    while place < rest.len() {
        match rest[place] {
            b'\\' => place += 2,
            b'"' => return place + 1,
            _ => place += 1,
        }
    }
    rest.len()
}

/// A raw text such as `r#".."#`; 0 for a raw name such as `r#type`.
fn raw(rest: &[u8]) -> usize {
    let n_hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + n_hashes) != Some(&b'"') {
        return 0;
    }
    let end = [&b"\""[..], &b"#".repeat(n_hashes)].concat();
    let body = 2 + n_hashes;
    rest[body..].windows(end.len()).position(|window| window == end).map_or(rest.len(), |len| body + len + end.len())
}

/// A character such as `'{'`; 0 for a lifetime.
fn character(rest: &[u8]) -> usize {
    match rest {
        [_, b'\\', _, tail @ ..] => tail.iter().position(|&byte| byte == b'\'').map_or(0, |len| 3 + len + 1),
        [_, first, ..] => {
            let width = match first {
                0..=0x7F => 1,
                0x80..=0xDF => 2,
                0xE0..=0xEF => 3,
                0xF0.. => 4,
            };
            if rest.get(1 + width) == Some(&b'\'') { width + 2 } else { 0 }
        }
        _ => 0,
    }
}

fn without_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for (start, mark) in code.match_indices("#[cfg(test)]") {
        let item = start + mark.len();
        let end = match code[item..].find(['{', ';']) {
            Some(len) if code.as_bytes()[item + len] == b'{' => closing(code, item + len),
            Some(len) => item + len + 1,
            None => code.len(),
        };
        blank(&mut bytes, start, end);
    }
    String::from_utf8(bytes).expect("only whole characters become spaces")
}
