//! Which files of a repository somebody means, as a pattern of paths: `src/auth/**`, `migrations/*.sql`, `Cargo.toml`.
//!
//! A part of a path is what stands between two slashes. `**` as a whole part stands for any number of parts, also none;
//! inside of a part `*` stands for any signs, also none, and `?` for one; every other sign stands for itself, brackets
//! too, which name folders in some projects. A last part without wildcards names a file, or a folder with all that is in it;
//! with an extension (`main.rs`) it is a file, and with a slash behind it a folder.
//!
//! **Invariant:** [`PathPattern::meets`] is true exactly when some path is meant by both patterns. It ends for any two of
//! them, needs no disk, and does not mind their order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest pattern in bytes. Nobody writes a longer path, and two patterns are compared in the product of their lengths.
const LONGEST: usize = 1024;

/// Any number of parts.
const ANY_PARTS: &str = "**";

/// A checked pattern of paths relative to the root of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPattern(String);

/// Why a text cannot be such a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// Nothing, only white space, or a path without any part, like `./`.
    #[error("a pattern must name a path")]
    Empty,
    /// A line break or another control character.
    #[error("a pattern must not contain the control character {0:?}")]
    Control(char),
    /// More than any path can have.
    #[error("a pattern must not have more than {LONGEST} bytes")]
    TooLong,
    /// It begins at the root of the disk or in a home folder.
    #[error("a pattern must be relative to the root of the repository")]
    Absolute,
    /// A part is `..`.
    #[error("a pattern must not leave the repository with \"..\"")]
    Upwards,
    /// A backslash, which separates nothing here.
    #[error("a pattern must not contain a backslash")]
    Backslash,
    /// Alternatives in braces.
    #[error("a pattern cannot name alternatives in braces")]
    Braces,
    /// A `!` at the beginning.
    #[error("a pattern cannot exclude")]
    Excluding,
}

impl PatternFault {
    /// What to write instead.
    #[must_use]
    pub fn instead(&self) -> &'static str {
        match self {
            Self::Empty | Self::Control(_) | Self::TooLong => {
                "write which files are meant, like \"src/auth/**\" or \"migrations/*.sql\""
            }
            Self::Absolute | Self::Upwards => "write the path as it is seen from the root, like \"src/auth/**\"",
            Self::Backslash => "write slashes, like \"src/auth/**\"",
            Self::Braces => "write one pattern for each",
            Self::Excluding => "name only what is meant",
        }
    }
}

impl PathPattern {
    /// Checks the text and makes the pattern. White space around it does not count.
    ///
    /// # Errors
    /// The [`PatternFault`] that says why the text cannot be one.
    pub fn new(text: &str) -> Result<Self, PatternFault> {
        let text = text.trim();
        let has_drive = text.as_bytes().get(1) == Some(&b':') && text.starts_with(|c: char| c.is_ascii_alphabetic());
        if let Some(control) = text.chars().find(|c| c.is_control()) {
            Err(PatternFault::Control(control))
        } else if text.len() > LONGEST {
            Err(PatternFault::TooLong)
        } else if text.starts_with(['/', '~']) || has_drive {
            Err(PatternFault::Absolute)
        } else if text.contains('\\') {
            Err(PatternFault::Backslash)
        } else if text.split('/').any(|part| part == "..") {
            Err(PatternFault::Upwards)
        } else if text.contains(['{', '}']) {
            Err(PatternFault::Braces)
        } else if text.starts_with('!') {
            Err(PatternFault::Excluding)
        } else if written_parts(text).next().is_none() {
            Err(PatternFault::Empty)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The one path that it names; `None`: it has wildcards, or means all that is in a folder.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        let is_one = !self.0.contains(['*', '?']) && !self.0.ends_with('/');
        is_one.then(|| self.0.strip_prefix("./").unwrap_or(&self.0))
    }

    /// Whether a path can be meant by both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        meet(&self.parts(), &other.parts(), |part| *part == ANY_PARTS, |one, other| parts_meet(one, other))
    }

    /// Its parts, with the [`ANY_PARTS`] that the name of a folder implies.
    fn parts(&self) -> Vec<&str> {
        let mut parts: Vec<&str> = written_parts(&self.0).collect();
        // `.github` has no extension.
        let is_file = |last: &&str| last.contains(['*', '?']) || last.trim_start_matches('.').contains('.');
        if self.0.ends_with('/') || !parts.last().is_some_and(is_file) {
            parts.push(ANY_PARTS);
        }
        parts
    }
}

