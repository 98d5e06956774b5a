//! The card at the end of a run: the verdict, what is merged, what is not and why, the cost, and what to type next.

use unicode_width::UnicodeWidthStr as _;

use super::phrases::{GO_ON, consumed, epics, merged_of, n_merged, reason, verdict, who};
use super::safe;
use super::summary::{phase, resume_command, state_now};
use super::text::Tone;
use super::units::duration;
use crate::domain::id::EpicId;
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::shell;
use crate::scheduler::view::{RunPhase, TrackState, TrackView};
use crate::scheduler::{RunView, Scope};

/// The card, part by part. Every text of it is one line and safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// How the run ended.
    pub verdict: (Tone, String),
    /// How much is merged, how long it took, and what it consumed.
    pub facts: String,
    /// The epics that are merged.
    pub merged: Vec<EpicId>,
    /// The epics that are not: which, how they stand, and why.
    pub rest: Vec<Rest>,
    /// Where the work is.
    pub place: String,
    /// What to type next, the most useful first, and what it does.
    pub commands: Vec<(String, &'static str)>,
}

/// An epic that is not merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// How it stands.
    pub state: TrackState,
    /// Its name.
    pub who: String,
    /// How it stands in words, and why.
    pub why: String,
    /// The command that shows what it left, where it left anything.
    pub look: Option<String>,
}

impl Card {
    /// The card of a run. `run_dir` is the run's directory as the user would type it, `loop_branch` its loop branch.
    #[must_use]
    pub fn of(view: &RunView, run_dir: &str, loop_branch: &str) -> Self {
        Self::made(view, run_dir, loop_branch, Kind::Prd)
    }

    /// The same for a run of a single task: no other run goes on from it, and it is meant only where it is named.
    #[must_use]
    pub fn of_task(view: &RunView, run_dir: &str, loop_branch: &str) -> Self {
        Self::made(view, run_dir, loop_branch, Kind::Task)
    }

    fn made(view: &RunView, run_dir: &str, loop_branch: &str, kind: Kind) -> Self {
        let loop_branch = shell_word(loop_branch);
        let how = match &view.phase {
            RunPhase::Ended(end) => verdict(end),
            RunPhase::Opening
            | RunPhase::Working
            | RunPhase::Validating { .. }
            | RunPhase::Fixing { .. }
            | RunPhase::Judging
            | RunPhase::Stopping => (Tone::Doubtful, format!("no verdict yet, {}", phase(&view.phase))),
        };
        let how = match kind {
            Kind::Prd => how,
            // Without a name it would be another run that goes on; the commands below have the name.
            Kind::Task => (how.0, how.1.replace(GO_ON, "")),
        };
        let mut facts = vec![format!("{} merged", merged_of(view)), format!("after {}", duration(view.at))];
        facts.push(consumed(view.usage).unwrap_or_else(|| "nothing consumed".to_owned()));
        let place = if n_merged(view) > 0 {
            format!("What is merged is on {loop_branch}; your own branch is untouched.")
        } else {
            "Nothing is merged; your own branch is untouched.".to_owned()
        };
        Self {
            verdict: how,
            facts: facts.join(", "),
            merged: view.epics.iter().filter(|t| is_merged(t)).filter_map(|t| t.scope.epic().cloned()).collect(),
            rest: view.epics.iter().filter(|track| !is_merged(track)).map(|track| rest(view, track)).collect(),
            place,
            commands: commands(view, &shell_word(run_dir), &loop_branch, kind),
        }
    }

