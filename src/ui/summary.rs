//! Texts about a whole run: the table of `ralph-teams status`, and the card at the end of a run.

use unicode_width::UnicodeWidthStr as _;

use super::phrases::{consumed, epics, merged_of, quoted, reason, verdict, who};
use super::safe;
use super::units::{count, duration};
use crate::domain::outcome::Outcome;
use crate::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};
use crate::scheduler::{RunView, Scope};

/// The table of `ralph-teams status`: a head line, then a line per epic and round of fixes.
#[must_use]
pub fn status_text(view: &RunView) -> String {
    let mut lines = vec![format!("run {} of {}: {}", view.run, quoted(&view.project), phase(&view.phase))];
    let cost = consumed(view.usage).map(|consumed| format!(", {consumed}")).unwrap_or_default();
    let slots = count(view.slots as usize, "slot", "slots");
    // Nothing is busy once a run has ended, even when its state remembers what it will go on with.
    let busy = if is_over(view) { String::new() } else { format!(", {} of {slots} busy", view.slots_used) };
    lines.push(format!("{} merged{busy}, after {}{cost}", merged_of(view), duration(view.at)));
    lines.push(String::new());
    let head = ["EPIC", "WAVE", "STORIES", "ATTEMPT", "STATE", "TITLE"].map(str::to_owned);
    let rows: Vec<[String; 6]> =
        std::iter::once(head).chain(view.epics.iter().chain(&view.fixes).map(|track| row(view, track))).collect();
    lines.extend(table(&rows));
    lines.push(String::new());
    lines.join("\n")
}

/// Whether nothing of the run is alive any more.
fn is_over(view: &RunView) -> bool {
    matches!(view.phase, RunPhase::Ended(_))
}

/// Where a track stands, in the light of whether the run is still alive.
fn state_now(view: &RunView, track: &TrackView) -> String {
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

fn row(view: &RunView, track: &TrackView) -> [String; 6] {
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
        WaitReason::Held => "stopped by you; r lets it go on".to_owned(),
        WaitReason::Disk => "waits for room on the disk".to_owned(),
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

/// The card at the end of a run: the verdict, what is merged, what is not and why, the cost, and the commands that
/// show more. `run_dir` is the run's directory as the user would type it, `loop_branch` its loop branch.
#[must_use]
pub fn end_card(view: &RunView, run_dir: &str, loop_branch: &str) -> String {
    let (run_dir, loop_branch) = (shell_word(run_dir), shell_word(loop_branch));
    let how = match &view.phase {
        RunPhase::Ended(end) => verdict(end).1,
        RunPhase::Opening
        | RunPhase::Working
        | RunPhase::Validating { .. }
        | RunPhase::Fixing { .. }
        | RunPhase::Judging
        | RunPhase::Stopping => format!("no verdict yet, {}", phase(&view.phase)),
    };
    let cost = consumed(view.usage).unwrap_or_else(|| "no cost known".to_owned());
    let mut lines =
        vec![how, format!("{} merged, after {}, {cost}", merged_of(view), duration(view.at)), String::new()];
    lines.extend(view.epics.iter().map(|track| epic_line(view, track)));
    lines.push(String::new());
    lines.push(format!("What is merged is on {loop_branch}; your own branch is untouched. To see more:"));
    let mut commands = vec![format!("git log --oneline --graph {loop_branch}")];
    if !matches!(view.phase, RunPhase::Ended(crate::domain::outcome::RunEnd::Judged { .. })) {
        commands.insert(0, format!("ralph-teams resume {}", view.run));
    }
    commands.push(format!("git diff {}..{loop_branch}", view.base.short()));
    if matches!(view.phase, RunPhase::Ended(crate::domain::outcome::RunEnd::Judged { .. })) {
        commands.push(format!("cat {run_dir}/report.md"));
    }
    commands.extend(view.epics.iter().filter_map(|track| kept_branch(view, track)));
    lines.extend(commands.into_iter().map(|command| format!("  {command}")));
    lines.push(String::new());
    lines.join("\n")
}

fn epic_line(view: &RunView, track: &TrackView) -> String {
    let reason = track.state.outcome().and_then(reason);
    let why = reason.map(|reason| format!(": {}", safe::short(reason))).unwrap_or_default();
    format!("  {}  {}{why}", who(&track.scope), state_now(view, track))
}

/// The command that shows the branch of an epic that started and is not merged. An epic that never had a session has no branch
/// worth a look.
fn kept_branch(view: &RunView, track: &TrackView) -> Option<String> {
    let kept = match track.state.outcome()? {
        Outcome::Partial { .. } | Outcome::Failed { .. } | Outcome::MergeFailed { .. } | Outcome::Interrupted => {
            track.attempt > 0
        }
        Outcome::AlreadyCompleted | Outcome::Merged { .. } | Outcome::Blocked { .. } | Outcome::LeftOut => false,
    };
    let is_epic = matches!(track.scope, Scope::Epic(_));
    (kept && is_epic).then(|| format!("git log {}", view.run.epic_branch(&track.scope.slug())))
}

/// A text that a shell takes as one word, as it stands where that is possible.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ',' | ':' | '@' | '~');
    let safe = safe::short(text);
    if !safe.is_empty() && safe.chars().all(plain) { safe } else { format!("'{}'", safe.replace('\'', r"'\''")) }
}