/// The parts as they are written; `./`, and two slashes for one, say nothing.
fn written_parts(text: &str) -> impl Iterator<Item = &str> {
    text.split('/').filter(|part| !matches!(*part, "" | "."))
}

/// Whether some name is meant by both parts, none of which is [`ANY_PARTS`].
fn parts_meet(one: &str, other: &str) -> bool {
    if !one.contains(['*', '?']) && !other.contains(['*', '?']) {
        return one == other;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    meet(&one, &other, |sign| *sign == '*', |one, other| one == other || *one == '?' || *other == '?')
}

/// Whether two sequences that may have gaps, each for any number of items, can stand for the same items.
///
/// Both are walked through at once, as an automaton of their product: `here[m]` says whether the first `n` of `one` and
/// the first `m` of `other` can stand for the same. A gap ends, or takes in the next of the other side; two items must fit.
/// So the work is bounded by the product of the lengths, and it ends early where nothing can follow.
fn meet<T>(one: &[T], other: &[T], is_gap: impl Fn(&T) -> bool, fits: impl Fn(&T, &T) -> bool) -> bool {
    let mut here = vec![false; other.len() + 1];
    here[0] = true;
    for n in 0..=one.len() {
        let mut next = vec![false; other.len() + 1];
        for m in 0..=other.len() {
            if !here[m] {
                continue;
            }
            let (ours, theirs) = (one.get(n), other.get(m));
            let (our_gap, their_gap) = (ours.is_some_and(&is_gap), theirs.is_some_and(&is_gap));
            if theirs.is_some() && (our_gap || their_gap) {
                here[m + 1] = true;
            }
            next[m] |= ours.is_some() && (our_gap || their_gap);
            if let (Some(ours), Some(theirs), false) = (ours, theirs, our_gap || their_gap) {
                next[m + 1] |= fits(ours, theirs);
            }
        }
        if n == one.len() {
            break;
        }
        if !next.contains(&true) {
            return false;
        }
        here = next;
    }
    here[other.len()]
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PathPattern {
    type Error = PatternFault;
    fn try_from(text: String) -> Result<Self, PatternFault> {
        Self::new(&text)
    }
}

impl From<PathPattern> for String {
    fn from(pattern: PathPattern) -> Self {
        pattern.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> PathPattern {
        PathPattern::new(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
    }

    #[test]
    fn patterns_meet_exactly_where_one_path_is_meant_by_both() {
        for (one, other, expected) in [
            ("src/auth/login.rs", "src/auth/login.rs", true),
            ("src/auth/login.rs", "./src//auth/login.rs", true),
            ("src/auth/login.rs", "src/auth/logout.rs", false),
            ("src/auth", "src/auth/login.rs", true),
            ("src/auth", "src/author/login.rs", false),
            ("src/auth", "src/auth.rs", false),
            ("src/auth/", "src/auth/deep/login.rs", true),
            ("src/auth/**", "src/auth/login.rs", true),
            ("src/auth/**", "src/auth2/login.rs", false),
            ("src/*", "src/auth/login.rs", false),
            ("src/*", "src/main.rs", true),
            ("src/*/mod.rs", "src/auth/*", true),
            ("src/*/mod.rs", "src/mod.rs", false),
            ("src/**/mod.rs", "src/mod.rs", true),
            ("src/**/mod.rs", "src/a/b/mod.rs", true),
            ("src/**/mod.rs", "src/a/b/mod.ts", false),
            ("src/**/mod.rs", "tests/**", false),
            ("**/*.rs", "src/**", true),
            ("**/*.sql", "migrations/*.rs", false),
            ("migrations/*.sql", "migrations/00?_*.sql", true),
            ("migrations/00?.sql", "migrations/00.sql", false),
            ("a*c", "*b*", true),
            ("a*c", "b*", false),
            ("*a", "*b", false),
            ("**", "Cargo.toml", true),
            ("*", "src/main.rs", false),
            ("app/[slug]/page.tsx", "app/s/page.tsx", false),
            ("app/[slug]/page.tsx", "app/*/page.tsx", true),
            ("Cargo.toml", "core/Cargo.toml", false),
            ("Cargo.toml", "*/Cargo.toml", false),
            (".github", ".github/workflows/ci.yml", true),
            ("docs/v1.2", "docs/v1.2/a.md", false),
            ("docs/v1.2/", "docs/v1.2/a.md", true),
            ("**/**/a", "**/b/**", true),
        ] {
            let (a, b) = (pattern(one), pattern(other));
            assert_eq!((a.meets(&b), b.meets(&a)), (expected, expected), "{one} and {other}");
        }
    }

    #[test]
    fn what_is_no_pattern_of_the_repository_is_refused() {
        for (text, fault) in [
            ("", PatternFault::Empty),
            (" ", PatternFault::Empty),
            ("./", PatternFault::Empty),
            ("a\nb", PatternFault::Control('\n')),
            ("/etc/passwd", PatternFault::Absolute),
            ("~/x", PatternFault::Absolute),
            ("C:/x", PatternFault::Absolute),
            ("../x", PatternFault::Upwards),
            ("a/../b", PatternFault::Upwards),
            ("a\\b", PatternFault::Backslash),
            ("src/{a,b}.rs", PatternFault::Braces),
            ("!src", PatternFault::Excluding),
            (&"a".repeat(LONGEST + 1), PatternFault::TooLong),
        ] {
            assert_eq!(PathPattern::new(text), Err(fault), "{text}");
        }
        for text in ["a..b", "...", ".github/**", "a b", "src/**/x~", "*", "ab:c", "a!"] {
            assert!(PathPattern::new(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn only_a_pattern_without_wildcards_names_one_path() {
        for (text, path) in [("./a/b.rs", Some("a/b.rs")), ("a/*", None), ("a/", None), ("a?", None)] {
            assert_eq!(pattern(text).path(), path, "{text}");
        }
    }

    #[test]
    fn the_longest_patterns_are_compared_to_their_end() {
        let (one, other) = ("*a".repeat(LONGEST / 2), "*b".repeat(LONGEST / 2));
        assert!(!pattern(&one).meets(&pattern(&other)));
        let folders = |end: &str| format!("{}{end}", "**/a/".repeat(LONGEST / 5 - 1));
        assert!(!pattern(&folders("*x")).meets(&pattern(&folders("*y"))));
    }

    /// Whether a pattern means a path, by trying all ways: slow, and another way than the one that is tested.
    fn means(parts: &[&str], path: &[&str]) -> bool {
        fn name_is(part: &[u8], name: &[u8]) -> bool {
            match part.split_first() {
                None => name.is_empty(),
                Some((b'*', rest)) => (0..=name.len()).any(|n| name_is(rest, &name[n..])),
                Some((sign, rest)) => {
                    name.split_first().is_some_and(|(c, left)| (*sign == b'?' || sign == c) && name_is(rest, left))
                }
            }
        }
        match parts.split_first() {
            None => path.is_empty(),
            Some((&ANY_PARTS, rest)) => (0..=path.len()).any(|n| means(rest, &path[n..])),
            Some((part, rest)) => path
                .split_first()
                .is_some_and(|(name, left)| name_is(part.as_bytes(), name.as_bytes()) && means(rest, left)),
        }
    }

    /// All paths of up to three parts of up to two signs. Two patterns of up to two such parts that meet do so in one of these:
    /// a shortest common path has no part that both take in by a gap.
    fn short_paths() -> Vec<Vec<&'static str>> {
        let names = ["a", "b", "aa", "ab", "ba", "bb"];
        let mut paths: Vec<Vec<&str>> = vec![vec![]];
        for n in 0..3 {
            let longer: Vec<Vec<&str>> = paths
                .iter()
                .filter(|path| path.len() == n)
                .flat_map(|path| names.map(|name| [path.as_slice(), &[name]].concat()))
                .collect();
            paths.extend(longer);
        }
        paths
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn any_two_texts_are_compared_and_their_order_does_not_matter(one in "\\PC{0,30}", other in "[*?/a.]{0,30}") {
            if let (Ok(one), Ok(other)) = (PathPattern::new(&one), PathPattern::new(&other)) {
                prop_assert_eq!(one.meets(&other), other.meets(&one));
                prop_assert!(one.meets(&one) && other.meets(&other), "each meets itself");
            }
        }

        #[test]
        fn the_decision_is_the_one_of_trying_all_paths(
            one in "(\\*\\*|[ab*?]{1,2})(/(\\*\\*|[ab*?]{1,2}))?",
            other in "(\\*\\*|[ab*?]{1,2})(/(\\*\\*|[ab*?]{1,2}))?",
        ) {
            let (one, other) = (pattern(&one), pattern(&other));
            let tried = short_paths().iter().any(|path| means(&one.parts(), path) && means(&other.parts(), path));
            prop_assert_eq!(tried, one.meets(&other), "{} and {}", one, other);
        }
    }
}
