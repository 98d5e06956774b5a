//! How things look: a quiet palette for dark, light and colourless terminals, and a glyph and a word for each state.
//!
//! **Invariant:** colour is never the only carrier: whatever is coloured has a glyph or a word that says the same.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::outcome::Outcome;
use crate::scheduler::view::{TrackState, WaitReason};
use crate::ui::text::Tone;

/// The colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Palette {
    /// Light text on a dark ground.
    #[default]
    Dark,
    /// Dark text on a light ground.
    Light,
    /// No colour at all: bold, dim and reversed only.
    Mono,
}

/// How things look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The colours.
    pub palette: Palette,
    /// Whether glyphs outside of ASCII may be used.
    pub unicode: bool,
}

impl Default for Theme {
    fn default() -> Self {
        Self { palette: Palette::Dark, unicode: true }
    }
}

/// What a piece of the screen means; the theme says how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// What is read.
    Text,
    /// What is looked up.
    Dim,
    /// Rules, rests and ornaments: nothing that has to be read.
    Faint,
    /// Where the keys go, and names.
    Accent,
    /// Achieved.
    Good,
    /// Deserves a look.
    Doubtful,
    /// Failed.
    Bad,
    /// On its way into the loop branch.
    Merge,
}

impl From<Tone> for Ink {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Neutral => Self::Text,
            Tone::Good => Self::Good,
            Tone::Doubtful => Self::Doubtful,
            Tone::Bad => Self::Bad,
        }
    }
}

/// The states that look different, for lists, the graph and the time line alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It did not start.
    Waiting,
    /// It will not start in this run.
    Blocked,
    /// Its worktree is being made.
    Preparing,
    /// A session is at work.
    Working,
    /// A conflict is being resolved, or it is brought up to date.
    Resolving,
    /// Its session is being ended.
    Stopping,
    /// A person stopped it.
    Held,
    /// It is being set back to its beginning.
    Resetting,
    /// Its work is being checked.
    Checking,
    /// It rests before another attempt.
    Resting,
    /// It waits to be merged.
    Queued,
    /// It is being merged.
    Merging,
    /// It is merged, or was completed before.
    Merged,
    /// Some of it is done.
    Partial,
    /// It failed, or could not be merged.
    Failed,
    /// It is no part of this run.
    LeftOut,
    /// The run ended before it did.
    CutShort,
}

/// All kinds, in the order in which a track meets them.
pub const KINDS: [Kind; 17] = [
    Kind::Waiting,
    Kind::Blocked,
    Kind::Preparing,
    Kind::Working,
    Kind::Resolving,
    Kind::Stopping,
    Kind::Held,
    Kind::Resetting,
    Kind::Checking,
    Kind::Resting,
    Kind::Queued,
    Kind::Merging,
    Kind::Merged,
    Kind::Partial,
    Kind::Failed,
    Kind::LeftOut,
    Kind::CutShort,
];

impl Kind {
    /// The kind of a state.
    #[must_use]
    pub fn of(state: &TrackState) -> Self {
        use crate::scheduler::Role;
        match state {
            TrackState::Waiting(WaitReason::Blocked(_)) => Self::Blocked,
            TrackState::Waiting(WaitReason::LeftOut) => Self::LeftOut,
            TrackState::Waiting(WaitReason::Held) => Self::Held,
            TrackState::Waiting(_) => Self::Waiting,
            TrackState::Preparing => Self::Preparing,
            TrackState::Working(Role::Resolver) | TrackState::Outdated | TrackState::Updating => Self::Resolving,
            TrackState::Working(
                Role::TeamLead
                | Role::EpicPlanner
                | Role::StoryPlanner
                | Role::Builder
                | Role::StoryValidator
                | Role::EpicValidator
                | Role::FinalValidator,
            ) => Self::Working,
            TrackState::Stopping(_) => Self::Stopping,
            TrackState::Resetting => Self::Resetting,
            TrackState::Checking => Self::Checking,
            TrackState::Resting { .. } => Self::Resting,
            TrackState::Queued { .. } => Self::Queued,
            TrackState::Merging => Self::Merging,
            TrackState::Done(Outcome::Merged { .. } | Outcome::AlreadyCompleted) => Self::Merged,
            TrackState::Done(Outcome::Partial { .. }) => Self::Partial,
            TrackState::Done(Outcome::Failed { .. } | Outcome::MergeFailed { .. }) => Self::Failed,
            TrackState::Done(Outcome::Blocked { .. }) => Self::Blocked,
            TrackState::Done(Outcome::LeftOut) => Self::LeftOut,
            TrackState::Done(Outcome::Interrupted) => Self::CutShort,
        }
    }

