//! Rules about acceptance criteria: can somebody who did not write one say whether it holds?

use std::collections::BTreeSet;

use super::finding::{Field, Finding, Rule, Spot};
use super::text::{Phrase, unquoted, words_of};
use super::vocabulary::{Vague, is_english, vocabulary};
use crate::domain::plan::{Epic, Plan, Story};

/// Looks at the criteria of all stories that are still to be done.
pub(super) fn look(plan: &Plan, found: &mut Vec<Finding>) {
    let all = plan.epics().iter().flat_map(|epic| &epic.user_stories).flat_map(|story| &story.acceptance_criteria);
    let knows_words = is_english(all.map(String::as_str));
    for (position, epic) in plan.epics().iter().enumerate().filter(|(_, epic)| epic.is_open()) {
        for (n, story) in epic.user_stories.iter().enumerate().filter(|(_, story)| !story.passes) {
            story_criteria(position, n, story, knows_words, found);
        }
        if knows_words {
            found.extend(only_happy_path(position, epic));
        }
    }
}

fn story_criteria(epic: usize, n: usize, story: &Story, knows_words: bool, found: &mut Vec<Finding>) {
    if story.acceptance_criteria.is_empty() {
        let what = format!("{} has no acceptance criteria, so nothing can be proven of it", story.id);
        let instead = "write what can be seen or tried when it is done, one statement each";
        found.push(Finding::warning(
            Rule::NoCriteria,
            Spot::story(epic, n, Field::AcceptanceCriteria(None)),
            what,
            instead,
        ));
    }
    let mut seen = BTreeSet::new();
    for (entry, criterion) in story.acceptance_criteria.iter().enumerate() {
        let at = Spot::story(epic, n, Field::AcceptanceCriteria(Some(entry)));
        let judged = Judged::of(criterion);
        let repeated = !judged.words.is_empty() && !seen.insert(judged.words.clone());
        let repeated = repeated.then(|| {
            let what = format!("says the same as another criterion of {}", story.id);
            Finding::hint(Rule::RepeatedCriterion, at, what, "remove one of the two")
        });
        // One finding for a criterion is enough: whoever rewrites it sees the rest.
        let about_words =
            || judged.vague(at).or_else(|| judged.implementation(at)).or_else(|| judged.nothing_to_observe(at));
        let finding = judged.placeholder(at).or(repeated);
        found.extend(finding.or_else(|| if knows_words { about_words() } else { None }));
    }
}

/// A criterion as the rules read it.
struct Judged<'c> {
    text: &'c str,
    /// All its words.
    words: Vec<String>,
    /// Those that do not stand in quotes.
    own: Vec<String>,
    /// Whether it shows something: a number, a quote, code.
    is_concrete: bool,
}

impl<'c> Judged<'c> {
    fn of(text: &'c str) -> Self {
        let rest = unquoted(text);
        let own = words_of(&rest.text);
        let explains = vocabulary().explaining.iter().any(|phrase| phrase.is_in(&own)) || text.contains(": ");
        let has_code = text.contains(['<', '{', '_', '=']) || text.split_whitespace().any(is_code_name);
        let is_concrete = rest.had_quotes || explains || has_code || text.contains(|c: char| c.is_numeric());
        Self { text, words: words_of(text), own, is_concrete }
    }

    fn placeholder(&self, at: Spot) -> Option<Finding> {
        let known = vocabulary();
        let whole = self.text.trim().to_lowercase();
        let is_placeholder = known.placeholder_texts.contains(&whole)
            || known.placeholder_marks.iter().any(|mark| self.text.contains(mark.as_str()))
            || known.placeholders.iter().any(|phrase| phrase.is_in(&self.own));
        is_placeholder.then(|| {
            let what = format!("{} is a placeholder: nobody can check it", quote(self.text));
            Finding::warning(Rule::Placeholder, at, what, "decide it now, or leave the criterion out")
        })
    }

    fn vague(&self, at: Spot) -> Option<Finding> {
        let rows = vocabulary().vague.iter().filter(|row| row.always || !self.is_concrete);
        let (row, phrase) =
            rows.filter_map(|row| Some((row, self.vague_word(row)?))).min_by_key(|(row, _)| row.is_hint)?;
        let shown = quote_around(self.text, phrase.words().first().map_or("", String::as_str));
        let what = format!("\"{}\" in {shown} means something else to everybody", phrase.text());
        let make = if row.is_hint || self.is_concrete { Finding::hint } else { Finding::warning };
        Some(make(Rule::VagueCriterion, at, what, row.instead.clone()))
    }

