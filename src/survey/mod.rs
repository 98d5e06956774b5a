//! What a repository's own files say about how it is set up, built, tested and linted: from a listing and some texts to
//! proposals, each with the line that backs it.
//!
//! **Invariant:** nothing is proposed without a quote. This room reads no file and asks no program; the same listing
//! always leads to the same survey.

pub mod listing;
pub mod quote;
pub mod purpose;
pub mod words;
pub mod classify;
pub mod refuse;
pub mod proposal;
pub mod readiness;
pub mod guide;
mod tree;
mod entry;
mod found;
mod read;
mod bring;
mod choose;
mod choose_setup;

pub use listing::{Ignored, Listing, Portion, Subject, wanted};
pub use proposal::{Bring, Proposal, Refused, Strength, Survey};
pub use purpose::Purpose;
pub use quote::Quote;
pub use refuse::Reason;

pub use bring::is_setting;

use found::Found;
use listing::Folder;

/// How many folders are looked into when the top folder itself says nothing.
const MOST_FOLDERS: usize = 4;

/// Looks through a repository. Where its top folder has no manifest that says how to prove work, the folders below it
/// are looked into, each for itself.
#[must_use]
pub fn survey(listing: &Listing) -> Survey {
    let ci = read::ci::read(listing);
    let mut found = read::all(Folder::top(listing));
    let prefixes = if found.has_gates() { Vec::new() } else { folders_with_manifests(listing) };
    for prefix in &prefixes {
        found.add_below(prefix, read::all(Folder::below(listing, prefix)));
    }
    found.join_with_ci(ci);
    let (gates, alternatives) = choose::gates(&found);
    let setup = choose_setup::setup(&found);
    let bring = bring::files(listing);
    let Found { mut refused, mut notes, .. } = found;
    refused.sort();
    refused.dedup();
    notes.sort();
    notes.dedup();
    Survey { gates, alternatives, setup, bring, refused, notes }
}

fn folders_with_manifests(listing: &Listing) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for path in listing.texts.keys() {
        let Some((folder, name)) = path.split_once('/') else { continue };
        if listing::is_manifest(name) && !folder.starts_with('.') && !folders.iter().any(|known| known == folder) {
            folders.push(folder.to_owned());
        }
    }
    folders.truncate(MOST_FOLDERS);
    folders
}
