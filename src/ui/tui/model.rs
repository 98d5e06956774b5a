//! Everything that is shown: one value, changed only by [`super::update()`], drawn only by [`super::view`].

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::msg::Place;
use super::theme::{Kind, Theme};
use super::transcript::Transcript;
use super::tree::Tree;
use super::view::LaidOut;
use crate::domain::gate::GateOutcome;
use crate::domain::id::{CommitId, EpicId, StoryId};
use crate::domain::plan::Plan;
use crate::scheduler::view::{RunPhase, TrackView};
use crate::scheduler::{RunView, Scope};
use crate::ui::card::Home;
use crate::ui::summary::is_settled;
use crate::ui::text::Tone;

/// Notices that are kept at most.
pub const NOTICES_MAX: usize = 500;

/// What the pictures of the run do not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The plan: stories and criteria.
    pub plan: Option<Plan>,
    /// The agent program.
    pub backend: String,
    /// The models, in one line.
    pub models: String,
    /// What the agents may do, in plain words.
    pub permissions: String,
    /// The names of the gates, in their order.
    pub gates: Vec<String>,
    /// Rounds of fixes that an epic may take; `None`: not known.
    pub max_fix_cycles: Option<u32>,
    /// What the card at the end says beside the picture.
    pub home: Home,
    /// Whether this screen only watches.
    pub watching: bool,
}

/// A page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Page {
    /// Epics, the selected one, queue and notices.
    #[default]
    Run,
    /// The graph of epics.
    Graph,
    /// Waves, retries and merges along the time.
    Timeline,
    /// What is proven, criterion by criterion.
    Verdict,
}

/// A pane of the first page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pane {
    /// The epics.
    #[default]
    Epics,
    /// The selected epic.
    Detail,
    /// The notices.
    Notices,
}

/// A tab of the selected epic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// Stories, criteria and evidence.
    #[default]
    Stories,
    /// What its sessions say and do.
    Transcript,
    /// Its session and the sub-agents below.
    Agents,
    /// Its gates.
    Gates,
    /// How it ended, and what was found.
    Report,
}

/// All tabs, from left to right.
pub const TABS: [Tab; 5] = [Tab::Stories, Tab::Transcript, Tab::Agents, Tab::Gates, Tab::Report];

impl Tab {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stories => "stories",
            Self::Transcript => "transcript",
            Self::Agents => "agents",
            Self::Gates => "gates",
            Self::Report => "report",
        }
    }
}

/// A question to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialog {
    /// The keys.
    Help,
    /// Leave: run on, or stop?
    Quit,
    /// Let this epic begin again?
    Reset(EpicId),
    /// Stop this epic, with which the run ends?
    StopLast(EpicId),
}

/// The search in a transcript.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What is typed, or was searched last.
    pub text: String,
    /// Whether it is being typed.
    pub typing: bool,
}

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When, in milliseconds of running time.
    pub at: u64,
    /// How it looks.
    pub tone: Tone,
    /// Whom it is about.
    pub who: String,
    /// One line.
    pub line: String,
}

/// What the last check found of a story. Safe to show, and bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it comes to.
    pub standing: Standing,
    /// What the agent offers as evidence, line by line.
    pub evidence: Vec<String>,
}

/// What a check comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It passes, and this commit proves it.
    Proven(CommitId),
    /// It passes with the gates, but no commit was named for it.
    Claimed,
    /// It does not pass: why.
    NotProven(String),
}

/// A stretch of time in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The state.
    pub kind: Kind,
    /// When it began, in milliseconds of running time.
    pub from: u64,
}

/// What is kept of one epic, or of the whole run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shelf {
    /// What its sessions say and do.
    pub transcript: Transcript,
    /// The number of the line at the bottom; `None`: the newest.
    pub anchor: Option<u64>,
    /// Its session and sub-agents, bounded.
    pub tree: Tree,
    /// What is known of its stories.
    pub marks: BTreeMap<StoryId, Mark>,
    /// Its gates, newest last, and whether each ran on the merged result; bounded.
    pub gates: VecDeque<(bool, GateOutcome)>,
    /// What was found, newest last; bounded.
    pub findings: VecDeque<(u64, Tone, String)>,
    /// Its states along the time; bounded.
    pub stretches: VecDeque<Stretch>,
    /// What it does now.
    pub doing: String,
}

