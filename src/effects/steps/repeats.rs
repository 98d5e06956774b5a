//! Notices a session that does the same again and again.
//!
//! Only what it does counts, not what it says; and whether its worktree changed meanwhile is asked by the caller, because
//! a loop of edit and test looks the same from here.

use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::domain::activity::Activity;

/// So many different calls may alternate and still be one repetition: call, look at the result, call again.
const ALTERNATING: usize = 2;

/// The latest tool calls of a session and its sub-agents.
#[derive(Debug)]
pub(super) struct Repeats {
    /// Calls that must be the same; 0: nobody looks.
    turns: usize,
    recent: VecDeque<u64>,
}

/// How far a repetition has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// What it does is not the same again.
    None,
    /// Half of the turns were: worth a first look at the worktree.
    Begun,
    /// All of the turns were.
    Full,
}

impl Repeats {
    pub(super) fn new(turns: u32) -> Self {
        Self { turns: usize::try_from(turns).unwrap_or(usize::MAX), recent: VecDeque::new() }
    }

    pub(super) fn hear(&mut self, activity: &Activity) {
        let Activity::ToolStarted { by, name, summary } = activity else { return };
        if self.turns == 0 {
            return;
        }
        let mut hasher = DefaultHasher::new();
        (by, name, summary).hash(&mut hasher);
        self.recent.push_back(hasher.finish());
        if self.recent.len() > self.turns {
            self.recent.pop_front();
        }
    }

    pub(super) fn stage(&self) -> Stage {
        let same = |n: usize| {
            let newest: BTreeSet<&u64> = self.recent.iter().rev().take(n).collect();
            self.recent.len() >= n && newest.len() <= ALTERNATING
        };
        let half = self.turns.div_ceil(2).max(ALTERNATING + 1);
        if self.turns > 0 && same(self.turns) {
            Stage::Full
        } else if self.turns > 0 && same(half) {
            Stage::Begun
        } else {
            Stage::None
        }
    }

    /// Begins to count anew.
    pub(super) fn forget(&mut self) {
        self.recent.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(repeats: &mut Repeats, summaries: &[&str]) -> Stage {
        for summary in summaries {
            let (name, summary) = ("Bash".to_owned(), (*summary).to_owned());
            repeats.hear(&Activity::ToolStarted { by: None, name, summary });
        }
        repeats.stage()
    }

    #[test]
    fn the_same_call_or_two_in_turn_are_a_repetition() {
        let mut one = Repeats::new(6);
        assert_eq!(call(&mut one, &["ls", "ls"]), Stage::None);
        assert_eq!(call(&mut one, &["ls"]), Stage::Begun);
        assert_eq!(call(&mut one, &["ls", "ls", "ls"]), Stage::Full);
        let mut two = Repeats::new(6);
        assert_eq!(call(&mut two, &["make", "cat log", "make", "cat log", "make", "cat log"]), Stage::Full);
    }

    #[test]
    fn something_else_in_between_ends_it() {
        let mut repeats = Repeats::new(6);
        assert_eq!(call(&mut repeats, &["a", "a", "a", "a", "a", "b", "c"]), Stage::None);
        assert_eq!(call(&mut repeats, &["a", "a", "a", "a"]), Stage::Begun);
    }

    #[test]
    fn what_is_said_does_not_count_and_nobody_looks_at_zero() {
        let mut repeats = Repeats::new(4);
        call(&mut repeats, &["a", "a", "a"]);
        repeats.hear(&Activity::Text("thinking".to_owned()));
        assert_eq!(call(&mut repeats, &["a"]), Stage::Full);
        assert_eq!(call(&mut Repeats::new(0), &["a"; 9]), Stage::None);
        repeats.forget();
        assert_eq!(repeats.stage(), Stage::None);
    }
}
