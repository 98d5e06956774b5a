//! What is shown: every scene at every size as a snapshot, and what holds for all of them.

use ralph_teams::domain::id::{EpicId, StoryId};
use ralph_teams::domain::outcome::{Outcome, RunEnd};
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::view::{RunPhase, TrackState};
use ralph_teams::scheduler::{RunView, Scope};
use ralph_teams::ui::tui::model::{Page, Tab};
use ralph_teams::ui::tui::msg::Place;
use ralph_teams::ui::tui::theme::{Ink, Palette, Theme};
use ralph_teams::ui::tui::{Msg, update};

use super::frames::faults;
use super::scenes::{NASTY, busy, merged, nasty_everywhere, over, running, scenes, view, waits, with, working};
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
fn what_is_known_of_consumption_by_story_is_told_and_the_rest_as_of_no_single_one() {
    let mut now = running();
    let usage = |tokens| Usage { output_tokens: tokens, cost_microdollars: 420_000, ..Usage::default() };
    let [first, second] = ["US-003", "US-004"].map(|id| StoryId::new(id).expect("an id"));
    now.epics[1].usage_by_story.add(Some(&first), usage(12_345));
    let stories = |now: &RunView| {
        let mut model = with((160, 60), now);
        model.selected = 1;
        model.tab = Tab::Stories;
        text(&model)
    };
    let shown = stories(&now);
    assert!(shown.contains("consumed for it alone: 12.3k tokens, $0.42"), "{shown}");
    assert_eq!((shown.matches("for it alone").count(), shown.matches("no single story").count()), (1, 0), "{shown}");
    now.epics[1].usage_by_story.add(Some(&second), Usage::UNKNOWN);
    now.epics[1].usage_by_story.add(None, usage(500));
    let shown = stories(&now);
    assert!(shown.contains("consumed for it alone: tokens and cost not known"), "{shown}");
    assert!(shown.contains("consumed for no single story: 500 tokens, $0.42"), "{shown}");
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
fn the_end_card_of_a_task_offers_the_task_and_no_run_of_a_prd() {
    let mut model = over((120, 40), RunEnd::Judged { pass: false });
    assert!(text(&model).contains("ralph-teams run ") && !text(&model).contains("ralph-teams task "));
    model.facts.home.again = None;
    assert!(text(&model).contains("ralph-teams task ") && !text(&model).contains("ralph-teams run "));
}

#[test]
fn the_end_card_names_commands_and_goes_away_on_request() {
    use ralph_teams::ui::tui::msg::Key;
    use ralph_teams::ui::tui::{Ask, Msg, update};
    let mut model = over((120, 40), RunEnd::Judged { pass: false });
    assert!(text(&model).contains("git diff aaaaaaaaaa..ralph/loop/20261120-101500-k3f9"));
    assert_eq!(update(&mut model, Msg::Key(Key::Esc)), None);
    assert!(!text(&model).contains("git diff") && model.card.is_some(), "it stays for the terminal afterwards");
    assert_eq!(update(&mut model, Msg::Key(Key::Char('q'))), Some(Ask::Leave));
}

#[test]
fn where_nothing_is_alive_nothing_is_shown_as_if_it_were_at_work() {
    let at_work =
        view([merged(), working(), TrackState::Merging, waits(&[2]), waits(&[2]), waits(&[5])], RunPhase::Working);
    let ended = RunView { phase: RunPhase::Ended(RunEnd::Interrupted), ..at_work.clone() };
    let place = Place { event: 9, of: 9, live: false, gone: true };
    for (view, place) in [(ended, None), (at_work, Some(place))] {
        let mut model = with((120, 40), &view);
        (model.place, model.facts.watching) = (place, place.is_some());
        let shown = text(&model);
        for expected in ["0 running", "cut short, can go on", "cut short "] {
            assert!(shown.contains(expected), "{expected} is missing:\n{shown}");
        }
        for wrong in ["slots", "silent", "at work", "working", "merging"] {
            assert!(!shown.contains(wrong), "{wrong}:\n{shown}");
        }
    }
}

#[test]
fn the_card_of_a_run_whose_runner_is_gone_says_so_and_keeps_its_commands_however_many_epics_there_are() {
    let mut now = running();
    let more: Vec<_> = (0..30).map(|_| now.epics[1].clone()).collect();
    now.epics.extend(more);
    let mut model = with((80, 24), &now);
    model.facts.watching = true;
    model.place = Some(Place { event: 9, of: 9, live: false, gone: true });
    update(&mut model, Msg::Card("x".to_owned()));
    let shown = text(&model);
    for expected in ["its runner is gone (enter leaves", "ralph-teams resume 20261120-101500-k3f9", "git diff"] {
        assert!(shown.contains(expected), "{expected} is missing:\n{shown}");
    }
    assert!(!shown.contains("the run is over"), "{shown}");
}

#[test]
fn names_in_wide_letters_are_whole_or_cut_but_never_gone() {
    let long = EpicId::new("日本語の検索エンジン").expect("an id");
    let mut now = running();
    now.epics[0].scope = Scope::Epic(long);
    for (page, shown) in [(Page::Graph, "日本"), (Page::Timeline, "日本語の検…")] {
        let mut model = with((80, 24), &now);
        model.page = page;
        model.selected = 3;
        assert!(text(&model).contains(shown), "{shown} is missing:\n{}", text(&model));
        assert_eq!(faults(&model), Vec::<String>::new());
    }
}
