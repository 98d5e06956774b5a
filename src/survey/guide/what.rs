//! What a repository is: what its README and its manifests say in their first words, and of what it is made.

use super::layout::endings;
use super::page::Page;
use crate::survey::listing::Listing;
use crate::survey::quote::Quote;
use crate::survey::tree::{json, toml};

pub(super) fn write(page: &mut Page, listing: &Listing) {
    let readme = ["README.md", "README.rst", "README", "README.txt"].iter();
    let readme = readme.filter_map(|name| Some((*name, listing.texts.get(*name)?.as_str()))).next();
    let title = readme.and_then(|(name, text)| Quote::first(name, text, |line| line.starts_with("# ")));
    page.title(title.as_ref().map_or("This repository", |quote| quote.text.trim_start_matches('#').trim()));
    page.line("");
    page.line("What agents need to work here, read out of the repository's own files.");
    page.heading("What it is");
    if let Some(quote) = readme.and_then(|(name, text)| sentence(name, text)) {
        let text = readme.map(|(_, text)| text).unwrap_or_default();
        page.claim(&format!("- {}", whole_sentence(text, &quote)), &[quote]);
    }
    for quote in descriptions(listing) {
        page.claim(&format!("- {}", said(&quote.text)), &[quote]);
    }
    let files = listing.files.iter().map(String::as_str);
    page.line(&format!("- {} files: {} (from `git ls-files`)", listing.files.len(), endings(files, 5)));
}

/// The first line of a text that is prose: no heading, badge, picture, list or markup.
pub(super) fn sentence(name: &str, text: &str) -> Option<Quote> {
    Quote::first(name, text, |line| {
        let line = line.trim();
        line.len() > 20 && line.starts_with(char::is_alphabetic) && line.contains(' ')
    })
}

/// The sentence that begins at a quoted line, without the marks of comments; at most three lines long.
pub(super) fn whole_sentence(text: &str, quote: &Quote) -> String {
    let mut sentence = String::new();
    for line in text.lines().skip(quote.line.saturating_sub(1)).take(3) {
        let words = line.trim_start().trim_start_matches(['/', '!', '#', '"', ' ']).trim_end().trim_end_matches('"');
        if words.is_empty() {
            break;
        }
        let gap = if sentence.is_empty() { "" } else { " " };
        sentence.push_str(gap);
        sentence.push_str(words);
        if let Some(end) = sentence.find(". ") {
            sentence.truncate(end + 1);
        }
        if sentence.ends_with(['.', '!', '?']) {
            break;
        }
    }
    sentence
}

/// The descriptions in the manifests of the top folder.
fn descriptions(listing: &Listing) -> Vec<Quote> {
    let manifests = [
        ("package.json", &["description"][..]),
        ("Cargo.toml", &["package", "description"]),
        ("pyproject.toml", &["project", "description"]),
        ("composer.json", &["description"]),
    ];
    let mut quotes = Vec::new();
    for (name, path) in manifests {
        let Some(text) = listing.texts.get(name) else { continue };
        let root = if name.ends_with(".json") { json(text) } else { toml(text) };
        quotes.extend(root.and_then(|root| Some(Quote::of(name, text, root.at(path)?.line))));
    }
    quotes
}

/// What stands behind the key: `description = "A shop"` says `A shop`.
pub(super) fn said(line: &str) -> &str {
    let value = line.split_once([':', '=']).map_or(line, |(_, value)| value);
    value.trim().trim_end_matches(',').trim_matches('"')
}
