//! Whether agents can work in a repository: a list of checks, each with what was found and what to do.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::guide::{self, GuideProposal, MOST_LINES, Topic};
use super::listing::Listing;
use super::proposal::{Proposal, Survey};
use super::purpose::Purpose;
use super::quote::Quote;
use super::words::{commands, words};

/// What only the machine and the configuration can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether a program is there, by its name as a command names it (see [`programs`]).
    pub programs: BTreeMap<String, bool>,
    /// How many gates `ralph.config.yml` has; `None`: there is no such file, or it has faults.
    pub configured_gates: Option<usize>,
    /// Whether it names a setup for worktrees.
    pub configured_setup: bool,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is there.
    Good,
    /// It is there and lacks something.
    Poor,
    /// It is not there.
    Missing,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// A word for it.
    pub name: String,
    /// Whether a repository is not ready without it.
    pub needed: bool,
    /// What it came to.
    pub state: State,
    /// What was found.
    pub found: String,
    /// What to do; nothing where it is good.
    pub advice: Option<String>,
    /// The lines that back it.
    pub quotes: Vec<Quote>,
}

/// Everything that `ralph-teams ready --json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this format.
    pub v: u32,
    /// Whether all that is needed is good.
    pub ready: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
    /// The commands that are proposed.
    pub survey: Survey,
    /// The page for agents that is missing, or what it lacks.
    pub guide: Option<GuideProposal>,
}

/// The schema of a report.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Report)
}

/// The report.
#[must_use]
pub fn report(listing: &Listing, survey: Survey, facts: &Facts) -> Report {
    let checks = vec![
        guide_check(listing, &survey),
        gates_check(&survey, facts),
        runnable_check(&survey, facts),
        setup_check(listing, &survey, facts),
        tests_check(listing),
        ci_check(listing),
        readme_check(listing),
        config_check(facts),
    ];
    let ready = checks.iter().all(|check| !check.needed || check.state == State::Good);
    let guide = guide::propose(listing, &survey);
    Report { v: 1, ready, checks, survey, guide }
}

/// The programs that the proposals would start, by the names that the commands give them.
#[must_use]
pub fn programs(survey: &Survey) -> BTreeSet<String> {
    survey.gates.iter().chain(&survey.setup).flat_map(programs_of).collect()
}

/// Words of the shell itself are always there.
fn programs_of(proposal: &Proposal) -> Vec<String> {
    let is_shell =
        |word: &str| matches!(word, "cd" | "test" | "[" | "true" | "false" | "echo" | "export" | "set" | "exit");
    let parts = commands(&proposal.command);
    let first = parts.iter().filter_map(|part| words(part).first().cloned());
    first.filter(|word| !is_shell(word) && !word.contains('$')).collect()
}

fn check(name: &str, needed: bool, state: State, found: impl Into<String>, advice: Option<String>) -> Check {
    Check { name: name.to_owned(), needed, state, found: found.into(), advice, quotes: Vec::new() }
}

fn guide_check(listing: &Listing, survey: &Survey) -> Check {
    let Some(existing) = guide::existing(listing) else {
        let advice = "`ralph-teams ready --write` proposes an AGENTS.md and writes it when you agree".to_owned();
        return check("guide", true, State::Missing, "no AGENTS.md and no CLAUDE.md", Some(advice));
    };
    let n_lines = existing.text.lines().count();
    let missing = guide::missing(existing.text, listing, survey);
    let found = format!("{} has {n_lines} lines", existing.file);
    if n_lines > MOST_LINES {
        let advice = format!("shorten it below {MOST_LINES} lines: what is longer is not read to its end");
        return check("guide", true, State::Poor, found, Some(advice));
    }
    if missing.is_empty() {
        return check("guide", true, State::Good, format!("{found} and names what agents need"), None);
    }
    let lacks: Vec<&str> = missing.into_iter().map(Topic::words).collect();
    let advice =
        format!("`ralph-teams ready --write` adds below it what the repository says of that: {}", lacks.join(", "));
    check("guide", true, State::Poor, format!("{found} and does not say {}", lacks.join(", ")), Some(advice))
}

