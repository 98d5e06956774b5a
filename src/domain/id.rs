//! Checked names: every branch, worktree and file name of the program derives from the types here.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Why a text cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdFault {
    /// The text is empty or only white space.
    #[error("an id must not be empty")]
    Empty,
    /// The text holds a NUL, a line break or another control character, which no log line or file name can carry.
    #[error("an id must not contain the control character {0:?}")]
    Control(char),
    /// The text is not a commit id of 40 or 64 hex digits.
    #[error("{0:?} is not a commit id (40 or 64 lower-case hex digits)")]
    NotACommit(String),
    /// The text is not a run id.
    #[error("{0:?} is not a run id (like 20261120-101500-k3f9)")]
    NotARun(String),
}

fn checked(text: &str) -> Result<String, IdFault> {
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(IdFault::Control(control));
    }
    if text.trim().is_empty() {
        return Err(IdFault::Empty);
    }
    Ok(text.to_owned())
}

macro_rules! checked_id {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text and makes the id.
            ///
            /// # Errors
            /// The [`IdFault`] that says why the text cannot be such an id.
            pub fn new(text: &str) -> Result<Self, IdFault> {
                let check: fn(&str) -> Result<String, IdFault> = $check;
                check(text).map(Self)
            }

            /// The id as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdFault;
            fn try_from(text: String) -> Result<Self, IdFault> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

checked_id!(
    /// The id of an epic, as written in the PRD.
    EpicId,
    checked
);
checked_id!(
    /// The id of a user story, as written in the PRD.
    StoryId,
    checked
);
checked_id!(
    /// The name that an agent program gave to a conversation, by which it can be continued.
    SessionId,
    checked
);
checked_id!(
    /// A git commit id in full.
    CommitId,
    |text| {
        let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex && matches!(text.len(), 40 | 64) {
            Ok(text.to_owned())
        } else {
            Err(IdFault::NotACommit(text.to_owned()))
        }
    }
);
checked_id!(
    /// The id of one run, like `20261120-101500-k3f9`: it sorts by start time and is safe in every name.
    RunId,
    |text| {
        let safe = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'-'));
        if safe && (1..=40).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-') {
            Ok(text.to_owned())
        } else {
            Err(IdFault::NotARun(text.to_owned()))
        }
    }
);

impl CommitId {
    /// The first ten digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..10).unwrap_or(&self.0)
    }
}

impl RunId {
    /// The branch where the finished epics of this run land; it is checked out nowhere.
    #[must_use]
    pub fn loop_branch(&self) -> String {
        format!("ralph/loop/{self}")
    }

    /// The branch on which one track of this run works.
    #[must_use]
    pub fn epic_branch(&self, slug: &Slug) -> String {
        format!("ralph/epic/{self}/{slug}")
    }
}

/// A name that is safe as one part of a branch, a path and a file name: `[a-z0-9-]`, at most 69 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

/// The longest readable part of a slug; the hash comes on top.
const SLUG_MAX: usize = 60;

impl Slug {
    /// The slug of any text. Two different texts never share one: unless the text already is a slug,
    /// eight hex digits of its hash are appended.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut slug = String::new();
        for c in text.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(SLUG_MAX);
        let slug = slug.trim_end_matches('-');
        if !slug.is_empty() && slug == text && !ends_like_hash(slug) {
            return Self(slug.to_owned());
        }
        let hash = &hex(&Sha256::digest(text.as_bytes()))[..8];
        if slug.is_empty() { Self(format!("x-{hash}")) } else { Self(format!("{slug}-{hash}")) }
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An id that itself ends like one of our hashes gets another one, so that it can never equal a hashed neighbour.
fn ends_like_hash(slug: &str) -> bool {
    slug.rsplit_once('-').is_some_and(|(_, tail)| tail.len() == 8 && tail.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Lower-case hex of bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_that_is_a_slug_stays_as_it_is() {
        assert_eq!(Slug::of("login-page").as_str(), "login-page");
    }

    #[test]
    fn another_text_gets_a_hash() {
        assert_eq!(
            Slug::of("EPIC-001").as_str(),
            "epic-001-8ff0ae6c".replace("8ff0ae6c", &hex(&Sha256::digest(b"EPIC-001"))[..8])
        );
        assert_ne!(Slug::of("EPIC-001"), Slug::of("epic-001"));
        assert_ne!(Slug::of("a b"), Slug::of("a/b"));
        assert!(Slug::of("日本").as_str().starts_with("x-"));
        assert!(Slug::of("").as_str().starts_with("x-"));
    }

    #[test]
    fn a_slug_of_a_slug_with_a_hash_is_another_one() {
        let once = Slug::of("EPIC 1");
        assert_ne!(Slug::of(once.as_str()), once);
    }

    #[test]
    fn ids_that_cannot_be_named_are_refused() {
        assert_eq!(EpicId::new("  "), Err(IdFault::Empty));
        assert_eq!(EpicId::new("a\nb"), Err(IdFault::Control('\n')));
        assert_eq!(EpicId::new("a\0"), Err(IdFault::Control('\0')));
        assert!(CommitId::new("abc").is_err());
        assert!(RunId::new("../x").is_err());
    }

    proptest! {
        #[test]
        fn every_slug_is_safe(text in ".*") {
            let slug = Slug::of(&text);
            prop_assert!(!slug.as_str().is_empty() && slug.as_str().len() <= 69);
            prop_assert!(slug.as_str().bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')));
            prop_assert!(!slug.as_str().starts_with('-') && !slug.as_str().ends_with('-'));
        }

        #[test]
        fn different_texts_have_different_slugs(a in ".{0,80}", b in ".{0,80}") {
            prop_assert_eq!(a == b, Slug::of(&a) == Slug::of(&b));
        }
    }
}
