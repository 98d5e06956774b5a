//! The lines that differ between a file and its mended form, as a unified difference without lines around it.

use crate::domain::prd::{Change, Tidied};
use crate::ui::safe;

/// The difference. Which pieces were replaced is known, so that nothing has to be searched for.
pub fn of(old: &str, tidied: &Tidied) -> String {
    let mut text = String::new();
    let (mut shift, mut changes) = (0, tidied.changes.as_slice());
    while let Some(first) = changes.first() {
        let (start, mut end) = (line_start(old, first.start), line_end(old, first.end));
        let mut n_changes = 1;
        // Changes of the same line, or of lines that one of them joins, are one piece.
        while let Some(next) = changes.get(n_changes).filter(|next| next.start <= end) {
            end = end.max(line_end(old, next.end));
            n_changes += 1;
        }
        let grown: isize = changes[..n_changes].iter().map(growth).sum();
        let new_start = start.saturating_add_signed(shift);
        let new_end = end.saturating_add_signed(shift + grown);
        text.push_str(&format!("@@ line {} @@\n", old[..start].matches('\n').count() + 1));
        text.push_str(&marked('-', &old[start..end]));
        text.push_str(&marked('+', tidied.text.get(new_start..new_end).unwrap_or_default()));
        shift += grown;
        changes = &changes[n_changes..];
    }
    text
}

fn growth(change: &Change) -> isize {
    change.with.len().cast_signed() - (change.end - change.start).cast_signed()
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |place| place + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |place| at + place)
}

fn marked(mark: char, lines: &str) -> String {
    safe::block(lines, usize::MAX).split('\n').map(|line| format!("{mark}{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prd::tidy;

    #[test]
    fn only_lines_that_changed_are_shown() {
        let old = "{\"epics\": [\n  {\"id\": \"A\", \"title\": \" a\", \"dependsOn\": [\n    \"B\",\n    \"B\"\n  ]},\n  {\"id\": \"B\",\n   \"title\": \"b  c\"}\n]}\n";
        insta::assert_snapshot!(of(old, &tidy(old).expect("epics")), @r#"
        @@ line 2 @@
        -  {"id": "A", "title": " a", "dependsOn": [
        +  {"id": "A", "title": "a", "dependsOn": [
        @@ line 3 @@
        -    "B",
        -    "B"
        +    "B"
        @@ line 7 @@
        -   "title": "b  c"}
        +   "title": "b c"}
        "#);
    }
}
