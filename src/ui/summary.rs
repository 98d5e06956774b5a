//! Texts about a whole run: the table of `ralph-teams status`, and where a run and its epics stand, in words.

use unicode_width::UnicodeWidthStr as _;

pub use super::card::end_card;
use super::phrases::{consumed, cost_cell, epics, merged_of, quoted, reason, verdict, who};
use super::safe;
use super::units::{clock, count, duration};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::scheduler::RunView;
use crate::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};

/// The table of `ralph-teams status`: a head line, then a line per epic and round of fixes, and below why epics came to
/// nothing. `is_alive`: the runner is there.
#[must_use]
pub fn status_text(view: &RunView, is_alive: bool) -> String {
    let phase = phase_now(view, is_alive);
    let mut lines = vec![format!("run {} of {}: {phase}", view.run, quoted(&view.project))];
    let cost = consumed(view.usage).map(|consumed| format!(", {consumed}")).unwrap_or_default();
    let slots = count(view.slots as usize, "slot", "slots");
    // Nothing is busy where nothing is alive, even when the state remembers what it will go on with.
    let moves = moves(view, is_alive);
    let busy = if moves { format!(", {} of {slots} busy", view.slots_used) } else { String::new() };
    lines.push(format!("{} merged{busy}, after {}{cost}", merged_of(view), duration(view.at)));
    lines.push(String::new());
    let head = ["EPIC", "WAVE", "STORIES", "ATTEMPT", "COST", "STATE", "TITLE"].map(str::to_owned);
    let tracks = || view.epics.iter().chain(&view.fixes);
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(tracks().map(|track| row(view, track, moves))).collect();
    lines.extend(table(&rows));
    let reasons: Vec<String> = tracks().filter_map(why).collect();
    if !reasons.is_empty() {
        lines.push(String::new());
        lines.extend(reasons);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Where a run stands, in words; `is_alive`: the runner is there.
#[must_use]
pub fn phase_now(view: &RunView, is_alive: bool) -> String {
    if is_alive || is_over(view) { phase(&view.phase) } else { RUNNER_GONE.to_owned() }
}

/// Whether anything of the run can still move by itself.
#[must_use]
pub fn moves(view: &RunView, is_alive: bool) -> bool {
    is_alive && !is_over(view)
}

/// Where a run stands whose runner was killed.
pub const RUNNER_GONE: &str = "no verdict yet, its runner is gone without a last word";

/// Why a track came to nothing, in one line.
fn why(track: &TrackView) -> Option<String> {
    let reason = reason(track.state.outcome()?)?;
    Some(format!("{}: {}", who(&track.scope), safe::short(reason)))
}

/// Whether nothing of the run is alive any more.
fn is_over(view: &RunView) -> bool {
    matches!(view.phase, RunPhase::Ended(_))
}

/// Whether a track stays as it is without anybody at work.
#[must_use]
pub fn is_settled(state: &TrackState) -> bool {
    match state {
        TrackState::Done(_) | TrackState::Waiting(WaitReason::Blocked(_) | WaitReason::LeftOut) => true,
        TrackState::Waiting(_)
        | TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating => false,
    }
}

/// Where a track stands; `moves`: the run is alive and not over.
#[must_use]
pub fn state_now(track: &TrackView, moves: bool) -> String {
    if moves || is_settled(&track.state) {
        state(&track.state)
    } else if track.attempt == 0 {
        "not started yet".to_owned()
    } else {
        "cut short, can go on".to_owned()
    }
}

fn row(view: &RunView, track: &TrackView, moves: bool) -> [String; 7] {
    let since = if track.state.is_at_work() && moves {
        format!(" for {}", duration(view.at.saturating_sub(track.since)))
    } else {
        String::new()
    };
    [
        who(&track.scope),
        track.wave.to_string(),
        format!("{}/{}", track.stories_passed, track.n_stories),
        if track.attempt == 0 { "-".to_owned() } else { track.attempt.to_string() },
        cost_cell(track.usage).unwrap_or_else(|| "-".to_owned()),
        format!("{}{since}", state_now(track, moves)),
        safe::line(&track.title, 60),
    ]
}

/// Rows as lines with aligned columns; wide characters count as two.
fn table<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or_default());
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths);
        let padded: Vec<String> = cells.map(|(cell, width)| format!("{cell}{:1$}", "", width - cell.width())).collect();
        padded.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Where a run stands, in words.