    /// The glyphs, outside of ASCII and inside, and the word.
    #[must_use]
    pub fn signs(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Waiting => ("○", ".", "waiting"),
            Self::Blocked => ("⊘", "#", "blocked"),
            Self::Preparing => ("◔", "p", "preparing"),
            Self::Working => ("●", "*", "working"),
            Self::Resolving => ("◆", "%", "resolving"),
            Self::Stopping => ("◌", "s", "stopping"),
            Self::Held => ("■", "h", "held"),
            Self::Resetting => ("◁", "<", "resetting"),
            Self::Checking => ("◐", "c", "checking"),
            Self::Resting => ("↻", "r", "retry soon"),
            Self::Queued => ("◇", "q", "queued"),
            Self::Merging => ("◈", "m", "merging"),
            Self::Merged => ("✓", "+", "merged"),
            Self::Partial => ("◑", "~", "partial"),
            Self::Failed => ("✗", "x", "failed"),
            Self::LeftOut => ("·", "-", "left out"),
            Self::CutShort => ("◌", "!", "cut short"),
        }
    }

    /// What it means.
    #[must_use]
    pub fn ink(self) -> Ink {
        match self {
            Self::Waiting | Self::LeftOut => Ink::Dim,
            Self::Preparing | Self::Working | Self::Checking => Ink::Accent,
            Self::Resolving
            | Self::Blocked
            | Self::Stopping
            | Self::Held
            | Self::Resetting
            | Self::Resting
            | Self::Partial
            | Self::CutShort => Ink::Doubtful,
            Self::Queued | Self::Merging => Ink::Merge,
            Self::Merged => Ink::Good,
            Self::Failed => Ink::Bad,
        }
    }

    /// Whether somebody is at work on it now.
    #[must_use]
    pub fn is_busy(self) -> bool {
        matches!(
            self,
            Self::Preparing
                | Self::Working
                | Self::Resolving
                | Self::Stopping
                | Self::Resetting
                | Self::Checking
                | Self::Merging
        )
    }

    /// Whether it is over and a person should look at it.
    #[must_use]
    pub fn needs_person(self) -> bool {
        matches!(self, Self::Partial | Self::Failed)
    }
}

impl Theme {
    /// The style of a meaning.
    #[must_use]
    pub fn style(self, ink: Ink) -> Style {
        let index = match (self.palette, ink) {
            (Palette::Mono, ink) => return mono(ink),
            (Palette::Dark, Ink::Text) => 252,
            (Palette::Dark, Ink::Dim) => 247,
            (Palette::Dark, Ink::Faint) => 240,
            (Palette::Dark, Ink::Accent) => 110,
            (Palette::Dark, Ink::Good) => 114,
            (Palette::Dark, Ink::Doubtful) => 179,
            (Palette::Dark, Ink::Bad) => 210,
            (Palette::Dark, Ink::Merge) => 182,
            (Palette::Light, Ink::Text) => 236,
            (Palette::Light, Ink::Dim) => 240,
            (Palette::Light, Ink::Faint) => 249,
            (Palette::Light, Ink::Accent) => 25,
            (Palette::Light, Ink::Good) => 22,
            (Palette::Light, Ink::Doubtful) => 94,
            (Palette::Light, Ink::Bad) => 124,
            (Palette::Light, Ink::Merge) => 91,
        };
        Style::new().fg(Color::Indexed(index))
    }

