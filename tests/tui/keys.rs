//! Every key of the table does something.

use ralph_teams::domain::outcome::{Outcome, RunEnd};
use ralph_teams::scheduler::view::{TrackState, WaitReason};
use ralph_teams::ui::tui::keys::{KEYS, When};
use ralph_teams::ui::tui::model::{Dialog, Page, Pane, Tab};
use ralph_teams::ui::tui::msg::{Key, Mouse};
use ralph_teams::ui::tui::{Ask, Model, Msg, Outside, Seek, update};

use super::scenes::{busy, epic, gate_red, over, running, scope, with};
use super::text;

fn press(model: &mut Model, keys: &str) -> Option<Ask> {
    keys.chars().map(|c| update(model, Msg::Key(Key::Char(c)))).last().flatten()
}

/// Models of which at least one is changed by each key, or asks for something.
fn scenes(watching: bool) -> Vec<Model> {
    let mut scenes = Vec::new();
    for tab in [Tab::Stories, Tab::Transcript, Tab::Gates] {
        for pane in [Pane::Epics, Pane::Detail, Pane::Notices] {
            let mut model = gate_red((80, 24));
            (model.tab, model.pane, model.facts.watching) = (tab, pane, watching);
            scenes.push(model.clone());
            model.search.text = "quote".to_owned();
            (model.page, model.notices_back) = (Page::Run, 3);
            scenes.push(model.clone());
            model.page = Page::Verdict;
            model.scroll = 5;
            scenes.push(model);
        }
    }
    scenes
}

#[test]
fn every_key_of_the_table_does_something() {
    for binding in KEYS {
        let watching = binding.when == When::Watch;
        for key in binding.keys {
            let acts = scenes(watching).into_iter().any(|before| {
                let mut after = before.clone();
                let ask = update(&mut after, Msg::Key(*key));
                ask.is_some() || after != before
            });
            assert!(acts, "{}: {}", binding.shown, binding.what);
        }
    }
}

#[test]
fn every_key_of_the_table_is_in_the_help() {
    for watching in [false, true] {
        let mut model = busy((120, 60));
        model.facts.watching = watching;
        model.dialog = Some(Dialog::Help);
        let shown = text(&model);
        for binding in ralph_teams::ui::tui::keys::present(watching) {
            assert!(shown.contains(binding.what), "{}", binding.what);
        }
    }
}

#[test]
fn control_c_asks_for_what_the_signal_would_have_done_everywhere() {
    let mut model = busy((80, 24));
    for prepare in [
        |_: &mut Model| (),
        |model: &mut Model| model.search.typing = true,
        |model: &mut Model| {
            model.dialog = Some(Dialog::Quit);
        },
    ] {
        prepare(&mut model);
        assert_eq!(update(&mut model, Msg::Key(Key::Ctrl('c'))), Some(Ask::Interrupt));
    }
    let mut over = over((80, 24), RunEnd::Judged { pass: true });
    assert_eq!(update(&mut over, Msg::Key(Key::Ctrl('c'))), Some(Ask::Interrupt));
    assert!(over.leaving, "nothing else is left to do");
}

#[test]
fn leaving_asks_what_is_to_become_of_the_run() {
    for (key, asked) in [('d', Some(Ask::Leave)), ('s', Some(Ask::Stop)), ('k', Some(Ask::StopNow)), ('x', None)] {
        let mut model = busy((80, 24));
        assert_eq!(press(&mut model, "q"), None);
        assert_eq!(model.dialog, Some(Dialog::Quit));
        assert_eq!(press(&mut model, &key.to_string()), asked);
        assert_eq!((model.dialog.clone(), model.leaving), (None, key == 'd'));
    }
    let mut watching = busy((80, 24));
    watching.facts.watching = true;
    assert_eq!(press(&mut watching, "q"), Some(Ask::Leave));
}

#[test]
fn a_pause_is_asked_for_and_taken_back() {
    let mut model = busy((80, 24));
    assert_eq!(press(&mut model, "p"), Some(Ask::Pause(true)));
    model.paused = true;
    assert_eq!(press(&mut model, "p"), Some(Ask::Pause(false)));
    let mut over = over((80, 24), RunEnd::Interrupted);
    over.card = None;
    assert_eq!(press(&mut over, "p"), None);
}

#[test]
fn an_epic_is_stopped_and_let_go_on_with_one_key_each() {
    let mut view = running();
    let mut model = with((80, 24), &view);
    let at_work = model.tracks().iter().position(|track| matches!(track.state, TrackState::Working(_)));
    model.selected = at_work.expect("an epic at work");
    let id = model.track().and_then(|track| track.scope.epic().cloned()).expect("an epic");
    assert_eq!(press(&mut model, "s"), Some(Ask::StopEpic(id.clone())));
    let held = view.epics.iter_mut().find(|track| track.scope.epic() == Some(&id)).expect("that epic");
    held.state = TrackState::Waiting(WaitReason::Held);
    let mut model = Model { selected: model.selected, ..with((80, 24), &view) };
    assert!(text(&model).contains("held"), "{}", text(&model));
    assert_eq!(press(&mut model, "s"), None);
    assert!(model.toast.clone().is_some_and(|toast| toast.contains("r lets it go on")));
    assert_eq!(press(&mut model, "r"), Some(Ask::RetryNow(id)));
}

