//! The one place where the screen changes: a message comes in, the model changes, and perhaps something is asked.

use super::answer::answer;
use super::areas::{self, Hit};
use super::keys::{Action, action};
use super::model::{Dialog, Model, Page, Pane, TABS, Tab};
use super::msg::{Ask, Key, Mouse, Msg, Outside, Seek};
use super::view::LaidOut;
use super::{hear, steer};
use crate::scheduler::Scope;

/// Lines that the wheel moves.
const WHEEL: isize = 3;
/// The longest text that can be searched for.
const SEARCH_MAX: usize = 60;

/// Takes one message. Total: every message is fine at every time.
pub fn update(model: &mut Model, msg: Msg) -> Option<Ask> {
    let before = looked_at(model);
    let ask = take(model, msg);
    if model.page == Page::Graph {
        // Here and not in each frame: the view only draws.
        model.graph = LaidOut::of(model);
    }
    if matches!(ask, Some(Ask::Seek(_))) {
        // Whoever moves on has read it.
        model.card = None;
    }
    ask.or_else(|| looked_at(model).filter(|now| before.as_ref() != Some(now)).map(Ask::Look))
}

/// Whom a screen that only watches looks at: of that one it wants to hear everything.
fn looked_at(model: &Model) -> Option<Scope> {
    if model.facts.watching { model.track().map(|track| track.scope.clone()) } else { None }
}

fn take(model: &mut Model, msg: Msg) -> Option<Ask> {
    match msg {
        Msg::Notice(at, notice, view) => hear::notice(model, at, &notice, view),
        Msg::Activity(at, scope, activity) => hear::activity(model, at, &scope, &activity),
        Msg::View(view) => hear::picture(model, view),
        Msg::Card(text) => (model.card, model.card_put_away) = (Some(text), false),
        Msg::Missed(line) | Msg::Back(line) => model.toast = Some(line).filter(|line| !line.is_empty()),
        Msg::Now(now) => model.now = model.now.max(now),
        Msg::Resize(columns, rows) => model.size = (columns, rows),
        Msg::Moved(place) => model.place = Some(place),
        Msg::Anew(told) => anew(model, *told),
        Msg::Key(key) => return pressed(model, key),
        Msg::Mouse(mouse, column, row) => moused(model, mouse, column, row),
    }
    None
}

/// Puts what was told to another model in the place of what is known of the run, and keeps where the person looks.
fn anew(model: &mut Model, told: Model) {
    (model.facts, model.view, model.now, model.paused) = (told.facts, told.view, told.now, told.paused);
    (model.notices, model.shelves) = (told.notices, told.shelves);
    model.notices_back = model.notices_back.min(model.notices.len().saturating_sub(1));
}

fn pressed(model: &mut Model, key: Key) -> Option<Ask> {
    model.toast = None;
    if key == Key::Ctrl('c') {
        return interrupt(model);
    }
    if model.search.typing {
        typed(model, key);
        return None;
    }
    if let Some(dialog) = model.dialog.clone() {
        return answer(model, &dialog, key);
    }
    if model.shows_card() && matches!(key, Key::Enter | Key::Esc | Key::Char('q')) {
        // Its text stays, for the terminal afterwards.
        model.card_put_away = true;
        return (key != Key::Esc).then(|| leave(model));
    }
    let action = action(key, model.facts.watching)?;
    let is_blind = areas::areas(model).is_none() && !is_safe_unseen(action);
    if is_blind { None } else { act(model, action) }
}

/// Whether a key may do this where the terminal is too small to show what it is about.
fn is_safe_unseen(action: Action) -> bool {
    matches!(action, Action::Help | Action::Quit | Action::Interrupt | Action::Suspend)
}

/// Leaves the screen.
pub(super) fn leave(model: &mut Model) -> Ask {
    model.leaving = true;
    Ask::Leave
}

/// Ctrl-C asks the run to stop. Where there is none to stop it leaves; whoever still waits for something behind the end of
/// the run is told.
fn interrupt(model: &mut Model) -> Option<Ask> {
    if model.facts.watching {
        return Some(leave(model));
    }
    model.leaving |= model.is_over();
    Some(Ask::Interrupt)
}

fn typed(model: &mut Model, key: Key) {
    match key {
        Key::Char(c) if model.search.text.chars().count() < SEARCH_MAX => model.search.text.push(c),
        Key::Backspace => {
            model.search.text.pop();
        }
        Key::Enter => {
            model.search.typing = false;
            find(model, false);
        }
        Key::Esc => model.search = super::model::Search::default(),
        Key::Char(_)
        | Key::Ctrl(_)
        | Key::Up
        | Key::Down
        | Key::Left
        | Key::Right
        | Key::PageUp
        | Key::PageDown
        | Key::Home
        | Key::End
        | Key::Tab
        | Key::BackTab => {}
    }
}

