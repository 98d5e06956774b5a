//! The lines of a long page that are in sight: what is above is only counted, and what is below is not even asked for.

use ratatui::text::Line;

/// The lines in sight of a page that is scrolled by so many lines, with room for so many. One that is scrolled beyond its end,
/// because it became shorter, shows its last lines.
pub(super) fn in_sight(scroll: u16, room: u16, lay_out: impl Fn(&mut InSight)) -> Vec<Line<'static>> {
    let (scroll, room) = (usize::from(scroll), usize::from(room));
    let mut lines = InSight::new(scroll, room);
    lay_out(&mut lines);
    if lines.is_full() || scroll == 0 {
        return lines.into_lines();
    }
    let mut last = InSight::new(lines.count().saturating_sub(room), room);
    lay_out(&mut last);
    last.into_lines()
}

/// How many lines a page has.
pub(super) fn n_lines(lay_out: impl Fn(&mut InSight)) -> usize {
    let mut lines = InSight::nothing();
    lay_out(&mut lines);
    lines.count()
}

/// Takes the lines of a page one after another, and keeps those in sight.
pub(super) struct InSight {
    /// Lines that are scrolled out at the top.
    skipped: usize,
    /// Lines that there is room for.
    room: usize,
    n_lines: usize,
    kept: Vec<Line<'static>>,
}

impl InSight {
    /// For a page that is scrolled by so many lines, with room for so many.
    fn new(skipped: usize, room: usize) -> Self {
        Self { skipped, room, n_lines: 0, kept: Vec::new() }
    }

    /// Counts and keeps nothing; never full.
    fn nothing() -> Self {
        Self::new(usize::MAX, 0)
    }

    /// Adds a line; it is laid out only where it is in sight.
    pub(super) fn push(&mut self, line: impl FnOnce() -> Line<'static>) {
        if self.n_lines >= self.skipped && !self.is_full() {
            self.kept.push(line());
        }
        self.n_lines += 1;
    }

    /// Adds lines that are laid out already.
    pub(super) fn extend(&mut self, lines: impl IntoIterator<Item = Line<'static>>) {
        lines.into_iter().for_each(|line| self.push(|| line));
    }

    /// Whether nothing that comes now can be in sight.
    pub(super) fn is_full(&self) -> bool {
        self.n_lines >= self.skipped.saturating_add(self.room)
    }

    /// Lines so far.
    fn count(&self) -> usize {
        self.n_lines
    }

    /// Those in sight.
    fn into_lines(self) -> Vec<Line<'static>> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_sight_is_laid_out_and_everything_is_counted() {
        let mut lines = InSight::new(2, 3);
        let mut laid_out = Vec::new();
        for n in 0..10 {
            assert_eq!(lines.is_full(), n >= 5);
            lines.push(|| {
                laid_out.push(n);
                Line::from(n.to_string())
            });
        }
        assert_eq!(laid_out, [2, 3, 4]);
        assert_eq!(lines.count(), 10);
        assert_eq!(lines.into_lines(), ["2", "3", "4"].map(Line::from));
    }

    #[test]
    fn a_page_that_is_scrolled_beyond_its_end_shows_its_last_lines() {
        let page = |lines: &mut InSight| (0..10).for_each(|n| lines.push(|| Line::from(n.to_string())));
        for (scroll, expected) in
            [(0, ["0", "1", "2"]), (7, ["7", "8", "9"]), (8, ["7", "8", "9"]), (99, ["7", "8", "9"])]
        {
            assert_eq!(in_sight(scroll, 3, page), expected.map(Line::from), "{scroll}");
        }
        assert_eq!(in_sight(5, 20, page).len(), 10);
        assert_eq!(n_lines(page), 10);
    }

    #[test]
    fn what_only_counts_lays_out_nothing_and_is_never_full() {
        let mut lines = InSight::nothing();
        (0..1_000).for_each(|_| lines.push(|| unreachable!("nothing is in sight")));
        assert!(!lines.is_full());
        assert_eq!(lines.count(), 1_000);
    }
}
