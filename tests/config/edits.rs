//! A key can be set in any file of the usual forms, and all other lines of it stay.

use proptest::prelude::*;
use ralph_teams::config::edit::{Change, set};
use ralph_teams::config::emit;
use ralph_teams::config::show::shown;
use serde_json::{Value, json};

use super::from_file;

/// Keys by their sections, each with two values that it can have.
const KEYS: &[(&str, &str, [&str; 2])] = &[
    ("workflow", "preset", ["full", "minimal"]),
    ("timeouts", "idleTimeout", ["60", "0"]),
    ("timeouts", "epicTimeout", ["7.5", "90"]),
    ("execution", "backend", ["codex", "rehearsal"]),
    ("execution", "model", ["opus", "'a b'"]),
    ("execution", "fallback", ["[codex]", "[gemini, opencode]"]),
    ("policy", "maxAttempts", ["1", "2"]),
    ("policy", "forbiddenPaths", ["[src/x]", "[]"]),
    ("hooks", "runEnd", ["./done.sh", "\"echo 'x: y' # z\""]),
];

/// How a file is written.
#[derive(Debug, Clone)]
struct Style {
    /// For each key whether it is there, and what stands around it.
    lines: Vec<(bool, u8)>,
    indent: usize,
    flow: bool,
    head: bool,
    last_break: bool,
}

fn style() -> impl Strategy<Value = Style> {
    let lines = prop::collection::vec((any::<bool>(), 0..6_u8), KEYS.len());
    (lines, prop::sample::select(vec![2, 3, 4, 8]), any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(lines, indent, flow, head, last_break)| Style { lines, indent, flow, head, last_break })
}

fn file(style: &Style) -> String {
    let mut text = if style.head { "# yaml-language-server: $schema=x.json\n\n".to_owned() } else { String::new() };
    for section in ["workflow", "timeouts", "execution", "policy", "hooks"] {
        let given: Vec<_> = KEYS.iter().zip(&style.lines).filter(|((of, ..), (is, _))| *of == section && *is).collect();
        if given.is_empty() {
            continue;
        }
        if style.flow && section != "hooks" {
            let pairs: Vec<_> = given.iter().map(|((_, key, values), _)| format!("{key}: {}", values[0])).collect();
            text += &format!("{section}: {{ {} }}   # in one line\n", pairs.join(", "));
            continue;
        }
        text += &format!("{section}:   # a section\n");
        for ((_, key, values), (_, around)) in given {
            let indent = " ".repeat(style.indent);
            text += ["", "\n", "# at the margin\n", "", "", ""][usize::from(*around)];
            let behind = ["", "", "", "   # why", "  ", "\t# tab"][usize::from(*around)];
            text += &format!("{indent}{key}: {}{behind}\n", values[0]);
        }
    }
    if !style.last_break {
        text.truncate(text.trim_end().len());
    }
    text
}

fn value(yaml: &str) -> Value {
    match yaml {
        "'a b'" => json!("a b"),
        "[gemini, opencode]" => json!(["gemini", "opencode"]),
        "\"echo 'x: y' # z\"" => json!("echo 'x: y' # z"),
        other => serde_json::from_str(other).unwrap_or_else(|_| json!(other)),
    }
}

proptest! {
    #[test]
    fn a_key_is_set_and_every_other_line_stays(style in style(), n in 0..KEYS.len()) {
        let text = file(&style);
        let (section, key, values) = KEYS[n];
        let wanted = value(values[1]);
        let path = format!("{section}.{key}");
        let edited = set("f", &text, &[Change::new(path.clone(), wanted.clone())]).map_err(|fault| {
            TestCaseError::fail(format!("{path}: {fault}\n{text}"))
        })?;
        let found = emit::leaves(&shown(&from_file(&edited))).into_iter().find(|(found, _)| *found == path);
        prop_assert_eq!(found.map(|(_, value)| value), Some(wanted));
        // The line of the key, and in the form of one line that of its section, is the only one that may change.
        let others = |text: &str| -> Vec<String> {
            let is_other = |line: &&str| !line.trim_start().starts_with(&format!("{key}:"));
            let flow = |line: &&str| !line.starts_with(&format!("{section}: {{")) && line.trim_end() != format!("{section}:");
            text.lines().filter(is_other).filter(flow).map(|line| line.trim_end().to_owned()).collect()
        };
        prop_assert_eq!(others(&edited), others(&text), "{}", edited);
    }
}