#[must_use]
pub fn phase(phase: &RunPhase) -> String {
    match phase {
        RunPhase::Opening => "the base is being proven".to_owned(),
        RunPhase::Working => "at work".to_owned(),
        RunPhase::Validating { round } => format!("final validation, round {round}"),
        RunPhase::Fixing { round } => format!("fixing what the final validation found, round {round}"),
        RunPhase::Judging => "the verdict is being written".to_owned(),
        RunPhase::Stopping => "stopping".to_owned(),
        RunPhase::Ended(end) => verdict(end).1,
    }
}

/// Where a track stands, in a few words.
#[must_use]
pub fn state(state: &TrackState) -> String {
    match state {
        TrackState::Waiting(reason) => waiting(reason),
        TrackState::Preparing => "preparing".to_owned(),
        TrackState::Working(role) => format!("working ({})", role.name()),
        TrackState::Stopping(role) => format!("stopping ({})", role.name()),
        TrackState::Resetting => "being set back".to_owned(),
        TrackState::Checking => "checking".to_owned(),
        TrackState::Resting { .. } => "waiting to try again".to_owned(),
        TrackState::Queued { ahead: 0 } => "next to be merged".to_owned(),
        TrackState::Queued { ahead } => format!("to be merged after {}", count(*ahead, "other", "others")),
        TrackState::Merging => "merging".to_owned(),
        TrackState::Outdated => "waiting for a slot to catch up".to_owned(),
        TrackState::Updating => "catching up with the loop branch".to_owned(),
        TrackState::Done(outcome) => done(outcome),
    }
}

fn waiting(reason: &WaitReason) -> String {
    match reason {
        WaitReason::Dependencies(ids) => format!("waits for {}", epics(ids)),
        WaitReason::Blocked(ids) => format!("blocked by {}", epics(ids)),
        WaitReason::Wave => "waits for the wave before".to_owned(),
        WaitReason::Paused => "waits until the run is no longer paused".to_owned(),
        WaitReason::Slot => "waits for a slot".to_owned(),
        WaitReason::Backend { until } => {
            format!("its agent program is parked until {} of the run", clock(*until))
        }
        WaitReason::Held => "stopped by you".to_owned(),
        WaitReason::Disk => "waits for room on the disk".to_owned(),
        WaitReason::Budget => "waits, the budget is used up".to_owned(),
        WaitReason::LeftOut => "left out".to_owned(),
        WaitReason::Opening => "waits for the base to be proven".to_owned(),
        WaitReason::Stopping => "does not start, the run is stopping".to_owned(),
    }
}

fn done(outcome: &Outcome) -> String {
    match outcome {
        Outcome::AlreadyCompleted => "completed before".to_owned(),
        Outcome::Merged { .. } => "merged".to_owned(),
        Outcome::Partial { .. } => "done in part".to_owned(),
        Outcome::Failed { .. } => "failed".to_owned(),
        Outcome::MergeFailed { .. } => "could not be merged".to_owned(),
        Outcome::Blocked { by } => format!("blocked by {}", epics(by)),
        Outcome::LeftOut => "left out".to_owned(),
        Outcome::Interrupted => "cut short".to_owned(),
    }
}

/// The command that goes on with a run, with a place for a higher limit where a budget is used up. `None`: nothing of it is
/// left to go on with.
#[must_use]
pub fn resume_command(view: &RunView) -> Option<String> {
    if matches!(view.phase, RunPhase::Ended(RunEnd::Judged { .. })) {
        return None;
    }
    let higher = view.budget.filter(|spent| spent.is_used_up()).map(|spent| format!(" {} N", spent.flag()));
    Some(format!("ralph-teams resume {}{}", view.run, higher.unwrap_or_default()))
}
