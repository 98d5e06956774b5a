//! What a key means while a question stands on the screen.

use super::model::{Dialog, Model};
use super::msg::{Ask, Key};
use super::update::leave;
use super::view::help_scroll_max;

/// Takes the answer to a question. Any key that is no answer puts the question away.
pub(super) fn answer(model: &mut Model, dialog: &Dialog, key: Key) -> Option<Ask> {
    match dialog {
        Dialog::Help => {
            read_on(model, key);
            None
        }
        Dialog::Quit => {
            model.dialog = None;
            quit(model, key)
        }
        Dialog::Reset(epic) => {
            model.dialog = None;
            (key == Key::Char('y')).then(|| Ask::Reset(epic.clone()))
        }
        Dialog::StopLast(epic) => {
            model.dialog = None;
            (key == Key::Char('y')).then(|| Ask::StopEpic(epic.clone()))
        }
    }
}

fn quit(model: &mut Model, key: Key) -> Option<Ask> {
    let Key::Char(answer) = key else { return None };
    match answer {
        'd' | 'h' => Some(leave(model)),
        's' => Some(Ask::Stop),
        'k' => Some(Ask::StopNow),
        _ => None,
    }
}

fn read_on(model: &mut Model, key: Key) {
    let most = help_scroll_max(model);
    let page = (model.size.1 / 2).max(1);
    let shown = model.help_scroll.min(most);
    model.help_scroll = if matches!(key, Key::Down | Key::Char('j')) {
        shown.saturating_add(1).min(most)
    } else if matches!(key, Key::Up | Key::Char('k')) {
        shown.saturating_sub(1)
    } else if key == Key::PageDown {
        shown.saturating_add(page).min(most)
    } else if key == Key::PageUp {
        shown.saturating_sub(page)
    } else {
        model.dialog = None;
        0
    };
}
