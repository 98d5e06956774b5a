//! What is shown in every state.

use ralph_teams::domain::outcome::Outcome;
use ralph_teams::scheduler::view::TrackState;
use ralph_teams::ui::tui::model::{Dialog, Page, Tab};
use ralph_teams::ui::tui::theme::{Ink, Palette, Theme};

use super::scenes::{busy, over, running, states, with};
use super::{cells, text};

#[test]
fn every_state_on_a_small_terminal() {
    for (name, model) in states((80, 24)) {
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
    for (_, mut model) in states((120, 40)) {
        model.theme = Theme { unicode: false, ..Theme::default() };
        for page in [Page::Run, Page::Graph, Page::Timeline, Page::Verdict] {
            model.page = page;
            assert!(text(&model).is_ascii());
        }
    }
}

#[test]
fn no_colours_means_no_colours() {
    for (_, mut model) in states((120, 40)) {
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
fn what_is_proven_is_told_with_its_commit_and_its_evidence_and_never_more() {
    let mut model = busy((160, 60));
    model.selected = 0;
    model.tab = Tab::Stories;
    let stories = text(&model);
    for told in ["proven by commit cccccccccc", "claimed: the gates pass", "tests/sign_in.rs: a passkey signs in"] {
        assert!(stories.contains(told), "{told} is missing:\n{stories}");
    }
    model.page = Page::Verdict;
    let verdict = text(&model);
    let criteria =
        ["✓ proven     The page shows it", "? claimed    The value is there", "○ open       The page shows it"];
    for told in criteria {
        assert!(verdict.contains(told), "{told} is missing:\n{verdict}");
    }
}

#[test]
fn a_story_that_an_earlier_run_proved_says_so() {
    let mut now = running();
    now.epics[1].state = TrackState::Done(Outcome::AlreadyCompleted);
    let mut model = with((160, 60), &now);
    model.page = Page::Verdict;
    assert_eq!(text(&model).matches("proven by an earlier run").count(), 2, "{}", text(&model));
}

#[test]
fn the_tree_shows_who_started_whom_and_what_each_does_now() {
    let mut model = busy((160, 60));
    model.tab = Tab::Agents;
    let tree = text(&model);
    let lines =
        ["● team-lead", "├─ ● builder  US-005", "│  ╰─ ● validator", "› Reads the test that failed", "╰─ ● builder 2"];
    for told in lines {
        assert!(tree.contains(told), "{told} is missing:\n{tree}");
    }
    assert!(tree.contains("12.3k tokens"), "{tree}");
    model.tab = Tab::Transcript;
    assert!(text(&model).contains("    validator: Bash cargo test -p orders csv"), "{}", text(&model));
}

#[test]
fn a_diff_has_its_colours_on_a_dark_ground_and_on_a_light_one() {
    for palette in [Palette::Dark, Palette::Light] {
        let mut model = busy((160, 60));
        model.theme = Theme { palette, ..Theme::default() };
        model.tab = Tab::Transcript;
        let colour = |ink| model.theme.style(ink).fg;
        let buffer = cells(&model);
        let of_line = |text: &str| {
            let wanted: Vec<String> = text.chars().map(String::from).collect();
            let starts = |at: &usize| {
                wanted.iter().zip(&buffer.content[*at..]).all(|(wanted, cell)| wanted.as_str() == cell.symbol())
            };
            let at = (0..buffer.content.len() - wanted.len()).find(starts).expect("the line is shown");
            Some(buffer.content[at].fg)
        };
        assert_eq!(of_line("+    quoted"), colour(Ink::Good));
        assert_eq!(of_line("-    format!"), colour(Ink::Bad));
        assert_eq!(of_line("@@ -1,3"), colour(Ink::Accent));
        assert_ne!(colour(Ink::Good), colour(Ink::Bad));
    }
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
