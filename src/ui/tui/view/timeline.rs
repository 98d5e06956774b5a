//! The time line: a row an epic, its states drawn as stretches of the running time, up to the line of now.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::draw_lines;
use super::pieces::{fill, frame_of, span};
use crate::scheduler::view::TrackView;
use crate::ui::phrases::who;
use crate::ui::safe;
use crate::ui::tui::model::{Model, Stretch};
use crate::ui::tui::theme::{Ink, Kind, Theme};
use crate::ui::units::duration;

/// Columns for the names, and for names with titles where there is room.
const NAMES: usize = 13;
const NAMES_AND_TITLES: usize = 40;
/// Columns between two marks of the scale at least.
const BETWEEN_MARKS: u64 = 12;
/// Steps of the scale in milliseconds: what people count time in.
const STEPS: [u64; 16] = [
    1_000,
    5_000,
    10_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    14_400_000,
    28_800_000,
    86_400_000,
    604_800_000,
];

/// What stands in a column.
type Cell = (Ink, &'static str);

/// The scale: how many columns show how many milliseconds.
#[derive(Clone, Copy)]
struct Scale {
    columns: u64,
    until: u64,
    step: u64,
    now: u64,
}

/// Lines of this page that can be scrolled.
pub(super) fn n_lines(model: &Model) -> usize {
    rows(model).len()
}

/// Lines of the page beside those: the frame, the scale and the legend.
pub(super) const FIXED_LINES: u16 = 6;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let inner = frame_of(frame, area, "time line", true, model.theme);
    let [head, body, _, below] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1), Constraint::Length(2)])
            .areas(inner);
    let width = usize::from(inner.width);
    draw_lines(frame, head, vec![scale_line(model, width)], 0);
    draw_rows(frame, body, model);
    draw_lines(frame, below, legend(model.theme, width), 0);
}

fn names_width(width: usize) -> usize {
    if width >= 110 { NAMES_AND_TITLES } else { NAMES }
}

impl Scale {
    fn of(now: u64, columns: usize) -> Self {
        let columns = (columns as u64).max(1);
        // A little room behind now, so that its line stands by itself.
        let until = now.saturating_add(now / 24).max(1_000);
        let marks = (columns / BETWEEN_MARKS).max(1);
        let step = STEPS.into_iter().find(|step| until / step <= marks).unwrap_or((until / marks).saturating_add(1));
        Self { columns, until, step, now }
    }

    /// The column of a moment.
    fn column(self, at: u64) -> u64 {
        let column = u128::from(at) * u128::from(self.columns) / u128::from(self.until);
        u64::try_from(column).unwrap_or(u64::MAX).min(self.columns - 1)
    }

    /// The cells of a row in which nothing was: the marks of the scale, and the line of now.
    fn empty_cells(self, theme: Theme) -> Vec<Cell> {
        let mut cells = vec![(Ink::Faint, " "); usize::try_from(self.columns).unwrap_or(0)];
        let marks = (0..=self.until / self.step).map(|mark| (mark * self.step, (Ink::Faint, theme.pick("·", "."))));
        for (at, cell) in marks.chain([(self.now, (Ink::Accent, theme.pick("│", "|")))]) {
            if let Some(place) = usize::try_from(self.column(at)).ok().and_then(|column| cells.get_mut(column)) {
                *place = cell;
            }
        }
        cells
    }
}

/// The marks of the scale, and where now is.
fn scale_line(model: &Model, width: usize) -> Line<'static> {
    let (theme, names) = (model.theme, names_width(width));
    let scale = Scale::of(model.now, width.saturating_sub(names));
    let mut text = String::new();
    for mark in 0..=scale.until / scale.step {
        let at = scale.column(mark * scale.step);
        let label = if mark == 0 { "0".to_owned() } else { duration(mark * scale.step) };
        let used = text.chars().count() as u64;
        // Marks too near to each other, and to that of now, would not be read.
        let is_free = (used == 0 || at > used) && at + label.len() as u64 + 1 < scale.column(scale.now);
        if is_free {
            text.extend(std::iter::repeat_n(' ', usize::try_from(at - used).unwrap_or(0)));
            text.push_str(&label);
        }
    }
    let used = text.chars().count();
    let now = usize::try_from(scale.column(scale.now)).unwrap_or(0);
    let label = if model.is_over() { "end" } else { "now" };
    let start = now.min(width.saturating_sub(names + label.len())).max(used);
    Line::from(vec![
        Span::raw(" ".repeat(names)),
        span(theme, Ink::Dim, format!("{text}{}", " ".repeat(start - used))),
        span(theme, Ink::Accent, label),
    ])
}

