//! The wording of every notice, as one table to read.

use std::collections::BTreeSet;

use ralph_teams::scheduler::Notice;
use ralph_teams::scheduler::notice::StopReason;
use ralph_teams::ui::text::{Tone, told};

use crate::samples::{self, N_NOTICES, name, notices, view};

#[test]
fn the_samples_hold_every_notice() {
    let names: BTreeSet<&str> = notices().iter().map(name).collect();
    assert_eq!(names.len(), N_NOTICES, "{names:?}");
}

#[test]
fn every_notice_has_its_words() {
    let mut table = String::new();
    for notice in notices() {
        let told = told(&notice, &view());
        let tone = match told.tone {
            Tone::Neutral => '-',
            Tone::Good => '+',
            Tone::Doubtful => '!',
            Tone::Bad => 'x',
        };
        table.push_str(&format!("{tone} {}: {}\n", told.who, told.line));
        for detail in told.details {
            table.push_str(&format!("      {detail}\n"));
        }
    }
    insta::assert_snapshot!(table, @r#"
    - run: run 20261120-101500-k3f9 of "shop" began: 3 epics in 2 waves, at most 2 at a time, on top of aaaaaaaaaa
    - run: run 20261120-101500-k3f9 goes on; 2 pieces of work are taken up again
    - run: run 20261120-101500-k3f9 goes on; 1 piece of work is taken up again
    - run: ralph/loop/20261120-101500-k3f9 is ready; all 2 gates pass on the commit it starts from
    ! run: ralph/loop/20261120-101500-k3f9 is ready, though 1 of 2 gates is red before any work; a red one holds up no merge until it has turned green
          gate test: exit code 101
    ! run: ralph/loop/20261120-101500-k3f9 is ready; no gates are configured, so nothing but git checks what agents say
    - EPIC-001: a worktree is being made and set up
    - EPIC-001: team-lead starts
    - EPIC-001: team-lead starts, attempt 2, in its earlier conversation
    - EPIC-001: team-lead starts, fix round 1
    - EPIC-001: team-lead starts, fix round 1, attempt 2
    - EPIC-001: team-lead ended after 1m 20s (12.3k tokens, $0.42); its work is checked now
    - EPIC-001: resolver ended after 1m 20s; the worktree is checked now
    - EPIC-001: final-validator ended after 1m 20s (12.3k tokens, cost not known); its report is read now
    x EPIC-001: team-lead crashed after 1m 20s (12.3k tokens, $0.42): exit code 1
    x EPIC-001: team-lead got an error from its provider after 1m 20s (12.3k tokens, $0.42): overloaded
    x EPIC-001: team-lead was slowed down by its provider after 1m 20s (12.3k tokens, $0.42): 429
    x EPIC-001: team-lead used up what its account may use after 1m 20s (12.3k tokens, $0.42): usage limit reached, resets at 3pm
    x EPIC-001: team-lead cannot reach its provider after 1m 20s (12.3k tokens, $0.42): connection refused
    x EPIC-001: team-lead is not signed in: invalid API key; sign in with the agent program, then resume
    x EPIC-001: team-lead cannot be paid for: credit balance is too low; put the account in order, then resume
    x EPIC-001: team-lead has more to read than the model can take after 1m 20s (12.3k tokens, $0.42): prompt is too long
    x EPIC-001: team-lead cannot work at all: claude: not found; check that the agent program is installed and its options are right
    x EPIC-001: team-lead gave up or reached a limit of its own after 1m 20s (12.3k tokens, $0.42): limit of turns reached
    ! EPIC-001: team-lead is stopped: it ran for 2h, its limit (timeouts.epicTimeout)
    ! EPIC-001: team-lead is stopped: no sign of life for 5m, its limit (timeouts.idleTimeout); the last was a process of its own at work
    ! EPIC-001: team-lead is stopped: it made the same calls 20 times and changed nothing (execution.stagnationTurns)
    ! EPIC-001: tried again in 30s, attempt 2 of 3: the session crashed
    ! EPIC-001: tried again now, attempt 3 of 3: no report was written
    - EPIC-001: the team-lead delegates: builder for US-1 starts on codex, session 2 of 3
    - EPIC-001: builder for US-1 ended after 1m 20s (1.2k tokens, $0.00); the team-lead goes on
    ! EPIC-001: builder for US-1 came to nothing after 1m 20s (1.2k tokens, $0.00): it failed: exit code 3
    ! EPIC-001: story-validator for US-1 came to nothing after 1m 20s (1.2k tokens, $0.00): the provider turned it away: 429 Too Many Requests
    ! EPIC-001: story-planner for US-1 came to nothing after 1m 20s (1.2k tokens, $0.00): the session was silent for 900 s
    ! EPIC-001: epic-validator was stopped after 1m 20s (1.2k tokens, $0.00)
    ! EPIC-001: builder came to nothing after 1m 20s (1.2k tokens, $0.00): it could not be started: there is no program
    ! EPIC-001: the team-lead may not delegate to builder for US-1: all 3 sessions that a builder may have for this are used
    - EPIC-001: notes a convention: ids are lower case
    ! EPIC-001: 1 file was left uncommitted; the runner committed it: a.rs
    ! EPIC-001: 5 files were left uncommitted; the runner committed them: a.rs, b.rs, c.rs, 2 more
    + EPIC-001: story US-001 passes
    ! EPIC-001: story US-001 passes, but unproven: no commit was named for it
    x EPIC-001: story US-001 does not pass: the page is empty
    + EPIC-001: gate test passes after 12s
    + EPIC-001: gate test passes on the merged result after 12s
    x EPIC-001: gate test is red after 12s: exit code 101; full output in .ralph-teams/runs/20261120-101500-k3f9/jobs/epic-001.check.1/gate-1.log
          running 2 tests
          test login ... FAILED
    x EPIC-001: gate test is red after 12s: exit code 127, the shell could not start `cargo test`; full output in .ralph-teams/runs/20261120-101500-k3f9/jobs/epic-001.check.1/gate-1.log
          running 2 tests
          test login ... FAILED
    x EPIC-001: gate test is red on the merged result after 12s: killed by signal 9; full output in .ralph-teams/runs/20261120-101500-k3f9/jobs/epic-001.check.1/gate-1.log
          running 2 tests
          test login ... FAILED
    x EPIC-001: gate test is red after 12s: it took longer than its limit; full output in .ralph-teams/runs/20261120-101500-k3f9/jobs/epic-001.check.1/gate-1.log
          running 2 tests
          test login ... FAILED
    ! EPIC-001: 7 findings go back to the team-lead, fix round 1 of 3
          gate test is red: exit code 101
          gate test is red once merged with the others: it took longer than its limit
          story US-002: no test
          report: line 3: not an object
          rule broken: prd.json was changed
          the session before: exit code 1
          final validator: the menu is empty
    ! EPIC-001: 1 finding goes back to the team-lead, fix round 2 of 3
          report: there is none
    - EPIC-001: proven on its own branch; it is merged next
    - EPIC-001: proven on its own branch; 1 other is merged before it
    - EPIC-001: proven on its own branch; 2 others are merged before it
    ! EPIC-001: conflicts with the loop branch in 1 file; a resolver takes over, round 1 of 2: src/a.rs
    + EPIC-001: merged; ralph/loop/20261120-101500-k3f9 now stands at bbbbbbbbbb
    + fix 1: merged; ralph/loop/20261120-101500-k3f9 now stands at cccccccccc
    ! EPIC-001: its worktree is kept: a file in it is not committed
    ! EPIC-001: your repository changed while EPIC-001 team-lead, EPIC-002 resolver ran; nothing was restored
          the index: changed
    ! EPIC-001: trouble, the run goes on: a backup reference could not be written
    ! EPIC-001: stopped as asked: nothing is done for it until you let it go on, and what it has stays
    - EPIC-001: goes on where it stood, as asked
    ! EPIC-001: is set back as asked: its session ends, its work is saved
    - EPIC-001: begins again; what it had is saved as refs/ralph/backup/20261120-101500-abc/epic-001/1
    - EPIC-002: begins again; there was no work of it to save
    ! run: only 300 MiB are free on the disk (policy.minFreeMb): nothing new starts until there is more
    - run: the disk has room again; new work may start
    ! run: 82% of the budget is used: $4.10 of $5.00
    ! run: the budget is used up, 1203004 of 1000000 tokens: no session starts any more, what runs comes to its end
    - EPIC-001: was completed by an earlier run; nothing to do
    + EPIC-001: done: merged as bbbbbbbbbb
    x EPIC-001: done in part, not merged: US-002 has no test; its work is kept, see: git log ralph/epic/20261120-101500-k3f9/epic-001-c663346c
    x EPIC-001: failed: US-002 has no test; its work is kept, see: git log ralph/epic/20261120-101500-k3f9/epic-001-c663346c
    x EPIC-001: could not be merged: US-002 has no test; its work is kept, see: git log ralph/epic/20261120-101500-k3f9/epic-001-c663346c
    ! EPIC-001: not started: blocked by EPIC-002, EPIC-003
    - EPIC-001: left out of this run
    ! EPIC-001: cut short when the run ended; its work is kept, see: git log ralph/epic/20261120-101500-k3f9/epic-001-c663346c
    + run: final validation passes
    x run: final validation fails with 1 finding, round 2
          the menu is empty
    - EPIC-001: is planned; its lead begins
    ! EPIC-001: goes on without a plan: the planner left no plan
    + EPIC-001: its validator passes it
    x EPIC-001: its validator fails it with 1 finding
          a-2, criterion 1 does not hold
    ! EPIC-001: is merged though nobody judged it: the session was silent for 900 s
    ! EPIC-001: put back to the commit that it stood on; what else was in its worktree is saved as refs/ralph/backup/r1/epic-001/1
    ! run: paused as asked: nothing new is started, what is at work goes on
    - run: no longer paused
    ! run: claude is parked for 1h 30m: usage limit reached, resets at 3pm
    ! run: the run is stopping as asked; 2 pieces of work are being ended, Ctrl-C again kills at once
    ! run: the run is stopping at once as asked; 2 pieces of work are being killed
    ! run: the run is stopping: it took 2h, its limit (timeouts.loopTimeout); 2 pieces of work are being ended, Ctrl-C again kills at once
    ! run: the run is stopping: the provider turned sessions away for too long: overloaded; 2 pieces of work are being ended, Ctrl-C again kills at once
    ! run: the run is stopping: the disk is full; 2 pieces of work are being ended, Ctrl-C again kills at once
    ! run: the run is stopping: only 12 MiB are free on the disk; 2 pieces of work are being ended, Ctrl-C again kills at once
    ! run: the run is stopping: the budget is used up, 1203004 of 1000000 tokens (a higher --max-tokens lets it go on); 2 pieces of work are being ended, Ctrl-C again kills at once
    + run: verdict: pass; 1 of 3 epics merged into ralph/loop/20261120-101500-k3f9, after 2m 20s, 12.3k tokens, $0.42
    x run: verdict: fail; 1 of 3 epics merged into ralph/loop/20261120-101500-k3f9, after 2m 20s, 12.3k tokens, $0.42
    ! run: stopped by a limit: the run took 2h; 1 of 3 epics merged into ralph/loop/20261120-101500-k3f9, after 2m 20s, 12.3k tokens, $0.42; go on with: ralph-teams resume 20261120-101500-k3f9
    ! run: no verdict yet, interrupted; 1 of 3 epics merged into ralph/loop/20261120-101500-k3f9, after 2m 20s, 12.3k tokens, $0.42; go on with: ralph-teams resume 20261120-101500-k3f9
    x run: no verdict yet, stopped: the disk is full; 1 of 3 epics merged into ralph/loop/20261120-101500-k3f9, after 2m 20s, 12.3k tokens, $0.42; go on with: ralph-teams resume 20261120-101500-k3f9
    "#);
}

#[test]
fn the_words_are_ascii() {
    for notice in notices() {
        let told = told(&notice, &view());
        assert!(told.line.is_ascii(), "{}", told.line);
    }
}

#[test]
fn nothing_that_an_agent_says_reaches_the_terminal_as_a_control_code() {
    let evil = "\u{1B}]0;title\u{7}\u{1B}[2Jred\nnext\u{202E}".to_owned();
    let notices = [
        Notice::Trouble { scope: samples::scope(1), what: evil.clone() },
        Notice::Noted { scope: samples::scope(1), note: samples::note(&evil) },
        Notice::LeftoversCommitted { scope: samples::scope(1), files: vec![evil.clone()] },
        Notice::Validated { pass: false, findings: vec![evil.clone()], round: 1 },
        Notice::EpicValidated { epic: samples::epic(1), pass: false, findings: vec![evil.clone()] },
        Notice::NotValidated { epic: samples::epic(1), reason: evil.clone() },
        Notice::Planned { epic: samples::epic(1), missing: Some(evil.clone()) },
        Notice::Stopping {
            how: ralph_teams::scheduler::event::Stop::Now,
            reason: StopReason::Environment(evil),
            n_jobs: 0,
        },
    ];
    for notice in notices {
        let told = told(&notice, &view());
        let all = format!("{}{}", told.line, told.details.concat());
        assert!(!all.chars().any(|c| c.is_control() || c == '\u{202E}'), "{all:?}");
        assert!(all.contains("red next"), "{all:?}");
    }
}
