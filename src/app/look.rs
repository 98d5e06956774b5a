//! A read-only look at a repository: fetches for a survey what it asks for.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::refusal::Refusal;
use super::repository::Repository;
use crate::survey::{Ignored, Listing, Portion, Quote, Subject, is_setting, wanted};

/// The longest text that is read, in bytes. A longer manifest is a generated one.
const MOST_BYTES: u64 = 512 << 10;

/// How much of a file is read when only its beginning is wanted, in bytes.
const HEAD_BYTES: u64 = 4 << 10;

/// The most texts that are read.
const MOST_TEXTS: usize = 600;

/// How many commits the style of messages is told from.
const MOST_COMMITS: usize = 50;

/// Reads what a survey wants. Nothing is written, and nothing outside of the checkout is read.
///
/// # Errors
/// The repository is bare, or git fails.
pub fn listing(repository: &Repository) -> Result<Listing, Refusal> {
    let git = &repository.git;
    let mut listing = Listing::default();
    for path in git.files().map_err(Refusal::environment)? {
        let portion = wanted(&path).filter(|_| listing.texts.len() < MOST_TEXTS);
        if let Some(text) = portion.and_then(|portion| text_of(&repository.checkout, &path, portion)) {
            listing.texts.insert(path.clone(), text);
        }
        listing.files.insert(path);
    }
    let ignored = git.ignored_files(is_setting).map_err(Refusal::environment)?;
    listing.ignored = ignored
        .into_iter()
        .map(|file| Ignored {
            path: file.path,
            rule: Quote { file: file.rule_file, line: file.rule_line, text: file.rule },
        })
        .collect();
    let subjects = git.newest_subjects(MOST_COMMITS).map_err(Refusal::environment)?;
    listing.subjects = subjects.into_iter().map(|(commit, text)| Subject { commit, text }).collect();
    Ok(listing)
}

/// The text of a file in the checkout. A link that leads out of it, a pipe, and what is no text are left out.
fn text_of(checkout: &Path, path: &str, portion: Portion) -> Option<String> {
    let real = checkout.join(path).canonicalize().ok()?;
    let metadata = real.metadata().ok()?;
    if !real.starts_with(checkout.canonicalize().ok()?) || !metadata.is_file() {
        return None;
    }
    let most = match portion {
        Portion::Whole if metadata.len() > MOST_BYTES => return None,
        Portion::Whole => MOST_BYTES,
        Portion::Head => HEAD_BYTES,
    };
    let mut bytes = Vec::new();
    std::fs::File::open(real).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        // A head may end in the middle of a character.
        Err(fault) if portion == Portion::Head => {
            let valid = fault.utf8_error().valid_up_to();
            let mut bytes = fault.into_bytes();
            bytes.truncate(valid);
            String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
        }
        Err(_) => None,
    }
}

/// Whether a program is there: a path from the top folder of the checkout, or a name along `PATH`.
#[must_use]
pub fn is_there(checkout: &Path, program: &str, path: Option<&String>) -> bool {
    let runs = |file: &Path| {
        file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    };
    if program.contains('/') {
        return runs(&checkout.join(program));
    }
    path.is_some_and(|path| std::env::split_paths(path).any(|folder| runs(&folder.join(program))))
}
