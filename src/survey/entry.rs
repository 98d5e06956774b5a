//! Entry points that a repository defines for itself: the targets of a Makefile, the scripts of a `package.json`.
//!
//! **Invariant:** an entry point is proposed only when nothing that it would run is refused, as far as its text, that of
//! what it needs, and that of what it calls show.

use std::collections::BTreeSet;

use super::classify::{Class, Named, class_of, of_name};
use super::found::{Candidate, Found};
use super::proposal::{Refused, Strength};
use super::purpose::Purpose;
use super::quote::Quote;
use super::refuse::{Reason, refusal, refusal_of_name};
use super::words::{asked_of_runner, commands, spelling, words};

/// One entry point.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub name: String,
    /// Where it is defined.
    pub quote: Quote,
    /// What it runs: the text as the shell gets it, and where that stands.
    pub body: Vec<(String, Quote)>,
    /// The entry points that run before it.
    pub needs: Vec<String>,
}

/// Puts a line to what an entry point runs. One that ends with a backslash goes on in the next, as for the shell.
pub(super) fn run_too(body: &mut Vec<(String, Quote)>, line: String, quote: Quote) {
    match body.last_mut() {
        Some((open, _)) if open.ends_with('\\') => {
            open.pop();
            open.push_str(&line);
        }
        Some(_) | None => body.push((line, quote)),
    }
}

/// A program that runs entry points.
#[derive(Debug, Clone)]
pub(super) struct Runner<'a> {
    /// How an entry point is called: `make`, `npm run`.
    pub call: &'a str,
    /// The kind of project.
    pub family: &'a str,
    /// Whether it speaks for all kinds of projects in the folder.
    pub whole: bool,
    pub entries: Vec<Entry>,
}

fn is_word(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '@' | '+'))
}

impl Runner<'_> {
    /// Notes each entry point as a candidate, or as refused.
    pub fn judge(&self, found: &mut Found) {
        // What is no word for a shell would be another command.
        for entry in self.entries.iter().filter(|entry| is_word(&entry.name)) {
            let command = self.command(&entry.name);
            let named = of_name(&entry.name).or_else(|| self.installs(entry));
            let by_name = refusal_of_name(&entry.name).map(|reason| (reason, entry.quote.clone()));
            let refused = by_name.or_else(|| named.and_then(|named| self.refused_for_its_text(entry, named)));
            if let Some((reason, quote)) = refused {
                found.refused_calls.insert(spelling(&command));
                found.refused.push(Refused { command, reason, quote });
            } else if let Some(named) = named {
                found.candidates.push(Candidate {
                    purpose: self.purpose(entry, named),
                    command,
                    strength: Strength::Own,
                    family: self.family.to_owned(),
                    own: true,
                    whole: self.whole,
                    rank: named.rank,
                    quotes: vec![entry.quote.clone()],
                });
            }
        }
    }

    fn command(&self, name: &str) -> String {
        if self.call.is_empty() { name.to_owned() } else { format!("{} {name}", self.call) }
    }

    /// All that the entry point would run: its own text, and that of what it needs and calls.
    fn reach<'s>(&'s self, entry: &'s Entry) -> Vec<&'s (String, Quote)> {
        let mut seen = BTreeSet::new();
        let mut open = vec![entry];
        let mut lines = Vec::new();
        while let Some(entry) = open.pop() {
            if !seen.insert(entry.name.as_str()) {
                continue;
            }
            lines.extend(&entry.body);
            let parts: Vec<String> = entry.body.iter().flat_map(|(text, _)| commands(text)).collect();
            let called = parts.iter().filter_map(|part| Some(asked_of_runner(&words(part))?.1.to_owned()));
            let names: Vec<String> = entry.needs.iter().cloned().chain(called).collect();
            open.extend(self.entries.iter().filter(|entry| names.contains(&entry.name)));
        }
        lines
    }

    fn refused_for_its_text(&self, entry: &Entry, named: Named) -> Option<(Reason, Quote)> {
        let reach = self.reach(entry);
        let refused = reach.iter().find_map(|(text, quote)| Some((refusal(text)?, quote.clone())));
        if refused.is_some() || named.purpose == Purpose::Setup {
            return refused;
        }
        let rewriting = reach.iter().find(|(text, _)| class_of(text) == Some(Class::Rewrites));
        if let Some((_, quote)) = rewriting {
            return Some((Reason::Rewrites, quote.clone()));
        }
        let looks = reach.iter().any(|(text, _)| class_of(text) == Some(Class::Is(Purpose::Format)));
        (named.may_write && !looks).then(|| (Reason::Rewrites, entry.quote.clone()))
    }

    /// What it is good for: a name such as `check` says little, its text more.
    fn purpose(&self, entry: &Entry, named: Named) -> Purpose {
        if !matches!(entry.name.as_str(), "check" | "verify") {
            return named.purpose;
        }
        let purposes = self.reach(entry).into_iter().filter_map(|(text, _)| match class_of(text) {
            Some(Class::Is(purpose)) => Some(purpose),
            Some(Class::Rewrites) | None => None,
        });
        purposes.max().unwrap_or(named.purpose)
    }

    /// `install` puts the product on the machine, or fetches what work needs; only the text tells.
    fn installs(&self, entry: &Entry) -> Option<Named> {
        let is_setup = |(text, _): &&(String, Quote)| class_of(text) == Some(Class::Is(Purpose::Setup));
        let fits = matches!(entry.name.as_str(), "install" | "init" | "install-dev" | "dev-install" | "venv");
        (fits && self.reach(entry).iter().any(is_setup)).then_some(Named {
            purpose: Purpose::Setup,
            rank: 1,
            may_write: false,
        })
    }
}
