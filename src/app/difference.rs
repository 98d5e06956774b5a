//! What would change in a file, for people who are asked whether it may.

use similar::TextDiff;

/// The difference between two texts in the form that `git diff` has made familiar; empty when they are the same. Control
/// characters are replaced, so that an old file cannot steer the terminal.
#[must_use]
pub fn unified(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let from = if old.is_empty() { "/dev/null".to_owned() } else { format!("a/{name}") };
    let text = diff.unified_diff().context_radius(3).header(&from, &format!("b/{name}")).to_string();
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_only_what_changes_and_steers_nothing() {
        assert_eq!(unified("a", "x\n", "x\n"), "");
        insta::assert_snapshot!(unified("f.yml", "a\n\u{1b}[2Jb\n", "a\nc\n"), @r"
        --- a/f.yml
        +++ b/f.yml
        @@ -1,2 +1,2 @@
         a
        -�[2Jb
        +c
        ");
        assert!(unified("f", "", "a\n").starts_with("--- /dev/null\n+++ b/f\n"));
    }
}
