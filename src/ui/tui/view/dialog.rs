//! Questions to the person, over everything else.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::pieces::{frame_of, span};
use super::{draw_lines, help, in_the_middle};
use crate::ui::tui::model::{Dialog, Model};
use crate::ui::tui::theme::Ink;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model) {
    let choices: (&str, String, Vec<(&str, &str)>) = match &model.dialog {
        Some(Dialog::Reset(epic)) => (
            "begin again",
            format!(
                "{epic} begins again: its session ends, everything it has is saved under refs/ralph/backup, its branch \
                 and worktree go, what was proven of it counts no more, and attempts begin at 1. The others go on."
            ),
            vec![("y", "it begins again"), ("any other key", "it stays as it is")],
        ),
        Some(Dialog::StopLast(epic)) => (
            "stop the last one",
            format!(
                "Nothing else is left to be done, so the run ends when {epic} stops. Its branch and worktree stay, and \
                 `ralph-teams resume` goes on with it."
            ),
            vec![("y", "it stops, and the run ends"), ("any other key", "it goes on")],
        ),
        None => return,
        Some(Dialog::Help) => return help::draw(frame, area, model),
        Some(Dialog::Quit) => (
            "leave the screen",
            "The run is at work. What is to become of it?".to_owned(),
            vec![
                ("d", "it runs on, plain lines follow here; `ralph-teams watch` shows it again"),
                ("s", "it stops in good order; `ralph-teams resume` goes on with it"),
                ("k", "everything is killed now; it can be resumed too"),
                ("any other key", "back"),
            ],
        ),
    };
    let (title, question, keys) = choices;
    let theme = model.theme;
    let width = area.width.min(88);
    let room = usize::from(width.saturating_sub(4));
    let mut lines: Vec<Line> = vec![Line::default()];
    lines.extend(super::wrap(&question, room, 0).into_iter().map(|part| Line::from(span(theme, Ink::Text, part))));
    lines.push(Line::default());
    for (key, what) in keys {
        for (n, part) in super::wrap(what, room.saturating_sub(15), 0).into_iter().enumerate() {
            let key = if n == 0 { key } else { "" };
            lines
                .push(Line::from(vec![span(theme, Ink::Accent, format!("{key:>13}  ")), span(theme, Ink::Text, part)]));
        }
    }
    lines.push(Line::default());
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let place = in_the_middle(frame, area, width, height);
    let inner = frame_of(frame, place, title, true, theme);
    draw_lines(frame, inner, lines, 0);
}
