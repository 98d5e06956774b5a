//! The page for agents, `AGENTS.md` or `CLAUDE.md`: whether it says what an agent needs, and a proposal of what it lacks,
//! made of what the repository's own files say.
//!
//! **Invariant:** what a person wrote is kept byte for byte, and what is added stands below it. Every claim names the file
//! that backs it.

mod page;
mod topics;
mod what;
mod layout;
mod commands;
mod conventions;
mod ci;
mod hands_off;

use schemars::JsonSchema;
use serde::Serialize;

use super::listing::Listing;
use super::proposal::Survey;
pub(super) use ci::files as ci_files;
pub(super) use commands::tests;
use page::Page;
pub use topics::Topic;

/// The names of such a page, the one that is preferred first.
pub const FILES: [&str; 2] = ["AGENTS.md", "CLAUDE.md"];

/// A longer page is not read to its end.
pub const MOST_LINES: usize = 400;

/// What is proposed stays below that.
const MOST_PROPOSED_LINES: usize = 200;

/// Fewer lines than a page usually needs: then the repository says little.
pub const FEW_LINES: usize = 80;

/// A page as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Existing<'a> {
    /// Its name.
    pub file: &'static str,
    /// Its text.
    pub text: &'a str,
}

/// The page that is there; `AGENTS.md` when both are.
#[must_use]
pub fn existing(listing: &Listing) -> Option<Existing<'_>> {
    FILES.iter().find_map(|file| Some(Existing { file, text: listing.texts.get(*file)? }))
}

/// The topics that an agent needs here and that a page does not name. Nobody needs to be told how to build what is not
/// built.
#[must_use]
pub fn missing(text: &str, listing: &Listing, survey: &Survey) -> Vec<Topic> {
    let named = topics::named(text, &layout::top_folders(listing));
    let can_be_told = |topic: &Topic| match topic {
        Topic::Layout | Topic::Test => true,
        Topic::Setup => survey.setup.is_some(),
        Topic::Build | Topic::Style => topic.purposes().iter().any(|purpose| commands::knows(survey, *purpose)),
    };
    Topic::ALL.into_iter().filter(|topic| !named.contains(topic) && can_be_told(topic)).collect()
}

/// What a page should become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GuideProposal {
    /// Its name.
    pub file: String,
    /// The page as it is; empty when there is none.
    pub old: String,
    /// The page as it should be; it begins with the old one, byte for byte.
    pub new: String,
    /// How many lines are added.
    pub added_lines: usize,
}

/// The page that is missing, or what a poor one lacks; `None` when nothing is to be added.
#[must_use]
pub fn propose(listing: &Listing, survey: &Survey) -> Option<GuideProposal> {
    let Some(existing) = existing(listing) else {
        let mut page = Page::default();
        what::write(&mut page, listing);
        for topic in Topic::ALL {
            write_topic(&mut page, topic, listing, survey);
        }
        conventions::write(&mut page, listing);
        ci::write(&mut page, listing);
        hands_off::write(&mut page, listing, survey);
        return Some(proposal(FILES[0], "", &page.finish(MOST_PROPOSED_LINES)));
    };
    let missing = missing(existing.text, listing, survey);
    let n_lines = existing.text.lines().count();
    if missing.is_empty() || n_lines >= MOST_LINES {
        return None;
    }
    let mut page = Page::default();
    page.heading("Read out of the repository");
    page.line("What the text above does not say, each with the line that backs it.");
    for topic in missing {
        write_topic(&mut page, topic, listing, survey);
    }
    let most = MOST_PROPOSED_LINES.min(MOST_LINES - n_lines);
    let added = page.finish(most);
    let gap = if existing.text.is_empty() || existing.text.ends_with('\n') { "" } else { "\n" };
    Some(proposal(existing.file, existing.text, &format!("{gap}{added}")))
}

fn proposal(file: &str, old: &str, added: &str) -> GuideProposal {
    let new = format!("{old}{added}");
    let added_lines = added.lines().count();
    GuideProposal { file: file.to_owned(), old: old.to_owned(), new, added_lines }
}

fn write_topic(page: &mut Page, topic: Topic, listing: &Listing, survey: &Survey) {
    match topic {
        Topic::Layout => layout::write(page, listing),
        Topic::Setup => commands::write_setup(page, listing, survey),
        Topic::Build => commands::write(page, "Build", topic.purposes(), survey),
        Topic::Test => commands::write_test(page, listing, survey),
        Topic::Style => commands::write(page, "Format and lint", topic.purposes(), survey),
    }
}