    /// The card as plain text.
    #[must_use]
    pub fn text(self) -> String {
        let mut lines = vec![self.verdict.1, self.facts, String::new()];
        for rest in self.rest {
            lines.push(format!("  {}  {}", rest.who, rest.why));
            lines.extend(rest.look.map(|look| format!("    {look}")));
        }
        if !self.merged.is_empty() {
            lines.push(format!("  merged: {}", names(&self.merged)));
        }
        lines.extend([String::new(), format!("{} Next:", self.place)]);
        let width = self.commands.iter().map(|(command, _)| command.width()).max().unwrap_or_default();
        for (command, what) in self.commands {
            let blanks = width - command.width();
            lines.push(format!("  {command}{:blanks$}  # {what}", ""));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

/// What a run works through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Prd,
    Task,
}

/// The card of a run as plain text.
#[must_use]
pub fn end_card(view: &RunView, run_dir: &str, loop_branch: &str) -> String {
    Card::of(view, run_dir, loop_branch).text()
}

/// All of the names, in one line.
#[must_use]
pub fn names(ids: &[EpicId]) -> String {
    let names: Vec<String> = ids.iter().map(|id| epics(std::slice::from_ref(id))).collect();
    names.join(", ")
}

fn is_merged(track: &TrackView) -> bool {
    matches!(track.state, TrackState::Done(Outcome::Merged { .. } | Outcome::AlreadyCompleted))
}

fn rest(view: &RunView, track: &TrackView) -> Rest {
    let reason = track.state.outcome().and_then(reason);
    let why = reason.map(|reason| format!(": {}", safe::short(reason))).unwrap_or_default();
    Rest {
        state: track.state.clone(),
        who: who(&track.scope),
        why: format!("{}{why}", state_now(view, track)),
        look: kept_branch(view, track),
    }
}

/// The command that shows the branch of an epic that started and is not merged. An epic that never had a session has no
/// branch worth a look.
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

/// The three commands that are worth typing next. `run_dir` and `loop_branch` are words of the shell.
fn commands(view: &RunView, run_dir: &str, loop_branch: &str, kind: Kind) -> Vec<(String, &'static str)> {
    let diff = (format!("git diff {}..{loop_branch}", view.base.short()), "what changed");
    let log = (format!("git log --oneline --graph {loop_branch}"), "what was merged");
    let report = (format!("cat {run_dir}/report.md"), "the evidence, story by story");
    let (stands, logs) = match kind {
        Kind::Prd => ("ralph-teams status".to_owned(), "ralph-teams logs".to_owned()),
        Kind::Task => (format!("ralph-teams runs show {}", view.run), format!("ralph-teams logs --run {}", view.run)),
    };
    let status = (stands, "where each epic stands");
    match &view.phase {
        RunPhase::Ended(RunEnd::Judged { pass: true }) => {
            vec![report, diff, (format!("ralph-teams land {}", view.run), "bring it into the branch you are on")]
        }
        RunPhase::Ended(RunEnd::Judged { pass: false }) => {
            let again = match kind {
                Kind::Prd => ("ralph-teams run".to_owned(), "try again what is not merged"),
                Kind::Task => (format!("ralph-teams task {}", task_again(view)), "try again, perhaps in other words"),
            };
            let all_merged = n_merged(view) == view.epics.len();
            let work = if n_merged(view) > 0 { diff } else { status };
            vec![report, work, if all_merged { log } else { again }]
        }
        RunPhase::Ended(RunEnd::Limit { .. } | RunEnd::Interrupted | RunEnd::Environment { .. })
        | RunPhase::Opening
        | RunPhase::Working
        | RunPhase::Validating { .. }
        | RunPhase::Fixing { .. }
        | RunPhase::Judging
        | RunPhase::Stopping => {
            let resume = (resume_command(view), "go on where it stopped");
            if n_merged(view) > 0 {
                return vec![resume, diff, log];
            }
            vec![resume, status, (logs, "what the agents said")]
        }
    }
}

/// The sentence of a task as a shell takes it; dots where it is too long to be shown whole.
fn task_again(view: &RunView) -> String {
    let whole = view.epics.first().map(|track| track.title.as_str()).filter(|title| !title.ends_with('…'));
    shell_word(whole.unwrap_or("..."))
}

/// A text that a shell takes as one word, and that is safe to show.
fn shell_word(text: &str) -> String {
    shell::word(&safe::short(text))
}
