//! Facts -> lines. Pure; the order is the one in which a person would mend things.

use super::facts::{
    AgentFacts, ConfigFacts, DiskFacts, Facts, LeftoverFacts, PrdFacts, RepositoryFacts, TerminalFacts,
};
use super::report::{Area, Level, Line};
use crate::effects::ask::Answer;
use crate::effects::backend::sign_in::SignIn;
use crate::ui::screen::{Choice, Mode, Place, choose};
use crate::ui::tui::areas::SMALLEST;
use crate::ui::units;

/// Disk that one epic is taken to need for its worktree and what is built there, in MiB.
const DISK_OF_EPIC: u64 = 1024;

/// Memory that one session of a program is taken to need, in MiB: what the program itself was measured to take, rounded
/// up. What it starts (builds, tests, servers) comes on top.
const MEMORY_OF_SESSION: &[(&str, u64)] = &[
    ("claude", 300),
    ("codex", 200),
    ("copilot", 350),
    ("opencode", 650),
    ("gemini", 300),
    ("acp", 500),
    ("command", 300),
    ("rehearsal", 20),
];

/// Backends behind which there is no program that could be installed: of no interest while nobody uses them.
const NOT_INSTALLED: [&str; 3] = ["acp", "command", "rehearsal"];

/// What the facts mean.
#[must_use]
pub fn judge(facts: &Facts) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(facts.git.as_ref().map(git));
    match &facts.repository {
        Some(Ok(found)) => lines.extend(repository(found)),
        // It says itself what to do.
        Some(Err(reason)) => lines.push(Line::new(Area::Repository, Level::Fail, reason)),
        None => {}
    }
    lines.extend(config(&facts.config));
    lines.push(prd(&facts.prd));
    lines.extend(facts.agents.iter().flat_map(agent));
    lines.extend(facts.disks.iter().map(|found| disk(found, facts)));
    lines.push(memory(facts));
    if facts.bare_root {
        lines.push(
            Line::new(Area::User, Level::Warn, "you are root, and nothing says that this is a container")
                .advise("sessions run without asking: use a container, or a user of their own"),
        );
    }
    match &facts.leftovers {
        Some(Ok(found)) => lines.extend(leftovers(found)),
        Some(Err(reason)) => lines.push(Line::new(Area::Leftovers, Level::Unknown, reason)),
        None => {}
    }
    lines.push(terminal(&facts.terminal));
    lines
}

fn git(version: &Result<String, String>) -> Line {
    match version {
        Ok(version) => Line::new(Area::Git, Level::Pass, format!("version {version}")),
        Err(reason) => Line::new(Area::Git, Level::Fail, reason).advise("install git 2.38 or newer"),
    }
}

fn repository(found: &RepositoryFacts) -> Vec<Line> {
    let mut lines = vec![match &found.objection {
        // It says itself what to do.
        Some(objection) => Line::new(Area::Repository, Level::Fail, objection),
        None => Line::new(Area::Repository, Level::Pass, found.checkout.display().to_string()),
    }];
    match found.n_dirty {
        None | Some(0) => {}
        Some(n) => {
            let files = units::count(n, "file has", "files have");
            lines.push(
                Line::new(Area::Repository, Level::Info, format!("{files} changes that are not committed"))
                    .advise("commit them, or start with --dirty snapshot or --dirty ignore"),
            );
        }
    }
    lines
}

fn config(found: &ConfigFacts) -> Vec<Line> {
    let mut lines: Vec<Line> = found
        .faults
        .iter()
        .map(|fault| Line::new(Area::Config, Level::Fail, fault).advise("mend it; `ralph-teams config set` checks"))
        .collect();
    lines.extend(found.warnings.iter().map(|warning| Line::new(Area::Config, Level::Warn, warning)));
    if !found.faults.is_empty() {
        return lines;
    }
    let file = found.file.as_deref().unwrap_or("no ralph.config.yml, so everything is as it is built in");
    lines.push(match found.n_gates {
        0 => Line::new(
            Area::Config,
            Level::Warn,
            format!("{file}: no gates, so only the agents' word says that work is done"),
        )
        .advise("name the commands that prove work: ralph-teams config set gates '[{name: test, run: npm test}]'"),
        n => Line::new(Area::Config, Level::Pass, format!("{file}: {}", units::count(n, "gate", "gates"))),
    });
    lines
}

