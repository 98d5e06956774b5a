//! The words that the rules look for, read from one table, `words.json`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::text::{Phrase, words_of};

const TABLE: &str = include_str!("words.json");

/// That the table can be read is tested; without it the rules about words would only keep silent.
static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| serde_json::from_str::<Table>(TABLE).map(Vocabulary::of).unwrap_or_default());

/// The words, ready to be looked for.
pub(super) fn vocabulary() -> &'static Vocabulary {
    &VOCABULARY
}

/// Words that everybody reads in their own way.
pub(super) struct Vague {
    pub(super) phrases: Vec<Phrase>,
    /// Where such a word has a meaning of its own.
    pub(super) except: Vec<Phrase>,
    /// Whether a number or an example beside it does not help.
    pub(super) always: bool,
    /// Whether it is only a hint.
    pub(super) is_hint: bool,
    /// What to write instead.
    pub(super) instead: String,
}

/// All words. Sets hold words in lower case.
#[derive(Default)]
pub(super) struct Vocabulary {
    pub(super) vague: Vec<Vague>,
    pub(super) placeholders: Vec<Phrase>,
    /// Looked for in the text as it stands.
    pub(super) placeholder_marks: Vec<String>,
    /// Whole texts, in lower case.
    pub(super) placeholder_texts: BTreeSet<String>,
    /// Words that can only name something to be seen, counted or tried: "shown", "saves", "twice".
    pub(super) observed: BTreeSet<String>,
    /// Words that may be the name of a topic as well: "reset", "loading".
    pub(super) observing: BTreeSet<String>,
    /// Words that end the name of a topic: "search functionality".
    pub(super) topics: BTreeSet<String>,
    /// Words that make a sentence, but say nothing by themselves.
    pub(super) auxiliaries: BTreeSet<String>,
    /// What tells that work was done, not what it does.
    pub(super) process: Vec<Phrase>,
    /// What begins an explanation.
    pub(super) explaining: Vec<Phrase>,
    /// How a criterion begins that tells how to build.
    pub(super) implementing: Vec<Phrase>,
    pub(super) implementing_not: Vec<Phrase>,
    /// Every form of the words of errors and edges.
    pub(super) failing: BTreeSet<String>,
    /// What says the same in words that mean nothing by themselves: "already exists", "is full".
    pub(super) failing_phrases: Vec<Phrase>,
    /// What says that all goes well, in such words: "compiles without warnings".
    pub(super) flawless: Vec<Phrase>,
    /// What stands before the name of something that is built upon.
    pub(super) building: Vec<Phrase>,
    /// The same, but a page may require a login too.
    pub(super) requiring: Vec<Phrase>,
    /// The same, but of many things.
    pub(super) following: Vec<Phrase>,
    /// What stands behind it.
    pub(super) existing: Vec<Phrase>,
    /// What says that something else is meant.
    pub(super) apart: Vec<Phrase>,
    /// How paths in repositories begin.
    pub(super) root_folders: BTreeSet<String>,
    pub(super) extensions: BTreeSet<String>,
    /// Names of things that look like files.
    pub(super) not_files: BTreeSet<String>,
    /// Words that every story has.
    pub(super) common: BTreeSet<String>,
    pub(super) english: BTreeSet<String>,
    pub(super) foreign: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Table {
    vague: Vec<VagueRow>,
    placeholders: Vec<String>,
    placeholder_marks: Vec<String>,
    placeholder_texts: BTreeSet<String>,
    observing: Vec<String>,
    observed: BTreeSet<String>,
    topics: BTreeSet<String>,
    auxiliaries: BTreeSet<String>,
    process_words: Vec<String>,
    explaining: Vec<String>,
    implementing: Vec<String>,
    implementing_not: Vec<String>,
    failing: Vec<String>,
    failing_phrases: Vec<String>,
    flawless: Vec<String>,
    building: Vec<String>,
    requiring: Vec<String>,
    following: Vec<String>,
    existing: Vec<String>,
    apart: Vec<String>,
    root_folders: BTreeSet<String>,
    extensions: BTreeSet<String>,
    not_files: BTreeSet<String>,
    common: BTreeSet<String>,
    english: BTreeSet<String>,
    foreign: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VagueRow {
    words: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
    #[serde(default)]
    always: bool,
    #[serde(default)]
    hint: bool,
    instead: String,
}

impl Vocabulary {
    fn of(table: Table) -> Self {
        let vague = |row: VagueRow| Vague {
            phrases: phrases(&row.words),
            except: phrases(&row.except),
            always: row.always,
            is_hint: row.hint,
            instead: row.instead,
        };
        let (mut observed, mut observing) = (table.observed, BTreeSet::new());
        for verb in &table.observing {
            let (open, sure): (Vec<_>, Vec<_>) =
                forms(verb).into_iter().partition(|form| form == verb || form.ends_with("ing"));
            observing.extend(open);
            observed.extend(sure);
        }
        Self {
            vague: table.vague.into_iter().map(vague).collect(),
            placeholders: phrases(&table.placeholders),
            placeholder_marks: table.placeholder_marks,
            placeholder_texts: table.placeholder_texts,
            observed,
            observing,
            topics: table.topics,
            auxiliaries: table.auxiliaries,
            process: phrases(&table.process_words),
            explaining: phrases(&table.explaining),
            implementing: phrases(&table.implementing),
            implementing_not: phrases(&table.implementing_not),
            failing_phrases: phrases(&table.failing_phrases),
            flawless: phrases(&table.flawless),
            failing: table.failing.iter().flat_map(|word| forms(word)).collect(),
            building: phrases(&table.building),
            requiring: phrases(&table.requiring),
            following: phrases(&table.following),
            existing: phrases(&table.existing),
            apart: phrases(&table.apart),
            root_folders: table.root_folders,
            extensions: table.extensions,
            not_files: table.not_files,
            common: table.common,
            english: table.english,
            foreign: table.foreign,
        }
    }
}

fn phrases(texts: &[String]) -> Vec<Phrase> {
    texts.iter().map(|text| Phrase::new(text)).collect()
}

/// The regular forms of an English word: `copy`, `copies`, `copied`, `copying`; `stop`, `stopped`; `save`, `saving`.
fn forms(word: &str) -> Vec<String> {
    let mut forms: Vec<String> = ["", "s", "es", "ed", "d", "ing"].iter().map(|end| format!("{word}{end}")).collect();
    if let Some(stem) = word.strip_suffix('e') {
        forms.push(format!("{stem}ing"));
    }
    if let Some(stem) = word.strip_suffix('y') {
        forms.extend(["ies", "ied"].map(|end| format!("{stem}{end}")));
    }
    if let Some(last) = word.chars().last().filter(char::is_ascii_alphabetic) {
        forms.extend(["ed", "ing"].map(|end| format!("{word}{last}{end}")));
    }
    forms
}

/// Whether texts are in English, as far as their small words tell; so few that nothing can be told count as English.
pub(super) fn is_english<'t>(texts: impl Iterator<Item = &'t str>) -> bool {
    let (mut n_english, mut n_foreign, mut n_letters, mut n_latin) = (0_usize, 0_usize, 0_usize, 0_usize);
    for text in texts {
        for word in words_of(text) {
            n_english += usize::from(vocabulary().english.contains(&word));
            n_foreign += usize::from(vocabulary().foreign.contains(&word));
            n_letters += word.chars().filter(|c| c.is_alphabetic()).count();
            n_latin += word.chars().filter(char::is_ascii_alphabetic).count();
        }
    }
    n_english >= n_foreign && n_latin * 5 >= n_letters * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_is_in_lower_case() {
        let table: Table = serde_json::from_str(TABLE).expect("the table");
        let sets = [
            &table.observed,
            &table.topics,
            &table.auxiliaries,
            &table.common,
            &table.english,
            &table.foreign,
            &table.extensions,
        ];
        let lists = [&table.observing, &table.failing, &table.placeholders];
        let words = sets.into_iter().flatten().chain(lists.into_iter().flatten());
        for word in words.chain(&table.placeholder_texts) {
            assert_eq!(*word, word.to_lowercase());
        }
        assert!(vocabulary().vague.len() > 3 && vocabulary().observed.contains("stopped"));
    }

    #[test]
    fn a_plan_in_another_language_is_known_by_its_small_words() {
        for (text, english) in [
            ("", true),
            ("Password reset", true),
            ("The list is shown with the newest entry first", true),
            ("Die Liste wird mit dem neuesten Eintrag gezeigt und ist nicht leer", false),
            ("La liste est triée dans une page avec les noms", false),
            ("一覧が表示される", false),
        ] {
            assert_eq!(is_english([text].into_iter()), english, "{text}");
        }
    }
}
