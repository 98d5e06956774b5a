//! From all that was found to the one command that makes a fresh worktree ready.

use super::choose::proposal;
use super::found::{Candidate, Found};
use super::proposal::{Proposal, Strength};
use super::purpose::Purpose;
use super::words::{commands, unwrapped, words};

/// The repository's own entry point; else what continuous integration installs, and what lock files of other kinds of
/// projects ask for, one command after the other.
pub(super) fn setup(found: &Found) -> Option<Proposal> {
    let mut all: Vec<&Candidate> =
        found.candidates.iter().filter(|candidate| candidate.purpose == Purpose::Setup).collect();
    all.sort_by_key(|candidate| candidate.rank);
    if let Some(own) = all.iter().find(|candidate| candidate.own) {
        return Some(proposal(own));
    }
    all.sort_by_key(|candidate| std::cmp::Reverse(candidate.strength));
    let mut parts: Vec<&Candidate> = Vec::new();
    for candidate in all {
        if !parts.iter().any(|known| does_the_same(known, candidate)) {
            parts.push(candidate);
        }
    }
    let mut joined = proposal(parts.first()?);
    for part in &parts[1..] {
        joined.command = format!("{} && {}", joined.command, in_its_folder(&part.command));
        joined.strength = joined.strength.min(part.strength);
        joined.quotes.extend(part.quotes.iter().cloned());
    }
    if let (true, Some(first)) = (parts.len() > 1, parts.first()) {
        let rest = joined.command.split_off(first.command.len());
        joined.command = format!("{}{rest}", in_its_folder(&first.command));
    }
    Some(joined)
}

/// A command that changes the folder must not change it for the next one.
fn in_its_folder(command: &str) -> String {
    if command.starts_with("cd ") { format!("({command})") } else { command.to_owned() }
}

/// Whether the one makes the other superfluous. What continuous integration does with pip are steps, not ways.
fn does_the_same(known: &Candidate, other: &Candidate) -> bool {
    let (kind, other_kind) = (kind_of(known), kind_of(other));
    let are_steps = kind.1 == "python" && known.strength == Strength::Ci && other.strength == Strength::Ci;
    kind == other_kind && !are_steps
}

/// The folder and the kind of project that a setup is for: `npm ci` and `npm install` are for the same.
fn kind_of(candidate: &Candidate) -> (String, String) {
    let folder = candidate.command.strip_prefix("cd ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let parts = commands(&candidate.command);
    let last = parts.last().map(|command| unwrapped(&words(command))).unwrap_or_default();
    let kind = match last.first().map(String::as_str) {
        Some("npm" | "pnpm" | "yarn" | "bun") => "node",
        Some("pip" | "pip3" | "uv" | "poetry" | "pdm" | "pipenv") => "python",
        Some(program) => program,
        None => "",
    };
    (folder.to_owned(), kind.to_owned())
}
