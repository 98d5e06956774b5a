//! The time line: a row an epic, its states drawn as stretches of the running time.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::draw_lines;
use super::pieces::{fill, frame_of, span};
use crate::scheduler::view::TrackView;
use crate::ui::phrases::who;
use crate::ui::tui::model::{Model, Stretch};
use crate::ui::tui::theme::{Ink, Kind, Theme};
use crate::ui::units::duration;

/// Lines beside the rows of the epics: the scale, a blank and the legend.
pub(super) const EXTRA_LINES: usize = 4;
/// Columns for the names.
const NAMES: usize = 14;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let inner = frame_of(frame, area, "time line: waves, retries and merges", true, model.theme);
    let width = usize::from(inner.width).saturating_sub(NAMES).max(1);
    let tracks = model.tracks();
    let mut lines = vec![scale(model, width)];
    let mut wave = None;
    for track in tracks {
        let name = if wave == Some(track.wave) || track.scope.epic().is_none() { "  " } else { "" };
        wave = Some(track.wave);
        lines.push(row(model, track, width, name.is_empty()));
    }
    lines.push(Line::default());
    lines.extend(legend(model.theme));
    draw_lines(frame, inner, lines, model.scroll);
}

/// The scale: four moments.
fn scale(model: &Model, width: usize) -> Line<'static> {
    let mut text = " ".repeat(NAMES);
    for quarter in 0..4_u64 {
        let at = duration(model.now / 4 * quarter / 1000 * 1000);
        text.push_str(&fill(&format!("{}{at}", model.theme.pick("╷", "|")), width / 4));
    }
    Line::from(span(model.theme, Ink::Dim, text))
}

fn row(model: &Model, track: &TrackView, width: usize, first_of_wave: bool) -> Line<'static> {
    let theme = model.theme;
    let mark = match (first_of_wave, track.scope.epic()) {
        (true, Some(_)) => format!("{}", track.wave),
        (true | false, _) => String::new(),
    };
    let name_ink = if model.track().is_some_and(|other| other.scope == track.scope) { Ink::Accent } else { Ink::Text };
    let mut spans =
        vec![span(theme, Ink::Faint, format!("{mark:<3}")), span(theme, name_ink, fill(&who(&track.scope), NAMES - 3))];
    let shelf = model.shelves.get(&track.scope);
    let stretches: Vec<Stretch> = shelf.map(|shelf| shelf.stretches.iter().copied().collect()).unwrap_or_default();
    let mut run: Option<(Kind, usize)> = None;
    for column in 0..width {
        let kind = kind_in(model.now, &stretches, column, width);
        match &mut run {
            Some((known, n)) if *known == kind => *n += 1,
            Some((known, n)) => {
                spans.push(piece(theme, *known, *n));
                run = Some((kind, 1));
            }
            None => run = Some((kind, 1)),
        }
    }
    if let Some((kind, n)) = run {
        spans.push(piece(theme, kind, n));
    }
    Line::from(spans)
}

/// The state to draw in a column: the last one that began in it, so that a short one is seen too.
fn kind_in(now: u64, stretches: &[Stretch], column: usize, width: usize) -> Kind {
    let (column, width) = (column as u64, width as u64);
    let end = (now.max(1)).saturating_mul(column + 1) / width;
    stretches.iter().rev().find(|stretch| stretch.from < end.max(1)).map_or(Kind::LeftOut, |stretch| stretch.kind)
}

/// How a stretch is filled: outside of ASCII, and inside.
fn filling(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Waiting | Kind::LeftOut => ("·", "."),
        Kind::Blocked => ("⊘", "#"),
        Kind::Preparing => ("░", "p"),
        Kind::Working => ("█", "*"),
        Kind::Resolving => ("▓", "%"),
        Kind::Stopping | Kind::CutShort => ("╳", "!"),
        Kind::Held => ("■", "h"),
        Kind::Resetting => ("◁", "<"),
        Kind::Checking => ("▒", "c"),
        Kind::Resting => ("↻", "r"),
        Kind::Queued => ("◇", "q"),
        Kind::Merging => ("◈", "m"),
        Kind::Merged => ("─", "-"),
        Kind::Partial => ("~", "~"),
        Kind::Failed => ("✗", "x"),
    }
}

fn piece(theme: Theme, kind: Kind, n: usize) -> Span<'static> {
    let (glyph, plain) = filling(kind);
    let quiet = matches!(kind, Kind::Waiting | Kind::LeftOut);
    span(theme, if quiet { Ink::Faint } else { kind.ink() }, theme.pick(glyph, plain).repeat(n))
}

fn legend(theme: Theme) -> Vec<Line<'static>> {
    let shown = [
        [Kind::Preparing, Kind::Working, Kind::Checking, Kind::Resting, Kind::Queued],
        [Kind::Merging, Kind::Resolving, Kind::Merged, Kind::Failed, Kind::Blocked],
    ];
    let entry = |kind: Kind| [piece(theme, kind, 2), span(theme, Ink::Dim, format!(" {}   ", kind.signs().2))];
    shown.into_iter().map(|kinds| Line::from(kinds.into_iter().flat_map(entry).collect::<Vec<_>>())).collect()
}
