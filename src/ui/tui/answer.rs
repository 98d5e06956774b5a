//! What a key means while a question stands on the screen.

use super::model::{Dialog, Model};
use super::msg::{Ask, Key};
use super::update::leave;

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
    match key {
        Key::Char('d' | 'h') => Some(leave(model)),
        Key::Char('s') => Some(Ask::Stop),
        Key::Char('k') => Some(Ask::StopNow),
        _ => None,
    }
}

fn read_on(model: &mut Model, key: Key) {
    if matches!(key, Key::Down | Key::Char('j')) {
        model.scroll = model.scroll.saturating_add(1);
    } else if matches!(key, Key::Up | Key::Char('k')) {
        model.scroll = model.scroll.saturating_sub(1);
    } else {
        (model.dialog, model.scroll) = (None, 0);
    }
}