    /// The first phrase of the row that stands for itself.
    fn vague_word<'r>(&self, row: &'r Vague) -> Option<&'r Phrase> {
        let covered: BTreeSet<usize> = row
            .except
            .iter()
            .flat_map(|except| except.places(&self.own).flat_map(|place| place..place + except.len()))
            .collect();
        row.phrases.iter().find(|phrase| phrase.places(&self.own).any(|place| !covered.contains(&place)))
    }

    fn nothing_to_observe(&self, at: Spot) -> Option<Finding> {
        /// A longer text has a verb that the vocabulary does not know.
        const MOST_WORDS: usize = 5;
        let known = vocabulary();
        let process = known.process.iter().find(|phrase| phrase.is_in(&self.own));
        let is_seen = match process {
            // "is complete" observes nothing, though "complete" elsewhere does.
            Some(process) => (0..self.own.len()).any(|n| !process.words().contains(&self.own[n]) && self.observes(n)),
            None => (0..self.own.len()).any(|n| known.auxiliaries.contains(&self.own[n]) || self.observes(n)),
        };
        let is_path = self.text.split_whitespace().any(|word| word.trim_matches(',').contains(['/', '>', '→']));
        let is_short = (1..=MOST_WORDS).contains(&self.own.len()) || process.is_some();
        // What ends with a colon is the heading of the criteria below it.
        let is_heading = self.text.trim_end().ends_with(':');
        if self.is_concrete || is_seen || is_path || is_heading || !is_short {
            return None;
        }
        let what = format!("{} names nothing that could be seen, counted or tried", quote(self.text));
        let instead = "write who does what, and what happens then, like \"a wrong password is answered with 401\"";
        Some(Finding::warning(Rule::NothingToObserve, at, what, instead))
    }

    /// Whether its word at this place names something to be seen, counted or tried: "Tests pass", but not "Password reset".
    fn observes(&self, n: usize) -> bool {
        let known = vocabulary();
        let word = &self.own[n];
        let is_last = n + 1 == self.own.len();
        let is_topic = self.own.last().is_some_and(|last| known.topics.contains(last));
        let behind_plural = n > 0 && self.own[n - 1].ends_with('s') && !word.ends_with("ing");
        known.observed.contains(word) || known.observing.contains(word) && !is_topic && (!is_last || behind_plural)
    }

    fn implementation(&self, at: Spot) -> Option<Finding> {
        let known = vocabulary();
        let begins = |phrases: &[Phrase]| phrases.iter().any(|phrase| phrase.begins(&self.own));
        let has_number = self.text.contains(|c: char| c.is_numeric());
        if has_number || !begins(&known.implementing) || begins(&known.implementing_not) {
            return None;
        }
        let what = format!("{} says how it is built, not what it does", quote(self.text));
        let instead = "write what is seen from outside; put the way to get there into the description";
        Some(Finding::hint(Rule::Implementation, at, what, instead))
    }
}

fn only_happy_path(position: usize, epic: &Epic) -> Option<Finding> {
    /// Of fewer criteria nobody can tell.
    const LEAST_CRITERIA: usize = 3;
    let criteria = || epic.user_stories.iter().flat_map(|story| &story.acceptance_criteria);
    if criteria().count() < LEAST_CRITERIA || criteria().any(|criterion| speaks_of_failing(criterion)) {
        return None;
    }
    let what =
        format!("no criterion of {} speaks of an error or an edge: empty, missing, wrong, twice, too long", epic.id);
    let instead = "add what happens when the input is wrong or something fails";
    Some(Finding::hint(Rule::OnlyHappyPath, Spot::epic(position, Field::UserStories), what, instead))
}

/// Whether a word is about an error or an edge, and does not only say that there is none. What stands in quotes is an example: a
/// button called "Cancel" is no edge.
fn speaks_of_failing(criterion: &str) -> bool {
    let known = vocabulary();
    let words = words_of(&unquoted(criterion).text);
    let is_failing = |word: &String| {
        let is_error_code = word.len() == 3 && word.starts_with(['4', '5']) && word.parse::<u16>().is_ok();
        is_error_code || known.failing.contains(word) || word.ends_with("n't")
    };
    let flawless: BTreeSet<usize> = known
        .flawless
        .iter()
        .flat_map(|phrase| phrase.places(&words).flat_map(|place| place..place + phrase.len()))
        .collect();
    known.failing_phrases.iter().any(|phrase| phrase.is_in(&words))
        || words.iter().enumerate().any(|(place, word)| is_failing(word) && !flawless.contains(&place))
}

/// Whether a word is the name of something in code, like `ScrollView` or `passesAt`.
fn is_code_name(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    letters.windows(2).any(|pair| pair[0].is_lowercase() && pair[1].is_uppercase())
}

/// The piece of a text that has this word, in lower case, in its middle.
pub(super) fn quote_around(text: &str, word: &str) -> String {
    /// What stands before the word, in bytes.
    const BEFORE: usize = 24;
    let text = text.trim();
    let place = text.to_ascii_lowercase().find(word).unwrap_or(0);
    // A beginning that is shorter than what says that it is left out is shown.
    let start = if place <= BEFORE + 3 { 0 } else { text.floor_char_boundary(place - BEFORE) };
    if start == 0 { quote(text) } else { quote(&format!("...{}", &text[start..])) }
}

/// The user's own text for a message, cut when it is long.
pub(super) fn quote(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}", format!("{}...", &text[..end])),
        None => format!("{text:?}"),
    }
}