fn act(model: &mut Model, action: Action) -> Option<Ask> {
    match action {
        Action::Up => step(model, -1),
        Action::Down => step(model, 1),
        Action::PageUp => step(model, -page_of(model)),
        Action::PageDown => step(model, page_of(model)),
        Action::Top => step(model, isize::MIN / 2),
        Action::Bottom => step(model, isize::MAX / 2),
        Action::Left => sideways(model, false),
        Action::Right => sideways(model, true),
        Action::NextPane => turn(model, true),
        Action::PreviousPane => turn(model, false),
        Action::Zoom => model.zoomed = model.page == Page::Run && !model.zoomed,
        Action::Back => back(model),
        Action::Show(page) => (model.page, model.scroll, model.zoomed) = (page, 0, false),
        Action::Search => {
            show_transcript(model);
            model.search = super::model::Search { text: String::new(), typing: true };
        }
        Action::NextMatch => find(model, true),
        Action::PreviousMatch => find(model, false),
        Action::Follow => {
            show_transcript(model);
            anchor(model, None);
        }
        Action::Help => (model.dialog, model.help_scroll) = (Some(Dialog::Help), 0),
        Action::Quit if model.facts.watching || model.is_over() => return Some(leave(model)),
        Action::Quit => model.dialog = Some(Dialog::Quit),
        Action::Interrupt => return interrupt(model),
        Action::Pause => return steer::pause(model),
        Action::StopEpic => return steer::stop_epic(model),
        Action::RetryNow => return steer::go_on(model),
        Action::Reset => return steer::reset(model),
        Action::Suspend => return Some(Ask::Suspend),
        Action::Shell => return visited(model).map(|scope| Ask::Open(Outside::Shell(scope))),
        Action::Diff => return visited(model).map(|scope| Ask::Open(Outside::Diff(scope))),
        Action::GateLogs => return gate_logs(model),
        Action::Copy => return copied(model),
        Action::StepBack => return Some(Ask::Seek(Seek::By(-1))),
        Action::StepOn => return Some(Ask::Seek(Seek::By(1))),
        Action::PreviousFailure => return Some(Ask::Seek(Seek::PreviousFailure)),
        Action::NextFailure => return Some(Ask::Seek(Seek::NextFailure)),
        Action::Newest => return Some(Ask::Seek(Seek::Newest)),
    }
    None
}

/// The scope that something outside of the screen is to show; a line says why there is none.
fn visited(model: &mut Model) -> Option<Scope> {
    let track = model.track()?;
    let scope = track.scope.clone();
    if track.attempt == 0 {
        model.toast =
            Some(format!("{} did not start: there is nothing to look at yet", crate::ui::phrases::who(&scope)));
        return None;
    }
    Some(scope)
}

/// The command that shows its changes, for the clipboard.
fn copied(model: &mut Model) -> Option<Ask> {
    let scope = visited(model)?;
    let run = &model.view.as_ref()?.run;
    let command = format!("git diff {}...{}", run.loop_branch(), run.epic_branch(&scope.slug()));
    model.toast = Some(format!("copied: {command}"));
    Some(Ask::Copy(command))
}

fn gate_logs(model: &mut Model) -> Option<Ask> {
    visited(model)?;
    let logs: Vec<String> =
        model.shelf().into_iter().flat_map(|shelf| &shelf.gates).map(|(_, gate)| gate.log.clone()).collect();
    if logs.is_empty() {
        model.toast = Some("no gate ran for it yet".to_owned());
        return None;
    }
    Some(Ask::Open(Outside::Logs(logs)))
}

fn back(model: &mut Model) {
    if model.zoomed {
        model.zoomed = false;
    } else if !model.search.text.is_empty() {
        model.search = super::model::Search::default();
    } else if model.page != Page::Run {
        model.page = Page::Run;
    } else {
        model.pane = Pane::Epics;
    }
    model.scroll = 0;
}

fn turn(model: &mut Model, forwards: bool) {
    (model.page, model.scroll) = (Page::Run, 0);
    model.pane = match (model.pane, forwards) {
        (Pane::Epics, true) | (Pane::Notices, false) => Pane::Detail,
        (Pane::Detail, true) | (Pane::Epics, false) => Pane::Notices,
        (Pane::Notices, true) | (Pane::Detail, false) => Pane::Epics,
    };
}

