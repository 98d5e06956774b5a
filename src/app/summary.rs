//! What `summary` shows of a plan: waves, dependencies, progress and the critical path, in 80 columns of plain text.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::inputs;
use super::refusal::Refusal;
use super::table::{print, print_json};
use super::validate::{count, count_as};
use crate::cli::SummaryArgs;
use crate::domain::id::EpicId;
use crate::domain::plan::{Epic, Plan};
use crate::exit::ExitCode;
use crate::ui::safe;

/// `ralph-teams summary`.
///
/// # Errors
/// The file cannot be read, or has faults.
pub fn summary(args: &SummaryArgs) -> Result<ExitCode, Refusal> {
    let plan = inputs::plan(&args.prd)?;
    if args.json {
        return print_json(&json(&plan));
    }
    print(&text(&plan))
}

/// The same for programs: the epics in the order of the PRD, each with its wave, counted from 1.
fn json(plan: &Plan) -> serde_json::Value {
    let waves = plan.waves();
    let wave = |position: usize| waves.iter().position(|wave| wave.contains(&position)).map(|wave| wave + 1);
    let epic = |(position, epic): (usize, &Epic)| {
        serde_json::json!({
            "id": epic.id, "title": epic.title, "status": epic.status.name(), "wave": wave(position),
            "dependsOn": epic.depends_on, "stories": epic.user_stories.len(), "pending": epic.pending().count(),
        })
    };
    let epics: Vec<_> = plan.epics().iter().enumerate().map(epic).collect();
    serde_json::json!({ "v": 1, "project": plan.project(), "epics": epics })
}

/// Columns that no line exceeds.
const WIDTH: usize = 80;
/// The widest column of ids; longer ids are cut there.
const ID_MAX: usize = 24;
/// The width of the longest status.
const STATUS_WIDTH: usize = 12;
/// Indents of an epic and of the lists below the waves.
const INDENT: usize = 4;

/// The text about a plan, with a line break at the end.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut lines = vec![fit(plan.project(), WIDTH), String::new()];
    lines.extend(totals(plan));
    lines.extend(waves(plan));
    lines.push(String::new());
    lines.extend(outlook(plan));
    lines.join("\n") + "\n"
}

fn totals(plan: &Plan) -> Vec<String> {
    let epics = plan.epics();
    let n_completed = epics.iter().filter(|epic| !epic.is_open()).count();
    let n_stories: usize = epics.iter().map(|epic| epic.user_stories.len()).sum();
    let n_pending: usize = epics.iter().map(|epic| epic.pending().count()).sum();
    vec![
        format!("{}, {n_completed} completed", count(epics.len(), "epic")),
        format!("{}, {n_pending} pending", count_as(n_stories, "story", "stories")),
    ]
}