/// A row of the page.
enum Row<'a> {
    /// The head of a wave; `None`: of the rounds of fixes.
    Rule(Option<usize>),
    /// An epic, and whether it is the selected one.
    Track(&'a TrackView, bool),
}

/// A rule before each wave, and a row an epic.
fn rows(model: &Model) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut group = None;
    let selected = model.track().map(|track| &track.scope);
    for track in model.tracks() {
        let here = track.scope.epic().map(|_| track.wave);
        if group != Some(here) {
            rows.push(Row::Rule(here));
            group = Some(here);
        }
        rows.push(Row::Track(track, selected == Some(&track.scope)));
    }
    rows
}

/// Draws the rows that are in sight.
fn draw_rows(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.theme;
    let names = names_width(usize::from(area.width));
    let scale = Scale::of(model.now, usize::from(area.width).saturating_sub(names));
    let empty = scale.empty_cells(theme);
    let rows = rows(model);
    let scrolled = usize::from(model.scroll).min(rows.len().saturating_sub(usize::from(area.height)));
    for (row, place) in rows.into_iter().skip(scrolled).zip(area.rows()) {
        match row {
            Row::Rule(wave) => {
                let name = wave.map_or_else(|| "fixes ".to_owned(), |wave| format!("wave {wave} "));
                draw_lines(frame, place, vec![rule(theme, name, scale, names)], 0);
            }
            Row::Track(track, is_selected) => {
                draw_lines(frame, place, vec![Line::from(head(theme, track, is_selected, names))], 0);
                let shelf = model.shelves.get(&track.scope);
                let stretches: Vec<Stretch> = shelf.iter().flat_map(|shelf| &shelf.stretches).copied().collect();
                // Cell by cell: a screen full of spans takes ten times as long.
                let cells = cells(theme, scale, &empty, &stretches);
                for ((ink, glyph), at) in cells.into_iter().zip(place.columns().skip(names)) {
                    if let Some(cell) = frame.buffer_mut().cell_mut((at.x, at.y)) {
                        cell.set_symbol(glyph).set_style(theme.style(ink));
                    }
                }
            }
        }
    }
}

/// The head of a wave; the line of now goes through it.
fn rule(theme: Theme, name: String, scale: Scale, names: usize) -> Line<'static> {
    let now = usize::try_from(scale.column(scale.now)).unwrap_or(0);
    let columns = usize::try_from(scale.columns).unwrap_or(0);
    let before = (names + now).saturating_sub(name.len());
    let dashes = |n| span(theme, Ink::Faint, theme.pick("─", "-").repeat(n));
    let line = span(theme, Ink::Accent, theme.pick("│", "|"));
    Line::from(vec![span(theme, Ink::Dim, name), dashes(before), line, dashes(columns.saturating_sub(now + 1))])
}

/// Name and title of an epic.
fn head(theme: Theme, track: &TrackView, is_selected: bool, names: usize) -> Vec<Span<'static>> {
    let mark = if is_selected { theme.pick("▌", ">") } else { " " };
    let name = who(&track.scope);
    let title = if names > NAMES { format!("  {}", safe::line(&track.title, 80)) } else { String::new() };
    let room = names - 2;
    let head = fill(&name, room.min(name.width().max(8)));
    let rest = fill(&title, room.saturating_sub(head.width()));
    vec![span(theme, Ink::Accent, mark), span(theme, Ink::Text, head), span(theme, Ink::Dim, rest), Span::raw(" ")]
}

/// What is drawn in each column up to now: the state that matters most of those that were in it, over what is there when
/// nothing was.
fn cells(theme: Theme, scale: Scale, empty: &[Cell], stretches: &[Stretch]) -> Vec<Cell> {
    let mut cells = empty.to_vec();
    let now = scale.column(scale.now);
    let mut ranks: Vec<Option<u8>> = vec![None; cells.len()];
    for (n, stretch) in stretches.iter().enumerate() {
        // What began at this very moment stands before the line of now, and not behind it.
        let first = scale.column(stretch.from).min(now.saturating_sub(1));
        let last = stretches.get(n + 1).map_or(now, |next| scale.column(next.from));
        let rank = weight(stretch.kind);
        for column in first..last.max(first + 1).min(now) {
            let Ok(place) = usize::try_from(column) else { continue };
            if ranks[place].is_none_or(|known| known <= rank) {
                ranks[place] = Some(rank);
                let is_drawn = column == first || !is_moment(stretch.kind);
                cells[place] = if is_drawn { filled(theme, stretch.kind) } else { empty[place] };
            }
        }
    }
    cells
}

