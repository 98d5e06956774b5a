//! What Codex's tools are called with and what they answer, in one line each.

use super::super::text::{LINE_MAX, one_line};
use super::line::{Item, Part};
use crate::domain::activity::Activity;

/// A tool was called.
pub(super) fn started<Long: Part>(item: &Item<Long>, length: u64) -> Activity {
    let summary = match item.kind.as_str() {
        "command_execution" => kept(item.command.as_ref(), length, |command| one_line(inner(command), LINE_MAX)),
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

/// The command without the shell that Codex puts around each.
fn inner(command: &str) -> &str {
    let Some((shell, inner)) = command.split_once(" -lc ").or_else(|| command.split_once(" -c ")) else {
        return command;
    };
    if shell.contains(' ') {
        return command;
    }
    let unquoted = ['\'', '"'].into_iter().find_map(|quote| inner.strip_prefix(quote)?.strip_suffix(quote));
    unquoted.unwrap_or(inner)
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
