//! The table of `status` and the card at the end.

use ralph_teams::domain::outcome::{Outcome, RunEnd};
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::view::{RunPhase, TrackState, WaitReason};
use ralph_teams::ui::summary::{end_card, status_text};

use crate::samples::{SPENT, epic, run, track, view};

#[test]
fn status_is_a_table_that_says_why_an_epic_waits() {
    insta::assert_snapshot!(status_text(&view()), @r#"
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
    let card = end_card(&view, "dir", "branch");
    let head: Vec<&str> = card.lines().take(2).collect();
    insta::assert_snapshot!(head.join("\n"), @"
    no verdict yet, stopped by a limit: the budget is used up, 1203004 of 1000000 tokens; a higher --max-tokens lets it go on (go on with: ralph-teams resume)
    1 of 3 epics merged, after 2m 20s, at least 12.3k tokens, at least $0.42, 1 session's cost is not known
    ");
    assert!(card.contains("\n  ralph-teams resume 20261120-101500-k3f9 --max-tokens N  #"), "{card}");
}

#[test]
fn the_card_says_what_is_merged_what_is_not_and_what_to_type() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Judged { pass: false });
    let failed = Outcome::Failed { reason: "gate test is red\u{7}".to_owned() };
    view.epics[1] = track(2, "Search", TrackState::Done(failed));
    view.epics[2].state = TrackState::Waiting(WaitReason::Blocked(vec![epic(2)]));
    let run = run();
    let card = end_card(&view, &format!(".ralph-teams/runs/{run}"), &run.loop_branch());
    insta::assert_snapshot!(card, @r#"
    verdict: fail
    1 of 3 epics merged, after 2m 20s, 12.3k tokens, $0.42

      EPIC-002  failed: gate test is red
        git log ralph/epic/20261120-101500-k3f9/epic-002-258e08c4
      EPIC-003  blocked by EPIC-002
      merged: EPIC-001

    What is merged is on ralph/loop/20261120-101500-k3f9; your own branch is untouched. Next:
      cat .ralph-teams/runs/20261120-101500-k3f9/report.md  # the evidence, story by story
      git diff aaaaaaaaaa..ralph/loop/20261120-101500-k3f9  # what changed
      ralph-teams run                                       # try again what is not merged
    "#);
}

#[test]
fn the_card_of_an_interrupted_run_offers_no_report_that_does_not_exist() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Interrupted);
    let card = end_card(&view, "a dir/it's", "ralph/loop/x");
    assert!(card.starts_with("no verdict yet, interrupted (go on with: ralph-teams resume)\n"), "{card}");
    assert!(!card.contains("report.md"), "{card}");
}

#[test]
fn the_card_of_a_run_that_merged_nothing_offers_no_look_at_what_was_merged() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Interrupted);
    view.epics.iter_mut().for_each(|track| track.state = TrackState::Done(Outcome::Interrupted));
    let card = end_card(&view, "run", "ralph/loop/x");
    assert!(!card.contains("git diff") && !card.contains("what was merged"), "{card}");
    assert!(card.contains("ralph-teams resume") && card.contains("ralph-teams status"), "{card}");
}

#[test]
fn a_path_with_blanks_is_one_word_of_the_shell() {
    let mut view = view();
    view.phase = RunPhase::Ended(RunEnd::Judged { pass: true });
    let card = end_card(&view, "a dir/it's", "ralph/loop/x");
    assert!(card.contains(r"cat 'a dir/it'\''s'/report.md"), "{card}");
}
