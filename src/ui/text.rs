//! Notice -> words: the only wording in the program, used by plain output, `progress.txt` and every other screen.
//!
//! The words themselves are ASCII; what comes from agents, gates, git and the PRD is made safe by [`super::safe`].

use super::Missed;
use super::delegation;
use super::judgements;
use super::phrases::{are, bounded, consumed, epics, finding, gate_end, listed, merged_of, quoted, verdict, who};
use super::safe::{self, short};
use super::sessions::{after, session_ended, session_started, timed_out};
use super::summary::resume_command;
use super::units::{count, duration};
use crate::domain::budget::Spent;
use crate::domain::gate::GateOutcome;
use crate::domain::outcome::{Outcome, RunEnd, StoryProof};
use crate::scheduler::command::Finding;
use crate::scheduler::event::Stop;
use crate::scheduler::notice::StopReason;
use crate::scheduler::{Notice, Role, RunView, Scope};

/// Lines of a red gate's output that are shown with the notice; the rest is in its log.
const GATE_TAIL: usize = 8;

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// How it should look, where looks are possible.
    pub tone: Tone,
    /// Whom it is about: an epic's id, `run`, `fix 1`. Safe to show.
    pub who: String,
    /// One line, complete without the details. Safe to show.
    pub line: String,
    /// More, line by line, to be indented below. Safe to show; mostly empty.
    pub details: Vec<String>,
}

/// How a line should look. The words say it too: the tone is never the only carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The usual course of things.
    Neutral,
    /// Something is achieved.
    Good,
    /// Something deserves a look.
    Doubtful,
    /// Something failed.
    Bad,
}

/// The words for a notice; `view` is the run right after it.
#[must_use]
pub fn told(notice: &Notice, view: &RunView) -> Told {
    let (tone, line, details) = words(notice, view);
    Told { tone, who: who(&scope_of(notice)), line, details }
}

/// Whom a notice is about.
#[must_use]
pub fn scope_of(notice: &Notice) -> Scope {
    match notice {
        Notice::RunBegan { .. }
        | Notice::RunResumed { .. }
        | Notice::Opened { .. }
        | Notice::Validated { .. }
        | Notice::Paused { .. }
        | Notice::Parked { .. }
        | Notice::DiskLow { .. }
        | Notice::DiskOk
        | Notice::Budget { .. }
        | Notice::Stopping { .. }
        | Notice::RunEnded { .. } => Scope::Run,
        Notice::EpicEnded { epic, .. }
        | Notice::Planned { epic, .. }
        | Notice::EpicValidated { epic, .. }
        | Notice::NotValidated { epic, .. }
        | Notice::PutBack { epic, .. }
        | Notice::EpicHeld { epic }
        | Notice::EpicReleased { epic }
        | Notice::EpicResetting { epic }
        | Notice::EpicReset { epic, .. } => Scope::Epic(epic.clone()),
        Notice::Preparing { scope }
        | Notice::SessionStarted { scope, .. }
        | Notice::SessionEnded { scope, .. }
        | Notice::TimedOut { scope, .. }
        | Notice::Noted { scope, .. }
        | Notice::LeftoversCommitted { scope, .. }
        | Notice::StoryChecked { scope, .. }
        | Notice::GateRan { scope, .. }
        | Notice::Retrying { scope, .. }
        | Notice::FixCycle { scope, .. }
        | Notice::Queued { scope, .. }
        | Notice::Conflict { scope, .. }
        | Notice::Merged { scope, .. }
        | Notice::WorktreeKept { scope, .. }
        | Notice::Meddled { scope, .. }
        | Notice::DelegateRefused { scope, .. }
        | Notice::Trouble { scope, .. } => scope.clone(),
        Notice::Delegated { session, .. } | Notice::DelegateEnded { session, .. } => session.scope.clone(),
    }
}

pub(super) type Words = (Tone, String, Vec<String>);

pub(super) fn neutral(line: String) -> Words {
    (Tone::Neutral, line, vec![])
}

