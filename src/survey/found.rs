//! What the readers of a repository's files come to, before anything is chosen.

use std::collections::BTreeSet;

use super::proposal::{Refused, Strength};
use super::purpose::Purpose;
use super::quote::Quote;
use super::words::spelling;
use crate::domain::shell;

/// At how many places one command is quoted.
pub(super) const MOST_QUOTES: usize = 3;

/// A command that could be proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub purpose: Purpose,
    pub command: String,
    pub strength: Strength,
    /// The kind of project or runner that it belongs to: commands of one family stand for the same thing.
    pub family: String,
    /// Whether it is an entry point of the repository's own.
    pub own: bool,
    /// Whether its runner speaks for all kinds of projects in the folder, as `make` does and `npm` does not.
    pub whole: bool,
    /// 0 for the plain thing; 3 and more for what is costly or special.
    pub rank: u8,
    pub quotes: Vec<Quote>,
}

/// Everything that was found.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub candidates: Vec<Candidate>,
    pub refused: Vec<Refused>,
    pub notes: Vec<String>,
    /// Calls of entry points that were refused for what they would run, in one spelling.
    pub refused_calls: BTreeSet<String>,
}

impl Found {
    /// Notes what one usually runs in a project of this family, when there is a line that backs it.
    pub fn usual(&mut self, family: &str, purpose: Purpose, command: impl Into<String>, quote: Option<Quote>) {
        let Some(quote) = quote else { return };
        let (command, family) = (command.into(), family.to_owned());
        let strength = Strength::Usual;
        self.candidates.push(Candidate {
            purpose,
            command,
            strength,
            family,
            own: false,
            whole: false,
            rank: 0,
            quotes: vec![quote],
        });
    }

    /// Whether anything proves work.
    pub fn has_gates(&self) -> bool {
        self.candidates.iter().any(|candidate| candidate.purpose != Purpose::Setup)
    }

    /// Takes in all of another reader.
    pub fn add(&mut self, other: Self) {
        self.candidates.extend(other.candidates);
        self.refused.extend(other.refused);
        self.notes.extend(other.notes);
        self.refused_calls.extend(other.refused_calls);
    }

    /// Takes in what was found in a folder: its commands run there.
    pub fn add_below(&mut self, folder: &str, mut other: Self) {
        let inside = |command: &str| format!("cd {} && {command}", shell::word(folder));
        for candidate in &mut other.candidates {
            candidate.command = inside(&candidate.command);
            candidate.family = format!("{folder} {}", candidate.family);
        }
        for refused in &mut other.refused {
            refused.command = inside(&refused.command);
        }
        other.refused_calls = other.refused_calls.iter().map(|call| inside(call)).collect();
        self.add(other);
    }

    /// Takes in what continuous integration runs. A command that is known already becomes stronger by it.
    pub fn join_with_ci(&mut self, ci: Self) {
        for run in ci.candidates {
            let spelled = spelling(&run.command);
            let calls = |call: &String| spelled == *call || spelled.starts_with(&format!("{call} "));
            if self.refused_calls.iter().any(calls) {
                continue;
            }
            let known = self.candidates.iter_mut().find(|known| spelling(&known.command) == spelled);
            match known {
                Some(known) => {
                    known.strength = Strength::Ci;
                    known.quotes.extend(run.quotes);
                    known.quotes.truncate(MOST_QUOTES);
                }
                None => self.candidates.push(run),
            }
        }
        self.refused.extend(ci.refused);
        self.notes.extend(ci.notes);
    }
}
