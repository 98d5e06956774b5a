//! Light or dark: the terminal is asked for the colour of its background (OSC 11), and its answer chooses the palette.
//!
//! **Invariant:** nobody waits longer than `PATIENCE_MS` for the answer, no key is lost meanwhile, and an answer that comes
//! late or broken is never taken for keys: questions and keys go through the same reader.

use termina::escape::osc::{ColorOrQuery, DynamicColorNumber, Osc};
use termina::style::RgbColor;

use super::theme::{Palette, Theme, theme_for};

/// How long the first picture waits for the answer, in milliseconds.
pub(super) const PATIENCE_MS: u64 = 100;

/// How the screen is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The theme; its palette is the fallback where the terminal is asked.
    pub theme: Theme,
    /// Whether the terminal is asked for its background.
    pub asks: bool,
}

impl From<Theme> for Look {
    fn from(theme: Theme) -> Self {
        Self { theme, asks: false }
    }
}

/// The look for a terminal with this environment; `chosen` is what the person asked for.
#[must_use]
pub fn look_for(chosen: Option<Palette>, variable: impl Fn(&str) -> Option<String>) -> Look {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let asks =
        chosen.is_none() && !is_set("NO_COLOR") && answers(&variable("TERM").unwrap_or_default(), is_set("TMUX"));
    Look { theme: theme_for(chosen, variable), asks }
}

/// Whether a terminal that calls itself this may answer. The console of Linux does not, and GNU screen answers late, several
/// times or never; tmux does, though it may call itself screen.
fn answers(term: &str, is_tmux: bool) -> bool {
    let silent = ["", "dumb", "linux", "Eterm", "vt100", "vt220"];
    !silent.contains(&term) && (is_tmux || !term.starts_with("screen"))
}

/// What asks the terminal.
#[must_use]
pub(super) fn question() -> String {
    Osc::ChangeDynamicColors(DynamicColorNumber::TextBackgroundColor, vec![ColorOrQuery::Query]).to_string()
}

/// The palette for an answer; `None`: it answers something else.
#[must_use]
pub(super) fn answer(osc: &Osc<'_>) -> Option<Palette> {
    let Osc::ChangeDynamicColors(DynamicColorNumber::TextBackgroundColor, colors) = osc else { return None };
    let Some(ColorOrQuery::Color(ground)) = colors.first() else { return None };
    Some(if is_light(*ground) { Palette::Light } else { Palette::Dark })
}

/// Whether dark text reads better on it: its brightness as the eye weighs the colours, in thousandths.
fn is_light(ground: RgbColor) -> bool {
    let weighed = u32::from(ground.red) * 299 + u32::from(ground.green) * 587 + u32::from(ground.blue) * 114;
    weighed > 128 * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn only_a_terminal_that_may_answer_is_asked_and_only_where_it_matters() {
        assert!(look_for(None, with(&[("TERM", "xterm-256color")])).asks);
        assert!(look_for(None, with(&[("TERM", "screen-256color"), ("TMUX", "/tmp/tmux-0/default,1,0")])).asks);
        for term in ["dumb", "linux", "screen", "screen.xterm-256color", "screen-256color", ""] {
            assert!(!look_for(None, |name| (name == "TERM").then(|| term.to_owned())).asks, "{term}");
        }
        assert!(!look_for(None, with(&[])).asks);
        assert!(!look_for(None, with(&[("TERM", "xterm"), ("NO_COLOR", "1")])).asks);
        assert!(!look_for(Some(Palette::Dark), with(&[("TERM", "xterm")])).asks);
    }

    #[test]
    fn where_there_is_no_answer_the_environment_decides() {
        let look = look_for(None, with(&[("TERM", "xterm"), ("COLORFGBG", "0;15")]));
        assert_eq!((look.theme.palette, look.asks), (Palette::Light, true));
    }

    #[test]
    fn the_usual_grounds_are_told_apart() {
        let of = |red, green, blue| is_light(RgbColor::new(red, green, blue));
        assert!(of(255, 255, 255) && of(253, 246, 227) && of(238, 232, 213));
        assert!(!of(0, 0, 0) && !of(0, 43, 54) && !of(40, 42, 54) && !of(46, 52, 64));
    }

    #[test]
    fn only_the_colour_of_the_background_is_an_answer() {
        let color = || vec![ColorOrQuery::Color(RgbColor::new(255, 255, 255))];
        let osc = |number, colors| answer(&Osc::ChangeDynamicColors(number, colors));
        assert_eq!(osc(DynamicColorNumber::TextBackgroundColor, color()), Some(Palette::Light));
        assert_eq!(osc(DynamicColorNumber::TextForegroundColor, color()), None);
        assert_eq!(osc(DynamicColorNumber::TextBackgroundColor, vec![ColorOrQuery::Query]), None);
        assert_eq!(question(), "\u{1B}]11;?\u{1B}\\");
    }
}
