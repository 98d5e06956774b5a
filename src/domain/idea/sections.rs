//! A markdown text as its headings and what stands below each; what looks like a heading inside of a fence is none.

/// One heading and the text up to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section<'t> {
    /// How many `#` it has.
    pub level: usize,
    /// Its words.
    pub title: &'t str,
    /// The lines below it, without headings.
    pub lines: Vec<&'t str>,
}

impl Section<'_> {
    /// Whether it speaks of this.
    pub fn is_about(&self, words: &[&str]) -> bool {
        let title = self.title.to_lowercase();
        words.iter().any(|word| title.contains(word))
    }

    /// Whether anything stands below it.
    pub fn says_something(&self) -> bool {
        self.lines.iter().any(|line| !line.trim().is_empty())
    }

    /// The entries of its list.
    pub fn entries(&self) -> usize {
        self.lines.iter().filter(|line| is_entry(line.trim_start())).count()
    }
}

fn is_entry(line: &str) -> bool {
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = numbered.len() < line.len() && (numbered.starts_with(". ") || numbered.starts_with(") "));
    is_numbered
        || ["- ", "* ", "+ "].iter().any(|mark| line.strip_prefix(mark).is_some_and(|rest| !rest.trim().is_empty()))
}

/// The sections of a text, in their order. What stands before the first heading belongs to none.
pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut found: Vec<Section<'_>> = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let mark = fence_of(line);
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if mark.starts_with(open) => fence = None,
            (Some(_) | None, _) => {}
        }
        let level = line.chars().take_while(|c| *c == '#').count();
        let title = line[level..].trim();
        if fence.is_none() && mark.is_none() && (1..=6).contains(&level) && line[level..].starts_with(' ') {
            found.push(Section { level, title, lines: Vec::new() });
        } else if let Some(section) = found.last_mut() {
            section.lines.push(line);
        }
    }
    found
}

/// The longest fenced block, in lines without its fences.
pub(super) fn longest_block(text: &str) -> usize {
    let (mut longest, mut length) = (0, None::<usize>);
    let mut open = "";
    for line in text.lines() {
        match (length, fence_of(line)) {
            (None, Some(mark)) => (length, open) = (Some(0), mark),
            (Some(lines), Some(mark)) if mark.starts_with(open) => {
                longest = longest.max(lines);
                length = None;
            }
            (Some(lines), _) => length = Some(lines + 1),
            (None, None) => {}
        }
    }
    longest.max(length.unwrap_or(0))
}

/// The backticks or tildes that open or close a fence.
fn fence_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    (length >= 3).then(|| &line[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_inside_of_a_fence_is_none() {
        let text = "before\n# One\na\n```sh\n# no heading\n```\n## Two \n- x\n#no\n";
        let found = sections(text);
        let titles: Vec<(usize, &str)> = found.iter().map(|section| (section.level, section.title)).collect();
        assert_eq!(titles, [(1, "One"), (2, "Two")]);
        assert_eq!(found[1].lines, ["- x", "#no"]);
    }

    #[test]
    fn entries_of_every_kind_are_counted_and_empty_ones_are_not() {
        let found = sections("# L\n- a\n* b\n12. c\n3) d\n-\n- \ntext - no\n  - nested\n");
        assert_eq!(found[0].entries(), 5);
    }

    #[test]
    fn the_longest_block_is_measured_also_when_it_is_never_closed() {
        assert_eq!(longest_block("a\n```\n1\n2\n```\nb\n~~~~\n1\n~~~\n2\n3\n~~~~\n"), 4);
        assert_eq!(longest_block("```\n1\n2"), 2);
        assert_eq!(longest_block("nothing"), 0);
    }
}
