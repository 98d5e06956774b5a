//! Where the epics of the graph stand and where their lines run: layers from left to right, lines in the gutters between.
//!
//! A line that passes a layer gets a lane in it, one for each epic that the lines come from. In a gutter every source has
//! a vertical track; two lines share a cell only where they lead to the same epic, where they cross, or where they come from the same.

use std::collections::BTreeMap;

/// Rows of an epic: two of text and a blank one.
const NODE_ROWS: usize = 3;
/// Sweeps that put the epics of a layer into an order with few crossings.
const SWEEPS: usize = 8;

/// Something that has a row in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// An epic.
    Node(usize),
    /// The lines of this epic pass here.
    Lane(usize),
}

impl Item {
    /// The epic that lines from here come from.
    fn source(self) -> usize {
        match self {
            Self::Node(node) | Self::Lane(node) => node,
        }
    }
}

/// A line from an item to one of the next layer, by their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    /// The item on the left, and its row.
    pub(super) from: (Item, usize),
    /// The item on the right, and its row.
    pub(super) to: (Item, usize),
    /// The vertical track; `None` for a straight line.
    pub(super) track: Option<usize>,
}

/// The whole graph, laid out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Layout {
    /// The items of each layer with their rows, from top to bottom.
    pub(super) layers: Vec<Vec<(Item, usize)>>,
    /// The lines of the gutter behind each layer.
    pub(super) gutters: Vec<Vec<Link>>,
}

impl Layout {
    /// Lays out epics that are given layer by layer; an edge goes from an epic to one that builds on it.
    pub(super) fn of(nodes: &[Vec<usize>], edges: &[(usize, usize)]) -> Self {
        let (items, links) = with_lanes(nodes, &reduced(edges));
        let order = ordered(items, &links);
        let layers = rows_of(&order, &links);
        let gutters = links.iter().enumerate().map(|(n, links)| gutter(&layers[n], &layers[n + 1], links)).collect();
        Self { layers, gutters }
    }

    /// Rows that it needs.
    pub(super) fn height(&self) -> usize {
        let ends = self.layers.iter().flatten().map(|(item, row)| row + rows_needed(*item));
        ends.max().unwrap_or(0)
    }

    /// Tracks of a gutter.
    pub(super) fn n_tracks(&self, gutter: usize) -> usize {
        let tracks = self.gutters.get(gutter).into_iter().flatten().filter_map(|link| link.track);
        tracks.max().map_or(0, |track| track + 1)
    }

    /// Layer and row of an epic.
    pub(super) fn place(&self, node: usize) -> Option<(usize, usize)> {
        self.layers.iter().enumerate().find_map(|(layer, items)| {
            items.iter().find(|(item, _)| *item == Item::Node(node)).map(|(_, row)| (layer, *row))
        })
    }

    /// Whether a line leads to this epic or comes from it. `gutter` is where the line runs.
    pub(super) fn concerns(&self, gutter: usize, link: &Link, node: usize) -> bool {
        link.from.0.source() == node || self.leads_to(gutter, link, node)
    }

    fn leads_to(&self, gutter: usize, link: &Link, node: usize) -> bool {
        match link.to.0 {
            Item::Node(target) => target == node,
            Item::Lane(_) => self.gutters.get(gutter + 1).is_some_and(|next| {
                next.iter().any(|other| other.from.0 == link.to.0 && self.leads_to(gutter + 1, other, node))
            }),
        }
    }
}

fn rows_needed(item: Item) -> usize {
    match item {
        Item::Node(_) => NODE_ROWS,
        Item::Lane(_) => 1,
    }
}

/// The edges without those that follow from others.
fn reduced(edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(*from).or_default().push(*to);
    }
    let is_longer_way = |from: usize, to: usize| {
        let mut open: Vec<usize> = next[&from].iter().copied().filter(|node| *node != to).collect();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(node) = open.pop() {
            if node == to {
                return true;
            }
            if seen.insert(node) {
                open.extend(next.get(&node).into_iter().flatten());
            }
        }
        false
    };
    edges.iter().copied().filter(|(from, to)| !is_longer_way(*from, *to)).collect()
}

type Layers = Vec<Vec<Item>>;
type Links = Vec<Vec<(Item, Item)>>;

