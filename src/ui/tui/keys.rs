//! The one table of keys: what is pressed, what it does, and the line of the help about it.

use super::model::Page;
use super::msg::Key;

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// One up.
    Up,
    /// One down.
    Down,
    /// To the tab or pane on the left.
    Left,
    /// To the tab or pane on the right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the beginning.
    Top,
    /// To the end.
    Bottom,
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// The pane over the whole screen, and back.
    Zoom,
    /// Out of whatever is open.
    Back,
    /// Begin a search.
    Search,
    /// The next match.
    NextMatch,
    /// The match before.
    PreviousMatch,
    /// Follow the newest line.
    Follow,
    /// Start nothing new, or go on.
    Pause,
    /// Stop the selected epic.
    StopEpic,
    /// Let the selected epic go on, or try again now.
    RetryNow,
    /// Let the selected epic begin again.
    Reset,
    /// A shell in its worktree.
    Shell,
    /// Its changes.
    Diff,
    /// Its gates' logs.
    GateLogs,
    /// The command to look at it outside.
    Copy,
    /// A page.
    Show(Page),
    /// The help.
    Help,
    /// Leave.
    Quit,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-Z.
    Suspend,
    /// One event back.
    StepBack,
    /// One event on.
    StepOn,
    /// To the failure before.
    PreviousFailure,
    /// To the next failure.
    NextFailure,
    /// To the newest event.
    Newest,
}

/// In which screens a key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In all.
    Always,
    /// In the screen of a run that lives in this process.
    Own,
    /// In `watch`.
    Watch,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The keys.
    pub keys: &'static [Key],
    /// How the help writes them.
    pub shown: &'static str,
    /// What the help says.
    pub what: &'static str,
    /// What they do.
    pub action: Action,
    /// Where they are there.
    pub when: When,
}

const fn key(keys: &'static [Key], shown: &'static str, what: &'static str, action: Action) -> Binding {
    Binding { keys, shown, what, action, when: When::Always }
}

const fn own(keys: &'static [Key], shown: &'static str, what: &'static str, action: Action) -> Binding {
    Binding { keys, shown, what, action, when: When::Own }
}

const fn watch(keys: &'static [Key], shown: &'static str, what: &'static str, action: Action) -> Binding {
    Binding { keys, shown, what, action, when: When::Watch }
}

use Key::{BackTab, Char, Ctrl, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};

/// The table.
pub const KEYS: &[Binding] = &[
    key(&[Up, Char('k')], "up k", "one up", Action::Up),
    key(&[Down, Char('j')], "down j", "one down", Action::Down),
    key(&[Left, Char('h')], "left h", "tab or pane on the left", Action::Left),
    key(&[Right, Char('l')], "right l", "tab or pane on the right", Action::Right),
    key(&[PageUp, Ctrl('b')], "pgup", "a page up", Action::PageUp),
    key(&[PageDown, Ctrl('f')], "pgdn", "a page down", Action::PageDown),
    key(&[Home], "home", "to the beginning", Action::Top),
    key(&[End, Char('G')], "end G", "to the end", Action::Bottom),
    key(&[Tab], "tab", "next pane", Action::NextPane),
    key(&[BackTab], "shift-tab", "pane before", Action::PreviousPane),
    key(&[Enter], "enter", "the pane over the whole screen, and back", Action::Zoom),
    key(&[Esc], "esc", "out of whatever is open", Action::Back),
    key(&[Char('1')], "1", "the run", Action::Show(Page::Run)),
    key(&[Char('2')], "2", "the graph of epics", Action::Show(Page::Graph)),
    key(&[Char('3')], "3", "the time line", Action::Show(Page::Timeline)),
    key(&[Char('4')], "4", "the verdict, criterion by criterion", Action::Show(Page::Verdict)),
    key(&[Char('/')], "/", "search in the transcript", Action::Search),
    key(&[Char('n')], "n", "next match", Action::NextMatch),
    key(&[Char('N')], "N", "match before", Action::PreviousMatch),
    key(&[Char('f')], "f", "follow the newest line", Action::Follow),
    own(&[Char('p')], "p", "pause: start nothing new; again: go on", Action::Pause),
    own(&[Char('s')], "s", "stop the selected epic; the others go on", Action::StopEpic),
    own(&[Char('r')], "r", "let it go on, or try again now", Action::RetryNow),
    own(&[Char('x')], "x", "let the selected epic begin again (asks first)", Action::Reset),
    key(&[Char('o')], "o", "a shell in the selected epic's worktree", Action::Shell),
    key(&[Char('d')], "d", "its changes against the loop branch", Action::Diff),
    key(&[Char('g')], "g", "its gates' logs", Action::GateLogs),
    key(&[Char('e')], "e", "copy the command that shows it outside", Action::Copy),
    watch(&[Char('[')], "[", "one event back", Action::StepBack),
    watch(&[Char(']')], "]", "one event on", Action::StepOn),
    watch(&[Char('{')], "{", "to the failure before", Action::PreviousFailure),
    watch(&[Char('}')], "}", "to the next failure", Action::NextFailure),
    watch(&[Char('.')], ".", "to the newest event", Action::Newest),
    key(&[Char('?')], "?", "this help", Action::Help),
    key(&[Char('q')], "q", "leave the screen", Action::Quit),
    key(&[Ctrl('c')], "ctrl-c", "stop the run in good order; again: at once", Action::Interrupt),
    own(&[Ctrl('z')], "ctrl-z", "let screen and sessions stand still", Action::Suspend),
];

/// The lines of the table that are there.
pub fn present(watching: bool) -> impl Iterator<Item = &'static Binding> {
    KEYS.iter().filter(move |binding| match binding.when {
        When::Always => true,
        When::Own => !watching,
        When::Watch => watching,
    })
}

/// What a key does.
#[must_use]
pub fn action(key: Key, watching: bool) -> Option<Action> {
    present(watching).find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_in_the_table_twice() {
        for watching in [false, true] {
            let keys: Vec<Key> = present(watching).flat_map(|binding| binding.keys).copied().collect();
            for (n, key) in keys.iter().enumerate() {
                assert!(!keys[..n].contains(key), "{key:?}");
            }
        }
    }

    #[test]
    fn a_key_that_steers_is_not_there_where_nothing_can_be_steered() {
        assert_eq!(action(Key::Char('p'), true), None);
        assert_eq!(action(Key::Char('p'), false), Some(Action::Pause));
        assert_eq!(action(Key::Char(']'), false), None);
        assert_eq!(action(Key::Char('s'), true), None);
        assert_eq!(action(Key::Char('x'), true), None);
        assert_eq!(action(Key::Char('y'), false), None);
    }
}
