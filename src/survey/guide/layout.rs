//! What is where: folders with their counts, and what they hold as far as a file in them says so.

use std::collections::BTreeMap;

use super::page::{Page, code};
use super::what::{said, sentence, whole_sentence};
use crate::survey::listing::Listing;
use crate::survey::quote::Quote;
use crate::survey::tree::{json, toml};

/// The most lines about folders.
const MOST_LINES: usize = 60;

/// A folder with fewer files is told as a whole.
const WORTH_OPENING: usize = 8;

/// The most folders that are told of one folder.
const MOST_INSIDE: usize = 14;

/// Files that say what their folder is for.
const TELLERS: &[&str] =
    &["README.md", "mod.rs", "lib.rs", "main.rs", "__init__.py", "doc.go", "package.json", "Cargo.toml"];

pub(super) fn write(page: &mut Page, listing: &Listing) {
    page.heading("Layout");
    page.line("Counts are of files that git knows (from `git ls-files`).");
    page.line("");
    let mut n_lines = 0;
    for folder in top_folders(listing) {
        if n_lines >= MOST_LINES {
            break;
        }
        line(page, listing, &folder, "");
        n_lines += 1;
        let inside = inside(listing, &folder);
        for (below, _) in inside.iter().take(MOST_INSIDE.min(MOST_LINES.saturating_sub(n_lines))) {
            line(page, listing, below, "  ");
            n_lines += 1;
        }
    }
    let top: Vec<String> = listing.files.iter().filter(|path| !path.contains('/')).map(|path| code(path)).collect();
    if !top.is_empty() {
        let shown = top.iter().take(16).cloned().collect::<Vec<_>>().join(", ");
        page.line(&format!("- top folder: {}: {shown}", files(top.len())));
    }
}

/// The folders of the top folder, without those that begin with a dot.
pub(super) fn top_folders(listing: &Listing) -> Vec<String> {
    let folders = listing.files.iter().filter_map(|path| path.split_once('/')).map(|(folder, _)| folder);
    let mut folders: Vec<String> = folders.filter(|folder| !folder.starts_with('.')).map(str::to_owned).collect();
    folders.dedup();
    folders
}

/// The folders of a folder that is large enough to be opened, the largest first; that of all of it is passed through.
fn inside(listing: &Listing, folder: &str) -> Vec<(String, usize)> {
    let prefix = format!("{folder}/");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let below: Vec<&str> = listing.files.iter().filter_map(|path| path.strip_prefix(&prefix)).collect();
    if below.len() < WORTH_OPENING {
        return Vec::new();
    }
    for (name, _) in below.iter().filter_map(|path| path.split_once('/')) {
        *counts.entry(name).or_default() += 1;
    }
    let mut folders: Vec<(String, usize)> =
        counts.into_iter().map(|(name, n_files)| (format!("{folder}/{name}"), n_files)).collect();
    folders.sort_by_key(|(name, n_files)| (std::cmp::Reverse(*n_files), name.clone()));
    folders
}

fn line(page: &mut Page, listing: &Listing, folder: &str, indent: &str) {
    let prefix = format!("{folder}/");
    let below: Vec<&str> = listing.files.iter().filter(|path| path.starts_with(&prefix)).map(String::as_str).collect();
    let counted = format!("{indent}- {}: {}, {}", code(&prefix), files(below.len()), endings(below.iter().copied(), 2));
    match told(listing, folder) {
        Some((words, quote)) => page.claim(&format!("{counted}; {words}"), &[quote]),
        None => page.line(&counted),
    }
}

/// What a file of a folder says that the folder is.
fn told(listing: &Listing, folder: &str) -> Option<(String, Quote)> {
    // A crate says what it is where its code begins.
    let places = TELLERS.iter().map(|name| format!("{folder}/{name}")).chain([format!("{folder}/src/lib.rs")]);
    places.into_iter().find_map(|path| {
        let text = listing.texts.get(&path)?;
        let quote = teller(&path, text)?;
        let words = said_by(&path, text, &quote);
        (!words.is_empty()).then_some((words, quote))
    })
}

fn teller(path: &str, text: &str) -> Option<Quote> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let described = |root: Option<crate::survey::tree::Node>, keys: &[&str]| {
        root.and_then(|root| Some(Quote::of(path, text, root.at(keys)?.line)))
    };
    match name {
        "README.md" => sentence(path, text).or_else(|| Quote::first(path, text, |line| line.starts_with("# "))),
        "package.json" => described(json(text), &["description"]),
        "Cargo.toml" => described(toml(text), &["package", "description"]),
        "__init__.py" => {
            Quote::first(path, text, |line| !line.trim().is_empty()).filter(|quote| quote.text.starts_with("\"\"\""))
        }
        "doc.go" => Quote::first(path, text, |line| line.starts_with("// Package ")),
        _ => Quote::first(path, text, |line| line.starts_with("//! ") && !line.starts_with("//! #")),
    }
}

fn said_by(path: &str, text: &str, quote: &Quote) -> String {
    if path.ends_with(".json") || path.ends_with(".toml") {
        return said(&quote.text).to_owned();
    }
    whole_sentence(text, quote)
}

/// How many files of which kinds, the most frequent first: `38 .rs, 4 .md`.
pub(super) fn endings<'a>(paths: impl Iterator<Item = &'a str>, most: usize) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in paths {
        let name = path.rsplit('/').next().unwrap_or_default();
        let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
        *counts.entry(ending.map_or("without ending".to_owned(), |(_, ending)| format!(".{ending}"))).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(ending, n_files)| (std::cmp::Reverse(*n_files), ending.clone()));
    counts.iter().take(most).map(|(ending, n_files)| format!("{n_files} {ending}")).collect::<Vec<_>>().join(", ")
}

fn files(n_files: usize) -> String {
    if n_files == 1 { "1 file".to_owned() } else { format!("{n_files} files") }
}