fn prd(found: &PrdFacts) -> Line {
    match found {
        PrdFacts::Absent { file } => Line::new(Area::Prd, Level::Warn, format!("{file}: there is no such file yet"))
            .advise("make one with `ralph-teams init`, or name another PRD"),
        PrdFacts::Unreadable(reason) => {
            Line::new(Area::Prd, Level::Fail, reason).advise("name another PRD, or check who owns the file")
        }
        PrdFacts::Faulty { file, first, n_faults } => {
            let others = if *n_faults > 1 { format!(", and {} more", n_faults - 1) } else { String::new() };
            Line::new(Area::Prd, Level::Fail, format!("{first}{others}"))
                .advise(format!("`ralph-teams validate {file}` lists them all"))
        }
        PrdFacts::Valid(sentence) => Line::new(Area::Prd, Level::Pass, sentence),
    }
}

fn agent(found: &AgentFacts) -> Vec<Line> {
    let AgentFacts { name, roles, stands_in_for, program, version, sign_in } = found;
    if roles.is_empty() && stands_in_for.is_empty() {
        if NOT_INSTALLED.contains(&name.as_str()) {
            return Vec::new();
        }
        let is = if program.is_ok() { "is there" } else { "is not there" };
        return vec![Line::new(Area::Agent, Level::Info, format!("{name} {is}; no role uses it"))];
    }
    let used = if roles.is_empty() {
        format!("stands in for {}", stands_in_for.join(", "))
    } else {
        format!("works as {}", roles.join(", "))
    };
    // Without a stand-in a run goes on; without the first one it cannot.
    let without = if roles.is_empty() { Level::Warn } else { Level::Fail };
    let path = match program {
        Err(reason) => return vec![Line::new(Area::Agent, without, format!("{reason} ({name} {used})"))],
        Ok(path) => path.display(),
    };
    let try_it = format!("try it by hand: {path} --version");
    let line = |level, said: &str| Line::new(Area::Agent, level, format!("{name} {used}: {path}{said}"));
    let program = match version {
        None => line(Level::Pass, ""),
        Some(Answer::Said(said)) if said.is_empty() => line(Level::Unknown, ", tells no version").advise(try_it),
        Some(Answer::Said(said)) => line(Level::Pass, &format!(", {said}")),
        Some(Answer::Failed { exit, said }) => {
            line(without, &format!(", --version ended with {exit}: {said}")).advise(try_it)
        }
        Some(Answer::TooLate) => line(Level::Unknown, ", did not tell its version in time").advise(try_it),
        Some(Answer::NotStarted(reason)) => line(without, &format!(" cannot be started: {reason}")).advise(try_it),
    };
    let signed_in = match sign_in {
        SignIn::NotNeeded => None,
        SignIn::Found(by) => Some(Line::new(Area::SignIn, Level::Pass, format!("{name}: {by}"))),
        SignIn::Missing(advice) => {
            Some(Line::new(Area::SignIn, without, format!("{name} is not signed in")).advise(advice))
        }
        SignIn::Unknown(advice) => {
            Some(Line::new(Area::SignIn, Level::Unknown, format!("{name}: cannot be seen from here")).advise(advice))
        }
    };
    [Some(program), signed_in].into_iter().flatten().collect()
}

fn disk(found: &DiskFacts, facts: &Facts) -> Line {
    let DiskFacts { what, path, free_mib } = found;
    let free = match free_mib {
        Ok(free) => *free,
        Err(reason) => return Line::new(Area::Disk, Level::Unknown, format!("{what}: {reason}")),
    };
    let seen = format!("{what}: {} free at {}", size(free), path.display());
    let wanted = u64::from(facts.min_free_mib) + DISK_OF_EPIC * u64::from(facts.parallel);
    if free < u64::from(facts.min_free_mib) {
        let advice = format!("make room: below {} (policy.minFreeMb) nothing starts", size(facts.min_free_mib.into()));
        Line::new(Area::Disk, Level::Fail, seen).advise(advice)
    } else if free < wanted {
        let each = size(DISK_OF_EPIC);
        let advice = format!(
            "{} may fill it, at an assumed {each} each",
            units::count(facts.parallel as usize, "epic", "epics side by side")
        );
        Line::new(Area::Disk, Level::Warn, seen).advise(advice)
    } else {
        Line::new(Area::Disk, Level::Pass, seen)
    }
}