/// The items of each layer, with a lane wherever a line passes, and the links between neighbours.
fn with_lanes(nodes: &[Vec<usize>], edges: &[(usize, usize)]) -> (Layers, Links) {
    let mut items: Layers = nodes.iter().map(|layer| layer.iter().copied().map(Item::Node).collect()).collect();
    let mut links: Links = vec![Vec::new(); nodes.len().saturating_sub(1)];
    let layer_of = |node: usize| nodes.iter().position(|layer| layer.contains(&node));
    for (from, to) in edges {
        let (Some(first), Some(last)) = (layer_of(*from), layer_of(*to)) else { continue };
        let mut left = Item::Node(*from);
        for layer in first..last {
            let right = if layer + 1 == last { Item::Node(*to) } else { Item::Lane(*from) };
            if !items[layer + 1].contains(&right) {
                items[layer + 1].push(right);
            }
            if !links[layer].contains(&(left, right)) {
                links[layer].push((left, right));
            }
            left = right;
        }
    }
    (items, links)
}

/// The layers in an order with few crossings: each item is drawn to the middle of its neighbours, there and back.
fn ordered(mut layers: Layers, links: &Links) -> Layers {
    let mut best = (crossings(&layers, links), layers.clone());
    for sweep in 0..SWEEPS {
        let forward = sweep % 2 == 0;
        for step in 1..layers.len() {
            let layer = if forward { step } else { layers.len() - 1 - step };
            let other = if forward { layer - 1 } else { layer + 1 };
            let neighbours = &layers[other];
            let between = &links[layer.min(other)];
            let middle = |item: Item, now: usize| {
                let places = between.iter().filter_map(|(left, right)| {
                    let (own, far) = if forward { (*right, *left) } else { (*left, *right) };
                    (own == item).then(|| neighbours.iter().position(|other| *other == far)).flatten()
                });
                let places: Vec<usize> = places.collect();
                // In hundredths, so that it is a number that can be sorted.
                if places.is_empty() { now * 100 } else { places.iter().sum::<usize>() * 100 / places.len() }
            };
            let mut keyed: Vec<(usize, Item)> =
                layers[layer].iter().enumerate().map(|(now, item)| (middle(*item, now), *item)).collect();
            keyed.sort_by_key(|(key, _)| *key);
            layers[layer] = keyed.into_iter().map(|(_, item)| item).collect();
        }
        let now = crossings(&layers, links);
        if now < best.0 {
            best = (now, layers.clone());
        }
    }
    best.1
}

fn crossings(layers: &Layers, links: &Links) -> usize {
    let mut n_crossings = 0;
    for (n, links) in links.iter().enumerate() {
        let place = |layer: &[Item], item| layer.iter().position(|other| *other == item).unwrap_or(0);
        let ends: Vec<(usize, usize)> =
            links.iter().map(|(from, to)| (place(&layers[n], *from), place(&layers[n + 1], *to))).collect();
        for (index, one) in ends.iter().enumerate() {
            n_crossings += ends[index + 1..]
                .iter()
                .filter(|other| (one.0 < other.0 && one.1 > other.1) || (one.0 > other.0 && one.1 < other.1))
                .count();
        }
    }
    n_crossings
}

/// A row for each item: that of the middle one of those it builds on where that is free, else the next free one.
fn rows_of(layers: &Layers, links: &Links) -> Vec<Vec<(Item, usize)>> {
    let mut placed: Vec<Vec<(Item, usize)>> = Vec::new();
    for (n, layer) in layers.iter().enumerate() {
        let mut free = 0;
        let mut rows = Vec::new();
        for item in layer {
            let before = n.checked_sub(1).map(|before| (&links[before], &placed[before]));
            let mut wanted: Vec<usize> = before
                .into_iter()
                .flat_map(|(links, rows)| {
                    let from = links.iter().filter(|(_, to)| to == item).map(|(from, _)| *from);
                    from.filter_map(|from| rows.iter().find(|(other, _)| *other == from).map(|(_, row)| *row))
                })
                .collect();
            wanted.sort_unstable();
            let middle = wanted.len().checked_sub(1).map_or(0, |last| wanted[last / 2]);
            let row = middle.max(free);
            free = row + rows_needed(*item);
            rows.push((*item, row));
        }
        placed.push(rows);
    }
    placed
}

