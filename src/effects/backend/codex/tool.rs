//! What Codex's tools are called with and what they answer, in one line each.

use super::super::raw::Raw;
use super::super::text::{LINE_MAX, one_line};
use super::line::Item;
use crate::domain::activity::Activity;

/// A tool was called.
pub(super) fn started(kind: &str, item: &Item<'_>) -> Activity {
    let summary = match kind {
        "command_execution" => item.command.text().map_or_else(String::new, |command| shown(&command)),
        "file_change" => changes(item.changes),
        _ => one_line(item.arguments.written(), LINE_MAX),
    };
    Activity::ToolStarted { by: None, name: name(kind, item), summary }
}

/// A tool is done.
pub(super) fn ended(kind: &str, item: &Item<'_>) -> Activity {
    let code: Option<i64> = item.exit_code.value();
    let failed = item.status.is("failed") || code.is_some_and(|code| code != 0);
    let summary = match kind {
        "command_execution" => item.aggregated_output.line(),
        "file_change" => changes(item.changes),
        _ => answer(item),
    };
    Activity::ToolEnded { by: None, failed, summary }
}

fn name(kind: &str, item: &Item<'_>) -> String {
    let name = match (kind, item.server.text(), item.tool.text()) {
        ("command_execution", _, _) => "shell".to_owned(),
        ("file_change", _, _) => "edit".to_owned(),
        (_, Some(server), Some(tool)) => format!("{server}.{tool}"),
        (kind, _, _) => kind.to_owned(),
    };
    one_line(&name, LINE_MAX)
}

fn shown(command: &str) -> String {
    one_line(&inner(command), LINE_MAX)
}

/// The command without the shell that Codex puts around each: `/bin/bash -lc '...'`.
fn inner(command: &str) -> String {
    let mut words = command.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some(_), Some("-lc" | "-c"), Some(quoted)) => first_word(quoted),
        (_, _, _) => command.to_owned(),
    }
}

/// The first word of a line of the shell without its quotes, as far as it can be shown.
fn first_word(quoted: &str) -> String {
    let mut word = String::new();
    let mut quote = None;
    let mut rest = quoted.chars().take(LINE_MAX * 4);
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (Some('"') | None, '\\') => word.extend(rest.next()),
            (None, ' ') => break,
            (Some(_) | None, c) => word.push(c),
        }
    }
    word
}

fn changes(changes: Raw<'_>) -> String {
    let one = |change: Raw<'_>| Some(format!("{} {}", change.get("kind").text()?, change.get("path").text()?));
    one_line(&changes.list().into_iter().filter_map(one).collect::<Vec<_>>().join(", "), LINE_MAX)
}

/// What a server's tool answered, or why it could not.
fn answer(item: &Item<'_>) -> String {
    let texts = || item.result.get("content").list();
    let told = || texts().into_iter().find_map(|content| content.get("text").name());
    item.error.get("message").name().or_else(told).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_without_the_shell_around_it_however_it_is_quoted() {
        assert_eq!(inner("/bin/bash -lc 'echo \"a b\"'"), "echo \"a b\"");
        assert_eq!(inner(r#"/bin/bash -lc "printf '{\"a\"}' "'$(date) > "$X"'"#), r#"printf '{"a"}' $(date) > "$X""#);
        assert_eq!(inner("bash -c ls"), "ls");
        assert_eq!(inner("git commit -c x"), "git commit -c x");
        assert_eq!(inner("ls"), "ls");
        assert_eq!(inner("/bin/bash -lc 'open"), "open");
    }
}
