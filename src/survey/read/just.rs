//! Justfiles: recipes, what they need, and what they run.

use crate::survey::entry::{Entry, Runner, run_too};
use crate::survey::found::Found;
use crate::survey::listing::Folder;

const NAMES: &[&str] = &["justfile", "Justfile", ".justfile"];

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let Some((name, text)) = folder.first_text(NAMES) else { return };
    let mut entries: Vec<Entry> = Vec::new();
    let mut open = false;
    for (place, line) in text.lines().enumerate() {
        let quote = folder.quote(name, place + 1);
        if line.starts_with([' ', '\t']) {
            let command = line.trim_start().trim_start_matches(['@', '-']).to_owned();
            if let Some(entry) = entries.last_mut().filter(|_| open) {
                run_too(&mut entry.body, command, quote);
            }
        } else if let Some((recipe, needs)) = recipe(line) {
            open = true;
            entries.push(Entry { name: recipe, quote, body: Vec::new(), needs });
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            open = false;
        }
    }
    Runner { call: "just", family: "just", whole: true, entries }.judge(found);
}

/// The name of a recipe and what it needs. One that wants arguments, or is private, is no entry point.
fn recipe(line: &str) -> Option<(String, Vec<String>)> {
    if line.starts_with(['#', '[']) || line.contains(":=") {
        return None;
    }
    let (head, needs) = line.trim_start_matches('@').split_once(':')?;
    let mut words = head.split_whitespace();
    let name = words.next()?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let wants = words.any(|word| !word.starts_with('*') && !word.contains('='));
    let plain = is_name && !name.starts_with('_') && !wants;
    let needs = needs.split('#').next().unwrap_or_default().split_whitespace();
    plain.then(|| (name.to_owned(), needs.map(|need| need.trim_matches(['(', ')']).to_owned()).collect()))
}