/// The lines of a gutter with their tracks.
fn gutter(left: &[(Item, usize)], right: &[(Item, usize)], links: &[(Item, Item)]) -> Vec<Link> {
    let row = |items: &[(Item, usize)], item| items.iter().find(|(other, _)| *other == item).map_or(0, |(_, row)| *row);
    let mut lines: Vec<Link> = links
        .iter()
        .map(|(from, to)| Link { from: (*from, row(left, *from)), to: (*to, row(right, *to)), track: None })
        .collect();
    let mut spans: Vec<(Item, usize, usize, usize)> = Vec::new();
    for (item, row) in left {
        let targets = || lines.iter().filter(|link| link.from.0 == *item).map(|link| link.to.1);
        let ends = targets().chain([*row]);
        if targets().any(|target| target != *row)
            && let (Some(top), Some(bottom)) = (ends.clone().min(), ends.max())
        {
            spans.push((*item, *row, top, bottom));
        }
    }
    // Lines that go down leave the lower sources first, lines that go up the upper ones: that crosses least.
    spans
        .sort_by_key(|(_, row, top, bottom)| if bottom - row >= row - top { (0, usize::MAX - row) } else { (1, *row) });
    for (item, track) in tracks(&spans, &lines) {
        lines.iter_mut().filter(|link| link.from.0 == item).for_each(|link| link.track = Some(track));
    }
    lines
}

/// A track for each source. A source whose row is that of a target turns off before others reach that target; else the two
/// lines would look like one.
fn tracks(spans: &[(Item, usize, usize, usize)], lines: &[Link]) -> Vec<(Item, usize)> {
    let goes_before = |first: Item, row: usize, second: Item| {
        first != second && lines.iter().any(|link| link.from.0 == second && link.to.1 == row)
    };
    let mut open: Vec<_> = spans.to_vec();
    let mut done: Vec<(Item, usize, usize, usize, usize)> = Vec::new();
    while !open.is_empty() {
        let is_first =
            |one: &(Item, usize, usize, usize)| !open.iter().any(|other| goes_before(other.0, other.1, one.0));
        // Where each waits for another there is no perfect order, and any will do.
        let next = open.iter().position(is_first).unwrap_or(0);
        let (item, row, top, bottom) = open.remove(next);
        let after = done.iter().filter(|other| goes_before(other.0, other.1, item)).map(|other| other.4 + 1).max();
        let is_free = |track: usize| !done.iter().any(|other| other.4 == track && other.2 <= bottom && top <= other.3);
        let track = (after.unwrap_or(0)..).find(|track| is_free(*track)).unwrap_or(0);
        done.push((item, row, top, bottom, track));
    }
    done.into_iter().map(|(item, _, _, _, track)| (item, track)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diamond_has_no_crossing_and_no_line_that_follows_from_others() {
        let layout = Layout::of(&[vec![1], vec![2, 3], vec![4]], &[(1, 2), (1, 3), (2, 4), (3, 4), (1, 4)]);
        assert_eq!(layout.gutters.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        assert!(layout.layers.iter().flatten().all(|(item, _)| matches!(item, Item::Node(_))), "{layout:?}");
        assert_eq!(layout.place(4), Some((2, 0)));
    }

    #[test]
    fn a_line_that_passes_a_layer_has_a_lane_of_its_own_in_it() {
        let layout = Layout::of(&[vec![1, 2], vec![3], vec![4]], &[(1, 3), (2, 4), (3, 4)]);
        assert_eq!(layout.layers[1], [(Item::Node(3), 0), (Item::Lane(2), 3)]);
        let lane = layout.gutters[1].iter().find(|link| link.from.0 == Item::Lane(2)).expect("a line");
        assert!(layout.concerns(1, lane, 2) && layout.concerns(1, lane, 4) && !layout.concerns(1, lane, 3));
    }

    #[test]
    fn no_two_items_of_a_layer_and_no_two_tracks_overlap() {
        let nodes: Vec<Vec<usize>> = (0..6).map(|layer| (layer * 8..layer * 8 + 8).collect()).collect();
        let edges: Vec<(usize, usize)> =
            (8..48).flat_map(|n| [(n % 8 + (n / 8 - 1) * 8, n), ((n * 5 + 3) % 8, n)]).collect();
        let layout = Layout::of(&nodes, &edges);
        for items in &layout.layers {
            for pair in items.windows(2) {
                assert!(pair[0].1 + rows_needed(pair[0].0) <= pair[1].1, "{pair:?}");
            }
        }
        for links in &layout.gutters {
            for one in links {
                for other in links.iter().filter(|other| other.from.0 != one.from.0 && other.track.is_some()) {
                    let span = |link: &Link| (link.from.1.min(link.to.1), link.from.1.max(link.to.1));
                    let ((a, b), (c, d)) = (span(one), span(other));
                    assert!(one.track != other.track || b < c || d < a, "{one:?} {other:?}");
                }
            }
        }
    }
}
