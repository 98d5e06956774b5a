//! What Codex's tools are called with and what they answer, in one line each.

use super::super::text::{LINE_MAX, one_line};
use super::line::{Item, Part};
use crate::domain::activity::Activity;

/// A tool was called.
pub(super) fn started<Long: Part>(item: &Item<Long>, length: u64) -> Activity {
    let summary = match item.kind.as_str() {
        "command_execution" => kept(item.command.as_ref(), length, |command| one_line(&inner(command), LINE_MAX)),
        "file_change" => changes(item),
        _ => item
            .arguments
            .as_ref()
            .and_then(Part::value)
            .map_or_else(String::new, |arguments| one_line(&arguments.to_string(), LINE_MAX)),
    };
    Activity::ToolStarted { by: None, name: name(item), summary }
}

/// A tool is done.
pub(super) fn ended<Long: Part>(item: &Item<Long>, length: u64) -> Activity {
    let failed = item.status.as_deref() == Some("failed") || item.exit_code.is_some_and(|code| code != 0);
    let summary = match item.kind.as_str() {
        "command_execution" => kept(item.aggregated_output.as_ref(), length, |output| one_line(output, LINE_MAX)),
        "file_change" => changes(item),
        _ => answer(item),
    };
    Activity::ToolEnded { by: None, failed, summary }
}

fn name<Long>(item: &Item<Long>) -> String {
    let name = match (item.kind.as_str(), &item.server, &item.tool) {
        ("command_execution", _, _) => "shell".to_owned(),
        ("file_change", _, _) => "edit".to_owned(),
        (_, Some(server), Some(tool)) => format!("{server}.{tool}"),
        (kind, _, _) => kind.to_owned(),
    };
    one_line(&name, LINE_MAX)
}

fn kept<Long: Part>(text: Option<&Long>, length: u64, told: impl Fn(&str) -> String) -> String {
    match text.map(Part::text) {
        Some(Some(text)) => told(text),
        Some(None) => format!("(a line of {length} bytes)"),
        None => String::new(),
    }
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

fn changes<Long: Part>(item: &Item<Long>) -> String {
    let changes = item.changes.as_ref().and_then(Part::value).and_then(|changes| changes.as_array());
    let one = |change: &serde_json::Value| Some(format!("{} {}", change["kind"].as_str()?, change["path"].as_str()?));
    one_line(&changes.into_iter().flatten().filter_map(one).collect::<Vec<_>>().join(", "), LINE_MAX)
}

/// What a server's tool answered, or why it could not.
fn answer<Long: Part>(item: &Item<Long>) -> String {
    let error = item.error.as_ref().and_then(Part::value).and_then(|error| error["message"].as_str());
    let result = item.result.as_ref().and_then(Part::value);
    let texts = result.and_then(|result| result["content"].as_array());
    let told = texts.into_iter().flatten().find_map(|content| content["text"].as_str());
    one_line(error.or(told).unwrap_or_default(), LINE_MAX)
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
