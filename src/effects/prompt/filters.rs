//! The filters that keep data in its place: on one line, in a quote, in a fence.

use minijinja::Environment;

use crate::effects::text::one_line;

/// The longest log that a prompt carries, in characters: its end, because that is where errors stand.
const FENCE_MAX: usize = 16_000;

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("one_line", |text: String| one_line(&text));
    environment.add_filter("code", |text: String| one_line(&text).replace('`', "'"));
    environment.add_filter("quote", |text: String| quote(&text));
    environment.add_filter("fence", |text: String| fence(&text));
    environment.add_filter("json", |text: String| serde_json::Value::from(text).to_string());
}

/// Every line begins with the mark of a quote, so that no line can be a heading of ours.
fn quote(text: &str) -> String {
    let quoted = visible(text).trim().lines().map(|line| format!("> {line}")).collect::<Vec<_>>();
    quoted.join("\n").replace("> \n", ">\n")
}

/// A fence that is longer than every run of backticks inside, so that no line can close it.
fn fence(text: &str) -> String {
    let visible = visible(text);
    let text = last_part(visible.trim_matches('\n').trim_end());
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let ticks = "`".repeat(longest.max(2) + 1);
    format!("{ticks}\n{text}\n{ticks}")
}

/// Without escape sequences and other control characters, with plain line breaks.
fn visible(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

fn last_part(text: &str) -> String {
    let n_chars = text.chars().count();
    if n_chars <= FENCE_MAX {
        return text.to_owned();
    }
    let tail: String = text.chars().skip(n_chars - FENCE_MAX).collect();
    let whole_lines = tail.split_once('\n').map_or(tail.as_str(), |(_, rest)| rest);
    format!("(the beginning is left out)\n{whole_lines}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        assert_eq!(fence("a"), "```\na\n```");
        assert_eq!(fence("```\n# Heading\n````x"), "`````\n```\n# Heading\n````x\n`````");
    }

    #[test]
    fn a_quote_marks_every_line() {
        assert_eq!(quote("a\r\n# b\n\nc\n"), "> a\n> # b\n>\n> c");
    }

    #[test]
    fn a_long_log_keeps_its_end() {
        let log = (0..10_000).map(|n| format!("line {n}\n")).collect::<String>();
        let fenced = fence(&log);
        assert!(fenced.len() < FENCE_MAX + 100 && fenced.ends_with("line 9999\n```"));
        assert!(fenced.starts_with("```\n(the beginning is left out)\nline "));
    }

    proptest! {
        #[test]
        fn nothing_breaks_out_of_a_fence(text in "[`~#a\n\r\u{1b} ]{0,60}") {
            let fenced = fence(&text);
            let lines: Vec<&str> = fenced.lines().collect();
            let ticks = lines[0];
            prop_assert!(ticks.len() >= 3 && ticks.bytes().all(|b| b == b'`'));
            let closing = lines.iter().skip(1).position(|line| line.trim().starts_with(ticks));
            prop_assert_eq!(closing, Some(lines.len() - 2));
        }

        #[test]
        fn nothing_breaks_out_of_a_quote(text in "[`>#a\n\r\u{b}\u{85}\u{2028} ]{1,60}") {
            prop_assert!(quote(&text).lines().all(|line| line.starts_with('>')));
            prop_assert_eq!(one_line(&text).lines().count().max(1), 1);
        }
    }
}
