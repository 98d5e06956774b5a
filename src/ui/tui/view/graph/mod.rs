//! The graph of epics: a column a wave, lines from each epic to those that build on it, those of the selected one drawn
//! heavily. Where it is larger than the screen, the selected epic stays in sight.

mod canvas;
mod layout;

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout as Split, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use self::canvas::{Canvas, DOWN, HEAVY, JOINED, LEFT, LIGHT, PLAIN, PLAIN_HEAVY, RIGHT, UP};
use self::layout::{Item, Layout, Link};
use super::pieces::{frame_of, over, span};
use super::standing::standing;
use super::{cut, draw_lines, wrap};
use crate::domain::id::EpicId;
use crate::scheduler::view::TrackView;
use crate::ui::card::names;
use crate::ui::phrases::who;
use crate::ui::safe;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::{Ink, Kind};

/// Columns of an epic at least, and at most.
const NARROWEST: usize = 21;
const WIDEST: usize = 36;

/// A layout with what it was made of. It takes longer than a frame may, and stays the same for a whole run: the model keeps
/// the last one, and it counts only for the very same epics and lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaidOut {
    nodes: Vec<Vec<usize>>,
    edges: Vec<(usize, usize)>,
    layout: Layout,
}

impl LaidOut {
    /// Lays out the epics of the model, unless the layout that it keeps is theirs.
    pub(in crate::ui::tui) fn of(model: &Model) -> Arc<Self> {
        let tracks = model.tracks();
        let (nodes, edges) = (nodes(&tracks), edges(model, &tracks));
        if model.graph.nodes == nodes && model.graph.edges == edges {
            return Arc::clone(&model.graph);
        }
        let layout = Layout::of(&nodes, &edges);
        Arc::new(Self { nodes, edges, layout })
    }
}

/// The positions of the epics, wave by wave.
fn nodes(tracks: &[&TrackView]) -> Vec<Vec<usize>> {
    let epics: Vec<(usize, &&TrackView)> =
        tracks.iter().enumerate().filter(|(_, track)| track.scope.epic().is_some()).collect();
    let waves = epics.chunk_by(|(_, one), (_, other)| one.wave == other.wave);
    waves.map(|wave| wave.iter().map(|(index, _)| *index).collect()).collect()
}

/// The lines from each epic to those that build on it, by their positions.
fn edges(model: &Model, tracks: &[&TrackView]) -> Vec<(usize, usize)> {
    let positions: BTreeMap<&EpicId, usize> =
        tracks.iter().enumerate().filter_map(|(index, track)| Some((track.scope.epic()?, index))).collect();
    let epics = model.facts.plan.iter().flat_map(|plan| plan.epics());
    let mut edges: Vec<(usize, usize)> = epics
        .filter_map(|epic| Some((positions.get(&epic.id)?, &epic.depends_on)))
        .flat_map(|(to, from)| from.iter().filter_map(|id| Some((*positions.get(id)?, *to))))
        .collect();
    edges.sort_by_key(|(_, to)| *to);
    edges
}

/// The graph with the columns that it takes on the screen.
struct Chart<'a> {
    tracks: Vec<&'a TrackView>,
    /// How each of them looks.
    kinds: Vec<Kind>,
    waves: Vec<usize>,
    laid_out: Arc<LaidOut>,
    /// Where each layer begins.
    columns: Vec<usize>,
    /// Columns of an epic.
    width: usize,
}

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    if model.track().is_none() {
        let inner = frame_of(frame, area, "graph", true, model.theme);
        return draw_lines(frame, inner, vec![Line::from(span(model.theme, Ink::Dim, "no epics yet"))], 0);
    }
    let [upper, lower] = Split::vertical([Constraint::Min(4), Constraint::Length(5)]).areas(area);
    let room = usize::from(upper.width.saturating_sub(4));
    let chart = Chart::of(model, room);
    let here = chart.laid_out.layout.place(model.selected).unwrap_or((0, 0));
    let height = usize::from(upper.height.saturating_sub(3));
    let origin = (chart.left_edge(here.0, room), top_edge(here.1, chart.laid_out.layout.height(), height));
    let inner = frame_of(frame, upper, &chart.title(origin.0, room), true, model.theme);
    let [head, body] = Split::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    let size = (usize::from(body.width), usize::from(body.height));
    let (mut light, mut heavy) = (Canvas::new(origin, size), Canvas::new(origin, size));
    chart.lines(&mut light, |_, _| true);
    chart.lines(&mut heavy, |gutter, link| chart.laid_out.layout.concerns(gutter, link, model.selected));
    let theme = model.theme;
    let (thin, thick) = if theme.unicode { (&LIGHT, &HEAVY) } else { (&PLAIN, &PLAIN_HEAVY) };
    light.draw(frame.buffer_mut(), body, thin, theme.style(Ink::Faint));
    heavy.draw(frame.buffer_mut(), body, thick, theme.style(Ink::Accent));
    for join in heavy.joins(&light).into_iter().filter(|_| theme.unicode) {
        heavy.put(frame.buffer_mut(), body, join, theme.style(Ink::Accent));
    }
    chart.texts(frame, (head, body), model, origin);
    draw_legend(frame, lower, model);
}