fn waves(plan: &Plan) -> Vec<String> {
    let widest_id = plan.epics().iter().map(|epic| safe::short(epic.id.as_str()).width()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (n, wave) in plan.waves().into_iter().enumerate() {
        lines.push(String::new());
        lines.push(format!("  wave {}", n + 1));
        for position in wave {
            lines.extend(epic_lines(&plan.epics()[position], widest_id.min(ID_MAX)));
        }
    }
    lines
}

fn epic_lines(epic: &Epic, id_width: usize) -> Vec<String> {
    let n_stories = epic.user_stories.len();
    let progress = format!("{}/{n_stories}", n_stories - epic.pending().count());
    let id = padded(epic.id.as_str(), id_width);
    let start = format!("{:INDENT$}{id}  {:STATUS_WIDTH$}  {progress:>5}  ", "", epic.status.name());
    let mut lines = vec![format!("{start}{}", fit(&epic.title, WIDTH.saturating_sub(start.width())))];
    if !epic.depends_on.is_empty() {
        let names: Vec<&str> = epic.depends_on.iter().map(EpicId::as_str).collect();
        lines.extend(filled("after ", &names, ", ", INDENT + id_width + 2));
    }
    lines
}

fn outlook(plan: &Plan) -> Vec<String> {
    let path = plan.critical_path();
    if path.epics.is_empty() {
        return vec!["All epics are completed.".to_owned()];
    }
    let names: Vec<&str> = path.epics.iter().map(|&position| plan.epics()[position].id.as_str()).collect();
    let weight = count_as(path.weight, "story", "stories");
    let mut lines = vec![format!("Critical path: {weight}, one after the other")];
    lines.extend(filled("", &names, " -> ", INDENT));
    let slots = match plan.widest_wave() {
        1 => "no two epics of one wave can run side by side".to_owned(),
        n => format!("up to {n} epics of one wave can run side by side"),
    };
    lines.push(format!("Useful parallelism: {slots}"));
    lines
}

/// Names one after the other, in as many lines as they need. Lines after the first begin below its first name.
pub(super) fn filled(lead: &str, names: &[&str], separator: &str, indent: usize) -> Vec<String> {
    let first = format!("{:indent$}{lead}", "");
    let next = " ".repeat(first.width());
    let mut lines = Vec::new();
    let mut line = first.clone();
    for (n, name) in names.iter().enumerate() {
        let separator = if n + 1 < names.len() { separator } else { "" };
        let piece = format!("{}{separator}", fit(name, WIDTH - next.len() - separator.len()));
        if line.width() > next.len() && line.width() + piece.trim_end().width() > WIDTH {
            lines.push(line.trim_end().to_owned());
            line.clone_from(&next);
        }
        line.push_str(&piece);
    }
    lines.push(line);
    lines
}

/// The text in exactly this many columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    let text = fit(text, width);
    let padding = width.saturating_sub(text.width());
    text + &" ".repeat(padding)
}

/// The text in at most this many columns, cut with an ellipsis.
pub(super) fn fit(text: &str, width: usize) -> String {
    let text = safe::short(text);
    if text.width() <= width {
        return text;
    }
    let mut cut = String::new();
    let mut columns = 0;
    for c in text.chars() {
        columns += c.width().unwrap_or(0);
        if columns + 1 > width {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prd;

    fn plan(json: &str) -> Plan {
        prd::check(json.as_bytes()).expect("a valid PRD").plan
    }

    #[test]
    fn the_example_looks_like_this() {
        insta::assert_snapshot!(text(&plan(include_str!("../../prd.json.example"))), @r#"
        Book club

        4 epics, 0 completed
        6 stories, 6 pending

          wave 1
            EPIC-001  pending         0/2  Books and their storage

          wave 2
            EPIC-002  pending         0/1  Reading list over HTTP
                      after EPIC-001
            EPIC-003  pending         0/2  Choosing an evening
                      after EPIC-001

          wave 3
            EPIC-004  pending         0/1  The web page
                      after EPIC-002, EPIC-003

        Critical path: 5 stories, one after the other
            EPIC-001 -> EPIC-003 -> EPIC-004
        Useful parallelism: up to 2 epics of one wave can run side by side
        "#);
    }

    #[test]
    fn a_completed_plan_has_no_critical_path() {
        let json = r#"{"project":"p","epics":[{"id":"A","title":"a","status":"completed",
            "userStories":[{"id":"S","title":"s","passes":true}]}]}"#;
        assert!(text(&plan(json)).ends_with("1/1  a\n\nAll epics are completed.\n"));
    }

    #[test]
    fn no_line_is_wider_than_80_columns_and_none_steers_the_terminal() {
        let ids: Vec<String> = (0..40).map(|n| format!("{}-{n}", "漢字".repeat(n))).collect();
        let epics: Vec<serde_json::Value> = (0..ids.len())
            .map(|n| {
                serde_json::json!({
                    "id": ids[n], "title": format!("\u{1b}[31m{}\u{202e}\n", "wide 日本 ".repeat(20)),
                    "dependsOn": ids[..n], "userStories": [{ "id": format!("S{n}"), "title": "s" }],
                })
            })
            .collect();
        let text = text(&plan(&serde_json::json!({ "project": "日".repeat(50), "epics": epics }).to_string()));
        for line in text.lines() {
            assert!(line.width() <= WIDTH, "{} columns: {line}", line.width());
            assert!(!line.chars().any(char::is_control) && !line.contains('\u{202e}'));
        }
    }
}