#[test]
fn who_stops_the_last_epic_hears_first_that_the_run_ends_with_it() {
    let mut view = running();
    let id = epic(3);
    for track in view.epics.iter_mut().filter(|track| track.scope.epic() != Some(&id)) {
        track.state = TrackState::Waiting(WaitReason::Dependencies(vec![id.clone()]));
    }
    view.fixes.clear();
    let mut model = with((100, 30), &view);
    model.selected = model.tracks().iter().position(|track| track.scope.epic() == Some(&id)).expect("that epic");
    assert_eq!(press(&mut model, "s"), None);
    assert!(text(&model).contains("the run ends"), "{}", text(&model));
    assert_eq!(press(&mut model, "n"), None);
    assert_eq!(press(&mut model, "sy"), Some(Ask::StopEpic(id.clone())));
    view.epics[0].state = TrackState::Waiting(WaitReason::Slot);
    let mut model = Model { selected: model.selected, ..with((100, 30), &view) };
    assert_eq!(press(&mut model, "s"), Some(Ask::StopEpic(id)), "the other one goes on");
}

#[test]
fn an_epic_begins_again_only_after_a_yes_to_what_exactly_happens() {
    let mut model = with((100, 30), &running());
    let at_work = model.tracks().iter().position(|track| matches!(track.state, TrackState::Working(_)));
    model.selected = at_work.expect("an epic at work");
    let id = model.track().and_then(|track| track.scope.epic().cloned()).expect("an epic");
    assert_eq!(press(&mut model, "x"), None);
    let shown = text(&model);
    for what in ["session ends", "refs/ralph/backup", "worktree go", "begin at 1"] {
        assert!(shown.contains(what), "{what}: {shown}");
    }
    assert_eq!(press(&mut model, "n"), None);
    assert_eq!(model.dialog, None);
    assert_eq!(press(&mut model, "xy"), Some(Ask::Reset(id)));
    assert_eq!(model.dialog, None);
}

#[test]
fn what_cannot_be_steered_says_why() {
    let mut view = running();
    view.epics[0].state = TrackState::Done(Outcome::AlreadyCompleted);
    let mut model = with((80, 24), &view);
    let first = model.tracks().iter().position(|track| track.scope == scope(1));
    model.selected = first.expect("the first epic");
    for key in ["s", "r", "x"] {
        model.toast = None;
        assert_eq!(press(&mut model, key), None, "{key}");
        assert!(model.toast.is_some(), "{key}");
    }
    let mut over = over((80, 24), RunEnd::Interrupted);
    over.card = None;
    for key in ["s", "r", "x"] {
        assert_eq!(press(&mut over, key), None, "{key}");
    }
}

#[test]
fn only_an_epic_that_rests_can_be_told_to_try_again() {
    let mut view = running();
    view.epics[2].state = TrackState::Resting { until: 200_000 };
    let mut model = with((80, 24), &view);
    assert_eq!(press(&mut model, "r"), Some(Ask::RetryNow(epic(3))));
    model.selected = 0;
    assert_eq!(press(&mut model, "r"), None);
    assert!(model.toast.is_some_and(|toast| toast.contains("is over")));
}

#[test]
fn nobody_has_to_wait_for_a_parked_program_and_the_screen_counts_down_to_its_return() {
    let mut view = running();
    view.epics[1].state = TrackState::Waiting(WaitReason::Backend { until: 865_000 });
    view.epics[2].state = TrackState::Resting { until: 170_000 };
    let mut model = with((200, 60), &view);
    let shown = text(&model);
    assert!(shown.contains("parked for 12m 5s; r does not wait"), "{shown}");
    assert!(shown.contains("tries again in 30s; r does not wait"), "{shown}");
    assert!(shown.contains("2 waiting on EPIC-002, EPIC-003, EPIC-004, 1 parked"), "{shown}");
    model.selected = 1;
    assert_eq!(press(&mut model, "r"), Some(Ask::RetryNow(epic(2))));
    model.facts.watching = true;
    let shown = text(&model);
    assert!(
        shown.contains("parked for 12m 5s") && !shown.contains("r does not wait"),
        "there is no such key:\n{shown}"
    );
}

#[test]
fn a_page_that_became_shorter_shows_its_end_and_scrolls_from_there() {
    for (page, tab) in [(Page::Verdict, Tab::Stories), (Page::Timeline, Tab::Stories), (Page::Run, Tab::Report)] {
        let mut model = Model { page, tab, pane: Pane::Detail, ..busy((60, 20)) };
        update(&mut model, Msg::Key(Key::End));
        let end = model.scroll;
        let last = text(&model);
        model.scroll = end + 500;
        assert_eq!(text(&model), last, "{page:?}");
        update(&mut model, Msg::Key(Key::Up));
        assert_eq!(model.scroll, end.saturating_sub(1), "{page:?}");
    }
}