fn words(notice: &Notice, view: &RunView) -> Words {
    match notice {
        Notice::RunBegan { run, n_epics, n_waves, slots, base } => neutral(format!(
            "run {run} of {} began: {} in {}, at most {slots} at a time, on top of {}",
            quoted(&view.project),
            count(*n_epics, "epic", "epics"),
            count(*n_waves, "wave", "waves"),
            base.short()
        )),
        Notice::RunResumed { run, n_jobs } => {
            neutral(format!("run {run} goes on; {} taken up again", are(*n_jobs, "piece of work", "pieces of work")))
        }
        Notice::Opened { red, n_gates } => opened(red, *n_gates, view),
        Notice::Preparing { .. } => neutral("a worktree is being made and set up".to_owned()),
        Notice::SessionStarted { role, attempt, fix_cycle, continued, .. } => {
            neutral(session_started(*role, *attempt, *fix_cycle, *continued))
        }
        Notice::SessionEnded { role, cut: true, usage, took_ms, .. } => {
            (Tone::Doubtful, format!("{} was stopped {}", role.name(), after(*usage, *took_ms)), vec![])
        }
        Notice::SessionEnded { role, failure, usage, took_ms, .. } => {
            session_ended(*role, failure.as_ref(), *usage, *took_ms)
        }
        Notice::Delegated { role, story, backend, attempt, of, .. } => {
            neutral(delegation::started(*role, story.as_ref(), backend, *attempt, *of))
        }
        Notice::DelegateEnded { role, story, how, usage, took_ms, .. } => {
            delegation::ended(*role, story.as_ref(), how, &after(*usage, *took_ms))
        }
        Notice::DelegateRefused { role, story, reason, .. } => delegation::refused(*role, story.as_ref(), reason),
        Notice::TimedOut { role, limit, last, .. } => (Tone::Doubtful, timed_out(*role, *limit, *last), vec![]),
        Notice::Noted { note, .. } => neutral(format!("notes a {}: {}", note.kind.name(), short(&note.text))),
        Notice::LeftoversCommitted { files, .. } => (Tone::Doubtful, leftovers(files), vec![]),
        Notice::StoryChecked { proof, .. } => story_checked(proof),
        Notice::GateRan { on_candidate, outcome, .. } => gate_ran(outcome, *on_candidate, view),
        Notice::Retrying { attempt, of, reason, delay_ms, .. } => {
            let when = if *delay_ms == 0 { "now".to_owned() } else { format!("in {}", duration(*delay_ms)) };
            (Tone::Doubtful, format!("tried again {when}, attempt {attempt} of {of}: {}", short(reason)), vec![])
        }
        Notice::Parked { backend, delay_ms, reason } => parked(backend, *delay_ms, reason),
        Notice::FixCycle { cycle, of, findings, .. } => fix_cycle(*cycle, *of, findings),
        Notice::Queued { ahead, .. } => neutral(match ahead {
            0 => "proven on its own branch; it is merged next".to_owned(),
            ahead => format!("proven on its own branch; {} merged before it", are(*ahead, "other", "others")),
        }),
        Notice::Conflict { files, round, of, .. } => conflict(files, *round, *of),
        Notice::Merged { commit, .. } => {
            (Tone::Good, format!("merged; {} now stands at {}", view.run.loop_branch(), commit.short()), vec![])
        }
        Notice::EpicEnded { outcome, branch, .. } => epic_ended(outcome, branch.as_deref()),
        Notice::Validated { pass, findings, round } => validated(*pass, findings, *round),
        Notice::Planned { missing, .. } => judgements::planned(missing.as_deref()),
        Notice::EpicValidated { pass, findings, .. } => judgements::epic_validated(*pass, findings),
        Notice::NotValidated { reason, .. } => judgements::not_validated(reason),
        Notice::PutBack { saved, .. } => judgements::put_back(saved),
        Notice::WorktreeKept { reason, .. } => {
            (Tone::Doubtful, format!("its worktree is kept: {}", short(reason)), vec![])
        }
        Notice::Meddled { ran, changes, .. } => meddled(ran, changes),
        Notice::Trouble { what, .. } => (Tone::Doubtful, format!("trouble, the run goes on: {}", short(what)), vec![]),
        Notice::Paused { paused } => paused_or_not(*paused),
        Notice::EpicHeld { .. } => (Tone::Doubtful, held(), vec![]),
        Notice::EpicReleased { .. } => neutral("goes on where it stood, as asked".to_owned()),
        Notice::EpicResetting { .. } => {
            (Tone::Doubtful, "is set back as asked: its session ends, its work is saved".to_owned(), vec![])
        }
        Notice::EpicReset { saved, .. } => neutral(reset(saved)),
        Notice::DiskLow { free_mib } => disk_low(*free_mib),
        Notice::DiskOk => neutral("the disk has room again; new work may start".to_owned()),
        Notice::Budget { spent } => budget(*spent),
        Notice::Stopping { how, reason, n_jobs } => (Tone::Doubtful, stopping(*how, reason, *n_jobs), vec![]),
        Notice::RunEnded { end } => run_ended(end, view),
    }
}

