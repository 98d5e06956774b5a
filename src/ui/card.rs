//! The card at the end of a run: the verdict, what is merged, what is not and why, the cost, and what to type next.

use unicode_width::UnicodeWidthStr as _;

use super::phrases::{consumed, epics, merged_of, n_merged, reason, verdict, who};
use super::safe;
use super::summary::{RUNNER_GONE, resume_command, state_now};
use super::text::Tone;
use super::units::duration;
use crate::domain::id::EpicId;
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::shell;
use crate::scheduler::view::{RunPhase, TrackState, TrackView};
use crate::scheduler::{RunView, Scope};

/// What the card says of a run that no picture of it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Home {
    /// The repository, when the user is not in it: there the commands are to be typed.
    pub elsewhere: Option<String>,
    /// The run's directory, as the user would type it there.
    pub run_dir: String,
    /// The command that begins another run of the same PRD. `None`: it was a single task, and no other run goes on from that.
    pub again: Option<String>,
}

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
    /// The words above what to type next: where, if that is elsewhere.
    pub next: String,
    /// What to type next, the most useful first, and what it does.
    pub commands: Vec<(String, &'static str)>,
}

/// An epic that is not merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// Which.
    pub scope: Scope,
    /// Its name.
    pub who: String,
    /// How it stands in words, and why.
    pub why: String,
    /// The command that shows what it left, where it left anything.
    pub look: Option<String>,
}

impl Card {
    /// The card of a run of which nothing is alive: it is over, or its runner was killed.
    #[must_use]
    pub fn of(view: &RunView, home: &Home) -> Self {
        let loop_branch = shell_word(&view.run.loop_branch());
        let how = match &view.phase {
            RunPhase::Ended(end) => verdict(end),
            RunPhase::Opening
            | RunPhase::Working
            | RunPhase::Validating { .. }
            | RunPhase::Fixing { .. }
            | RunPhase::Judging
            | RunPhase::Stopping => (Tone::Doubtful, RUNNER_GONE.to_owned()),
        };
        let mut facts = vec![format!("{} merged", merged_of(view)), format!("after {}", duration(view.at))];
        facts.push(consumed(view.usage).unwrap_or_else(|| "nothing consumed".to_owned()));
        let place = if n_merged(view) > 0 {
            format!("What is merged is on {loop_branch}; your branch is untouched.")
        } else {
            "Nothing is merged; your branch is untouched.".to_owned()
        };
        Self {
            verdict: how,
            facts: facts.join(", "),
            merged: view.epics.iter().filter(|t| is_merged(t)).filter_map(|t| t.scope.epic().cloned()).collect(),
            rest: view.epics.iter().filter(|track| !is_merged(track)).map(|track| rest(view, track)).collect(),
            place,
            next: home
                .elsewhere
                .as_ref()
                .map_or("Next:".to_owned(), |place| format!("Next, in {}:", safe::short(place))),
            commands: commands(view, home),
        }
    }
}

/// The card of a run as plain text.
#[must_use]
pub fn end_card(view: &RunView, home: &Home) -> String {
    let card = Card::of(view, home);
    let mut lines = vec![card.verdict.1, card.facts, String::new()];
    for rest in card.rest {
        lines.push(format!("  {}  {}", rest.who, rest.why));
        lines.extend(rest.look.map(|look| format!("    {look}")));
    }
    if !card.merged.is_empty() {
        lines.push(format!("  merged: {}", names(&card.merged)));
    }
    lines.extend([String::new(), card.place, card.next]);
    let width = card.commands.iter().map(|(command, _)| command.width()).max().unwrap_or_default();
    for (command, what) in card.commands {
        let blanks = width - command.width();
        lines.push(format!("  {command}{:blanks$}  # {what}", ""));
    }
    lines.push(String::new());
    lines.join("\n")
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
        scope: track.scope.clone(),
        who: who(&track.scope),
        why: format!("{}{why}", state_now(track, false)),
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

/// The three commands that are worth typing next.
fn commands(view: &RunView, home: &Home) -> Vec<(String, &'static str)> {
    let loop_branch = shell_word(&view.run.loop_branch());
    let is_any_merged = n_merged(view) > 0;
    let diff = (format!("git diff {}..{loop_branch}", view.base.short()), "what changed");
    let log = (format!("git log --oneline --graph {loop_branch}"), "what was merged");
    let report = (format!("cat {}/report.md", shell_word(&home.run_dir)), "the evidence");
    let said = (format!("ralph-teams logs --run {}", view.run), "what agents said");
    // Of no single task would `status` speak once it is over.
    let status = if home.again.is_some() {
        "ralph-teams status".to_owned()
    } else {
        format!("ralph-teams runs show {}", view.run)
    };
    let status = (status, "how epics stand");
    let again = |what| match &home.again {
        Some(again) => (safe::short(again), what),
        None => (format!("ralph-teams task {}", task_again(view)), "in other words"),
    };
    if let Some(resume) = resume_command(view) {
        let resume = (resume, "go on");
        return if is_any_merged { vec![resume, diff, log] } else { vec![resume, status, said] };
    }
    if view.phase == RunPhase::Ended(RunEnd::Judged { pass: true }) {
        return vec![report, diff, (format!("ralph-teams land {}", view.run), "into your branch")];
    }
    let work = if is_any_merged { diff } else { said };
    let is_all_merged = n_merged(view) == view.epics.len();
    vec![report, work, if is_all_merged { log } else { again("try the rest again") }]
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