/// The first row in sight.
fn top_edge(row: usize, all: usize, height: usize) -> usize {
    row.saturating_sub(height / 3).min(all.saturating_sub(height))
}

impl<'a> Chart<'a> {
    fn of(model: &'a Model, room: usize) -> Self {
        let tracks = model.tracks();
        let mut waves: Vec<usize> =
            tracks.iter().filter(|track| track.scope.epic().is_some()).map(|track| track.wave).collect();
        waves.dedup();
        let laid_out = LaidOut::of(model);
        let (layout, n_layers) = (&laid_out.layout, laid_out.nodes.len());
        let gutters: usize = (0..n_layers.saturating_sub(1)).map(|n| gutter_width(layout, n)).sum();
        let width = room.saturating_sub(gutters).checked_div(n_layers).unwrap_or(0).clamp(NARROWEST, WIDEST);
        let mut columns = Vec::new();
        let mut x = 0;
        for n in 0..n_layers {
            columns.push(x);
            x += width + gutter_width(layout, n);
        }
        let kinds = tracks.iter().map(|track| model.kind(track)).collect();
        Self { tracks, kinds, waves, laid_out, columns, width }
    }

    /// The first column in sight: the selected epic's is in the middle where the graph is wider than the screen.
    fn left_edge(&self, layer: usize, room: usize) -> usize {
        let all = self.columns.last().map_or(0, |last| last + self.width);
        let column = self.columns.get(layer).copied().unwrap_or(0);
        (column + self.width / 2).saturating_sub(room / 2).min(all.saturating_sub(room))
    }

    fn title(&self, left: usize, room: usize) -> String {
        let in_sight = |column: usize| column >= left && column + self.width <= left + room;
        let shown: Vec<usize> = self
            .columns
            .iter()
            .zip(&self.waves)
            .filter(|(column, _)| in_sight(**column))
            .map(|(_, wave)| *wave)
            .collect();
        match (shown.first(), shown.last()) {
            (Some(first), Some(last)) if shown.len() < self.waves.len() => {
                format!("graph, waves {first} to {last} of {}", self.waves.len())
            }
            _ => "graph".to_owned(),
        }
    }

    /// Draws the lines that are asked for.
    fn lines(&self, canvas: &mut Canvas, is_wanted: impl Fn(usize, &Link) -> bool) {
        for (n, links) in self.laid_out.layout.gutters.iter().enumerate() {
            let (from, to) = (self.columns[n] + self.width, self.columns[n + 1]);
            for link in links.iter().filter(|link| is_wanted(n, link)) {
                link_lines(canvas, link, from, to);
                // What ends at a lane goes on through its layer.
                if matches!(link.to.0, Item::Lane(_)) {
                    canvas.level(to, to + self.width, link.to.1);
                }
                if let Item::Node(node) = link.from.0 {
                    canvas.level(self.columns[n] + self.name_width(node), from, link.from.1);
                }
            }
        }
    }

    /// Columns of the first line of an epic, with a blank behind.
    fn name_width(&self, node: usize) -> usize {
        if node < self.tracks.len() { self.name(node).width() + self.kinds[node].signs().2.len() + 4 } else { 0 }
    }

    /// The name of an epic, with room for the sign before it and the word for its state behind it.
    fn name(&self, node: usize) -> String {
        cut(&who(&self.tracks[node].scope), self.width.saturating_sub(self.kinds[node].signs().2.len() + 4))
    }

    fn texts(&self, frame: &mut Frame, (head, body): (Rect, Rect), model: &Model, origin: (usize, usize)) {
        for (layer, items) in self.laid_out.layout.layers.iter().enumerate() {
            let column = self.columns[layer];
            let merged = |item: &Item| matches!(item, Item::Node(n) if self.kinds[*n] == Kind::Merged);
            let n_merged = items.iter().filter(|(item, _)| merged(item)).count();
            let n_nodes = items.iter().filter(|(item, _)| matches!(item, Item::Node(_))).count();
            let text = format!("wave {}  {n_merged}/{n_nodes}", self.waves[layer]);
            if column + text.len() <= origin.0 + usize::from(head.width) {
                put(
                    frame,
                    head,
                    (column, 0),
                    (origin.0, 0),
                    &Line::from(span(model.theme, Ink::Dim, text)),
                    self.width,
                );
            }
            for (item, row) in items {
                if let Item::Node(node) = item {
                    for (n, line) in self.node(model, *node).iter().enumerate() {
                        put(frame, body, (column, row + n), origin, line, self.width);
                    }
                    if self.has_line_before(layer, *item) && column > 0 {
                        let tip = span(model.theme, Ink::Dim, model.theme.pick("▸", ">"));
                        put(frame, body, (column - 1, *row), origin, &Line::from(tip), 1);
                    }
                }
            }
        }
    }

