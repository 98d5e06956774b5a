//! What is shown in every state.

use ralph_teams::ui::tui::model::{Dialog, Page, Tab};
use ralph_teams::ui::tui::theme::{Palette, Theme};

use super::scenes::{busy, over, scenes};
use super::{cells, text};

#[test]
fn every_state_on_a_small_terminal() {
    for (name, model) in scenes((80, 24)) {
        insta::assert_snapshot!(format!("{name}-80x24"), text(&model));
    }
}

#[test]
fn a_busy_run_on_larger_terminals() {
    for size in [(60, 20), (120, 40), (200, 60)] {
        insta::assert_snapshot!(format!("running-{}x{}", size.0, size.1), text(&busy(size)));
    }
}

#[test]
fn every_page_tab_and_question() {
    for (name, page) in [("graph", Page::Graph), ("timeline", Page::Timeline), ("verdict", Page::Verdict)] {
        for size in [(80, 24), (120, 40)] {
            let mut model = busy(size);
            model.page = page;
            insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), text(&model));
        }
    }
    for (name, tab) in [("transcript", Tab::Transcript), ("agents", Tab::Agents)] {
        let mut model = busy((80, 24));
        model.tab = tab;
        insta::assert_snapshot!(format!("{name}-80x24"), text(&model));
    }
    for (name, dialog) in [("help", Dialog::Help), ("quit", Dialog::Quit)] {
        let mut model = busy((120, 40));
        model.dialog = Some(dialog);
        insta::assert_snapshot!(format!("{name}-120x40"), text(&model));
    }
}

#[test]
fn what_is_too_small_says_how_big_it_must_be() {
    let shown = text(&busy((40, 10)));
    assert!(shown.contains("60x20") && shown.contains("40x10"), "{shown}");
}

#[test]
fn where_nothing_but_ascii_can_be_shown_nothing_else_is() {
    for (_, mut model) in scenes((120, 40)) {
        model.theme = Theme { unicode: false, ..Theme::default() };
        for page in [Page::Run, Page::Graph, Page::Timeline, Page::Verdict] {
            model.page = page;
            assert!(text(&model).is_ascii());
        }
    }
}

#[test]
fn no_colours_means_no_colours() {
    for (_, mut model) in scenes((120, 40)) {
        model.theme = Theme { palette: Palette::Mono, ..Theme::default() };
        let plain = |cell: &ratatui::buffer::Cell| {
            cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset
        };
        assert!(cells(&model).content.iter().all(plain));
    }
}

#[test]
fn nothing_that_an_agent_prints_reaches_a_cell_raw() {
    let mut model = busy((200, 60));
    model.tab = Tab::Transcript;
    let buffer = cells(&model);
    assert!(buffer.content.iter().all(|cell| !cell.symbol().chars().any(char::is_control)));
    assert!(text(&model).contains("colours do not"), "{}", text(&model));
}

#[test]
fn the_end_card_names_commands_and_goes_away_on_request() {
    use ralph_teams::domain::outcome::RunEnd;
    use ralph_teams::ui::tui::msg::Key;
    use ralph_teams::ui::tui::{Ask, Msg, update};
    let mut model = over((120, 40), RunEnd::Judged { pass: false });
    assert!(text(&model).contains("git log --oneline --graph ralph/loop/20261120-101500-k3f9"));
    assert_eq!(update(&mut model, Msg::Key(Key::Esc)), None);
    assert!(!text(&model).contains("git log --oneline"));
    assert_eq!(update(&mut model, Msg::Key(Key::Char('q'))), Some(Ask::Leave));
}
