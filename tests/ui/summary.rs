//! The table of `status` and the card at the end.

use ralph_teams::domain::outcome::{Outcome, RunEnd};
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::RunView;
use ralph_teams::scheduler::view::{RunPhase, TrackState, WaitReason};
use ralph_teams::ui::card::Home;
use ralph_teams::ui::summary::{end_card, status_text};

use crate::samples::{SPENT, epic, track, view};

fn home(run_dir: &str) -> Home {
    Home { elsewhere: None, run_dir: run_dir.to_owned(), again: Some("ralph-teams run".to_owned()) }
}

fn card(view: &RunView) -> String {
    end_card(view, &home(".ralph-teams/runs/20261120-101500-k3f9"))
}

/// The commands that a card offers.
fn commands(card: &str) -> Vec<&str> {
    let next = card.lines().skip_while(|line| !line.starts_with("Next")).skip(1);
    next.filter_map(|line| line.split("  #").next()).map(str::trim).collect()
}

#[test]
fn status_is_a_table_that_says_why_an_epic_waits() {
    insta::assert_snapshot!(status_text(&view(), true), @r#"
    run 20261120-101500-k3f9 of "shop": at work
    1 of 3 epics merged, 1 of 2 slots busy, after 2m 20s, 12.3k tokens, $0.42

    EPIC      WAVE  STORIES  ATTEMPT  COST   STATE                           TITLE
    EPIC-001  1     1/3      1        $0.42  merged                          Login
    EPIC-002  1     1/3      1        $0.42  working (team-lead) for 1m 20s  日本語の検索
    EPIC-003  1     1/3      -        $0.42  waits for EPIC-001, EPIC-002    Reports
    "#);
}

#[test]
fn a_run_whose_budget_is_used_up_is_gone_on_with_under_a_higher_one() {
    let mut view = view();
    let reason = "the budget is used up, 1203004 of 1000000 tokens; a higher --max-tokens lets it go on".to_owned();
    view.phase = RunPhase::Ended(RunEnd::Limit { reason });
    view.budget = Some(SPENT);
    view.usage = view.usage.plus(Usage::UNKNOWN);
    let card = card(&view);
    let head: Vec<&str> = card.lines().take(2).collect();
    insta::assert_snapshot!(head.join("\n"), @"
    stopped by a limit: the budget is used up, 1203004 of 1000000 tokens; a higher --max-tokens lets it go on
    1 of 3 epics merged, after 2m 20s, at least 12.3k tokens, at least $0.42, 1 session's cost is not known
    ");
    assert!(card.contains("\n  ralph-teams resume 20261120-101500-k3f9 --max-tokens N  "), "{card}");
}

#[test]
fn the_card_says_what_is_merged_what_is_not_and_what_to_type() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Judged { pass: false });
    let failed = Outcome::Failed { reason: "gate test is red\u{7}".to_owned() };
    view.epics[1] = track(2, "Search", TrackState::Done(failed));
    view.epics[2].state = TrackState::Waiting(WaitReason::Blocked(vec![epic(2)]));
    insta::assert_snapshot!(card(&view), @r#"
    verdict: fail
    1 of 3 epics merged, after 2m 20s, 12.3k tokens, $0.42

      EPIC-002  failed: gate test is red
        git log ralph/epic/20261120-101500-k3f9/epic-002-258e08c4
      EPIC-003  blocked by EPIC-002
      merged: EPIC-001

    What is merged is on ralph/loop/20261120-101500-k3f9; your branch is untouched.
    Next:
      cat .ralph-teams/runs/20261120-101500-k3f9/report.md  # the evidence
      git diff aaaaaaaaaa..ralph/loop/20261120-101500-k3f9  # what changed
      ralph-teams run                                       # try the rest again
    "#);
}

#[test]
fn the_card_of_an_interrupted_run_offers_no_report_that_does_not_exist() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Interrupted);
    let card = card(&view);
    assert!(card.starts_with("no verdict yet, interrupted\n"), "{card}");
    assert!(!card.contains("report.md"), "{card}");
}

#[test]
fn the_card_of_a_run_that_merged_nothing_offers_no_look_at_what_was_merged() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Interrupted);
    view.epics.iter_mut().for_each(|track| track.state = TrackState::Done(Outcome::Interrupted));
    let card = card(&view);
    assert!(!card.contains("git diff") && !card.contains("what was merged"), "{card}");
    assert!(card.contains("ralph-teams resume") && card.contains("ralph-teams status"), "{card}");
}

