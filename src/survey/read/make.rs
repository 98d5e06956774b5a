//! Makefiles: targets, what they need, and what they run.

use std::collections::BTreeMap;

use crate::survey::entry::{Entry, Runner, run_too};
use crate::survey::found::Found;
use crate::survey::listing::Folder;

const NAMES: &[&str] = &["GNUmakefile", "makefile", "Makefile"];

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let Some((name, text)) = folder.first_text(NAMES) else { return };
    let variables = variables(text);
    let mut entries: Vec<Entry> = Vec::new();
    let mut open = 0;
    for (place, line) in text.lines().enumerate() {
        let quote = folder.quote(name, place + 1);
        if let Some(command) = line.strip_prefix('\t') {
            let command = expanded(command.trim_start_matches(['@', '-', '+', ' ']), &variables);
            let n_entries = entries.len();
            for entry in &mut entries[n_entries - open..] {
                run_too(&mut entry.body, command.clone(), quote.clone());
            }
        } else if let Some((targets, needs)) = rule(line) {
            open = 0;
            for target in targets {
                open += 1;
                let needs = needs.clone();
                entries.push(Entry { name: target, quote: quote.clone(), body: Vec::new(), needs });
            }
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            open = 0;
        }
    }
    Runner { call: "make", family: "make", whole: true, entries }.judge(found);
}

/// The targets of a rule, and what they need. Patterns and special targets are no entry points.
fn rule(line: &str) -> Option<(Vec<String>, Vec<String>)> {
    if line.starts_with([' ', '#', '.', '$', '%']) {
        return None;
    }
    let (targets, rest) = line.split_once(':')?;
    let rest = rest.trim_start_matches(':');
    if rest.starts_with('=') || targets.contains(['=', '%', '$']) {
        return None;
    }
    let needs = rest.split(['#', ';']).next().unwrap_or_default();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let targets = words(targets);
    (!targets.is_empty()).then(|| (targets, words(needs)))
}

/// Plain assignments, for what stands in commands as `$(NAME)`.
fn variables(text: &str) -> BTreeMap<&str, &str> {
    let assignment = |line: &'_ str| -> Option<(usize, usize)> {
        let equals = line.find('=')?;
        let name = line[..equals].trim_end_matches([':', '?', '+', ' ']);
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        plain.then_some((name.len(), equals + 1))
    };
    text.lines()
        .filter_map(|line| {
            let (name, value) = assignment(line)?;
            Some((&line[..name], line[value..].trim()))
        })
        .collect()
}

fn expanded(command: &str, variables: &BTreeMap<&str, &str>) -> String {
    let mut text = command.replace("$(MAKE)", "make").replace("${MAKE}", "make");
    for (name, value) in variables {
        text = text.replace(&format!("$({name})"), value).replace(&format!("${{{name}}}"), value);
    }
    text
}