fn conflict(files: &[String], round: u32, of: u32) -> Words {
    let n_files = count(files.len(), "file", "files");
    let line = format!("conflicts with the loop branch in {n_files}; a resolver takes over, round {round} of {of}");
    (Tone::Doubtful, format!("{line}: {}", listed(files)), vec![])
}

fn parked(backend: &str, delay_ms: u64, reason: &str) -> Words {
    let who = if backend.is_empty() { "the agent program" } else { backend };
    (Tone::Doubtful, format!("{who} is parked for {}: {}", duration(delay_ms), short(reason)), vec![])
}

fn leftovers(files: &[String]) -> String {
    let (were, them) = if files.len() == 1 { ("was", "it") } else { ("were", "them") };
    let n_files = count(files.len(), "file", "files");
    format!("{n_files} {were} left uncommitted; the runner committed {them}: {}", listed(files))
}

fn paused_or_not(paused: bool) -> Words {
    if paused {
        (Tone::Doubtful, "paused as asked: nothing new is started, what is at work goes on".to_owned(), vec![])
    } else {
        neutral("no longer paused".to_owned())
    }
}

fn held() -> String {
    "stopped as asked: nothing is done for it until you let it go on, and what it has stays".to_owned()
}

fn reset(saved: &[String]) -> String {
    match saved {
        [] => "begins again; there was no work of it to save".to_owned(),
        saved => format!("begins again; what it had is saved as {}", listed(saved)),
    }
}

fn disk_low(free_mib: u64) -> Words {
    let line =
        format!("only {free_mib} MiB are free on the disk (policy.minFreeMb): nothing new starts until there is more");
    (Tone::Doubtful, line, vec![])
}

fn budget(spent: Spent) -> Words {
    let line = if spent.is_used_up() {
        format!("the budget is used up, {spent}: no session starts any more, what runs comes to its end")
    } else {
        format!("{}% of the budget is used: {spent}", spent.percent())
    };
    (Tone::Doubtful, line, vec![])
}

/// Not an accusation: the user may have been at work in the checkout.
fn meddled(ran: &[(Scope, Role)], changes: &[String]) -> Words {
    let names: Vec<String> = ran.iter().map(|(scope, role)| format!("{} {}", who(scope), role.name())).collect();
    let line = format!("your repository changed while {} ran; nothing was restored", listed(&names));
    (Tone::Doubtful, line, bounded(changes.iter().map(|change| short(change))))
}

fn opened(red: &[GateOutcome], n_gates: usize, view: &RunView) -> Words {
    let branch = view.run.loop_branch();
    if n_gates == 0 {
        let line = format!("{branch} is ready; no gates are configured, so nothing but git checks what agents say");
        return (Tone::Doubtful, line, vec![]);
    }
    if red.is_empty() {
        let gates = if n_gates == 1 { "its gate passes".to_owned() } else { format!("all {n_gates} gates pass") };
        return neutral(format!("{branch} is ready; {gates} on the commit it starts from"));
    }
    let line = format!(
        "{branch} is ready, though {} of {} {} red before any work; a red one holds up no merge until it has turned green",
        red.len(),
        count(n_gates, "gate", "gates"),
        if red.len() == 1 { "is" } else { "are" },
    );
    (Tone::Doubtful, line, red.iter().map(|gate| format!("gate {}: {}", short(&gate.name), gate_end(gate))).collect())
}

fn story_checked(proof: &StoryProof) -> Words {
    let story = short(proof.id.as_str());
    match proof.fault() {
        Some(reason) => (Tone::Bad, format!("story {story} does not pass: {}", short(reason)), vec![]),
        None if proof.is_unproven() => {
            (Tone::Doubtful, format!("story {story} passes, but unproven: no commit was named for it"), vec![])
        }
        None => (Tone::Good, format!("story {story} passes"), vec![]),
    }
}

fn gate_ran(gate: &GateOutcome, on_candidate: bool, view: &RunView) -> Words {
    let place = if on_candidate { " on the merged result" } else { "" };
    let (name, took) = (short(&gate.name), duration(gate.took_ms));
    if gate.green() {
        return (Tone::Good, format!("gate {name} passes{place} after {took}"), vec![]);
    }
    let log = short(&format!(".ralph-teams/runs/{}/{}", view.run, gate.log));
    let line = format!("gate {name} is red{place} after {took}: {}; full output in {log}", gate_end(gate));
    (Tone::Bad, line, safe::tail(&gate.tail, GATE_TAIL))
}

