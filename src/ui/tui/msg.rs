//! What comes into the screen, and what it asks of others: the two ends of its one channel.

use std::sync::Arc;

use super::model::Model;
use crate::domain::activity::Activity;
use crate::domain::id::EpicId;
use crate::scheduler::{Notice, RunView, Scope};

/// Everything that can change the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Something happened in the run; the picture is of right after it.
    Notice(u64, Box<Notice>, Arc<RunView>),
    /// An agent does something.
    Activity(u64, Scope, Activity),
    /// A newer picture.
    View(Arc<RunView>),
    /// The text at the end of a run.
    Card(String),
    /// Some of the above could not be shown.
    Missed(String),
    /// Running time is now this many milliseconds.
    Now(u64),
    /// A key.
    Key(Key),
    /// The mouse: what, column, row.
    Mouse(Mouse, u16, u16),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// What was opened outside is over; a line about it.
    Back(String),
    /// A replay stands here.
    Moved(Place),
    /// Everything was told again from the beginning, to this model: what it knows of the run takes the place of what is
    /// shown.
    Anew(Box<Model>),
}

/// A key, as far as the screen knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// A character with the control key.
    Ctrl(char),
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// Tabulator.
    Tab,
    /// Tabulator with shift.
    BackTab,
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Backspace.
    Backspace,
}

/// What the mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The left button.
    Click,
    /// The wheel, away from the person.
    WheelUp,
    /// The wheel, towards the person.
    WheelDown,
}

/// Where a replay stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Events that were told.
    pub event: usize,
    /// Events that there are.
    pub of: usize,
    /// Whether the run is still alive and more may come.
    pub live: bool,
    /// Whether its runner is gone without a last word.
    pub gone: bool,
}

/// What the person asks for and the screen cannot do by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Ctrl-C: what the signal would have done.
    Interrupt,
    /// Stop the run in good order.
    Stop,
    /// Kill everything.
    StopNow,
    /// Start nothing new (`true`), or go on.
    Pause(bool),
    /// Do nothing more for an epic until it is let go on.
    StopEpic(EpicId),
    /// Let an epic begin again.
    Reset(EpicId),
    /// Let an epic go on that was stopped, or do not wait any longer before its next attempt.
    RetryNow(EpicId),
    /// Ctrl-Z: let everything stand still.
    Suspend,
    /// The keys of the terminal belong to another program (`true`), or to the screen again.
    Away(bool),
    /// Close the screen; the run goes on.
    Leave,
    /// Show something outside of the screen.
    Open(Outside),
    /// Put a text into the clipboard.
    Copy(String),
    /// Move along the time line of a replay.
    Seek(Seek),
    /// The person looks at another epic now.
    Look(Scope),
}

/// Something that another program shows while the screen steps back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outside {
    /// A shell in the worktree of an epic.
    Shell(Scope),
    /// What an epic changes against the loop branch.
    Diff(Scope),
    /// Files below the run's directory.
    Logs(Vec<String>),
}

/// A move along the time line of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// So many events on, or back.
    By(isize),
    /// To the next thing that failed.
    NextFailure,
    /// To the one before.
    PreviousFailure,
    /// To the first event.
    First,
    /// To the newest event.
    Newest,
}