/// Everything that is shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// What the pictures do not say.
    pub facts: Facts,
    /// How it looks.
    pub theme: Theme,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The newest picture; `None` before the first.
    pub view: Option<Arc<RunView>>,
    /// Running time in milliseconds.
    pub now: u64,
    /// The latest notices.
    pub notices: VecDeque<Told>,
    /// What is kept of each scope.
    pub shelves: BTreeMap<Scope, Shelf>,
    /// The layout of the graph, once its page was shown.
    pub graph: Arc<LaidOut>,
    /// The selected line of the list of epics: an index into [`Model::tracks`].
    pub selected: usize,
    /// The page.
    pub page: Page,
    /// The pane that the keys are about.
    pub pane: Pane,
    /// The tab of the selected epic.
    pub tab: Tab,
    /// Whether the pane has the whole screen.
    pub zoomed: bool,
    /// Lines that the page or the pane is scrolled by.
    pub scroll: u16,
    /// Lines that the help is scrolled by.
    pub help_scroll: u16,
    /// Notices from the newest that are scrolled out at the bottom.
    pub notices_back: usize,
    /// The search.
    pub search: Search,
    /// A question to the person.
    pub dialog: Option<Dialog>,
    /// The text at the end of the run; shown until it is put away.
    pub card: Option<String>,
    /// Whether the card no longer lies over the pages; its text stays on the terminal afterwards.
    pub card_put_away: bool,
    /// Whether nothing new is started.
    pub paused: bool,
    /// Where a replay stands.
    pub place: Option<Place>,
    /// A line about what was just done.
    pub toast: Option<String>,
    /// Whether the screen is to be left.
    pub leaving: bool,
}

impl Model {
    /// A screen that has seen nothing yet.
    #[must_use]
    pub fn new(facts: Facts, theme: Theme, size: (u16, u16)) -> Self {
        Self { facts, theme, size, ..Self::default() }
    }

    /// The tracks as they are listed: epics by wave, then rounds of fixes.
    #[must_use]
    pub fn tracks(&self) -> Vec<&TrackView> {
        let Some(view) = &self.view else { return Vec::new() };
        let mut epics: Vec<&TrackView> = view.epics.iter().collect();
        epics.sort_by_key(|track| track.wave);
        epics.extend(&view.fixes);
        epics
    }

    /// The selected track.
    #[must_use]
    pub fn track(&self) -> Option<&TrackView> {
        let tracks = self.tracks();
        tracks.get(self.selected.min(tracks.len().saturating_sub(1))).copied()
    }

    /// What is kept of the selected track.
    #[must_use]
    pub fn shelf(&self) -> Option<&Shelf> {
        self.shelves.get(&self.track()?.scope)
    }

    /// Whether the card lies over the pages.
    #[must_use]
    pub fn shows_card(&self) -> bool {
        self.card.is_some() && !self.card_put_away
    }

    /// Whether the run is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.view.as_ref().is_some_and(|view| matches!(view.phase, RunPhase::Ended(_)))
    }

    /// Whether the runner of the run is gone without a last word.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        !self.is_over() && self.place.is_some_and(|place| place.gone)
    }

    /// Whether anything of the run can still move by itself.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.is_over() && !self.is_gone()
    }

    /// How a track looks. Where nothing is alive, what was at work is cut short.
    #[must_use]
    pub fn kind(&self, track: &TrackView) -> Kind {
        if self.is_alive() || is_settled(&track.state) {
            Kind::of(&track.state)
        } else if track.attempt == 0 {
            Kind::Waiting
        } else {
            Kind::CutShort
        }
    }

    /// Whether the run is being stopped.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.view.as_ref().is_some_and(|view| view.phase == RunPhase::Stopping)
    }
}