fn fix_cycle(cycle: u32, of: u32, findings: &[Finding]) -> Words {
    let line = format!(
        "{} back to the team-lead, fix round {cycle} of {of}",
        if findings.len() == 1 { "1 finding goes".to_owned() } else { format!("{} findings go", findings.len()) }
    );
    (Tone::Doubtful, line, bounded(findings.iter().map(finding)))
}

fn epic_ended(outcome: &Outcome, branch: Option<&str>) -> Words {
    let look = branch.map(|branch| format!("; its work is kept, see: git log {}", short(branch))).unwrap_or_default();
    let (tone, line) = match outcome {
        Outcome::AlreadyCompleted => (Tone::Neutral, "was completed by an earlier run; nothing to do".to_owned()),
        Outcome::Merged { commit } => (Tone::Good, format!("done: merged as {}", commit.short())),
        Outcome::Partial { reason } => (Tone::Bad, format!("done in part, not merged: {}{look}", short(reason))),
        Outcome::Failed { reason } => (Tone::Bad, format!("failed: {}{look}", short(reason))),
        Outcome::MergeFailed { reason } => (Tone::Bad, format!("could not be merged: {}{look}", short(reason))),
        Outcome::Blocked { by } => (Tone::Doubtful, format!("not started: blocked by {}", epics(by))),
        Outcome::LeftOut => (Tone::Neutral, "left out of this run".to_owned()),
        Outcome::Interrupted => (Tone::Doubtful, format!("cut short when the run ended{look}")),
    };
    (tone, line, vec![])
}

fn validated(pass: bool, findings: &[String], round: u32) -> Words {
    let which = if round > 1 { format!(", round {round}") } else { String::new() };
    let details = bounded(findings.iter().map(|finding| short(finding)));
    let found = match findings.len() {
        0 => String::new(),
        n => format!(" with {}", count(n, "finding", "findings")),
    };
    if pass {
        (Tone::Good, format!("final validation passes{found}{which}"), details)
    } else {
        (Tone::Bad, format!("final validation fails{found}{which}"), details)
    }
}

fn stopping(how: Stop, reason: &StopReason, n_jobs: usize) -> String {
    let why = match reason {
        StopReason::Asked => " as asked".to_owned(),
        StopReason::LoopTimeout(ms) => format!(": it took {}, its limit (timeouts.loopTimeout)", duration(*ms)),
        StopReason::Outage(what) => format!(": the provider turned sessions away for too long: {}", short(what)),
        StopReason::Environment(what) => format!(": {}", short(what)),
        StopReason::Budget(spent) => {
            format!(": the budget is used up, {spent} (a higher {} lets it go on)", spent.flag())
        }
        StopReason::Disk { free_mib } => format!(": only {free_mib} MiB are free on the disk"),
    };
    let jobs = are(n_jobs, "piece of work", "pieces of work");
    match how {
        Stop::Graceful if n_jobs == 0 => format!("the run is stopping{why}"),
        Stop::Graceful => format!("the run is stopping{why}; {jobs} being ended, Ctrl-C again kills at once"),
        Stop::Now => format!("the run is stopping at once{why}; {jobs} being killed"),
    }
}

fn run_ended(end: &RunEnd, view: &RunView) -> Words {
    let (tone, what) = verdict(end);
    let cost = consumed(view.usage).map(|consumed| format!(", {consumed}")).unwrap_or_default();
    let resume = if matches!(end, RunEnd::Judged { .. }) { None } else { resume_command(view) };
    let next = resume.map(|resume| format!("; go on with: {resume}")).unwrap_or_default();
    let line = format!(
        "{what}; {} merged into {}, after {}{cost}{next}",
        merged_of(view),
        view.run.loop_branch(),
        duration(view.at)
    );
    (tone, line, vec![])
}

/// The words for what could not be shown.
#[must_use]
pub fn missed(missed: Missed) -> String {
    let notices = usize::try_from(missed.notices).unwrap_or(usize::MAX);
    format!(
        "{} left out here, because nobody read them in time",
        match notices {
            0 => "some activity was".to_owned(),
            1 => "1 message was".to_owned(),
            n => format!("{n} messages were"),
        }
    )
}
