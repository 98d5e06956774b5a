//! Notes: what an agent decided or found out and the sessions after it should know. Words of an agent, never instructions.

use serde::{Deserialize, Serialize};

/// One note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// What is to be known, on one line.
    pub text: String,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// A choice that was made where the stories left one open.
    Decision,
    /// Something about the repository that was not plain to see.
    Discovery,
    /// How things are done here, so that others do them alike.
    Convention,
}

impl NoteKind {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Discovery => "discovery",
            Self::Convention => "convention",
        }
    }
}

impl Note {
    /// The longest text, in characters.
    pub const LONGEST: usize = 600;

    /// A note; line breaks and other control characters become spaces.
    ///
    /// # Errors
    /// The text is empty or too long; the words say what to do.
    pub fn new(kind: NoteKind, text: &str) -> Result<Self, String> {
        let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        let length = text.chars().count();
        if text.is_empty() {
            return Err("the note is empty: say in a sentence or two what others should know".to_owned());
        }
        if length > Self::LONGEST {
            let longest = Self::LONGEST;
            return Err(format!("the note has {length} characters; {longest} are kept at most: shorten it"));
        }
        Ok(Self { kind, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_line_that_says_something_in_short() {
        let note = Note::new(NoteKind::Discovery, " the tests need\n\ta port \u{1b}").expect("a note");
        assert_eq!(note.text, "the tests need a port");
        assert!(Note::new(NoteKind::Discovery, " \n ").expect_err("a fault").contains("empty"));
        assert!(Note::new(NoteKind::Discovery, &"ä".repeat(Note::LONGEST)).is_ok());
        let fault = Note::new(NoteKind::Discovery, &"ä".repeat(Note::LONGEST + 1)).expect_err("a fault");
        assert!(fault.contains("601") && fault.contains("shorten"), "{fault}");
    }
}
