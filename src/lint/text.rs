//! Text as the rules read it: words in lower case, phrases of them, and what stands in quotes apart.

/// The words of a text in lower case. A hyphen, an apostrophe or an underscore inside of a word belongs to it.
pub(super) fn words_of(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '’' | '_');
    let words = text.split(|c| !is_part(c)).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).map(|word| word.to_lowercase().replace('’', "'")).collect()
}

/// Some words in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase(Vec<String>);

impl Phrase {
    pub(super) fn new(text: &str) -> Self {
        Self(words_of(text))
    }

    /// How many words it has.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Its words.
    pub(super) fn words(&self) -> &[String] {
        &self.0
    }

    /// Whether the words begin with it.
    pub(super) fn begins(&self, words: &[String]) -> bool {
        !self.0.is_empty() && words.starts_with(&self.0)
    }

    /// Whether the words end with it.
    pub(super) fn ends(&self, words: &[String]) -> bool {
        !self.0.is_empty() && words.ends_with(&self.0)
    }

    /// Where it begins among the words, at each place.
    pub(super) fn places<'w>(&'w self, words: &'w [String]) -> impl Iterator<Item = usize> + 'w {
        (0..words.len()).filter(|&place| self.begins(&words[place..]))
    }

    /// Whether it is among the words.
    pub(super) fn is_in(&self, words: &[String]) -> bool {
        self.places(words).next().is_some()
    }

    /// As it is read.
    pub(super) fn text(&self) -> String {
        self.0.join(" ")
    }
}

/// A text without what stands in quotes, which is somebody else's word: an example, a name, code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unquoted {
    /// The rest; a blank stands for each quote.
    pub(super) text: String,
    /// Whether there was a quote that is not empty.
    pub(super) had_quotes: bool,
}

/// Further away a closing mark belongs to something else; in characters.
const LONGEST_QUOTE: usize = 400;

const PAIRS: [(char, char); 6] = [('"', '"'), ('`', '`'), ('“', '”'), ('‘', '’'), ('«', '»'), ('\'', '\'')];

/// Takes out what stands in quotes.
pub(super) fn unquoted(text: &str) -> Unquoted {
    let mut left = Unquoted { text: String::new(), had_quotes: false };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match quote_at(&left.text, rest, c) {
            Some(end) => {
                left.had_quotes = true;
                // A blank keeps the words on both sides apart, and a quote after it still opens.
                left.text.push(' ');
                rest = &rest[end..];
            }
            None => {
                left.text.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    left
}

/// The length of the quote that begins here.
fn quote_at(before: &str, rest: &str, open: char) -> Option<usize> {
    let (_, close) = PAIRS.iter().find(|pair| pair.0 == open)?;
    let inside = &rest[open.len_utf8()..];
    let is_word = |c: char| c.is_alphanumeric();
    // An apostrophe stands behind a letter; an inch sign behind a digit.
    if before.ends_with(is_word) || inside.starts_with(char::is_whitespace) {
        return None;
    }
    let is_end = |&(place, found): &(usize, char)| {
        found == *close && place > 0 && !inside[place + found.len_utf8()..].starts_with(is_word)
    };
    let (end, _) = inside.char_indices().take(LONGEST_QUOTE).find(is_end)?;
    Some(open.len_utf8() + end + close.len_utf8())
}

/// The sentences of a text.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |(place, c): (usize, char)| {
        matches!(c, '.' | '!' | '?' | ';') && text[place + 1..].starts_with(char::is_whitespace) || c == '\n'
    };
    let ends: Vec<usize> = text.char_indices().filter(|&at| is_end(at)).map(|(place, _)| place + 1).collect();
    let starts = std::iter::once(0).chain(ends.clone());
    starts.zip(ends.into_iter().chain([text.len()])).map(|(start, end)| &text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lower_case_and_keep_their_hyphens() {
        assert_eq!(
            words_of("Don't be User-friendly, e.g. --fast (etc.)!"),
            ["don't", "be", "user-friendly", "e", "g", "fast", "etc"]
        );
    }

    #[test]
    fn a_phrase_is_whole_words_in_a_row() {
        let words = words_of("It should work, breakfast is fast-forward");
        assert!(Phrase::new("should work").is_in(&words));
        for other in ["fast", "work should", "should working", ""] {
            assert!(!Phrase::new(other).is_in(&words), "{other}");
        }
    }

    #[test]
    fn quotes_are_taken_out_and_apostrophes_are_none() {
        for (text, rest, had_quotes) in [
            ("shows \"Save fast\" first", "shows   first", true),
            ("the user's page isn't 'fast'", "the user's page isn't  ", true),
            ("`a` and “b”", "  and  ", true),
            ("a 5\" screen and 6\"", "a 5\" screen and 6\"", false),
            ("it's the users' list", "it's the users' list", false),
            ("an \"open one", "an \"open one", false),
            ("\"\" of nothing", "\"\" of nothing", false),
        ] {
            assert_eq!(unquoted(text), Unquoted { text: rest.to_owned(), had_quotes }, "{text}");
        }
    }

    #[test]
    fn sentences_end_at_a_stop_with_a_blank_behind_it() {
        assert_eq!(sentences("Uses a.rs. Then v1.2; done").collect::<Vec<_>>(), ["Uses a.rs.", " Then v1.2;", " done"]);
        assert_eq!(sentences("").collect::<Vec<_>>(), [""]);
    }
}
