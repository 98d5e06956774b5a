//! A repository as a list of files, and what a survey says of it as lines of text.

use ralph_teams::survey::{Listing, Survey, survey, wanted};

/// A listing of these files, with the texts that a reader would be asked for.
pub fn listing(files: &[(&str, &str)]) -> Listing {
    let mut listing = Listing::default();
    for (path, text) in files {
        listing.files.insert((*path).to_owned());
        if wanted(path).is_some() {
            listing.texts.insert((*path).to_owned(), (*text).to_owned());
        }
    }
    listing
}

/// The survey as lines: `name | command | places`.
pub fn told(survey: &Survey) -> Vec<String> {
    let gates = survey.gates.iter().chain(&survey.setup);
    let mut lines: Vec<String> =
        gates.map(|found| format!("{} | {} | {}", found.name, found.command, found.places())).collect();
    lines.extend(
        survey
            .refused
            .iter()
            .map(|refused| format!("no: {} | {} | {}", refused.command, refused.reason, refused.quote)),
    );
    lines
}

/// Fails unless exactly this is said of these files. Each quote must be the line that it names.
#[track_caller]
pub fn check(files: &[(&str, &str)], expected: &[&str]) -> Survey {
    let survey = survey(&listing(files));
    assert_eq!(told(&survey), expected, "\nothers: {:#?}\nnotes: {:#?}", survey.alternatives, survey.notes);
    let proposals = survey.gates.iter().chain(&survey.alternatives).chain(&survey.setup);
    let quotes = proposals.flat_map(|proposal| {
        assert!(!proposal.quotes.is_empty(), "{} has no quote", proposal.command);
        &proposal.quotes
    });
    for quote in quotes.chain(survey.refused.iter().map(|refused| &refused.quote)) {
        let (_, text) = files.iter().find(|(path, _)| *path == quote.file).expect("a quoted file exists");
        assert_eq!(text.lines().nth(quote.line - 1).map(str::trim), Some(quote.text.as_str()), "{quote}");
    }
    survey
}
