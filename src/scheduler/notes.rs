//! Notes of agents: kept in the state, bounded, and handed to the sessions that come later.

use super::command::ToldNote;
use super::event::Sign;
use super::job::Job;
use super::notice::Notice;
use super::run::Run;
use crate::domain::note::Note;

/// Notes that a run keeps at most; one agent that floods must not grow the state of everybody.
pub const MOST_NOTES: usize = 200;

/// Notes that one epic (or round of fixes) can leave at most.
pub const MOST_NOTES_OF_ONE: usize = 20;

/// Notes that a session is told at most, the newest.
const MOST_TOLD: usize = 40;

impl Run {
    /// An agent left a note, which is a sign of life as well.
    pub(super) fn noted(&mut self, at: u64, job: &Job, note: &Note) {
        let told = ToldNote { by: job.scope.clone(), note: note.clone() };
        let n_of_one = self.notes.iter().filter(|known| known.by == told.by).count();
        if self.notes.len() < MOST_NOTES && n_of_one < MOST_NOTES_OF_ONE && !self.notes.contains(&told) {
            self.notes.push(told);
            self.tell(Notice::Noted { scope: job.scope.clone(), note: note.clone() });
        }
        self.active(at, job, Sign::Tool);
    }

    /// The notes that the next session is told, oldest first.
    pub(super) fn notes_to_tell(&self) -> Vec<ToldNote> {
        self.notes[self.notes.len().saturating_sub(MOST_TOLD)..].to_vec()
    }
}
