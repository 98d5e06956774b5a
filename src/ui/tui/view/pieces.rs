//! What all panes are made of: frames, texts that are cut and wrapped by their width on the terminal.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Padding};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::ui::tui::theme::{Ink, Kind, Theme};

const ASCII: border::Set = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// The text in at most so many columns; what is cut off is said by the last one.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        let next = c.width().unwrap_or(0);
        if used + next + 1 > width {
            break;
        }
        used += next;
        kept.push(c);
    }
    // A joiner at the end would join what comes next.
    let mut kept = kept.trim_end_matches('\u{200D}').to_owned();
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// The text cut to the width, or filled up to it with blanks.
#[must_use]
pub fn fill(text: &str, width: usize) -> String {
    let mut text = cut(text, width);
    text.extend(std::iter::repeat_n(' ', width.saturating_sub(text.width())));
    text
}

/// The text in lines of at most so many columns, broken between words where possible; later lines are indented.
#[must_use]
pub fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let width = width.max(indent + 8);
    // Most lines fit, and of most the bytes are the columns.
    if text.is_ascii() && text.len() <= width {
        return vec![text.trim_end().to_owned()];
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        let word_width = word.trim_end().width();
        if used > indent && used + word_width > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            line = " ".repeat(indent);
            used = indent;
        }
        for c in word.chars() {
            let next = c.width().unwrap_or(0);
            if used + next > width && c != ' ' {
                lines.push(std::mem::take(&mut line));
                line = " ".repeat(indent);
                used = indent;
            }
            line.push(c);
            used += next;
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// A frame with a title; what is inside of it.
pub(super) fn frame_of(frame: &mut Frame, area: Rect, title: &str, focused: bool, theme: Theme) -> Rect {
    let set = if theme.unicode { border::ROUNDED } else { ASCII };
    let (line, head) = if focused {
        (theme.style(Ink::Accent), theme.style(Ink::Accent).add_modifier(Modifier::BOLD))
    } else {
        (theme.style(Ink::Faint), theme.style(Ink::Dim))
    };
    let title = cut(title, usize::from(area.width.saturating_sub(5)));
    let block = Block::bordered().border_set(set).border_style(line).title(Span::styled(format!(" {title} "), head));
    // A blank column on both sides.
    let block = block.padding(Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

/// A line of pieces with a right end; the left side is cut where both do not fit.
pub(super) fn two_sided<'a>(left: Vec<Span<'a>>, right: Vec<Span<'a>>, width: usize) -> Line<'a> {
    let of = |spans: &[Span]| spans.iter().map(Span::width).sum::<usize>();
    let room = width.saturating_sub(of(&right) + usize::from(!right.is_empty()));
    let mut spans = clip(left, room);
    let gap = width.saturating_sub(of(&spans) + of(&right));
    spans.push(Span::raw(" ".repeat(gap)));
    spans.extend(right);
    Line::from(spans)
}

/// Pieces in at most so many columns.
pub(super) fn clip(spans: Vec<Span<'_>>, width: usize) -> Vec<Span<'_>> {
    let mut room = width;
    let mut kept = Vec::new();
    for span in spans {
        let needed = span.width();
        if needed <= room {
            room -= needed;
            kept.push(span);
        } else {
            kept.push(Span::styled(cut(&span.content, room), span.style));
            break;
        }
    }
    kept
}

/// The glyph and the word of a state.
pub(super) fn badge(theme: Theme, kind: Kind) -> [Span<'static>; 2] {
    let style = theme.style(kind.ink());
    [Span::styled(theme.glyph(kind), style), Span::styled(kind.signs().2, style)]
}

/// A bar of so many columns of which a part is filled.
pub(super) fn bar(theme: Theme, done: usize, all: usize, width: usize) -> [Span<'static>; 2] {
    // In 128 bits: the place in a replay is any number.
    let filled = (done as u128 * width as u128).checked_div(all as u128).unwrap_or(0).min(width as u128);
    let filled = usize::try_from(filled).unwrap_or(width);
    let (full, empty) = (theme.pick("━", "="), theme.pick("─", "-"));
    [
        Span::styled(full.repeat(filled), theme.style(Ink::Good)),
        Span::styled(empty.repeat(width - filled), theme.style(Ink::Faint)),
    ]
}

/// A head inside of a pane.
pub(super) fn head(theme: Theme, text: impl Into<String>) -> Line<'static> {
    Line::styled(text.into(), theme.style(Ink::Accent).add_modifier(Modifier::BOLD))
}

/// A text in a style.
pub(super) fn span(theme: Theme, ink: Ink, text: impl Into<String>) -> Span<'static> {
    Span::styled(text.into(), theme.style(ink))
}

/// The style that lies over a whole line. Dim text would not be read on the ground of a selected line.
pub(super) fn over(mut line: Line<'static>, style: Style) -> Line<'static> {
    for span in &mut line.spans {
        span.style = span.style.remove_modifier(Modifier::DIM).patch(style);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_characters_are_cut_before_they_stick_out() {
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(fill("日", 4), "日  ");
    }

    #[test]
    fn words_are_wrapped_whole_and_long_ones_are_broken() {
        assert_eq!(wrap("one two three", 8, 0), ["one two", "three"]);
        assert_eq!(wrap("abcdefghijkl", 10, 2), ["abcdefghij", "  kl"]);
        assert_eq!(wrap("", 10, 0), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_ever_wider_than_its_room(text in "\\PC{0,80}", width in 0_usize..40) {
            prop_assert!(cut(&text, width).width() <= width.max(1) + 1, "{:?}", cut(&text, width));
            for line in wrap(&text, width.max(10), 2) {
                prop_assert!(line.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>() <= width.max(10));
            }
        }
    }
}
