//! Lines whose pieces give way one after another: in a narrow terminal the least important piece becomes shorter, then
//! goes; nothing is cut in the middle of a word.

use ratatui::text::{Line, Span};

/// A piece of a line.
pub(super) struct Field {
    /// Its forms, the roomiest first, each with its rank: the form of the greatest rank gives way first, to the next form or
    /// to nothing; one of rank 0 never does.
    forms: Vec<(u8, Vec<Span<'static>>)>,
}

impl Field {
    /// A piece with one form.
    pub(super) fn new(rank: u8, form: Vec<Span<'static>>) -> Self {
        Self { forms: vec![(rank, form)] }
    }

    /// The same piece with a shorter form behind those that it has.
    pub(super) fn or(mut self, rank: u8, form: Vec<Span<'static>>) -> Self {
        self.forms.push((rank, form));
        self
    }
}

/// A form that is in use: which of its field, or none any more.
type Chosen = Option<usize>;

/// The pieces in one line of this width, `gap` between them; those on the right end at its right end.
pub(super) fn fit(left: &[Field], right: &[Field], gap: &Span<'static>, width: usize) -> Line<'static> {
    let fields: Vec<&Field> = left.iter().chain(right).collect();
    let mut chosen: Vec<Chosen> = fields.iter().map(|field| Some(0).filter(|_| !field.forms.is_empty())).collect();
    while needed(&fields, &chosen, left.len(), gap.width()) > width {
        if !give_way(&fields, &mut chosen) {
            break;
        }
    }
    let (mut spans, ends) = (side(&fields, &chosen, 0..left.len(), gap), left.len()..fields.len());
    let ends = side(&fields, &chosen, ends, gap);
    let of = |spans: &[Span]| spans.iter().map(Span::width).sum::<usize>();
    if !ends.is_empty() {
        spans.push(Span::raw(" ".repeat(width.saturating_sub(of(&spans) + of(&ends)))));
        spans.extend(ends);
    }
    Line::from(super::pieces::clip(spans, width))
}

/// The least important piece becomes shorter or goes; `false` when nothing can give way any more.
fn give_way(fields: &[&Field], chosen: &mut [Chosen]) -> bool {
    let rank = |index: usize| chosen[index].map_or(0, |form| fields[index].forms[form].0);
    let Some(index) = (0..fields.len()).filter(|index| rank(*index) > 0).max_by_key(|index| rank(*index)) else {
        return false;
    };
    chosen[index] = chosen[index].map(|form| form + 1).filter(|form| *form < fields[index].forms.len());
    true
}

fn needed(fields: &[&Field], chosen: &[Chosen], n_left: usize, gap: usize) -> usize {
    let width = |index: usize, form: usize| fields[index].forms[form].1.iter().map(Span::width).sum::<usize>();
    let shown = || chosen.iter().enumerate().filter_map(|(index, form)| form.map(|form| (index, form)));
    let text: usize = shown().map(|(index, form)| width(index, form)).sum();
    let (left, right) = (shown().filter(|(index, _)| *index < n_left).count(), shown().count());
    let gaps = left.saturating_sub(1) + (right - left).saturating_sub(1);
    // The two sides never touch.
    text + gaps * gap + if right > left { 2 } else { 0 }
}

fn side(
    fields: &[&Field],
    chosen: &[Chosen],
    which: std::ops::Range<usize>,
    gap: &Span<'static>,
) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for index in which {
        let Some(form) = chosen[index] else { continue };
        if !spans.is_empty() {
            spans.push(gap.clone());
        }
        spans.extend(fields[index].forms[form].1.iter().cloned());
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(forms: &[(u8, &'static str)]) -> Field {
        Field { forms: forms.iter().map(|(rank, text)| (*rank, vec![Span::raw(*text)])).collect() }
    }

    fn shown(width: usize) -> String {
        let left =
            [field(&[(1, "project"), (0, "pro")]), field(&[(3, "branch")]), field(&[(5, "slots 3/4"), (4, "3/4")])];
        let right = [field(&[(2, "one two"), (0, "1 2")])];
        let line = fit(&left, &right, &Span::raw(" "), width);
        line.spans.iter().map(|span| span.content.as_ref()).collect()
    }

    #[test]
    fn what_matters_least_gives_way_first_and_never_in_the_middle_of_a_word() {
        assert_eq!(shown(36), "project branch slots 3/4     one two");
        assert_eq!(shown(30), "project branch 3/4     one two");
        assert_eq!(shown(24), "project branch   one two");
        assert_eq!(shown(20), "project      one two");
        assert_eq!(shown(13), "project   1 2");
        assert_eq!(shown(9), "pro   1 2");
    }
}
