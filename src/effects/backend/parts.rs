//! Pieces that the readers of several agent programs share.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Ended;
use super::raw::Raw;
use super::text::{LINE_MAX, Stray, TEXT_MAX, one_line, paragraph};
use crate::domain::activity::Activity;
use crate::domain::usage::Usage;

/// What a program complained about: lines that are not of its own form, and its error output behind them.
pub(super) fn complaint(stray: &Stray, ended: &Ended) -> String {
    plain(&stray.with(&ended.stderr_tail))
}

/// The text without the colours of a terminal.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |end| end + 1);
        plain + &part[end..]
    })
}

/// What an agent says in pieces: shown line by line, remembered whole.
#[derive(Debug, Default)]
pub(super) struct Speech {
    /// The piece that has not been shown yet.
    pending: String,
    /// All that was said since the last pause, as far as it is kept.
    whole: String,
    paused: bool,
    said: Option<String>,
}

impl Speech {
    /// Another piece. What can be shown now is what is whole lines.
    pub fn piece(&mut self, text: &str) -> Option<Activity> {
        if std::mem::take(&mut self.paused) {
            self.whole.clear();
        }
        // Bytes: a little more than the characters that are kept in the end.
        if self.whole.len() < 4 * TEXT_MAX {
            self.whole.push_str(text);
        }
        self.pending.push_str(text);
        let end = match self.pending.rfind('\n') {
            Some(end) => end + 1,
            None if self.pending.len() >= TEXT_MAX => self.pending.len(),
            None => return None,
        };
        let rest = self.pending.split_off(end);
        let lines = std::mem::replace(&mut self.pending, rest);
        shown(&lines)
    }

    /// Something else happens: what was said so far is one whole.
    pub fn pause(&mut self) -> Option<Activity> {
        self.paused = true;
        let whole = paragraph(&self.whole, TEXT_MAX);
        if !whole.is_empty() {
            self.said = Some(whole);
        }
        shown(&std::mem::take(&mut self.pending))
    }

    /// The last words.
    pub fn said(&mut self) -> Option<String> {
        self.pause();
        self.said.clone()
    }
}

fn shown(text: &str) -> Option<Activity> {
    let text = paragraph(text, TEXT_MAX);
    (!text.is_empty()).then_some(Activity::Text(text))
}

/// The arguments of tools that say most, in the order in which they are looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Telling<'a> {
    command: Raw<'a>,
    #[serde(rename = "filePath")]
    file_of_opencode: Raw<'a>,
    file_path: Raw<'a>,
    path: Raw<'a>,
    pattern: Raw<'a>,
    url: Raw<'a>,
    query: Raw<'a>,
    skill: Raw<'a>,
    description: Raw<'a>,
    prompt: Raw<'a>,
}

/// The one argument of a tool that says most.
pub(super) fn telling(input: Raw<'_>) -> Option<String> {
    let known: Telling<'_> = input.object();
    let places = [known.command, known.file_of_opencode, known.file_path, known.path, known.pattern];
    let others = [known.url, known.query, known.skill, known.description, known.prompt];
    places.into_iter().chain(others).find_map(Raw::name)
}

/// What a tool is called with: the one argument that says most, or all of them.
pub(super) fn called_with(input: Raw<'_>) -> String {
    let all = || one_line(input.written(), LINE_MAX);
    telling(input).unwrap_or_else(|| if all() == "{}" { String::new() } else { all() })
}

/// Things that began and have not ended, at most.
const OPEN_MAX: usize = 256;

/// Remembers what began, until it ends. What begins and never ends is forgotten when it becomes too much.
pub(super) fn remember<T>(open: &mut BTreeMap<String, T>, id: String, what: T) {
    if open.len() < OPEN_MAX || open.contains_key(&id) {
        open.insert(id, what);
    }
}

/// How a program ended, in words.
pub(super) fn end(ended: &Ended) -> String {
    match (ended.signal, ended.code) {
        (Some(signal), _) => format!("killed by signal {signal}"),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}

/// What happened, and why, where that was said.
pub(super) fn because(what: String, why: Option<&str>) -> String {
    match why {
        Some(why) => format!("{what}: {why}"),
        None => what,
    }
}

/// What was added since a conversation had consumed `earlier`, where a program states the sum; its money is not known.
pub(super) fn added(sum: Usage, earlier: Usage) -> Usage {
    Usage {
        input_tokens: sum.input_tokens.saturating_sub(earlier.input_tokens),
        cached_tokens: sum.cached_tokens.saturating_sub(earlier.cached_tokens),
        output_tokens: sum.output_tokens.saturating_sub(earlier.output_tokens),
        reasoning_tokens: sum.reasoning_tokens.saturating_sub(earlier.reasoning_tokens),
        unpriced_sessions: 1,
        ..Usage::default()
    }
}

/// The same consumption, told as one whose money nobody knows; where there are no tokens at all, nobody counted them either.
pub(super) fn unpriced(usage: Usage) -> Usage {
    Usage { unpriced_sessions: 1, uncounted_sessions: u32::from(usage.tokens() == 0), ..usage }
}

/// The same consumption, told as one of which a part was told nowhere: tokens and money are lower bounds.
pub(super) fn at_least(usage: Usage) -> Usage {
    Usage { unpriced_sessions: 1, uncounted_sessions: 1, ..usage }
}

/// Consumption as programs tell it that count what came from the cache as a part of the input.
pub(super) fn cached_within(usage: Usage) -> Usage {
    Usage { input_tokens: usage.input_tokens.saturating_sub(usage.cached_tokens), ..usage }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float to an integer saturates"
)]
pub(super) fn microdollars(dollars: f64) -> u64 {
    (dollars * 1_000_000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_no_words() {
        assert_eq!(plain("\u{1b}[91m\u{1b}[1mError: \u{1b}[0mSession not found\n"), "Error: Session not found\n");
        assert_eq!(plain("no colour"), "no colour");
        assert_eq!(plain("\u{1b}["), "");
    }

    #[test]
    fn pieces_are_shown_as_lines_and_remembered_as_a_whole() {
        let mut speech = Speech::default();
        assert_eq!(speech.piece("All is "), None);
        assert_eq!(speech.piece("done.\nNow"), Some(Activity::Text("All is done.".to_owned())));
        assert_eq!(speech.pause(), Some(Activity::Text("Now".to_owned())));
        assert_eq!(speech.said().as_deref(), Some("All is done.\nNow"));
        assert_eq!(speech.piece("More"), None);
        assert_eq!(speech.said().as_deref(), Some("More"));
        assert!(speech.piece(&"x".repeat(100_000)).is_some(), "no line break for ever");
        assert_eq!(speech.pause(), None);
    }
}