fn sideways(model: &mut Model, right: bool) {
    if model.page != Page::Run {
        return step(model, if right { 1 } else { -1 });
    }
    let position = TABS.iter().position(|tab| *tab == model.tab).unwrap_or(0);
    match (model.pane, right) {
        (Pane::Epics, true) => model.pane = Pane::Detail,
        (Pane::Detail, false) if position == 0 => model.pane = Pane::Epics,
        (Pane::Detail, _) => {
            let next = if right { (position + 1).min(TABS.len() - 1) } else { position - 1 };
            (model.tab, model.scroll) = (TABS[next], 0);
        }
        (Pane::Epics | Pane::Notices, _) => {}
    }
}

/// Moves the selection, or scrolls what the keys are about.
fn step(model: &mut Model, by: isize) {
    match (model.page, model.pane) {
        (Page::Run, Pane::Epics) | (Page::Graph, _) => select(model, by),
        (Page::Run, Pane::Detail) if model.tab == Tab::Transcript => scroll_transcript(model, by),
        (Page::Run, Pane::Notices) => {
            let most = model.notices.len().saturating_sub(1);
            model.notices_back = model.notices_back.saturating_add_signed(by.saturating_neg()).min(most);
        }
        (Page::Run, Pane::Detail) | (Page::Timeline | Page::Verdict, _) => {
            let most = super::view::scroll_max(model);
            // What became shorter meanwhile shows its end, however far it is scrolled.
            let shown = usize::from(model.scroll.min(most));
            model.scroll = u16::try_from(shown.saturating_add_signed(by)).unwrap_or(u16::MAX).min(most);
        }
    }
}

fn select(model: &mut Model, by: isize) {
    let last = model.tracks().len().saturating_sub(1);
    let to = model.selected.min(last).saturating_add_signed(by).min(last);
    if to != model.selected {
        (model.selected, model.scroll) = (to, if model.page == Page::Run { 0 } else { model.scroll });
    }
}

fn page_of(model: &Model) -> isize {
    isize::try_from((model.size.1 / 2).max(1)).unwrap_or(1)
}

fn show_transcript(model: &mut Model) {
    (model.page, model.pane, model.tab) = (Page::Run, Pane::Detail, Tab::Transcript);
}

fn anchor(model: &mut Model, to: Option<u64>) {
    let Some(scope) = model.track().map(|track| track.scope.clone()) else { return };
    if let Some(shelf) = model.shelves.get_mut(&scope) {
        shelf.anchor = to;
    }
}

fn scroll_transcript(model: &mut Model, by: isize) {
    let Some(shelf) = model.shelf() else { return };
    let range = shelf.transcript.range();
    let last = range.end.saturating_sub(1);
    let from = shelf.anchor.unwrap_or(last).clamp(range.start, last.max(range.start));
    let to = from.saturating_add_signed(by as i64).clamp(range.start, last.max(range.start));
    anchor(model, (to < last).then_some(to));
}

fn find(model: &mut Model, forwards: bool) {
    let needle = model.search.text.to_lowercase();
    let Some(shelf) = model.shelf() else { return };
    let from = shelf.anchor.unwrap_or(shelf.transcript.range().end.saturating_sub(1));
    match shelf.transcript.find(&needle, from, forwards) {
        Some(number) => {
            show_transcript(model);
            anchor(model, Some(number));
        }
        None if needle.is_empty() => model.toast = Some("nothing is searched for; begin with /".to_owned()),
        None => model.toast = Some(format!("nothing holds {:?}", model.search.text)),
    }
}

fn moused(model: &mut Model, mouse: Mouse, column: u16, row: u16) {
    if model.dialog.is_some() || model.shows_card() || model.search.typing {
        return;
    }
    let hit = areas::hit(model, column, row);
    match (mouse, hit) {
        (Mouse::Click, Some(Hit::Track(index))) => {
            (model.selected, model.pane, model.scroll) = (index, Pane::Epics, 0);
        }
        (Mouse::Click, Some(Hit::Tab(tab))) => (model.tab, model.pane, model.scroll) = (tab, Pane::Detail, 0),
        (Mouse::Click, Some(Hit::Pane(pane))) => model.pane = pane,
        (Mouse::WheelUp | Mouse::WheelDown, hit) => {
            match hit {
                Some(Hit::Pane(pane)) => model.pane = pane,
                Some(Hit::Tab(_)) => model.pane = Pane::Detail,
                Some(Hit::Track(_)) => model.pane = Pane::Epics,
                None => {}
            }
            let by = if model.pane == Pane::Epics { 1 } else { WHEEL };
            step(model, if mouse == Mouse::WheelUp { -by } else { by });
        }
        (Mouse::Click, None) => {}
    }
}