#[test]
fn the_help_is_scrolled_within_its_bounds_and_the_page_below_stays_where_it_was() {
    let mut model = Model { page: Page::Verdict, scroll: 3, ..busy((80, 24)) };
    press(&mut model, "?");
    press(&mut model, &"j".repeat(200));
    let end = text(&model);
    assert!(end.contains("cut short"), "the last of the states:\n{end}");
    press(&mut model, "k");
    assert_ne!(text(&model), end, "one key up is one line up");
    update(&mut model, Msg::Key(Key::PageUp));
    assert_eq!(model.dialog, Some(Dialog::Help), "a page is turned");
    press(&mut model, "x");
    assert_eq!((model.dialog, model.scroll), (None, 3));
}

#[test]
fn where_nothing_is_seen_no_key_changes_the_run_and_a_question_is_seen() {
    let mut model = busy((40, 12));
    for key in ["s", "p", "r", "x", "o", "2", "/"] {
        let before = model.clone();
        assert_eq!(press(&mut model, key), None, "{key}");
        assert!(model == before, "{key}");
    }
    assert_eq!(press(&mut model, "q"), None);
    let asked = text(&model);
    for what in ["What is to become of the run?", "runs on", "stops in good order", "killed now", "back"] {
        assert!(asked.contains(what), "{what}:\n{asked}");
    }
    assert_eq!(press(&mut model, "s"), Some(Ask::Stop));
    let over = over((40, 12), RunEnd::Judged { pass: false });
    assert!(text(&over).contains("verdict: fail"), "{}", text(&over));
}

#[test]
fn what_is_outside_is_opened_for_the_selected_epic() {
    let mut model = gate_red((80, 24));
    assert_eq!(press(&mut model, "o"), Some(Ask::Open(Outside::Shell(scope(3)))));
    assert_eq!(press(&mut model, "d"), Some(Ask::Open(Outside::Diff(scope(3)))));
    let log = "jobs/epic-001.check.1/gate-1.log".to_owned();
    assert_eq!(press(&mut model, "g"), Some(Ask::Open(Outside::Logs(vec![log]))));
    assert!(matches!(press(&mut model, "e"), Some(Ask::Copy(command)) if command.starts_with("git diff ralph/loop/")));
    model.selected = 5;
    assert_eq!(press(&mut model, "o"), None, "it did not start");
}

#[test]
fn a_search_finds_marks_and_goes_round() {
    let mut model = busy((120, 40));
    press(&mut model, "/quote");
    assert_eq!(update(&mut model, Msg::Key(Key::Enter)), None);
    let first = model.shelf().and_then(|shelf| shelf.anchor);
    press(&mut model, "n");
    let second = model.shelf().and_then(|shelf| shelf.anchor);
    assert!(first.is_some() && second.is_some() && first != second, "{first:?} {second:?}");
    press(&mut model, "N");
    assert_eq!(model.shelf().and_then(|shelf| shelf.anchor), first);
    press(&mut model, "f");
    assert_eq!(model.shelf().and_then(|shelf| shelf.anchor), None);
}

#[test]
fn whoever_reads_older_lines_keeps_them_under_the_eyes() {
    let mut model = busy((80, 24));
    (model.pane, model.tab) = (Pane::Detail, Tab::Transcript);
    press(&mut model, "kkkkkkkkkkkk");
    let before = text(&model);
    let line = before.lines().nth(6).expect("a line").to_owned();
    for activity in super::scenes::activities() {
        update(&mut model, Msg::Activity(141_000, scope(3), activity));
    }
    assert_eq!(text(&model).lines().nth(6), Some(line.as_str()));
}

#[test]
fn the_mouse_selects_what_it_points_at() {
    let mut model = busy((120, 40));
    let shown = text(&model);
    let row_of = |what: &str| shown.lines().position(|line| line.contains(what)).expect("a line");
    let row = |what: &str| u16::try_from(row_of(what)).expect("a row");
    update(&mut model, Msg::Mouse(Mouse::Click, 5, row("EPIC-001 Sign")));
    assert_eq!(model.selected, 0);
    let tabs = shown.lines().nth(row_of("transcript  agents")).expect("the tabs");
    let column = tabs.chars().position(|c| c == 'g').expect("gates");
    update(&mut model, Msg::Mouse(Mouse::Click, u16::try_from(column).expect("a column"), row("transcript  agents")));
    assert_eq!((model.tab, model.pane), (Tab::Agents, Pane::Detail), "the g of agents");
    update(&mut model, Msg::Mouse(Mouse::WheelDown, 5, 6));
    assert_eq!((model.selected, model.pane), (1, Pane::Epics));
}

#[test]
fn a_replay_is_stepped_through() {
    let mut model = busy((80, 24));
    model.facts.watching = true;
    let asks = [
        ('[', Seek::By(-1)),
        (']', Seek::By(1)),
        ('{', Seek::PreviousFailure),
        ('}', Seek::NextFailure),
        ('.', Seek::Newest),
    ];
    for (key, seek) in asks {
        assert_eq!(press(&mut model, &key.to_string()), Some(Ask::Seek(seek)));
    }
}
