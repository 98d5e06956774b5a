//! How to set up, build, test, format and lint: the proposals of the survey.

use super::page::{Page, code};
use crate::survey::listing::Listing;
use crate::survey::proposal::{Proposal, Survey};
use crate::survey::purpose::Purpose;
use crate::survey::quote::Quote;

/// Files that name the version of a tool in their first line.
const VERSIONS: &[&str] =
    &[".nvmrc", ".node-version", ".python-version", ".ruby-version", ".tool-versions", "rust-toolchain"];

/// Whether a command for it is known.
pub(super) fn knows(survey: &Survey, purpose: Purpose) -> bool {
    survey.gates.iter().chain(&survey.alternatives).any(|proposal| proposal.purpose == purpose)
}

/// A section of commands; nothing when none is known.
pub(super) fn write(page: &mut Page, heading: &str, purposes: &[Purpose], survey: &Survey) {
    if purposes.iter().any(|purpose| knows(survey, *purpose)) {
        page.heading(heading);
        list(page, purposes, survey);
    }
}

fn list(page: &mut Page, purposes: &[Purpose], survey: &Survey) {
    let of = |proposals: &[Proposal]| -> Vec<Proposal> {
        proposals.iter().filter(|proposal| purposes.contains(&proposal.purpose)).cloned().collect()
    };
    for proposal in of(&survey.gates) {
        let text = format!("- {}: {}", code(&proposal.command), proposal.strength.words());
        page.claim(&text, &proposal.quotes);
    }
    for other in of(&survey.alternatives) {
        page.claim(&format!("- also there: {}", code(&other.command)), &other.quotes);
    }
}

/// How it is tested, and where the tests are.
pub(super) fn write_test(page: &mut Page, listing: &Listing, survey: &Survey) {
    page.heading("Test");
    list(page, &[Purpose::Test], survey);
    if !knows(survey, Purpose::Test) {
        page.line("- no file of this repository says how its tests are run");
    }
    let tests = tests(listing);
    let mut folders: Vec<&str> =
        tests.iter().map(|path| path.rsplit_once('/').map_or("", |(folder, _)| folder)).collect();
    folders.dedup();
    let shown: Vec<String> = folders.iter().take(12).map(|folder| code(&format!("{folder}/"))).collect();
    if !tests.is_empty() {
        page.line(&format!("- {} files of tests, in {} (from `git ls-files`)", tests.len(), shown.join(", ")));
    }
}

/// The files that hold tests, by their names.
pub(in crate::survey) fn tests(listing: &Listing) -> Vec<&str> {
    let is_test = |path: &&str| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.split('.').next().unwrap_or_default();
        let in_folder = folder.split('/').any(|part| matches!(part, "test" | "tests" | "spec" | "specs" | "__tests__"));
        let is_code = [
            ".rs", ".py", ".js", ".ts", ".jsx", ".tsx", ".go", ".rb", ".java", ".kt", ".php", ".exs", ".c", ".cc",
            ".cpp", ".cs", ".swift", ".sh",
        ]
        .iter()
        .any(|ending| name.ends_with(ending));
        let by_name = stem.ends_with("_test")
            || stem.starts_with("test_")
            || stem.ends_with("Test")
            || stem.ends_with("_spec")
            || stem == "tests"
            || name.contains(".test.")
            || name.contains(".spec.");
        is_code && (in_folder || by_name)
    };
    listing.files.iter().map(String::as_str).filter(is_test).collect()
}

/// How a fresh checkout is made ready.
pub(super) fn write_setup(page: &mut Page, listing: &Listing, survey: &Survey) {
    page.heading("Set up");
    match &survey.setup {
        Some(setup) => page.claim(&format!("- {}: {}", code(&setup.command), setup.strength.words()), &setup.quotes),
        None => page.line("- no file of this repository asks for more than a checkout"),
    }
    for name in VERSIONS {
        let quote = listing.texts.get(*name).and_then(|text| Quote::first(name, text, |line| !line.trim().is_empty()));
        if let Some(quote) = quote {
            page.claim(&format!("- version: {}", code(&quote.text)), &[quote]);
        }
    }
    let channel = listing.texts.get("rust-toolchain.toml");
    let channel =
        channel.and_then(|text| Quote::first("rust-toolchain.toml", text, |line| line.trim().starts_with("channel")));
    if let Some(quote) = channel {
        page.claim(&format!("- version: {}", code(&quote.text)), &[quote]);
    }
    for bring in &survey.bring {
        page.claim(
            &format!("- {} is there and not in git: settings of this machine", code(&bring.path)),
            std::slice::from_ref(&bring.rule),
        );
    }
    for note in &survey.notes {
        page.line(&format!("- {note}"));
    }
}
