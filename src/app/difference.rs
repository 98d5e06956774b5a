//! What would change in a file, for people who are asked whether it may.

use similar::{Algorithm, TextDiff};

use crate::ui::safe;

/// The difference between two texts in the form that `git diff` has made familiar; empty when they are the same. What could
/// steer the terminal is left out.
#[must_use]
pub fn unified(name: &str, old: &str, new: &str) -> String {
    // Lines that stand only once lead it, so that a large file with many changes takes no minutes.
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    let from = if old.is_empty() { "/dev/null".to_owned() } else { format!("a/{name}") };
    let text = diff.unified_diff().context_radius(3).header(&from, &format!("b/{name}")).to_string();
    safe::block(&text, usize::MAX)
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
        -b
        +c
        ");
        assert!(
            unified("f", "a\r\n", "b\r\n").ends_with("-a\n+b\n"),
            "line ends of other systems are no signs to look at"
        );
        assert!(unified("f", "", "a\n").starts_with("--- /dev/null\n+++ b/f\n"));
    }
}
