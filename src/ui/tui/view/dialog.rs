//! Questions to the person, over everything else.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::pieces::{frame_of, span};
use super::{draw_lines, help, in_the_middle};
use crate::ui::tui::model::{Dialog, Model};
use crate::ui::tui::theme::Ink;

/// How every key is called that is no answer.
const ANY_OTHER: &str = "any other key";
/// Columns below which the keys get less room.
const NARROW: usize = 50;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let choices: (&str, String, Vec<(&str, &str)>) = match &model.dialog {
        Some(Dialog::Reset(epic)) => (
            "begin again",
            format!(
                "{epic} begins again: its session ends, everything it has is saved under refs/ralph/backup, its branch \
                 and worktree go, what was proven of it counts no more, and attempts begin at 1. The others go on."
            ),
            vec![("y", "it begins again"), (ANY_OTHER, "it stays as it is")],
        ),
        Some(Dialog::StopLast(epic)) => (
            "stop the last one",
            format!(
                "Nothing else is left to be done, so the run ends when {epic} stops, and {epic} counts as failed. Its branch \
                 and worktree stay; a new `ralph-teams run` goes on from them."
            ),
            vec![("y", "it stops, and the run ends"), (ANY_OTHER, "it goes on")],
        ),
        None => return,
        Some(Dialog::Help) => return help::draw(frame, area, model),
        Some(Dialog::Quit) => (
            "leave the screen",
            "What is to become of the run?".to_owned(),
            vec![
                ("d", "it runs on, plain lines follow here; `ralph-teams watch` shows it again"),
                ("s", "it stops in good order; `ralph-teams resume` goes on with it"),
                ("k", "everything is killed now; it can be resumed too"),
                (ANY_OTHER, "back"),
            ],
        ),
    };
    let (title, question, keys) = choices;
    let width = area.width.min(88);
    let room = usize::from(width.saturating_sub(4));
    let mut lines = said(model, &question, &keys, room);
    if lines.len() + 2 > usize::from(area.height) {
        // Better close together than cut.
        lines.retain(|line| line.width() > 0);
    }
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let place = in_the_middle(frame, area, width, height);
    let inner = frame_of(frame, place, title, true, model.theme);
    draw_lines(frame, inner, lines, 0);
}

/// The question, and what each key does.
fn said(model: &Model, question: &str, keys: &[(&str, &str)], room: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let (column, any_other) = if room < NARROW { (4, "else") } else { (13, ANY_OTHER) };
    let mut lines = vec![Line::default()];
    lines.extend(super::wrap(question, room, 0).into_iter().map(|part| Line::from(span(theme, Ink::Text, part))));
    lines.push(Line::default());
    for (key, what) in keys {
        let key = if *key == ANY_OTHER { any_other } else { key };
        for (n, part) in super::wrap(what, room.saturating_sub(column + 2), 0).into_iter().enumerate() {
            let key = if n == 0 { key } else { "" };
            let key = span(theme, Ink::Accent, format!("{key:>column$}  "));
            lines.push(Line::from(vec![key, span(theme, Ink::Text, part)]));
        }
    }
    lines.push(Line::default());
    lines
}