fn gates_check(survey: &Survey, facts: &Facts) -> Check {
    let tests = survey.gates.iter().find(|gate| gate.purpose == Purpose::Test);
    let configured = facts.configured_gates.unwrap_or_default();
    let names: Vec<String> = survey.gates.iter().map(|gate| format!("`{}`", gate.command)).collect();
    let found = if names.is_empty() { "no command that proves work".to_owned() } else { names.join(", ") };
    let quotes = survey.gates.iter().flat_map(|gate| gate.quotes.clone()).collect();
    let (state, advice) = match (tests, configured) {
        (_, 1..) | (Some(_), 0) => (State::Good, None),
        (None, 0) if !survey.gates.is_empty() => {
            (State::Poor, Some("no command runs tests: name one in a Makefile, a script or a workflow".to_owned()))
        }
        (None, 0) => (State::Missing, Some("name in a Makefile, a script or a workflow how work is proven".to_owned())),
    };
    let found =
        if configured > 0 { format!("{configured} in ralph.config.yml; the repository says {found}") } else { found };
    Check { quotes, ..check("gates", true, state, found, advice) }
}

fn runnable_check(survey: &Survey, facts: &Facts) -> Check {
    let missing: Vec<&str> =
        facts.programs.iter().filter(|(_, is_there)| !**is_there).map(|(name, _)| name.as_str()).collect();
    if survey.gates.is_empty() && facts.programs.is_empty() {
        return check("runnable", false, State::Good, "nothing that would be run was found", None);
    }
    if missing.is_empty() {
        let names: Vec<&str> = facts.programs.keys().map(String::as_str).collect();
        return check("runnable", true, State::Good, format!("all programs are there: {}", names.join(", ")), None);
    }
    let advice = format!("install {}, or put it on PATH", missing.join(", "));
    check("runnable", true, State::Missing, format!("not on PATH: {}", missing.join(", ")), Some(advice))
}

fn setup_check(listing: &Listing, survey: &Survey, facts: &Facts) -> Check {
    if let Some(setup) = &survey.setup {
        let found = format!("`{}`", setup.command);
        return Check { quotes: setup.quotes.clone(), ..check("setup", true, State::Good, found, None) };
    }
    if facts.configured_setup {
        return check("setup", true, State::Good, "named in ralph.config.yml", None);
    }
    // Their tools fetch what they need by themselves.
    let needs_none = ["Cargo.toml", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "Makefile"];
    let asks = ["package.json", "pyproject.toml", "setup.py", "composer.json", "Gemfile"]
        .iter()
        .find(|name| listing.files.contains(**name));
    match asks {
        Some(name) if !needs_none.iter().any(|known| listing.files.contains(*known)) => {
            let advice = "commit a lock file, or name a command `setup` in a Makefile or a script".to_owned();
            check(
                "setup",
                true,
                State::Missing,
                format!("{name} is there, but nothing says how it is installed"),
                Some(advice),
            )
        }
        Some(_) | None => check("setup", true, State::Good, "nothing asks for more than a checkout", None),
    }
}

fn tests_check(listing: &Listing) -> Check {
    let tests = guide::tests(listing);
    // Tests of some languages stand beside the code in the same files.
    let inside = ["Cargo.toml", "CMakeLists.txt"].iter().find(|name| listing.files.contains(**name));
    match (tests.first(), inside) {
        (Some(first), _) => check("tests", true, State::Good, format!("{} files, such as {first}", tests.len()), None),
        (None, Some(name)) => {
            let advice = "add a test, so that agents learn when they broke something".to_owned();
            let found = format!("no file of tests by its name; those inside of the code are not seen ({name})");
            check("tests", false, State::Poor, found, Some(advice))
        }
        (None, None) => {
            let advice = "add a test, so that agents learn when they broke something".to_owned();
            check("tests", true, State::Missing, "no file of tests by its name", Some(advice))
        }
    }
}

fn ci_check(listing: &Listing) -> Check {
    let files = guide::ci_files(listing);
    if files.is_empty() {
        return check(
            "ci",
            false,
            State::Missing,
            "no continuous integration",
            Some("optional: its commands are the best evidence".to_owned()),
        );
    }
    check("ci", false, State::Good, files.join(", "), None)
}

fn readme_check(listing: &Listing) -> Check {
    let readme = listing.files.iter().find(|path| path.to_lowercase().starts_with("readme") && !path.contains('/'));
    match readme {
        Some(name) => check("readme", false, State::Good, name.clone(), None),
        None => check(
            "readme",
            false,
            State::Missing,
            "no README",
            Some("optional: say in a README what this is".to_owned()),
        ),
    }
}

fn config_check(facts: &Facts) -> Check {
    match facts.configured_gates {
        Some(0) => check(
            "config",
            false,
            State::Poor,
            "ralph.config.yml has no gates",
            Some("`ralph-teams setup` proposes some".to_owned()),
        ),
        Some(n_gates) => check("config", false, State::Good, format!("ralph.config.yml, gates: {n_gates}"), None),
        None => check(
            "config",
            false,
            State::Missing,
            "no ralph.config.yml that can be used",
            Some("`ralph-teams setup` writes one".to_owned()),
        ),
    }
}
