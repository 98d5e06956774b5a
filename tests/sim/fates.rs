//! What would happen to a piece of work: drawn from a hash of the seed and of what the work is, never from a running
//! generator, so that a crash does not change what a piece of work would have done.

use std::hash::{DefaultHasher, Hash, Hasher};

use ralph_teams::domain::id::{EpicId, StoryId};
use ralph_teams::scheduler::{Role, Scope, Task};

use crate::generate::Setup;

/// How a session goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionFate {
    /// All is done, committed and reported.
    Works,
    /// Some stories are reported as not done.
    SomeFail,
    /// All is done and reported, but the last files are not committed.
    LeavesFiles,
    /// Work is committed, nothing is reported.
    NoReport,
    /// Work is committed, the report cannot be read.
    FaultyReport,
    /// All is reported as done, but nothing is committed.
    NoCommit,
    /// The program crashes before it did anything.
    Crashes,
    /// The program crashes after all was done, committed and reported.
    CrashesAfterWork,
    /// The provider answers with an error.
    ProviderFails,
    /// Some stories are done, committed and reported, then the provider answers with an error.
    ProviderFailsLater,
    /// The model refuses.
    Refuses,
    /// The program cannot work at all.
    Unusable,
    /// It says nothing any more and does not end.
    Silent,
    /// It is busy for ever.
    Endless,
    /// It does the same again and again.
    Repeats,
}

/// What a session is, as far as its fate is concerned. None of it changes when the run is disturbed: the number of the
/// job is left out, because a session that was cut short may come again under another one.
#[derive(Debug, Hash)]
pub struct SessionKey<'a> {
    /// Whose.
    pub scope: &'a Scope,
    /// In which role.
    pub role: Role,
    /// Attempts charged so far, plus one.
    pub attempt: u32,
    /// How much was achieved before.
    pub level: u32,
}

/// Draws the fates of one seed.
#[derive(Debug, Clone, Copy)]
pub struct Fates {
    seed: u64,
    /// How many of a hundred things go wrong.
    trouble: u64,
    may_hang_silently: bool,
    may_run_for_ever: bool,
}

impl Fates {
    /// The fates of a project.
    pub fn of(setup: &Setup) -> Self {
        let policy = &setup.begun.policy;
        let mut fates = Self {
            seed: setup.seed,
            trouble: 0,
            may_hang_silently: policy.idle_timeout_ms.or(policy.epic_timeout_ms).is_some(),
            may_run_for_ever: policy.epic_timeout_ms.is_some(),
        };
        fates.trouble = [0, 8, 20, 45][fates.number("trouble") as usize % 4];
        fates
    }

    /// A number that belongs to this key and to no other.
    pub fn number(&self, key: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, key).hash(&mut hasher);
        hasher.finish()
    }

    /// A number from a range that belongs to this key.
    pub fn between(&self, key: impl Hash, from: u64, to: u64) -> u64 {
        from + self.number(key) % (to - from + 1)
    }

    fn goes_wrong(&self, key: impl Hash) -> bool {
        self.number(("wrong", key)) % 100 < self.trouble
    }

    /// How a session goes.
    pub fn session(&self, key: &SessionKey<'_>) -> SessionFate {
        use SessionFate as F;
        if !self.goes_wrong(("session", key)) {
            return if self.number(("leaves", key)).is_multiple_of(12) { F::LeavesFiles } else { F::Works };
        }
        let fate = [
            F::SomeFail,
            F::SomeFail,
            F::SomeFail,
            F::NoReport,
            F::FaultyReport,
            F::NoCommit,
            F::Crashes,
            F::Crashes,
            F::CrashesAfterWork,
            F::ProviderFails,
            F::ProviderFailsLater,
            F::Refuses,
            F::Silent,
            F::Endless,
            F::Repeats,
            if self.number("unusable").is_multiple_of(5) { F::Unusable } else { F::Crashes },
        ];
        match fate[self.number(("session fate", key)) as usize % fate.len()] {
            F::Silent if !self.may_hang_silently => F::Crashes,
            F::Endless if !self.may_run_for_ever => F::Crashes,
            fate => fate,
        }
    }

    /// Whether a session in which some stories fail leaves this one undone.
    pub fn story_fails(&self, story: &StoryId, level: u32) -> bool {
        self.number(("story", story, level)).is_multiple_of(2)
    }

    /// Whether a report speaks of this story although it is not done.
    pub fn is_told(&self, story: &StoryId) -> bool {
        self.number(("told", story)).is_multiple_of(2)
    }

    /// How many productive sessions of a track leave this gate red in its own worktree.
    pub fn sessions_until_green(&self, scope: &Scope, gate: &str) -> u32 {
        if self.red_at_base(gate) || !self.goes_wrong(("gate", scope, gate)) {
            return 0;
        }
        self.between(("until green", scope, gate), 2, 4) as u32
    }

    /// How many productive sessions it takes, once the track is merged with the loop branch, until this gate is green.
    pub fn mends_until_green(&self, scope: &Scope, gate: &str) -> u32 {
        if self.red_at_base(gate) || !self.goes_wrong(("clash", scope, gate)) {
            return 0;
        }
        self.between(("mends", scope, gate), 1, 3) as u32
    }

    /// How often a track conflicts before it can be merged.
    pub fn conflicts(&self, scope: &Scope) -> u32 {
        if self.goes_wrong(("conflict", scope)) { self.between(("conflicts", scope), 1, 4) as u32 } else { 0 }
    }

    /// Whether the gate is red before any work is done.
    pub fn red_at_base(&self, gate: &str) -> bool {
        self.number(("red at base", gate)).is_multiple_of(12)
    }

    /// Whether this epic turns a gate green that was red before. Not where a red gate hides those behind it: there it
    /// would be a matter of time which of them were seen.
    pub fn heals(&self, epic: &EpicId, gate: &str) -> bool {
        self.red_at_base(gate) && !self.stops_at_red() && self.number(("heals", epic, gate)).is_multiple_of(6)
    }

    /// How often a job of this kind fails for reasons of the machine before it succeeds.
    pub fn failures(&self, scope: &Scope, task: Task) -> u32 {
        if !self.goes_wrong(("failure", scope, task)) || !self.number(("failure too", scope, task)).is_multiple_of(3) {
            return 0;
        }
        if self.number(("failures", scope, task)).is_multiple_of(6) { u32::MAX } else { 1 }
    }

    /// Whether such a failure concerns the whole run.
    pub fn breaks_the_run(&self, scope: &Scope, task: Task) -> bool {
        self.number(("breaks", scope, task)).is_multiple_of(8)
    }

    /// Whether a job that fails has done its work all the same, and broke only before it could say so.
    pub fn fails_after_work(&self, scope: &Scope, task: Task) -> bool {
        self.number(("after work", scope, task)).is_multiple_of(3)
    }

    /// Whether somebody else moves the loop branch just before this track is published.
    pub fn is_overtaken(&self, scope: &Scope) -> bool {
        self.trouble > 0 && self.number(("overtaken", scope)).is_multiple_of(150)
    }

    /// Whether the gates behind a red one are not run.
    pub fn stops_at_red(&self) -> bool {
        self.number("stops at red").is_multiple_of(3)
    }
}
