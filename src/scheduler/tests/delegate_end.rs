//! The end of a lead, of an epic or of the run while somebody works for the lead: nothing moves on before both have answered.

use super::cut;
use super::delegate::{asks, cancelled, consumed, delegated, story, told};
use super::play::{Play, ended, policy, scope};
use crate::domain::policy::Policy;
use crate::domain::role::Role;
use crate::scheduler::delegation::{Refusal, Told};
use crate::scheduler::event::{FailureKind, Stop};
use crate::scheduler::view::{TrackState, WaitReason};
use crate::scheduler::{Command, Event, Job, Task};

#[test]
fn the_limit_of_the_leads_life_ends_both_and_the_check_waits_for_both() {
    let (mut play, lead, builder) = delegated(Policy { epic_timeout_ms: Some(100), ..policy(1) });
    play.at = 100;
    play.say(Event::Tick);
    assert!(cancelled(&play, &builder) && cancelled(&play, &lead));
    assert_eq!(play.scheduler.next_deadline(), None);
    play.say(Event::SessionEnded { job: lead, end: cut() });
    assert!(!play.is_open("a", Task::Check), "somebody is still in the worktree");
    play.say(Event::Cut { job: builder });
    assert!(play.is_open("a", Task::Check));
}

#[test]
fn whatever_ends_a_lead_counts_only_after_its_delegate_has_answered() {
    let crashed = |job| ended(job, Some(FailureKind::Crashed));
    let ends: [fn(Job) -> Event; 3] = [|job| ended(job, None), crashed, |job| Event::Cut { job }];
    for end in ends {
        let (mut play, lead, builder) = delegated(policy(1));
        play.say(end(lead));
        assert!(cancelled(&play, &builder));
        assert_eq!(play.state("a"), TrackState::Stopping(Role::TeamLead));
        assert_eq!(play.scheduler.next_deadline(), None);
        play.open.retain(|command| !matches!(command, Command::Cancel { .. }));
        assert_eq!(play.open.iter().map(Command::job).collect::<Vec<_>>(), [&builder], "nothing moves on");
        play.say(Event::SessionEnded { job: builder, end: cut() });
        assert_eq!(told(&play), None, "nobody waits for it");
        assert!(play.is_open("a", Task::Check) || play.sessions() == ["a"]);
    }
}

#[test]
fn a_lead_that_does_not_wait_any_longer_has_its_delegate_ended_and_that_counts() {
    let (mut play, lead, builder) = delegated(Policy { max_attempts: 1, ..policy(1) });
    play.say(Event::DelegateDropped { job: lead.clone(), call: 7 });
    assert!(!cancelled(&play, &builder), "another call");
    play.say(Event::DelegateDropped { job: lead.clone(), call: 1 });
    assert!(cancelled(&play, &builder));
    play.say(Event::SessionEnded { job: builder, end: cut() });
    play.say(asks(&lead, 2, Role::Builder, story("a")));
    assert_eq!(told(&play), Some(Told::Refused(Refusal::UsedUp { role: Role::Builder, of: 1 })));
}

#[test]
fn a_held_epic_waits_for_both_and_its_lead_goes_on_alone() {
    let mut play = Play::new(&["a", "b"], policy(2));
    play.prepare("a");
    let lead = play.session("a");
    play.say(asks(&lead, 1, Role::Builder, story("a")));
    let builder = play.job(&scope("a"), Task::Session(Role::Builder));
    play.say(Event::StopEpicAsked { epic: super::epic_id("a") });
    assert!(cancelled(&play, &builder) && cancelled(&play, &lead));
    play.say(Event::SessionEnded { job: lead, end: cut() });
    assert_ne!(play.state("a"), TrackState::Waiting(WaitReason::Held), "its builder is still there");
    play.say(Event::SessionEnded { job: builder, end: cut() });
    assert_eq!(play.state("a"), TrackState::Waiting(WaitReason::Held));
    play.open.clear();
    play.say(Event::RetryAsked { epic: super::epic_id("a") });
    let Some(Command::Session { ask, .. }) = play.open.first() else { panic!("{:?}", play.open) };
    assert_eq!((ask.role, ask.attempt), (Role::TeamLead, 1));
    assert!(format!("{:?}", ask.findings).contains("a builder worked for you on a-1"), "{:?}", ask.findings);
}

#[test]
fn an_epic_is_taken_away_only_after_both_have_answered_in_whatever_order() {
    for lead_first in [true, false] {
        let (mut play, lead, builder) = delegated(policy(1));
        play.say(Event::ResetAsked { epic: super::epic_id("a") });
        let mut both = [lead, builder];
        if !lead_first {
            both.reverse();
        }
        for job in both {
            assert!(!play.is_open("a", Task::Abandon));
            play.say(Event::SessionEnded { job, end: consumed(3) });
        }
        assert!(play.is_open("a", Task::Abandon));
        assert_eq!(play.scheduler.view().expect("a view").usage.output_tokens, 6, "both are counted");
    }
}

#[test]
fn a_reset_while_only_the_delegate_still_ends_takes_the_epic_away_after_it() {
    let (mut play, lead, builder) = delegated(policy(1));
    play.say(ended(lead, None));
    play.say(Event::ResetAsked { epic: super::epic_id("a") });
    assert!(!play.is_open("a", Task::Abandon));
    play.say(Event::Cut { job: builder });
    assert!(play.is_open("a", Task::Abandon));
}

#[test]
fn a_stop_ends_both_and_is_over_when_both_have_answered() {
    let (mut play, lead, builder) = delegated(policy(1));
    play.open.clear();
    play.say(Event::StopAsked { how: Stop::Now });
    let cancel = |job: &Job| Command::Cancel { job: job.clone(), how: Stop::Now };
    assert_eq!(play.open, [cancel(&lead), cancel(&builder)], "and nobody makes it less urgent");
    play.say(Event::SessionEnded { job: lead.clone(), end: cut() });
    assert_eq!(play.scheduler.ended(), None);
    play.say(Event::SessionEnded { job: builder, end: cut() });
    assert!(play.scheduler.ended().is_some());
    play.open.clear();
    play.say(Event::Resumed { policy: Box::new(policy(1)) });
    assert_eq!(play.sessions(), ["a"], "the lead alone");
    assert_ne!(play.session("a"), lead);
}

#[test]
fn after_a_crash_the_lead_is_asked_for_again_and_nobody_works_for_it() {
    let (mut play, lead, builder) = delegated(Policy { max_attempts: 1, ..policy(1) });
    play.open.clear();
    play.say(Event::Resumed { policy: Box::new(Policy { max_attempts: 1, ..policy(1) }) });
    assert_eq!(play.open.iter().map(Command::job).collect::<Vec<_>>(), [&lead]);
    play.ignores(ended(builder.clone(), None));
    play.say(asks(&lead, 1, Role::Builder, story("a")));
    assert_ne!(play.job(&scope("a"), Task::Session(Role::Builder)), builder, "nobody was charged");
}

#[test]
fn a_crash_between_the_answers_of_both_loses_neither_of_them() {
    let (mut play, lead, _) = delegated(policy(1));
    play.say(Event::SessionEnded { job: lead, end: consumed(5) });
    play.open.clear();
    play.say(Event::Resumed { policy: Box::new(policy(1)) });
    assert!(play.is_open("a", Task::Check) && play.sessions().is_empty(), "{:?}", play.open);
    assert_eq!(play.scheduler.view().expect("a view").usage.output_tokens, 5);
    play.check("a", true, 0);
    assert_eq!(play.state("a"), TrackState::Merging);
}
