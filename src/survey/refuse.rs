//! What is never proposed, because nobody who wants work to be proven wants it run unattended, many times a night.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::classify::{Class, class_of};
use super::purpose::Purpose;
use super::words::{asked_of_runner, commands, pipelines, unwrapped, words};

/// Why a command is not proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It runs what it downloads.
    PipeToShell,
    /// It runs text that it puts together.
    Eval,
    /// It removes files by force.
    Removes,
    /// It asks for more rights.
    Sudo,
    /// It puts something out into the world.
    Publishes,
    /// It does not end by itself.
    LongRunning,
    /// It changes the files that it should only look at.
    Rewrites,
    /// It says that all is well whatever happens.
    NeverFails,
    /// It stands for a command that nobody wrote yet.
    Placeholder,
}

impl Reason {
    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::PipeToShell => "runs what it downloads",
            Self::Eval => "evaluates text that it puts together",
            Self::Removes => "removes files by force",
            Self::Sudo => "asks for the rights of another user",
            Self::Publishes => "deploys, publishes or releases",
            Self::LongRunning => "does not end by itself",
            Self::Rewrites => "rewrites files instead of checking them",
            Self::NeverFails => "succeeds whatever happens",
            Self::Placeholder => "is a placeholder that always fails",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "python", "python3", "node", "perl", "ruby"];
const PUBLISHES: &[&str] = &["release", "releases", "upload", "ship"];
const RUNS_ON: &[&str] = &["serve", "dev", "server", "start", "preview", "storybook", "runserver", "up"];
const ENDS: &[&str] = &["setup", "install", "deps", "bootstrap", "test", "tests", "lint", "build", "check"];
const PUBLISHERS: &[&str] = &["goreleaser", "semantic-release", "release-it", "twine", "terraform", "kubectl", "helm"];
const WATCHERS: &[&str] = &["nodemon", "watchexec", "entr", "watchman", "webpack-dev-server", "live-server"];

/// Why this text for a shell is not proposed; `None` when nothing speaks against it.
#[must_use]
pub fn refusal(text: &str) -> Option<Reason> {
    if pipes_to_shell(text) {
        return Some(Reason::PipeToShell);
    }
    if text.lines().any(never_fails) {
        return Some(Reason::NeverFails);
    }
    commands(text).iter().find_map(|command| of_words(&words(command)))
}

/// Why an entry point of this name is not proposed.
#[must_use]
pub fn refusal_of_name(name: &str) -> Option<Reason> {
    let holds = |list: &[&str]| parts(name).any(|part| list.contains(&part.as_str()));
    // `release` is something to do, `build-release` a way to build; `dev` waits for changes, `dev-setup` comes to an end.
    let begins = |list: &[&str]| parts(name).next().is_some_and(|part| list.contains(&part.as_str()));
    if holds(&["deploy", "deployment", "publish"]) || begins(PUBLISHES) {
        Some(Reason::Publishes)
    } else if holds(&["watch"]) || (begins(RUNS_ON) && !holds(ENDS)) {
        Some(Reason::LongRunning)
    } else if parts(name).any(|part| matches!(part.as_str(), "fix" | "write")) {
        Some(Reason::Rewrites)
    } else {
        None
    }
}

/// The parts of the name of a script or target: `test:watch` has two.
pub(super) fn parts(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(str::to_lowercase)
}

fn pipes_to_shell(text: &str) -> bool {
    let loads = |command: &String| words(command).iter().any(|word| matches!(word.as_str(), "curl" | "wget"));
    let is_shell = |command: &String| {
        let words = words(command);
        let program = if words.first().is_some_and(|word| word == "sudo") { words.get(1) } else { words.first() };
        program.is_some_and(|word| SHELLS.contains(&word.rsplit('/').next().unwrap_or_default()))
    };
    // Also behind what only looks on, like `tee`.
    let piped = pipelines(text).iter().any(|parts| {
        let first = parts.iter().position(loads);
        first.is_some_and(|first| parts[first + 1..].iter().any(is_shell))
    });
    let taken_in = ["$(curl", "$(wget", "<(curl", "<(wget", "`curl", "`wget"].iter().any(|piece| text.contains(piece));
    piped || taken_in || runs_what_it_saved(&commands(text))
}

