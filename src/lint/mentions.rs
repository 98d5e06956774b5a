//! Texts that speak of another epic although neither depends on the other: a dependency is probably missing.

use std::collections::BTreeMap;

use super::criteria::{quote, quote_around};
use super::finding::{Field, Finding, Rule, Severity, Spot};
use super::reach::Reach;
use super::shared::texts_of;
use super::text::{Phrase, sentences, words_of};
use super::vocabulary::vocabulary;
use crate::domain::plan::{Epic, Plan};

/// Looks at all epics that are still to be done.
pub(super) fn look(plan: &Plan, reach: &Reach, found: &mut Vec<Finding>) {
    let names = Names::of(plan);
    for (position, epic) in plan.epics().iter().enumerate().filter(|(_, epic)| epic.is_open()) {
        let own_title = words_of(&epic.title);
        let mut mentioned: BTreeMap<usize, Mention> = BTreeMap::new();
        for (at, text) in texts_of(position, epic) {
            for sentence in sentences(text) {
                for (other, severity) in names.mentioned_in(sentence, at, &own_title) {
                    let is_new = reach.side_by_side(position, other) && plan.epics()[other].is_open();
                    let is_worse = mentioned.get(&other).is_none_or(|known| known.severity < severity);
                    if is_new && is_worse {
                        mentioned.insert(other, Mention { at, severity, sentence });
                    }
                }
            }
        }
        found.extend(mentioned.into_iter().map(|(other, mention)| mention.finding(epic, &plan.epics()[other])));
    }
}

/// The strongest mention of another epic.
struct Mention<'p> {
    at: Spot,
    severity: Severity,
    sentence: &'p str,
}

impl Mention<'_> {
    fn finding(self, epic: &Epic, other: &Epic) -> Finding {
        let id = other.id.as_str();
        let by_id = self.sentence.contains(id).then(|| id.to_ascii_lowercase());
        let name = by_id.or_else(|| words_of(&other.title).into_iter().next()).unwrap_or_default();
        let sentence = quote_around(self.sentence, &name);
        let what = format!("{sentence} speaks of {}, and neither waits for the other", other.id);
        let instead = format!(
            "add {} to \"dependsOn\" of {}, or say it without the other epic",
            quote(other.id.as_str()),
            epic.id
        );
        Finding { rule: Rule::MissingDependency, severity: self.severity, at: self.at, what, instead }
    }
}

/// By what an epic can be named.
struct Name {
    epic: usize,
    phrase: Phrase,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    /// By its id, which stands in the text exactly so.
    Id(String),
    /// By its title, with this many words that mean something.
    Title(usize),
}

/// The names of all epics by their first word.
struct Names(BTreeMap<String, Vec<Name>>);

impl Names {
    fn of(plan: &Plan) -> Self {
        let mut names: BTreeMap<String, Vec<Name>> = BTreeMap::new();
        for (epic, other) in plan.epics().iter().enumerate() {
            let title = words_of(&other.title);
            let n_meaning = title.iter().filter(|word| !vocabulary().common.contains(*word)).count();
            let title = Name { epic, phrase: Phrase::new(&other.title), kind: Kind::Title(n_meaning) };
            let id = Name { epic, phrase: id_phrase(other.id.as_str()), kind: Kind::Id(other.id.to_string()) };
            for name in [title, id] {
                if let Some(first) = name.phrase.words().first().cloned() {
                    names.entry(first).or_default().push(name);
                }
            }
        }
        Self(names)
    }

    /// The epics that a sentence names in a way that means something.
    fn mentioned_in(&self, sentence: &str, at: Spot, own_title: &[String]) -> Vec<(usize, Severity)> {
        let words = words_of(sentence);
        let mut mentioned = Vec::new();
        for place in 0..words.len() {
            for name in
                self.0.get(&words[place]).into_iter().flatten().filter(|name| name.phrase.begins(&words[place..]))
            {
                let cue = Cue::of(&words[..place], &words[place + name.phrase.len()..]);
                let severity = match &name.kind {
                    Kind::Id(id) if sentence.contains(id.as_str()) => cue.of_id(),
                    Kind::Id(_) => None,
                    // One title that is part of another, and a title that is named in titles, tell nothing.
                    Kind::Title(_) if name.phrase.is_in(own_title) => None,
                    Kind::Title(n_meaning) => cue.of_title(*n_meaning, at.field == Some(Field::Title)),
                };
                mentioned.extend(severity.map(|severity| (name.epic, severity)));
            }
        }
        mentioned
    }
}

/// What names an epic by its id: the id, if it can be nothing else; "epic login" for one that is a plain word.
fn id_phrase(id: &str) -> Phrase {
    let is_code = id.contains(char::is_alphabetic) && id.contains(|c: char| c.is_ascii_digit());
    if is_code { Phrase::new(id) } else { Phrase::new(&format!("epic {id}")) }
}

/// What stands around the name of an epic.
struct Cue {
    /// "builds on".
    builds: bool,
    /// "requires", "uses the table from".
    requires: bool,
    /// "after".
    follows: bool,
    /// "once ... exists".
    exists: bool,
    /// "independent of".
    apart: bool,
}

impl Cue {
    fn of(before: &[String], after: &[String]) -> Self {
        let known = vocabulary();
        // "builds on the work of X": up to three words may stand between.
        let stands_before = |phrases: &[Phrase], most: usize| {
            (0..=most.min(before.len())).any(|n| phrases.iter().any(|phrase| phrase.ends(&before[..before.len() - n])))
        };
        let apart = |words: &[String]| known.apart.iter().any(|phrase| phrase.is_in(words));
        let follows = stands_before(&known.following, 2);
        // "uses the table from X"
        let uses = |word: &String| matches!(word.as_str(), "use" | "uses" | "using" | "reuses" | "reads");
        let takes = before.iter().rev().take(2).any(|word| word == "from") && before.iter().any(uses);
        Self {
            builds: stands_before(&known.building, 3),
            requires: takes || stands_before(&known.requiring, 3),
            follows,
            exists: follows && known.existing.iter().any(|phrase| phrase.begins(after)),
            apart: apart(before) || apart(after),
        }
    }

    fn of_id(&self) -> Option<Severity> {
        (!self.apart).then_some(Severity::Warning)
    }

    /// The fewer words a title has, the more it takes to be sure that the epic is meant.
    fn of_title(&self, n_meaning: usize, in_title: bool) -> Option<Severity> {
        let is_sure = self.builds || self.exists;
        match n_meaning {
            _ if self.apart => None,
            0 => None,
            1 => is_sure.then_some(Severity::Hint),
            2 => (is_sure || self.requires).then_some(Severity::Warning),
            3.. if is_sure || self.requires || self.follows => Some(Severity::Warning),
            3.. => (!in_title).then_some(Severity::Hint),
        }
    }
}