fn memory(facts: &Facts) -> Line {
    let working = facts.agents.iter().filter(|agent| !agent.roles.is_empty() || !agent.stands_in_for.is_empty());
    let of = |name: &str| MEMORY_OF_SESSION.iter().find(|(known, _)| *known == name).map(|(_, mib)| *mib);
    let largest = working.filter_map(|agent| Some((of(&agent.name)?, agent.name.as_str()))).max();
    let Some((each, name)) = largest else {
        return Line::new(Area::Memory, Level::Unknown, "no agent program is chosen");
    };
    let wanted = each * u64::from(facts.parallel);
    let sessions = units::count(facts.parallel as usize, "session", "sessions");
    let assumed = format!("{sessions} of {name} take about {}, at an assumed {} each", size(wanted), size(each));
    match facts.memory_mib {
        None => {
            Line::new(Area::Memory, Level::Unknown, format!("the system does not say what is available; {assumed}"))
        }
        Some(available) if available < wanted => {
            Line::new(Area::Memory, Level::Warn, format!("{} available; {assumed}", size(available)))
                .advise(format!("take fewer side by side: --parallel {}", (available / each).max(1)))
        }
        Some(available) => {
            let text = format!("{} available; {assumed}, and what they build and test comes on top", size(available));
            Line::new(Area::Memory, Level::Pass, text)
        }
    }
}

fn leftovers(found: &LeftoverFacts) -> Vec<Line> {
    let LeftoverFacts { live, unfinished, worktrees, processes, n_saved } = found;
    let mut lines = Vec::new();
    let line = |level, text: String| Line::new(Area::Leftovers, level, text);
    if let Some((run, pid)) = live {
        lines.push(
            line(Level::Info, format!("run {run} is at work: process {pid}")).advise("`ralph-teams watch` shows it"),
        );
    }
    if let Some(run) = unfinished {
        let advice = "`ralph-teams resume` goes on with it, `ralph-teams run --new` begins another";
        lines.push(line(Level::Info, format!("run {run} is unfinished")).advise(advice));
    }
    for (pid, command) in processes {
        let text = format!("process {pid} is left from a run that is not at work: {command}");
        lines.push(line(Level::Warn, text).advise(format!("a resume ends it; so does: kill {pid}")));
    }
    let (n_worktrees, mib) = worktrees;
    if *n_worktrees > 0 {
        let n = units::count(*n_worktrees, "worktree is", "worktrees are");
        let text = format!("{n} needed by nobody and take {}", size(*mib));
        lines.push(line(Level::Warn, text).advise("ralph-teams worktrees prune"));
    }
    if *n_saved > 0 {
        let text = format!("saved work of sessions that were cut short: {n_saved}");
        lines.push(line(Level::Info, text).advise("`ralph-teams recover` lists it"));
    }
    if lines.is_empty() {
        lines.push(line(Level::Pass, "none".to_owned()));
    }
    lines
}

fn terminal(found: &TerminalFacts) -> Line {
    let place =
        Place { reads_terminal: found.reads, writes_terminal: found.writes, term: found.term.as_deref(), ci: found.ci };
    let line = |level, text: String| Line::new(Area::Terminal, level, text);
    if !found.writes {
        return line(Level::Info, "output goes to no terminal, so a run shows plain lines".to_owned());
    }
    let size = found.size.map_or("size unknown".to_owned(), |(columns, rows)| format!("{columns}x{rows}"));
    let colour = if found.colour { "colours" } else { "no colours" };
    let signs = if found.unicode { "UTF-8" } else { "ASCII only" };
    let seen = format!("{size}, TERM={}, {colour}, {signs}", found.term.as_deref().unwrap_or(""));
    if choose(Mode::Auto, &place).0 != Choice::Full {
        let why = choose(Mode::Tui, &place).1.unwrap_or_else(|| "CI is set".to_owned());
        return line(Level::Info, format!("{seen}: a run shows plain lines ({why})"));
    }
    match found.size {
        Some((columns, rows)) if columns < SMALLEST.0 || rows < SMALLEST.1 => line(Level::Warn, seen).advise(format!(
            "the full screen needs {}x{}; make the window larger, or use --ui plain",
            SMALLEST.0, SMALLEST.1
        )),
        Some(_) | None if !found.unicode => {
            line(Level::Warn, seen).advise("signs are replaced by ASCII; set a UTF-8 locale, like LANG=C.UTF-8")
        }
        Some(_) | None => line(Level::Pass, seen),
    }
}

/// MiB for people.
fn size(mib: u64) -> String {
    if mib < 1024 { format!("{mib} MiB") } else { units::size(mib.saturating_mul(1024 * 1024)) }
}

#[cfg(test)]
mod tests;