/// Whether a command is the file, or runs the file, that one before it has loaded.
fn runs_what_it_saved(commands: &[String]) -> bool {
    let parts: Vec<Vec<String>> = commands.iter().map(|command| words(command)).collect();
    let name = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let loaded = |words: &[String]| -> Vec<String> {
        let loads = words.iter().any(|word| matches!(word.as_str(), "curl" | "wget"));
        words.iter().filter(|_| loads).map(|word| name(word)).filter(|name| name.contains('.')).collect()
    };
    (0..parts.len()).any(|n| {
        let files: Vec<String> = parts[..n].iter().flat_map(|words| loaded(words)).collect();
        let run = match parts[n].as_slice() {
            [shell, file, ..] if SHELLS.contains(&name(shell).as_str()) => Some(name(file)),
            [program, ..] if program.contains('/') => Some(name(program)),
            [..] => None,
        };
        run.is_some_and(|run| files.contains(&run))
    })
}

/// Whether a command that should prove something is followed by one that hides its failure.
fn never_fails(line: &str) -> bool {
    let Some((command, instead)) = line.split_once("||") else { return false };
    let hides =
        matches!(words(instead).first().map(String::as_str), Some("true" | ":" | "echo")) || instead.trim() == "exit 0";
    let proves = commands(command)
        .last()
        .is_some_and(|last| class_of(last).is_some_and(|class| class != Class::Is(Purpose::Setup)));
    hides && proves && !instead.contains("exit 1")
}

fn of_words(words: &[String]) -> Option<Reason> {
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let first = words.first()?;
    if has("sudo") || first == "doas" || first == "su" {
        return Some(Reason::Sudo);
    }
    if first == "eval" || words.iter().any(|word| word.ends_with("$(eval")) {
        return Some(Reason::Eval);
    }
    if removes(words) {
        return Some(Reason::Removes);
    }
    let inner = unwrapped(words);
    let program = inner.first()?.as_str();
    let second = inner.get(1).map_or("", String::as_str);
    let pushes =
        matches!((program, second), ("git" | "docker" | "podman", "push") | ("gem", "push") | ("gh", "release"));
    if pushes || PUBLISHERS.contains(&program) {
        return Some(Reason::Publishes);
    }
    let short = matches!(program, "tsc" | "webpack" | "rollup" | "vitest") && has("-w");
    let watches = short || inner.iter().any(|word| matches!(word.as_str(), "--watch" | "--watchAll" | "--serve"));
    let waits = (program, second) == ("tail", "-f") || (matches!(program, "docker" | "docker-compose") && has("up"));
    if WATCHERS.contains(&program) || watches || waits {
        return Some(Reason::LongRunning);
    }
    // A script of its own says by its name what it does; of the other programs, the word that asks for something.
    let asked = asked_of_runner(&inner).map(|(_, name)| name);
    let action = asked.or_else(|| inner.get(1).map(String::as_str).filter(|word| !word.contains(['/', '.', '=', '-'])));
    let own_script = (first.contains('/') || program.contains('.')).then_some(program);
    own_script.into_iter().chain(action).filter(|name| !name.starts_with('-')).find_map(refusal_of_name)
}

fn removes(words: &[String]) -> bool {
    let flags: String = words.iter().filter(|word| word.starts_with('-') && !word.starts_with("--")).cloned().collect();
    let long = |flag: &str| words.iter().any(|word| word == flag);
    let forced =
        (flags.contains('r') || flags.contains('R') || long("--recursive")) && (flags.contains('f') || long("--force"));
    // Also behind `find .. -exec` and `xargs`.
    let is_rm = words.iter().any(|word| word == "rm" || word == "/bin/rm");
    let git = |action: &str, flag: &str| {
        words.first().is_some_and(|word| word == "git")
            && long(action)
            && words.iter().any(|word| word.starts_with(flag))
    };
    let rimraf = words.iter().any(|word| word == "rimraf");
    (is_rm && forced) || git("clean", "-") || git("reset", "--hard") || rimraf
}