    /// The style of the line that the keys are about.
    #[must_use]
    pub fn selected(self) -> Style {
        match self.palette {
            Palette::Dark => Style::new().bg(Color::Indexed(236)),
            Palette::Light => Style::new().bg(Color::Indexed(254)),
            Palette::Mono => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// The style of a match of the search.
    #[must_use]
    pub fn found(self) -> Style {
        match self.palette {
            Palette::Dark => Style::new().fg(Color::Indexed(235)).bg(Color::Indexed(179)),
            Palette::Light => Style::new().fg(Color::Indexed(255)).bg(Color::Indexed(94)),
            Palette::Mono => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// The glyph of a state.
    #[must_use]
    pub fn glyph(self, kind: Kind) -> &'static str {
        let (glyph, plain, _) = kind.signs();
        self.pick(glyph, plain)
    }

    /// One of two texts: the first where glyphs outside of ASCII may be used.
    #[must_use]
    pub fn pick(self, glyph: &'static str, plain: &'static str) -> &'static str {
        if self.unicode { glyph } else { plain }
    }
}

fn mono(ink: Ink) -> Style {
    match ink {
        Ink::Text | Ink::Merge => Style::new(),
        Ink::Dim | Ink::Faint => Style::new().add_modifier(Modifier::DIM),
        Ink::Accent | Ink::Good => Style::new().add_modifier(Modifier::BOLD),
        Ink::Doubtful => Style::new().add_modifier(Modifier::UNDERLINED),
        Ink::Bad => Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
    }
}

/// The theme for a terminal with this environment; `chosen` is what the person asked for.
#[must_use]
pub fn theme_for(chosen: Option<Palette>, variable: impl Fn(&str) -> Option<String>) -> Theme {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let palette = match chosen {
        _ if is_set("NO_COLOR") => Palette::Mono,
        Some(palette) => palette,
        None if is_light(variable("COLORFGBG").as_deref()) => Palette::Light,
        None => Palette::Dark,
    };
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(&variable).find(|value| !value.is_empty());
    let locale = locale.unwrap_or_default().to_lowercase();
    let unicode = locale.contains("utf-8") || locale.contains("utf8");
    Theme { palette, unicode }
}

/// Whether a terminal that describes itself by `COLORFGBG` (`text;ground`, colours 0 to 15) has a light ground.
fn is_light(description: Option<&str>) -> bool {
    let ground = description.and_then(|text| text.rsplit(';').next()).and_then(|ground| ground.parse::<u8>().ok());
    matches!(ground, Some(7 | 9..=15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_glyph_an_ascii_sign_and_a_word_of_its_own() {
        let mut words: Vec<&str> = KINDS.iter().map(|kind| kind.signs().2).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), KINDS.len());
        let mut plain: Vec<&str> = KINDS.iter().map(|kind| kind.signs().1).collect();
        plain.sort_unstable();
        plain.dedup();
        assert_eq!(plain.len(), KINDS.len());
        assert!(KINDS.iter().all(|kind| kind.signs().1.is_ascii() && kind.signs().1.len() == 1));
    }

    #[test]
    fn the_environment_decides_where_the_person_does_not() {
        let with = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(theme_for(None, with(&[])).palette, Palette::Dark);
        assert_eq!(theme_for(None, with(&[("COLORFGBG", "0;15")])).palette, Palette::Light);
        assert_eq!(theme_for(None, with(&[("COLORFGBG", "15;0")])).palette, Palette::Dark);
        assert_eq!(theme_for(Some(Palette::Light), with(&[("NO_COLOR", "1")])).palette, Palette::Mono);
        assert!(theme_for(None, with(&[("LANG", "C.UTF-8")])).unicode);
        assert!(!theme_for(None, with(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")])).unicode);
    }
}
