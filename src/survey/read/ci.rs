//! What continuous integration runs (GitHub's workflows, GitLab's pipelines): the strongest evidence there is, because it
//! is known to work on a fresh checkout.

use crate::survey::choose::SPECIAL;
use crate::survey::classify::{Class, class_of};
use crate::survey::found::{Candidate, Found, MOST_QUOTES};
use crate::survey::listing::Listing;
use crate::survey::proposal::{Refused, Strength};
use crate::survey::quote::Quote;
use crate::survey::refuse::{Reason, parts, refusal};
use crate::survey::tree::{Node, yaml};
use crate::survey::words::{commands, unwrapped, words};

const GITLAB: &str = ".gitlab-ci.yml";

/// Reads all workflows and pipelines.
pub(in crate::survey) fn read(listing: &Listing) -> Found {
    let mut found = Found::default();
    for (path, text) in &listing.texts {
        if !path.starts_with(".github/workflows/") && path != GITLAB {
            continue;
        }
        match yaml(text) {
            Some(root) if path == GITLAB => pipeline(path, text, &root, &mut found),
            Some(root) => workflow(path, text, &root, &mut found),
            None => found.notes.push(format!("{path} cannot be understood, so nothing was taken from it")),
        }
    }
    // What an earlier step downloaded is not here.
    found.candidates.retain(|candidate| !starts_what_is_not_there(&candidate.command, listing));
    found
}

/// Whether a command starts a file of the checkout that the repository does not hold.
fn starts_what_is_not_there(command: &str, listing: &Listing) -> bool {
    let starts = |part: &String| words(part).first().and_then(|word| word.strip_prefix("./")).map(str::to_owned);
    let is_there = |file: &String| listing.files.iter().any(|path| path == file || path.ends_with(&format!("/{file}")));
    commands(command)
        .iter()
        .filter_map(starts)
        .any(|file| !file.contains("node_modules/") && !file.starts_with("vendor/") && !is_there(&file))
}

/// A workflow that puts something out is no proof of work.
fn publishes(name: &str) -> bool {
    parts(name).any(|part| matches!(part.as_str(), "release" | "deploy" | "publish" | "deployment" | "pages" | "stale"))
}

fn workflow(path: &str, text: &str, root: &Node, found: &mut Found) {
    if publishes(path.rsplit('/').next().unwrap_or_default()) {
        return;
    }
    let folder_of =
        |node: &Node| node.at(&["defaults", "run", "working-directory"]).and_then(Node::text).map(str::to_owned);
    for (name, job) in root.get("jobs").map(Node::entries).unwrap_or_default() {
        if publishes(name) {
            continue;
        }
        if let Some(services) = job.get("services").filter(|services| !services.entries().is_empty()) {
            let names: Vec<&str> = services.entries().iter().map(|(name, _)| name.as_str()).collect();
            found.notes.push(format!("{path}: the job `{name}` starts services first: {}", names.join(", ")));
        }
        for step in job.get("steps").map(Node::items).unwrap_or_default() {
            let Some(run) = step.get("run") else { continue };
            if is_true(job, "continue-on-error") || is_true(step, "continue-on-error") || is_foreign(step) {
                continue;
            }
            let own = step.get("working-directory").and_then(Node::text).map(str::to_owned);
            let folder = own.or_else(|| folder_of(job)).or_else(|| folder_of(root));
            script(path, text, run, folder.as_deref(), found);
        }
    }
}

/// What may fail there proves nothing here.
fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::text) == Some("true")
}

/// Whether a step is written for a shell that is none of ours.
fn is_foreign(step: &Node) -> bool {
    matches!(step.get("shell").and_then(Node::text), Some("pwsh" | "powershell" | "cmd" | "python"))
}

fn pipeline(path: &str, text: &str, root: &Node, found: &mut Found) {
    for (name, job) in root.entries() {
        if publishes(name) || job.get("stage").and_then(Node::text).is_some_and(publishes) {
            continue;
        }
        for part in ["before_script", "script"] {
            for line in job.get(part).map(Node::items).unwrap_or_default() {
                script(path, text, line, None, found);
            }
        }
    }
    for line in root.get("before_script").map(Node::items).unwrap_or_default() {
        script(path, text, line, None, found);
    }
}

/// The lines of one script, each a command of its own. A script that steers itself is left alone: its lines mean nothing
/// by themselves.
fn script(path: &str, text: &str, node: &Node, folder: Option<&str>, found: &mut Found) {
    let Some(script) = node.text() else { return };
    let joined = script.replace("\\\n", " ");
    let steers = |line: &str| {
        let first = line.split_whitespace().next().unwrap_or_default();
        matches!(first, "if" | "for" | "while" | "case" | "function" | "{" | "(" | "cd") || line.contains("<<")
    };
    if joined.lines().any(|line| steers(line.trim())) {
        return;
    }
    for line in joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let piece = line.split("  ").next().unwrap_or(line);
        let quote = Quote::near(path, text, node.line, piece);
        step(line, quote, folder, found);
    }
}

fn step(line: &str, quote: Quote, folder: Option<&str>, found: &mut Found) {
    let class = class_of(line);
    let refused = refusal(line).or_else(|| (class == Some(Class::Rewrites)).then_some(Reason::Rewrites));
    if let Some(reason) = refused {
        found.refused.push(Refused { command: line.to_owned(), reason, quote });
        return;
    }
    // What the service fills in is not there on this machine.
    let (Some(Class::Is(purpose)), false) = (class, line.contains("${{") || line.contains("$CI_")) else { return };
    let folder =
        folder.map(|folder| folder.trim_start_matches("./").trim_end_matches('/')).filter(|folder| !folder.is_empty());
    if folder.is_some_and(|folder| folder.contains("$") || folder.starts_with('/')) {
        return;
    }
    let command = folder.map_or_else(|| line.to_owned(), |folder| format!("cd {folder} && {line}"));
    let family = family(line, folder);
    let known = found.candidates.iter_mut().find(|known| known.command == command);
    match known {
        Some(known) if known.quotes.len() < MOST_QUOTES => known.quotes.push(quote),
        Some(_) => {}
        None => found.candidates.push(Candidate {
            purpose,
            command,
            strength: Strength::Ci,
            family,
            own: false,
            whole: false,
            // The documentation's examples alone, or tests that are only built, stand for nothing where there is more.
            rank: if ["--doc", "--no-run"].iter().any(|part| line.contains(part)) { SPECIAL } else { 0 },
            quotes: vec![quote],
        }),
    }
}

/// The programs of a line: two lines of one family are ways to say the same.
fn family(line: &str, folder: Option<&str>) -> String {
    let programs = commands(line);
    let programs = programs.iter().filter_map(|command| unwrapped(&words(command)).first().cloned());
    let programs: Vec<String> = folder.map(str::to_owned).into_iter().chain(programs).collect();
    programs.join(" ")
}
