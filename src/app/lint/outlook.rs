//! How long a plan takes, how many slots are of use, and a picture of it in plain text.

use crate::app::summary::{filled, padded};
use crate::app::validate::{count, count_as};
use crate::domain::plan::Plan;
use crate::lint::{Bar, Estimate, Schedule};
use crate::ui::units;

/// Columns that no line exceeds.
const WIDTH: usize = 80;
/// The indent of lists.
const INDENT: usize = 4;
/// The widest column of ids; longer ids are cut there.
const ID_MAX: usize = 24;

/// The outlook, with a line break at the end. `most_rows`: epics that the picture shows.
pub fn text(plan: &Plan, schedule: &Schedule, most_rows: usize) -> String {
    if schedule.bars.is_empty() {
        return "All epics are completed.\n".to_owned();
    }
    let mut lines = critical_path(plan, schedule);
    lines.extend(slots(schedule));
    lines.extend(time(schedule));
    lines.push(String::new());
    lines.extend(gantt(plan, schedule, most_rows));
    lines.join("\n") + "\n"
}

fn critical_path(plan: &Plan, schedule: &Schedule) -> Vec<String> {
    let path = &schedule.critical_path;
    let names: Vec<&str> = path.epics.iter().map(|&epic| plan.epics()[epic].id.as_str()).collect();
    let weight = stories(path.weight);
    let mut lines = vec![format!("Critical path: {weight} of {}, one after the other", schedule.effort)];
    lines.extend(filled("", &names, " -> ", INDENT));
    lines
}

fn slots(schedule: &Schedule) -> Vec<String> {
    let Schedule { useful_slots, width, .. } = schedule;
    let useful = match useful_slots {
        1 => "Useful slots: 1; with more nothing gets faster".to_owned(),
        n => format!("Useful slots: {n} (--parallel {n}); with more nothing gets faster"),
    };
    let widest = match width {
        1 => "no two epics can ever run side by side".to_owned(),
        n => format!("at most {n} epics can ever run side by side"),
    };
    vec![useful, format!("{:INDENT$}{widest}", "")]
}

fn time(schedule: &Schedule) -> Vec<String> {
    let indent = " ".repeat(INDENT);
    let Some(Estimate { story_ms, wall_ms, alone_ms, basis }) = &schedule.estimate else {
        let why = "no earlier run of this repository merged an epic with a real agent";
        return vec!["Time: unknown".to_owned(), format!("{indent}{why}")];
    };
    let about = |ms: u64| units::duration(ms);
    let mut lines = vec![format!("Time: about {}; one epic at a time about {}", about(*wall_ms), about(*alone_ms))];
    lines.push(format!(
        "{indent}without the final validation, if it goes as before: {} a story, the median of",
        about(*story_ms)
    ));
    let (epics, done) = (count(basis.n_epics, "merged epic"), stories(basis.n_stories));
    let runs: Vec<&str> = basis.runs.iter().map(crate::domain::id::RunId::as_str).collect();
    let runs = match runs.as_slice() {
        [first, .., last] => format!("{} runs, {first} to {last}", runs.len()),
        [only] => format!("run {only}"),
        [] => "no run".to_owned(),
    };
    lines.push(format!("{indent}{epics} ({done}) of {runs}"));
    lines
}

/// One row for each epic, in the order of the starts.
fn gantt(plan: &Plan, schedule: &Schedule, most_rows: usize) -> Vec<String> {
    let id_width = |bar: &Bar| crate::ui::safe::short(plan.epics()[bar.epic].id.as_str()).chars().count();
    let ids = schedule.bars.iter().map(id_width).max().unwrap_or(0).min(ID_MAX);
    let n_slots = schedule.useful_slots.to_string().len();
    let room = WIDTH - INDENT - ids - 2 - n_slots - 2;
    let length = schedule.bars.iter().map(|bar| bar.end).max().unwrap_or(0).max(1);
    let scale = Scale::of(length, room);
    let unit = match (&scale, &schedule.estimate) {
        (Scale::Wide(1), None) => "a column is a story".to_owned(),
        (Scale::Wide(n), None) => format!("{n} columns are a story"),
        (Scale::Narrow(n), None) => format!("a column is {}", stories(*n)),
        (Scale::Wide(n), Some(known)) => format!("a column is about {}", units::duration(known.story_ms / *n as u64)),
        (Scale::Narrow(n), Some(known)) => {
            format!("a column is about {}", units::duration(known.story_ms.saturating_mul(*n as u64)))
        }
    };
    let slots = count(schedule.useful_slots, "slot");
    let mut lines = vec![format!("With {slots} ({unit}; # is the critical path):")];
    for bar in schedule.bars.iter().take(most_rows) {
        let mark = if schedule.critical_path.epics.contains(&bar.epic) { "#" } else { "=" };
        let (start, end, all) = (scale.column(bar.start), scale.end(bar.end), scale.end(length));
        let row =
            [".".repeat(start), mark.repeat(end.saturating_sub(start)), ".".repeat(all.saturating_sub(end))].concat();
        let id = padded(plan.epics()[bar.epic].id.as_str(), ids);
        lines.push(format!("{:INDENT$}{id}  {:>n_slots$}  {row}", "", bar.slot + 1));
    }
    let n_more = schedule.bars.len().saturating_sub(most_rows);
    if n_more > 0 {
        lines.push(format!("{:INDENT$}and {} more: --rows {}", "", count(n_more, "epic"), schedule.bars.len()));
    }
    lines
}

/// How stories become columns.
enum Scale {
    /// So many columns are one story.
    Wide(usize),
    /// So many stories are one column.
    Narrow(usize),
}

impl Scale {
    fn of(length: usize, room: usize) -> Self {
        /// A story that is wider says no more.
        const WIDEST: usize = 4;
        if length <= room { Self::Wide((room / length).min(WIDEST)) } else { Self::Narrow(length.div_ceil(room)) }
    }

    fn column(&self, at: usize) -> usize {
        match self {
            Self::Wide(n) => at * n,
            Self::Narrow(n) => at / n,
        }
    }

    /// Rounded up: nothing is so short that it cannot be seen.
    fn end(&self, at: usize) -> usize {
        match self {
            Self::Wide(n) => at * n,
            Self::Narrow(n) => at.div_ceil(*n),
        }
    }
}

fn stories(n: usize) -> String {
    count_as(n, "story", "stories")
}
