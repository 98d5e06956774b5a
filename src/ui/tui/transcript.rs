//! What an agent said and did: a ring of safe lines, so that a session can print for days.

use std::collections::VecDeque;

use super::theme::Ink;
use crate::domain::activity::Activity;
use crate::ui::{phrases, safe};

/// Lines that are kept at most; the log file on the disk is the archive.
pub const LINES_MAX: usize = 4_000;
/// Bytes of text that are kept at most.
pub const BYTES_MAX: usize = 512 * 1024;
/// Lines of one text that are looked at; an agent that prints a book in one piece is cut.
const LINES_OF_ONE: usize = 400;
/// Blanks before a line that are kept.
const INDENT_MAX: usize = 24;
/// Levels of sub-agents that are told apart by how far they stand in.
const INDENTS_MAX: usize = 4;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When, in milliseconds of running time.
    pub at: u64,
    /// What it is.
    pub sort: Sort,
    /// Safe to show.
    pub text: String,
}

/// What a line of a transcript is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The agent says something.
    Text,
    /// A tool is called.
    Tool,
    /// Something failed.
    Bad,
    /// A sub-agent begins or ends.
    Agent,
    /// A line that a diff adds.
    Added,
    /// A line that a diff removes.
    Removed,
    /// The head of a part of a diff.
    Hunk,
    /// The runner speaks: a session begins or ends.
    Runner,
}

impl Sort {
    /// What it means.
    #[must_use]
    pub fn ink(self) -> Ink {
        match self {
            Self::Text => Ink::Text,
            Self::Tool => Ink::Dim,
            Self::Bad | Self::Removed => Ink::Bad,
            Self::Agent | Self::Hunk => Ink::Accent,
            Self::Added => Ink::Good,
            Self::Runner => Ink::Merge,
        }
    }

    /// The sign before the line, outside of ASCII and inside.
    #[must_use]
    pub fn sign(self) -> (&'static str, &'static str) {
        match self {
            Self::Text | Self::Added | Self::Removed | Self::Hunk => (" ", " "),
            Self::Tool => ("›", ">"),
            Self::Bad => ("✗", "x"),
            Self::Agent => ("◆", "%"),
            Self::Runner => ("─", "-"),
        }
    }
}

/// The ring. Lines have numbers that never change, so that a place in it stays the same while it grows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The number of the oldest line that is kept.
    first: u64,
    in_diff: bool,
}

impl Transcript {
    /// Adds what an agent does. Of a sub-agent, `speaker` is its name and its depth in the tree.
    pub fn take(&mut self, at: u64, activity: &Activity, speaker: Option<(&str, usize)>) {
        let sort = match activity {
            Activity::Text(text) => return self.text(at, text),
            // The tree shows how far a sub-agent is; here its calls of tools tell the same.
            Activity::SubAgentProgress { .. } => return,
            Activity::ToolEnded { failed: true, .. } | Activity::Retrying { .. } => Sort::Bad,
            Activity::Identified(_) | Activity::ToolStarted { .. } | Activity::ToolEnded { .. } => Sort::Tool,
            Activity::SubAgentStarted { .. } | Activity::SubAgentEnded { .. } => Sort::Agent,
        };
        if let Some(line) = said_by(activity, speaker) {
            self.push(Entry { at, sort, text: line });
        }
    }

    fn text(&mut self, at: u64, text: &str) {
        self.in_diff = false;
        for raw in text.lines().take(LINES_OF_ONE) {
            let indent = raw.chars().take_while(|c| *c == ' ').count().min(INDENT_MAX);
            let line = safe::short(raw);
            if line.is_empty() {
                continue;
            }
            let sort = self.sort_of(&line);
            let line = if matches!(sort, Sort::Added | Sort::Removed) { diff_line(&line, raw) } else { line };
            self.push(Entry { at, sort, text: format!("{:indent$}{line}", "") });
        }
    }

    /// A line of a diff is one only inside of a diff: lists begin with a dash too.
    fn sort_of(&mut self, line: &str) -> Sort {
        let opens = ["diff --git ", "@@ ", "```diff", "+++ ", "--- "].iter().any(|mark| line.starts_with(mark));
        if opens {
            self.in_diff = true;
            return Sort::Hunk;
        }
        if line.starts_with("```") {
            self.in_diff = false;
        }
        match (self.in_diff, line.chars().next()) {
            (true, Some('+')) => Sort::Added,
            (true, Some('-')) => Sort::Removed,
            (true | false, _) => Sort::Text,
        }
    }

    /// Adds a line; the oldest go when there are too many.
    pub fn push(&mut self, entry: Entry) {
        // Before the line comes, so that the ring never takes room for more lines than it keeps.
        while self.entries.len() >= LINES_MAX || self.bytes + entry.text.len() > BYTES_MAX {
            if !self.drop_oldest() {
                break;
            }
        }
        self.bytes += entry.text.len();
        self.entries.push_back(entry);
    }

    /// Drops the oldest line; `false`: there is none.
    fn drop_oldest(&mut self) -> bool {
        let Some(gone) = self.entries.pop_front() else { return false };
        self.bytes -= gone.text.len();
        self.first += 1;
        true
    }