#[test]
fn a_path_with_blanks_is_one_word_of_the_shell() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Judged { pass: true });
    let card = end_card(&view, &home("a dir/it's"));
    assert!(card.contains(r"cat 'a dir/it'\''s'/report.md"), "{card}");
}

#[test]
fn what_a_killed_runner_left_is_not_told_as_if_somebody_were_at_work() {
    let mut killed = view();
    killed.epics[1].state = TrackState::Resting { until: 200_000 };
    let failed = Outcome::Failed { reason: "gate test is red\u{7}".to_owned() };
    killed.epics.push(track(4, "Search", TrackState::Done(failed)));
    insta::assert_snapshot!(status_text(&killed, false), @r#"
    run 20261120-101500-k3f9 of "shop": no verdict yet, its runner is gone without a last word
    1 of 4 epics merged, after 2m 20s, 12.3k tokens, $0.42

    EPIC      WAVE  STORIES  ATTEMPT  COST   STATE                 TITLE
    EPIC-001  1     1/3      1        $0.42  merged                Login
    EPIC-002  1     1/3      1        $0.42  cut short, can go on  日本語の検索
    EPIC-003  1     1/3      -        $0.42  not started yet       Reports
    EPIC-004  1     1/3      1        $0.42  failed                Search

    EPIC-004: gate test is red
    "#);
    let card = card(&killed);
    assert!(card.starts_with("no verdict yet, its runner is gone without a last word\n"), "{card}");
    assert!(card.contains("  EPIC-002  cut short, can go on\n"), "{card}");
    assert_eq!(commands(&card)[0], "ralph-teams resume 20261120-101500-k3f9");
}

#[test]
fn words_that_are_read_outside_of_a_screen_name_none_of_its_keys() {
    let mut view = view();
    view.epics[1].state = TrackState::Waiting(WaitReason::Held);
    view.epics[2].state = TrackState::Waiting(WaitReason::Backend { until: 3_600_000 });
    let status = status_text(&view, true);
    assert!(status.contains("stopped by you  ") && status.contains("parked until 60:00 of the run  "), "{status}");
}

#[test]
fn a_card_offers_the_prd_that_was_worked_on_and_for_a_single_task_nothing_that_is_about_prds() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Judged { pass: false });
    let other = Home { again: Some("ralph-teams run other.json".to_owned()), ..home("run") };
    assert!(commands(&end_card(&view, &other)).contains(&"ralph-teams run other.json"));
    let task = Home { again: None, ..home("run") };
    let reason = "US-001 has no test".to_owned();
    view.epics = vec![track(1, "Mend the clock", TrackState::Done(Outcome::Failed { reason }))];
    let expected =
        ["cat run/report.md", "ralph-teams logs --run 20261120-101500-k3f9", "ralph-teams task 'Mend the clock'"];
    assert_eq!(commands(&end_card(&view, &task)), expected);
    view.phase = RunPhase::Ended(RunEnd::Interrupted);
    let expected = [
        "ralph-teams resume 20261120-101500-k3f9",
        "ralph-teams runs show 20261120-101500-k3f9",
        "ralph-teams logs --run 20261120-101500-k3f9",
    ];
    assert_eq!(commands(&end_card(&view, &task)), expected);
}

#[test]
fn who_is_not_in_the_repository_hears_where_to_type_what_the_card_offers() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Judged { pass: true });
    let elsewhere = Home { elsewhere: Some("/tmp/a demo\u{7}".to_owned()), ..home("run") };
    let card = end_card(&view, &elsewhere);
    assert!(card.contains("\nNext, in /tmp/a demo:\n  cat run/report.md  "), "{card}");
}

#[test]
fn a_run_that_did_as_many_epics_as_it_may_is_gone_on_with_for_as_many_again() {
    let mut view = view();
    view.epics.iter_mut().skip(1).for_each(|track| track.state = TrackState::Done(Outcome::LeftOut));
    let reason = "2 epics were not started: the limit was reached".to_owned();
    view.phase = RunPhase::Ended(RunEnd::Limit { reason });
    let card = card(&view);
    assert!(card.starts_with("stopped by a limit: 2 epics were not started"), "{card}");
    assert_eq!(commands(&card)[0], "ralph-teams resume 20261120-101500-k3f9");
}
