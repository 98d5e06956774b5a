//! Makes what agents print safe and short enough to be shown.

use std::collections::VecDeque;

use crate::domain::activity::Activity;
use crate::effects::text;

/// The longest one-line text, in characters.
pub(super) const LINE_MAX: usize = 200;

/// The longest text that is kept of what an agent says, in characters.
pub(super) const TEXT_MAX: usize = 4000;

/// The text on one line: white space and control characters become single spaces, the rest beyond `max` characters
/// becomes an ellipsis. Escape sequences of a terminal lose their escape.
pub(super) fn one_line(text: &str, max: usize) -> String {
    // Only as much is looked at as can be shown, so that a long text costs no more than a short one.
    let end = text.char_indices().nth(max.saturating_mul(4)).map(|(end, _)| end);
    let line = text::one_line(&text[..end.unwrap_or(text.len())]);
    shorten(&line, max, end.is_some())
}

/// The text with its line breaks and without other control characters, at most `max` characters.
pub(super) fn paragraph(text: &str, max: usize) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(max + 1).collect();
    shorten(plain.trim(), max, false)
}

fn shorten(text: &str, max: usize, cut: bool) -> String {
    if text.chars().nth(max).is_none() && !cut {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The last line that says something, shortened.
pub(super) fn last_line(text: &str) -> Option<String> {
    text.lines().rev().map(|line| one_line(line, LINE_MAX)).find(|line| !line.is_empty())
}

/// Lines of which an adapter makes nothing else: they are shown, and the last ones are remembered for the judgement at the
/// end, because programs complain about their command line where they please.
#[derive(Debug, Default)]
pub(super) struct Stray(VecDeque<String>);

/// Lines that are remembered.
const STRAY_LINES: usize = 20;

impl Stray {
    /// Takes a line in; one without a word says nothing.
    pub fn take(&mut self, line: &str) -> Vec<Activity> {
        let line = one_line(line, LINE_MAX);
        if line.is_empty() {
            return Vec::new();
        }
        if self.0.len() == STRAY_LINES {
            self.0.pop_front();
        }
        self.0.push_back(line.clone());
        vec![Activity::Text(line)]
    }

    /// What was said there, followed by what was said on standard error.
    pub fn with(&self, stderr: &str) -> String {
        self.0.iter().map(String::as_str).chain([stderr]).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_has_no_control_characters_and_a_bounded_length() {
        assert_eq!(one_line(" a\n\tb\u{1b}[31m c\0 ", 40), "a b [31m c");
        assert_eq!(one_line("abcdef", 4), "abc…");
        assert_eq!(one_line("abcd", 4), "abcd");
        assert_eq!(one_line(&"x ".repeat(10_000), 10).chars().count(), 10);
    }

    #[test]
    fn a_paragraph_keeps_its_lines() {
        assert_eq!(paragraph("a\r\nb\u{7}\n", 40), "a\nb");
        assert_eq!(paragraph("abcdef", 4), "abc…");
    }

    #[test]
    fn the_last_line_is_the_last_that_says_something() {
        assert_eq!(last_line("a\nb\n \n").as_deref(), Some("b"));
        assert_eq!(last_line(""), None);
    }
}
