//! Colours and signs: which the terminal can show, and which belongs to which tone.

use anstyle::{AnsiColor, Style};

use crate::ui::text::Tone;

/// What may be used beside words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether signs outside of ASCII may be used.
    pub unicode: bool,
}

impl Look {
    /// The look for a terminal or something else, given the value of `NO_COLOR` and `TERM` and the first that is set
    /// and not empty of `LC_ALL`, `LC_CTYPE` and `LANG`.
    #[must_use]
    pub fn new(is_terminal: bool, no_color: Option<&str>, term: Option<&str>, locale: Option<&str>) -> Self {
        let wanted = no_color.is_none_or(str::is_empty);
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        Self {
            colour: is_terminal && wanted && term != Some("dumb"),
            unicode: locale.contains("utf-8") || locale.contains("utf8"),
        }
    }

    /// The sign of a tone, one column wide, in its colour.
    #[must_use]
    pub fn sign(self, tone: Tone) -> String {
        let (unicode, ascii, colour) = match tone {
            Tone::Neutral => ("·", "-", None),
            Tone::Good => ("✓", "+", Some(AnsiColor::Green)),
            Tone::Doubtful => ("!", "!", Some(AnsiColor::Yellow)),
            Tone::Bad => ("✗", "x", Some(AnsiColor::Red)),
        };
        let sign = if self.unicode { unicode } else { ascii };
        match colour.filter(|_| self.colour) {
            None => sign.to_owned(),
            Some(colour) => {
                let style = Style::new().fg_color(Some(colour.into()));
                format!("{style}{sign}{style:#}")
            }
        }
    }

    /// The sign before a bar, one column wide.
    #[must_use]
    pub fn bar(self) -> &'static str {
        if self.unicode { "▸" } else { ">" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_color_counts_when_it_is_not_empty() {
        assert!(Look::new(true, None, Some("xterm"), None).colour);
        assert!(Look::new(true, Some(""), Some("xterm"), None).colour);
        assert!(!Look::new(true, Some("1"), Some("xterm"), None).colour);
    }

    #[test]
    fn only_a_terminal_that_is_not_dumb_gets_colours() {
        assert!(!Look::new(false, None, Some("xterm"), None).colour);
        assert!(!Look::new(true, None, Some("dumb"), None).colour);
    }

    #[test]
    fn signs_follow_the_locale() {
        assert!(Look::new(true, None, None, Some("de_DE.UTF-8")).unicode);
        assert!(Look::new(true, None, None, Some("C.utf8")).unicode);
        assert!(!Look::new(true, None, None, Some("C")).unicode);
        assert!(!Look::new(true, None, None, None).unicode);
    }

    #[test]
    fn each_tone_has_a_sign_of_its_own_without_colour_too() {
        let tones = [Tone::Neutral, Tone::Good, Tone::Doubtful, Tone::Bad];
        for unicode in [true, false] {
            let look = Look { colour: false, unicode };
            let signs: std::collections::BTreeSet<String> = tones.map(|tone| look.sign(tone)).into();
            assert_eq!(signs.len(), tones.len());
        }
    }
}
