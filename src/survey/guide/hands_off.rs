//! What agents should leave alone: lock files, generated and vendored files, and commands with consequences.

use super::page::{Page, code};
use crate::survey::listing::{LOCKS, Listing};
use crate::survey::proposal::Survey;
use crate::survey::quote::Quote;

/// Folders that hold other people's code.
const VENDORED: &[&str] = &["vendor", "third_party", "third-party", "node_modules", "extern", "external"];

/// The most commands that are told.
const MOST_COMMANDS: usize = 12;

pub(super) fn write(page: &mut Page, listing: &Listing, survey: &Survey) {
    let mut claims: Vec<(String, Option<Quote>)> = Vec::new();
    for path in &listing.files {
        let name = path.rsplit('/').next().unwrap_or_default();
        if LOCKS.contains(&name) && path.matches('/').count() <= 1 {
            let text = listing.texts.get(path);
            let quote = text.and_then(|text| Quote::first(path, text, |line| line.trim().len() > 1));
            claims.push((format!("- {}: a lock file; only its package manager writes it", code(path)), quote));
        }
    }
    if let Some(text) = listing.texts.get(".gitattributes") {
        for (place, line) in text.lines().enumerate() {
            if line.contains("generated") || line.contains("vendored") || line.contains("-diff") {
                let pattern = line.split_whitespace().next().unwrap_or_default();
                let quote = Quote::of(".gitattributes", text, place + 1);
                claims.push((format!("- {}: marked as not written by hand", code(pattern)), Some(quote)));
            }
        }
    }
    for folder in
        VENDORED.iter().filter(|folder| listing.files.iter().any(|path| path.starts_with(&format!("{folder}/"))))
    {
        claims.push((format!("- {}: code of others (from `git ls-files`)", code(&format!("{folder}/"))), None));
    }
    claims.extend(generated(listing));
    for refused in survey.refused.iter().take(MOST_COMMANDS) {
        let text = format!("- do not run {} unattended: it {}", code(&refused.command), refused.reason);
        claims.push((text, Some(refused.quote.clone())));
    }
    if claims.is_empty() {
        return;
    }
    page.heading("What not to touch");
    for (text, quote) in claims {
        match quote {
            Some(quote) => page.claim(&text, &[quote]),
            None => page.line(&text),
        }
    }
}

/// Kinds of files whose names say that a program wrote them.
fn generated(listing: &Listing) -> Vec<(String, Option<Quote>)> {
    let kinds = [".pb.go", "_pb2.py", ".min.js", ".min.css", ".generated.ts", ".g.dart", ".snap", "_generated.go"];
    let count = |ending: &str| listing.files.iter().filter(|path| path.ends_with(ending)).count();
    let found = kinds.iter().map(|ending| (ending, count(ending))).filter(|(_, n_files)| *n_files > 0);
    found
        .map(|(ending, n_files)| {
            let text = format!(
                "- {}: {n_files} files that a program writes (from `git ls-files`)",
                code(&format!("*{ending}"))
            );
            (text, None)
        })
        .collect()
}
