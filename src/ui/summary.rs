//! Texts about a whole run: the table of `ralph-teams status`, and where a run and its epics stand, in words.

use unicode_width::UnicodeWidthStr as _;

pub use super::card::end_card;
use super::phrases::{GO_ON, consumed, cost_cell, epics, merged_of, quoted, verdict, who};
use super::safe;
use super::units::{clock, count, duration};
use crate::domain::outcome::Outcome;
use crate::scheduler::RunView;
use crate::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};

/// The table of `ralph-teams status`: a head line, then a line per epic and round of fixes.
#[must_use]
pub fn status_text(view: &RunView) -> String {
    // Whether it can go on, and by which name, others say below.
    let phase = phase(&view.phase).replace(GO_ON, "");
    let mut lines = vec![format!("run {} of {}: {phase}", view.run, quoted(&view.project))];
    let cost = consumed(view.usage).map(|consumed| format!(", {consumed}")).unwrap_or_default();
    let slots = count(view.slots as usize, "slot", "slots");
    // Nothing is busy once a run has ended, even when its state remembers what it will go on with.
    let busy = if is_over(view) { String::new() } else { format!(", {} of {slots} busy", view.slots_used) };
    lines.push(format!("{} merged{busy}, after {}{cost}", merged_of(view), duration(view.at)));
    lines.push(String::new());
    let head = ["EPIC", "WAVE", "STORIES", "ATTEMPT", "COST", "STATE", "TITLE"].map(str::to_owned);
    let rows: Vec<[String; 7]> =
        std::iter::once(head).chain(view.epics.iter().chain(&view.fixes).map(|track| row(view, track))).collect();
    lines.extend(table(&rows));
    lines.push(String::new());
    lines.join("\n")
}

/// Whether nothing of the run is alive any more.
pub(super) fn is_over(view: &RunView) -> bool {
    matches!(view.phase, RunPhase::Ended(_))
}

/// Where a track stands, in the light of whether the run is still alive.
pub(super) fn state_now(view: &RunView, track: &TrackView) -> String {
    let is_settled = match &track.state {
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
        | TrackState::Updating => !is_over(view),
    };
    if is_settled {
        state(&track.state)
    } else if track.attempt == 0 {
        "not started yet".to_owned()
    } else {
        "cut short, goes on with `resume`".to_owned()
    }
}

fn row(view: &RunView, track: &TrackView) -> [String; 7] {
    let since = if track.state.is_at_work() && !is_over(view) {
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
        format!("{}{since}", state_now(view, track)),
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
            format!("its agent program is parked until {} of the run; r does not wait", clock(*until))
        }
        WaitReason::Held => "stopped by you; r lets it go on".to_owned(),
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

/// The command that goes on with a run, with a place for a higher limit where a budget is used up.
#[must_use]
pub fn resume_command(view: &RunView) -> String {
    let higher = view.budget.filter(|spent| spent.is_used_up()).map(|spent| format!(" {} N", spent.flag()));
    format!("ralph-teams resume {}{}", view.run, higher.unwrap_or_default())
}