/// Of several states in one column the one with the greatest weight is drawn, so that short ones are seen.
fn weight(kind: Kind) -> u8 {
    match kind {
        Kind::Waiting | Kind::LeftOut => 0,
        Kind::Preparing | Kind::Working | Kind::Checking | Kind::Stopping | Kind::Held => 1,
        Kind::Queued | Kind::Resting | Kind::Resolving | Kind::Merging | Kind::Resetting => 2,
        Kind::Merged | Kind::Partial | Kind::Failed | Kind::Blocked | Kind::CutShort => 3,
    }
}

/// Whether only the moment is drawn in which it began: nothing happens afterwards.
fn is_moment(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Waiting | Kind::LeftOut | Kind::Blocked | Kind::Merged | Kind::Partial | Kind::Failed | Kind::CutShort
    )
}

/// How a stretch is filled.
fn filled(theme: Theme, kind: Kind) -> (Ink, &'static str) {
    let (glyph, plain) = match kind {
        Kind::Waiting | Kind::LeftOut => (" ", " "),
        Kind::Preparing => ("╌", "p"),
        Kind::Working => ("━", "="),
        Kind::Resolving => ("╍", "%"),
        Kind::Stopping => ("╳", "s"),
        Kind::Held => ("■", "h"),
        Kind::Resetting => ("◁", "<"),
        Kind::Checking => ("┅", "c"),
        Kind::Resting => ("↻", "r"),
        Kind::Queued => ("◇", "q"),
        Kind::Merging => ("◈", "m"),
        Kind::Blocked | Kind::Merged | Kind::Partial | Kind::Failed | Kind::CutShort => {
            (kind.signs().0, kind.signs().1)
        }
    };
    (kind.ink(), theme.pick(glyph, plain))
}

/// The states that are drawn, in as many lines as the page has for them.
fn legend(theme: Theme, width: usize) -> Vec<Line<'static>> {
    const SHOWN: [Kind; 12] = [
        Kind::Preparing,
        Kind::Working,
        Kind::Checking,
        Kind::Queued,
        Kind::Merging,
        Kind::Merged,
        Kind::Resting,
        Kind::Resolving,
        Kind::Held,
        Kind::Failed,
        Kind::Partial,
        Kind::Blocked,
    ];
    let (mut lines, mut spans, mut used) = (Vec::new(), Vec::new(), 0);
    for kind in SHOWN {
        let (ink, glyph) = filled(theme, kind);
        let sign = if is_moment(kind) { format!("{glyph} ") } else { format!("{} ", glyph.repeat(2)) };
        let text = format!("{}  ", kind.signs().2);
        let needed = sign.chars().count() + text.len();
        if used + needed > width {
            lines.push(Line::from(std::mem::take(&mut spans)));
            used = 0;
        }
        used += needed;
        spans.extend([span(theme, ink, sign), span(theme, Ink::Dim, text)]);
    }
    lines.push(Line::from(spans));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_counts_in_steps_that_people_use_and_never_crowds() {
        for (now, columns, step) in [(1_500_000, 100, 300_000), (60_000, 60, 30_000), (0, 40, 1_000)] {
            assert_eq!(Scale::of(now, columns).step, step, "{now} in {columns}");
        }
        let scale = Scale::of(u64::MAX, 10);
        assert!(scale.column(u64::MAX) < 10 && scale.step > 0);
    }

    #[test]
    fn what_began_last_is_drawn_before_the_line_of_now() {
        let scale = Scale::of(1_000_000, 10);
        let stretches =
            [Stretch { kind: Kind::Merging, from: 500_000 }, Stretch { kind: Kind::Merged, from: 1_000_000 }];
        let empty = scale.empty_cells(Theme::default());
        let drawn = cells(Theme::default(), scale, &empty, &stretches);
        let now = usize::try_from(scale.column(scale.now)).expect("a column");
        assert_eq!((drawn[now - 1].1, drawn[now].1), ("✓", "│"));
    }

    #[test]
    fn a_state_that_was_shorter_than_a_column_is_seen() {
        let scale = Scale::of(1_000_000, 10);
        let stretches = [
            Stretch { kind: Kind::Working, from: 0 },
            Stretch { kind: Kind::Resting, from: 500_000 },
            Stretch { kind: Kind::Working, from: 500_001 },
        ];
        let column = scale.column(500_000);
        let column = usize::try_from(column).expect("a column");
        let empty = scale.empty_cells(Theme::default());
        let cells = cells(Theme::default(), scale, &empty, &stretches);
        assert_eq!((cells[column].1, cells[column - 1].1), ("↻", "━"));
    }
}