    /// Bytes of memory that it takes, roughly: its texts, and the room for its lines.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.bytes + self.entries.capacity() * size_of::<Entry>()
    }

    /// Lets the oldest lines go until it weighs so many bytes less, or nothing is left.
    pub fn let_go(&mut self, bytes: usize) {
        let wanted = self.weight().saturating_sub(bytes);
        let of_lines = |transcript: &Self| transcript.bytes + transcript.entries.len() * size_of::<Entry>();
        while of_lines(self) > wanted && self.drop_oldest() {}
        self.entries.shrink_to_fit();
    }

    /// When the oldest line that is kept was said.
    #[must_use]
    pub fn oldest(&self) -> Option<u64> {
        self.entries.front().map(|entry| entry.at)
    }

    /// The number of the oldest line that is kept, and the number behind the newest one.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<u64> {
        self.first..self.first + self.entries.len() as u64
    }

    /// The line of this number, while it is kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// The newest line.
    #[must_use]
    pub fn last(&self) -> Option<&Entry> {
        self.entries.back()
    }

    /// The nearest line that holds the text (in lower case), after or before `from`, going round at the end.
    #[must_use]
    pub fn find(&self, needle: &str, from: u64, forwards: bool) -> Option<u64> {
        let n = self.entries.len() as u64;
        let start = from.clamp(self.first, self.first + n.saturating_sub(1)) - self.first;
        let step = |i: u64| if forwards { (start + i) % n } else { (start + n - i) % n };
        let holds = |index: &u64| {
            usize::try_from(*index)
                .ok()
                .and_then(|index| self.entries.get(index))
                .is_some_and(|entry| entry.text.to_lowercase().contains(needle))
        };
        if needle.is_empty() { None } else { (1..=n).map(step).find(holds).map(|index| index + self.first) }
    }
}

/// A line of a diff as far in as it stood: blanks within a line are not kept elsewhere.
fn diff_line(line: &str, raw: &str) -> String {
    let (sign, rest) = line.split_at(1);
    let raw = raw.trim_start().get(1..).unwrap_or_default();
    let indent = raw.chars().take_while(|c| *c == ' ').count().min(INDENT_MAX);
    format!("{sign}{:indent$}{}", "", rest.trim_start())
}

/// One line for what was done; what a sub-agent does stands in, behind its name.
fn said_by(activity: &Activity, speaker: Option<(&str, usize)>) -> Option<String> {
    let line = match (activity, speaker) {
        // Its own name, with the number that tells it from others of its kind.
        (Activity::SubAgentStarted { summary, .. }, Some((name, _))) => {
            safe::short(&format!("{name} starts: {summary}"))
        }
        (Activity::SubAgentEnded { failed, .. }, Some((name, _))) => {
            format!("{name} {}", if *failed { "failed" } else { "ended" })
        }
        (_, Some((name, _))) => format!("{name}: {}", phrases::activity(activity)?),
        (_, None) => phrases::activity(activity)?,
    };
    let indent = speaker.map_or(0, |(_, depth)| 2 * depth.min(INDENTS_MAX));
    Some(format!("{:indent$}{line}", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(lines: &[&str]) -> Transcript {
        let mut transcript = Transcript::default();
        transcript.take(7, &Activity::Text(lines.join("\n")), None);
        transcript
    }

    #[test]
    fn the_ring_is_bounded_and_numbers_stay() {
        let mut transcript = Transcript::default();
        for n in 0..LINES_MAX as u64 + 10 {
            transcript.take(n, &Activity::Text(format!("line {n}")), None);
        }
        assert_eq!(transcript.range(), 10..LINES_MAX as u64 + 10);
        assert_eq!(transcript.get(10).map(|entry| entry.text.as_str()), Some("line 10"));
        assert_eq!(transcript.get(9), None);
    }

    #[test]
    fn a_gigabyte_in_long_lines_stays_within_the_bytes() {
        let mut transcript = Transcript::default();
        let long = "x".repeat(100_000);
        for n in 0..10_000 {
            transcript.take(n, &Activity::Text(long.clone()), None);
        }
        assert!(transcript.bytes <= BYTES_MAX, "{}", transcript.bytes);
    }

    #[test]
    fn what_is_let_go_is_the_oldest_and_its_room_goes_with_it() {
        let mut transcript = Transcript::default();
        for n in 0..1_000 {
            transcript.take(n, &Activity::Text(format!("line {n}")), None);
        }
        let before = transcript.weight();
        transcript.let_go(before / 2);
        assert!(transcript.weight() <= before / 2, "{} of {before}", transcript.weight());
        assert_eq!((transcript.range().end, transcript.oldest()), (1_000, Some(transcript.range().start)));
        transcript.let_go(usize::MAX);
        assert_eq!((transcript.range(), transcript.weight()), (1_000..1_000, 0));
    }

    #[test]
    fn lines_of_a_diff_are_told_apart_and_lists_are_none() {
        let transcript = filled(&["- a list", "@@ -1 +1 @@", "+new", "-old", " same"]);
        let sorts: Vec<Sort> = transcript.entries.iter().map(|entry| entry.sort).collect();
        assert_eq!(sorts, [Sort::Text, Sort::Hunk, Sort::Added, Sort::Removed, Sort::Text]);
        let deep = filled(&["@@ -1 +1 @@", "+        let  x = 1;", "-"]);
        let texts: Vec<&str> = deep.entries.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(texts, ["@@ -1 +1 @@", "+        let x = 1;", "-"]);
    }

    #[test]
    fn nothing_raw_gets_in() {
        let transcript = filled(&["\u{1B}[2Jred\u{7}\tx", "\u{202E}back"]);
        let texts: Vec<&str> = transcript.entries.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(texts, ["red x", "back"]);
    }

    #[test]
    fn a_search_goes_both_ways_and_round() {
        let transcript = filled(&["One", "two", "one more", "three"]);
        assert_eq!(transcript.find("one", 0, true), Some(2));
        assert_eq!(transcript.find("one", 2, true), Some(0));
        assert_eq!(transcript.find("one", 0, false), Some(2));
        assert_eq!(transcript.find("four", 0, true), None);
        assert_eq!(transcript.find("", 0, true), None);
        assert_eq!(Transcript::default().find("x", 5, true), None);
    }
}