    fn has_line_before(&self, layer: usize, item: Item) -> bool {
        layer > 0 && self.laid_out.layout.gutters[layer - 1].iter().any(|link| link.to.0 == item)
    }

    fn node(&self, model: &Model, node: usize) -> [Line<'static>; 2] {
        let (theme, track, kind) = (model.theme, self.tracks[node], self.kinds[node]);
        let style = theme.style(kind.ink());
        let first = Line::from(vec![
            Span::styled(format!("{} ", theme.glyph(kind)), style),
            span(theme, Ink::Text, format!("{} ", self.name(node))),
            Span::styled(kind.signs().2, style),
        ]);
        let title = cut(&safe::line(&track.title, 80), self.width.saturating_sub(2));
        let second = Line::from(span(theme, Ink::Dim, format!("  {title}")));
        if node == model.selected {
            [over(first, theme.selected()), over(second, theme.selected())]
        } else {
            [first, second]
        }
    }
}

/// The cells of one line in a gutter that spans the columns `from..to`; the last of them belongs to the arrow.
fn link_lines(canvas: &mut Canvas, link: &Link, from: usize, to: usize) {
    let (start, end) = (link.from.1, link.to.1);
    let Some(track) = link.track else { return canvas.level(from, to, start) };
    let x = from + 1 + track;
    canvas.level(from, x, start);
    if start == end {
        canvas.add(x, start, LEFT | RIGHT | JOINED);
    } else {
        let (leaves, arrives) = if end > start { (DOWN, UP) } else { (UP, DOWN) };
        canvas.upright(x, start, end);
        canvas.add(x, start, LEFT | leaves | JOINED);
        canvas.add(x, end, RIGHT | arrives | JOINED);
    }
    canvas.level(x + 1, to, end);
}

/// A blank, the tracks, a blank and the arrow.
fn gutter_width(layout: &Layout, gutter: usize) -> usize {
    layout.n_tracks(gutter) + 3
}

/// Draws a line of text at a place of the drawing, as far as it is in sight.
fn put(frame: &mut Frame, area: Rect, at: (usize, usize), origin: (usize, usize), line: &Line, width: usize) {
    let Some(y) = at.1.checked_sub(origin.1).filter(|y| *y < usize::from(area.height)) else { return };
    let (Some(x), Ok(y)) = (at.0.checked_sub(origin.0), u16::try_from(y)) else { return };
    let room = usize::from(area.width).saturating_sub(x).min(width);
    let (Ok(x), Ok(room)) = (u16::try_from(x), u16::try_from(room)) else { return };
    if room > 0 && (line.spans.len() > 1 || usize::from(room) >= line.width().min(8)) {
        // Half a word at the edge would say nothing; the sign of an epic says that there is one.
        let n_spans = if line.width() <= usize::from(room) || line.spans.len() == 1 { line.spans.len() } else { 1 };
        let spans = super::pieces::clip(line.spans[..n_spans].to_vec(), usize::from(room));
        frame.buffer_mut().set_line(area.x + x, area.y + y, &Line::from(spans).patch_style(line.style), room);
    }
}

fn dependencies(model: &Model, track: &TrackView) -> Vec<EpicId> {
    let epic = track.scope.epic().and_then(|id| model.facts.plan.as_ref()?.epic(id));
    epic.map(|epic| epic.depends_on.clone()).unwrap_or_default()
}

/// What the selected epic is, and everything that it builds on and that needs it.
fn draw_legend(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.theme;
    let Some(track) = model.track() else { return };
    let title = format!("{}  {}", who(&track.scope), safe::line(&track.title, 200));
    let inner = frame_of(frame, area, &title, false, theme);
    let width = usize::from(inner.width);
    let listed = |ids: &[EpicId]| if ids.is_empty() { "nothing".to_owned() } else { names(ids) };
    let plan = model.facts.plan.as_ref();
    let then: Vec<EpicId> = plan
        .into_iter()
        .flat_map(|plan| plan.epics())
        .filter(|epic| track.scope.epic().is_some_and(|id| epic.depends_on.contains(id)))
        .map(|epic| epic.id.clone())
        .collect();
    let state = format!("{}, {} of {} stories", standing(model, track), track.stories_passed, track.n_stories);
    let texts = [("state", state), ("builds on", listed(&dependencies(model, track))), ("needed by", listed(&then))];
    let lines = texts.into_iter().map(|(head, text)| {
        let text = wrap(&text, width.saturating_sub(11), 0).into_iter().next().unwrap_or_default();
        Line::from(vec![span(theme, Ink::Dim, format!("{head:<11}")), span(theme, Ink::Text, text)])
    });
    draw_lines(frame, inner, lines.collect(), 0);
}
