//! What is shown: every scene at every size as a snapshot, and what holds for all of them.

use ralph_teams::ui::tui::model::{Page, Tab};
use ralph_teams::ui::tui::theme::{Palette, Theme};
use ralph_teams::ui::tui::{Msg, update};

use super::frames::faults;
use super::scenes::{NASTY, busy, nasty_everywhere, over, scenes};
use super::{cells, text};

/// The sizes of the snapshots.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];
/// Sizes at which everything must hold, from the smallest on.
const ODD_SIZES: [(u16, u16); 4] = [(60, 20), (61, 23), (133, 37), (400, 120)];

#[test]
fn every_scene_at_every_size() {
    for size in SIZES {
        for (name, model) in scenes(size) {
            insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), text(&model));
        }
    }
}

#[test]
fn the_smallest_terminal_shows_the_run_and_a_smaller_one_says_what_is_missing() {
    for size in [(60, 20), (59, 20), (40, 10), (12, 4)] {
        insta::assert_snapshot!(format!("running-{}x{}", size.0, size.1), text(&busy(size)));
    }
}

#[test]
fn no_text_from_elsewhere_reaches_a_cell_raw_or_breaks_a_border() {
    for size in ODD_SIZES {
        for (n, model) in nasty_everywhere(size).into_iter().enumerate() {
            let found = faults(&model);
            assert!(found.is_empty(), "{n} at {size:?}: {found:#?}\n{}", text(&model));
        }
    }
}

#[test]
fn every_scene_is_whole_at_every_size() {
    for size in ODD_SIZES {
        for (name, model) in scenes(size) {
            let found = faults(&model);
            assert!(found.is_empty(), "{name} at {size:?}: {found:#?}\n{}", text(&model));
        }
    }
}

#[test]
fn nothing_moves_but_the_clocks() {
    for (name, mut model) in scenes((120, 40)) {
        if model.page == Page::Timeline {
            continue;
        }
        let before = cells(&model);
        let later = model.now + 1_000;
        update(&mut model, Msg::Now(later));
        for (old, new) in before.content.iter().zip(&cells(&model).content) {
            let is_of_a_clock = |symbol: &str| symbol.chars().all(|c| c.is_ascii_digit() || " :hms".contains(c));
            let same = old.symbol() == new.symbol();
            assert!(same || (is_of_a_clock(old.symbol()) && is_of_a_clock(new.symbol())), "{name}: {old:?} {new:?}");
        }
    }
}

#[test]
fn where_nothing_but_ascii_can_be_shown_nothing_else_is() {
    let all = scenes((120, 40)).into_iter().map(|(_, model)| model).chain(nasty_everywhere((120, 40)));
    for mut model in all {
        model.theme = Theme { unicode: false, ..Theme::default() };
        assert!(text(&model).is_ascii(), "{}", text(&model));
        assert_eq!(faults(&model), Vec::<String>::new());
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
fn what_an_agent_prints_is_read_without_its_escape_sequences() {
    let mut model = busy((200, 60));
    model.tab = Tab::Transcript;
    assert!(text(&model).contains("colours do not"), "{}", text(&model));
    assert!(NASTY.chars().any(char::is_control), "the test of all places needs a bad text");
}

#[test]
fn the_end_card_names_commands_and_goes_away_on_request() {
    use ralph_teams::domain::outcome::RunEnd;
    use ralph_teams::ui::tui::msg::Key;
    use ralph_teams::ui::tui::{Ask, Msg, update};
    let mut model = over((120, 40), RunEnd::Judged { pass: false });
    assert!(text(&model).contains("git diff aaaaaaaaaa..ralph/loop/20261120-101500-k3f9"));
    assert_eq!(update(&mut model, Msg::Key(Key::Esc)), None);
    assert!(!text(&model).contains("git diff") && model.card.is_some(), "it stays for the terminal afterwards");
    assert_eq!(update(&mut model, Msg::Key(Key::Char('q'))), Some(Ask::Leave));
}
