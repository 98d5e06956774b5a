//! Conventions: what the settings of editors, formatters and linters ask for, and how commits are worded.

use super::page::{Page, code};
use crate::survey::listing::Listing;
use crate::survey::quote::Quote;

/// Files whose plain lines are the settings themselves, and how many of them are told.
const PLAIN: &[(&str, usize)] = &[
    (".editorconfig", 10),
    ("rustfmt.toml", 8),
    (".rustfmt.toml", 8),
    (".prettierrc", 8),
    (".prettierrc.json", 8),
    ("clippy.toml", 6),
    ("ruff.toml", 8),
    (".flake8", 6),
    (".clang-format", 6),
];

/// Files whose lines are told where they hold one of these pieces.
const PIECES: &[(&str, &[&str])] = &[
    ("pyproject.toml", &["line-length", "target-version", "requires-python", "strict = "]),
    ("tsconfig.json", &["\"strict\"", "\"target\"", "\"module\""]),
    ("package.json", &["\"type\": ", "\"packageManager\"", "\"node\": "]),
    ("Cargo.toml", &["edition = ", "rust-version = ", "unsafe_code"]),
    (".pre-commit-config.yaml", &["- id: "]),
];

/// The kinds of changes with which conventional messages begin.
const KINDS: &[&str] = &["feat", "fix", "docs", "chore", "refactor", "test", "ci", "build", "perf", "style", "revert"];

/// From so many commits on, their style can be told.
const ENOUGH_COMMITS: usize = 5;

pub(super) fn write(page: &mut Page, listing: &Listing) {
    let mut claims: Vec<(String, Vec<Quote>)> = Vec::new();
    for (name, most) in PLAIN {
        let Some(text) = listing.texts.get(*name) else { continue };
        let is_setting = |line: &&(usize, &str)| {
            line.1.contains(['=', ':'])
                && !line.1.contains('{')
                && !line.1.ends_with('[')
                && !line.1.trim_start().starts_with(['#', ';', '/'])
        };
        let lines: Vec<(usize, &str)> = text.lines().enumerate().collect();
        for (place, line) in lines.iter().filter(is_setting).take(*most) {
            claims.push((format!("- {name}: {}", code(line.trim())), vec![Quote::of(name, text, place + 1)]));
        }
    }
    for (name, pieces) in PIECES {
        let Some(text) = listing.texts.get(*name) else { continue };
        let holds = |line: &str| pieces.iter().any(|piece| line.contains(piece));
        for (place, line) in text.lines().enumerate().filter(|(_, line)| holds(line)).take(6) {
            claims.push((format!("- {name}: {}", code(line.trim())), vec![Quote::of(name, text, place + 1)]));
        }
    }
    claims.extend(headings(listing));
    let commits = commits(listing);
    if claims.is_empty() && commits.is_none() {
        return;
    }
    page.heading("Conventions");
    for (text, quotes) in claims.iter().take(30) {
        page.claim(text, quotes);
    }
    if let Some(commits) = commits {
        page.line(&commits);
    }
}

/// Where a person wrote about how to contribute.
fn headings(listing: &Listing) -> Vec<(String, Vec<Quote>)> {
    let name = "CONTRIBUTING.md";
    let Some(text) = listing.texts.get(name) else { return Vec::new() };
    let headings = text.lines().enumerate().filter(|(_, line)| line.starts_with("## "));
    headings
        .take(8)
        .map(|(place, line)| {
            let about = line.trim_start_matches('#').trim();
            (format!("- read {name} about \"{about}\""), vec![Quote::of(name, text, place + 1)])
        })
        .collect()
}

/// How the newest commits are worded.
fn commits(listing: &Listing) -> Option<String> {
    let subjects = &listing.subjects;
    if subjects.len() < ENOUGH_COMMITS {
        return None;
    }
    let is_conventional = |text: &str| {
        let head = text.split_once(':').map(|(head, _)| head.trim_end_matches('!'));
        let kind = head.map(|head| head.split('(').next().unwrap_or_default());
        kind.is_some_and(|kind| KINDS.contains(&kind))
    };
    let n_conventional = subjects.iter().filter(|subject| is_conventional(&subject.text)).count();
    let mut lengths: Vec<usize> = subjects.iter().map(|subject| subject.text.chars().count()).collect();
    lengths.sort_unstable();
    let newest = subjects.first()?;
    Some(format!(
        "- commit messages: {n_conventional} of the newest {} begin like `feat:` or `fix(part):`, half of them are at most {} \
         characters long; the newest: {} (from `git log`, {})",
        subjects.len(),
        lengths[lengths.len() / 2],
        code(&newest.text),
        newest.commit
    ))
}
