//! Lines that fit: how many columns a text takes, and where it is cut or broken.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns below which breaking lines makes them only harder to read.
pub const LEAST: usize = 20;

/// The columns that a text takes; wide characters take two.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text with blanks up to this width.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{:1$}", "", columns.saturating_sub(width(text)))
}

/// The longest beginning of the text that fits into these columns.
pub fn cut(text: &str, columns: usize) -> &str {
    let mut end = 0;
    // The width of a text can be less than the sum of its characters' (joined emoji), never more.
    let mut taken = 0;
    for (start, c) in text.char_indices() {
        taken += c.width().unwrap_or(0);
        if taken > columns {
            return &text[..end];
        }
        end = start + c.len_utf8();
    }
    text
}

/// The text in parts that fit into these columns, or into [`LEAST`] if these are fewer, broken at blanks where that is possible.
pub fn wrapped(text: &str, columns: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let fits = cut(text, columns.max(LEAST));
        if fits.len() == text.len() {
            rest = None;
            return Some(text);
        }
        // The blank itself may be the first character that does not fit.
        let reach = if text[fits.len()..].starts_with(' ') { fits.len() + 1 } else { fits.len() };
        let blank = text[..reach].rfind(' ').filter(|at| *at > 0);
        let (part, after) = match blank {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => text.split_at(fits.len()),
        };
        rest = Some(after);
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(cut("日本語日本語日本語日本語", 21), "日本語日本語日本語日");
        assert_eq!(pad("日本", 6), "日本  ");
    }

    #[test]
    fn lines_break_at_blanks() {
        let parts: Vec<&str> = wrapped("the gate is red and its log is long", 20).collect();
        assert_eq!(parts, ["the gate is red and", "its log is long"]);
        let parts: Vec<&str> = wrapped("aaaaaaaaaaaaaaaaaaaa bbbb", 20).collect();
        assert_eq!(parts, ["aaaaaaaaaaaaaaaaaaaa", "bbbb"]);
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_anywhere() {
        let parts: Vec<&str> = wrapped("aaaaaaaaaaaaaaaaaaaaaaaaa", 20).collect();
        assert_eq!(parts, ["aaaaaaaaaaaaaaaaaaaa", "aaaaa"]);
    }

    proptest! {
        #[test]
        fn every_part_fits_and_nothing_but_blanks_is_lost(text in "[a-zé日👩 ]{0,120}", columns in 20_usize..60) {
            let parts: Vec<&str> = wrapped(&text, columns).collect();
            prop_assert!(parts.iter().all(|part| width(part) <= columns));
            let squeezed = |text: &str| text.replace(' ', "");
            prop_assert_eq!(squeezed(&parts.concat()), squeezed(&text));
        }
    }
}
