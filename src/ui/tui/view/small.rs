//! What is shown where nothing else fits.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::draw_lines;
use super::pieces::span;
use crate::scheduler::view::RunPhase;
use crate::ui::phrases::verdict;
use crate::ui::tui::areas::SMALLEST;
use crate::ui::tui::model::Model;
use crate::ui::tui::theme::Ink;

pub(super) fn draw(frame: &mut Frame, model: &Model) {
    let area = frame.area();
    let (columns, rows) = SMALLEST;
    let how = standing(model);
    let text = format!("ralph-teams needs {columns}x{rows}, this is {}x{}; {how}", model.size.0, model.size.1);
    let lines: Vec<Line> = super::wrap(&text, usize::from(area.width), 0)
        .into_iter()
        .map(|part| Line::from(span(model.theme, Ink::Doubtful, part)))
        .collect();
    let top = area.height.saturating_sub(u16::try_from(lines.len()).unwrap_or(u16::MAX)) / 2;
    let place = Rect { y: area.y + top, height: area.height - top, ..area };
    draw_lines(frame, place, lines, 0);
}

/// What becomes of the run meanwhile.
fn standing(model: &Model) -> String {
    if let Some(RunPhase::Ended(end)) = model.view.as_ref().map(|view| &view.phase) {
        format!("the run is over, {}; q leaves", verdict(end).1)
    } else if model.is_gone() {
        "its runner is gone; q leaves".to_owned()
    } else if model.facts.watching {
        "q leaves".to_owned()
    } else {
        "the run goes on; q asks what is to become of it".to_owned()
    }
}
