//! The vocabulary of delegating: what a lead asks for, why it is refused, how it ended, and what the lead is told.

use std::fmt;

use super::event::SessionFailure;
use super::job::{Job, Role};
use super::notice::{Limit, seconds};
use crate::domain::id::StoryId;

/// The longest brief that a lead may give with a delegation, in bytes. It is written into the journal.
pub const LONGEST_BRIEF: usize = 16 * 1024;

/// The roles that a lead may delegate to.
pub const DELEGATES: [Role; 4] = [Role::StoryPlanner, Role::Builder, Role::StoryValidator, Role::EpicValidator];

/// What a lead asks for: that a session in this role is started in its worktree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The lead's session.
    pub by: Job,
    /// Which of its calls, counted from 1.
    pub call: u32,
    /// The role of the session that is started.
    pub role: Role,
    /// The story that it is about; `None`: the epic.
    pub story: Option<StoryId>,
    /// What the lead says of it. A session that judges is not told.
    pub brief: String,
}

/// What a lead is told of its call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Nothing was started.
    Refused(Refusal),
    /// The session is over.
    Ended {
        /// Which.
        session: Job,
        /// How.
        how: Ending,
    },
}

/// Why nothing is started for a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Who asks does not lead the work on an epic.
    NotALead,
    /// The lead's session, or the run, is being ended.
    Ending,
    /// Another session works for this lead.
    Busy(Role),
    /// Nobody delegates to this role.
    Role(Role),
    /// A session in this role is about one story, and none is named.
    StoryMissing(Role),
    /// A session in this role is about the whole epic.
    NoStoryMeant(Role),
    /// The lead is not asked for this story.
    NotAsked(StoryId),
    /// So many sessions in this role worked on it already.
    UsedUp {
        /// In which role.
        role: Role,
        /// How many may.
        of: u32,
    },
    /// The budget of the run or of the epic is used up.
    Budget,
    /// The provider of every program of this role turns sessions away.
    Parked {
        /// In which role.
        role: Role,
        /// Milliseconds until the first of them is used again.
        rest_ms: u64,
    },
}

/// How a session ended that worked for a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// By itself, as it should.
    Done,
    /// Not as it should.
    Failed(SessionFailure),
    /// The provider turned it away; that is nobody's fault.
    TurnedAway {
        /// What the provider said.
        reason: String,
        /// Milliseconds until a program of this role is used again.
        rest_ms: u64,
    },
    /// A limit ended it.
    Over(Limit),
    /// It was cut short: the lead did not wait for it, or ended, or a person steered.
    Cut,
    /// It could not be started.
    NotStarted(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALead => f.write_str("only a session that leads the work on an epic can delegate"),
            Self::Ending => f.write_str("the lead's session, or the run, is being ended"),
            Self::Busy(role) => write!(f, "a {} still works for this lead, and one works at a time", role.name()),
            Self::Role(role) => write!(f, "nobody delegates to the role {}", role.name()),
            Self::StoryMissing(role) => write!(f, "a {} is about one story, and none is named", role.name()),
            Self::NoStoryMeant(role) => write!(f, "the {} is about the whole epic; no story may be named", role.name()),
            Self::NotAsked(story) => write!(f, "the lead is not asked for the story {story}"),
            Self::UsedUp { role, of } => {
                write!(f, "all {of} sessions that a {} may have for this are used", role.name())
            }
            Self::Budget => f.write_str("the budget is used up"),
            Self::Parked { role, rest_ms } => {
                let name = role.name();
                write!(f, "the provider of the {name} turns sessions away for another {} s", seconds(*rest_ms))
            }
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("it ended as it should"),
            Self::Failed(failure) => write!(f, "it failed: {}", failure.detail),
            Self::TurnedAway { reason, .. } => write!(f, "the provider turned it away: {reason}"),
            Self::Over(limit) => limit.fmt(f),
            Self::Cut => f.write_str("it was cut short"),
            Self::NotStarted(what) => write!(f, "it could not be started: {what}"),
        }
    }
}
