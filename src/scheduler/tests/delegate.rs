//! Delegating: what is refused, what a lead is told, and that nothing moves on while anybody works in the worktree.

use super::cut;
use super::play::{Play, ended, policy, scope};
use crate::domain::budget::{Allowance, Budget};
use crate::domain::id::{SessionId, StoryId};
use crate::domain::policy::Policy;
use crate::domain::role::Role;
use crate::domain::usage::Usage;
use crate::scheduler::command::Purpose;
use crate::scheduler::delegation::{Ending, Refusal, Told};
use crate::scheduler::event::{FailureKind, SessionEnd, SessionFailure, Sign, Stop};
use crate::scheduler::notice::Limit;
use crate::scheduler::view::TrackState;
use crate::scheduler::{Command, Event, Job, Task};

pub fn story(name: &str) -> Option<StoryId> {
    Some(StoryId::new(&format!("{name}-1")).expect("a story id"))
}

pub fn asks(job: &Job, call: u32, role: Role, story: Option<StoryId>) -> Event {
    Event::DelegateAsked { job: job.clone(), call, role, story, brief: "the button".to_owned() }
}

/// What the lead was told of its last call.
pub fn told(play: &Play) -> Option<Told> {
    play.open.iter().rev().find_map(|command| {
        let Command::TellLead { told, .. } = command else { return None };
        Some(told.clone())
    })
}

fn how(play: &Play) -> Option<Ending> {
    told(play).and_then(|told| match told {
        Told::Ended { how, .. } => Some(how),
        Told::Refused(_) => None,
    })
}

pub fn cancelled(play: &Play, job: &Job) -> bool {
    play.open.contains(&Command::Cancel { job: job.clone(), how: Stop::Graceful })
}

/// A lead at work on `a`, with its session.
fn lead(policy: Policy) -> (Play, Job) {
    let mut play = Play::new(&["a"], policy);
    play.prepare("a");
    let lead = play.session("a");
    (play, lead)
}

/// The same with a builder that it waits for.
pub fn delegated(policy: Policy) -> (Play, Job, Job) {
    let (mut play, lead) = lead(policy);
    play.say(asks(&lead, 1, Role::Builder, story("a")));
    let builder = play.job(&scope("a"), Task::Session(Role::Builder));
    (play, lead, builder)
}

fn turned_away(job: Job) -> Event {
    ended(job, Some(FailureKind::UsageLimit))
}

pub fn consumed(tokens: u64) -> SessionEnd {
    let usage = Usage { output_tokens: tokens, ..Usage::default() };
    SessionEnd { failure: None, cut: false, usage, said: None }
}

fn backends(pairs: &[(Role, &[&str])]) -> Policy {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Policy { backends: pairs.iter().map(|(role, of_role)| (*role, names(of_role))).collect(), ..policy(1) }
}

#[test]
fn a_lead_gets_a_session_in_its_own_slot_and_is_told_when_that_is_over() {
    let (mut play, lead, builder) = delegated(policy(1));
    let ask = play.asks().find(|(job, _)| **job == builder).expect("a session").1.clone();
    assert_eq!((ask.role, ask.stories, ask.continues), (Role::Builder, vec![story("a").expect("one")], None));
    let Purpose::Delegated(what) = ask.purpose else { panic!("{:?}", ask.purpose) };
    assert_eq!((what.by, what.call, what.brief.as_str()), (lead, 1, "the button"));
    assert_eq!(play.scheduler.view().expect("a view").slots_used, 1);
    play.say(Event::SessionEnded { job: builder.clone(), end: consumed(7) });
    assert_eq!(told(&play), Some(Told::Ended { session: builder, how: Ending::Done }));
    assert_eq!(play.scheduler.view().expect("a view").usage_by_role[&Role::Builder].output_tokens, 7);
    play.end_session("a", None);
    play.check("a", true, 0);
    assert_eq!(play.state("a"), TrackState::Merging);
}

/// Asserts that a lead is refused this, and nothing is started, after what happened `before`.
#[track_caller]
fn refuses(
    limits: Policy,
    before: impl FnOnce(&mut Play, &Job),
    (role, story): (Role, Option<StoryId>),
    refusal: Refusal,
) {
    let (mut play, lead) = lead(limits);
    before(&mut play, &lead);
    let n_open = play.open.len();
    play.say(asks(&lead, 2, role, story));
    let answer = Command::TellLead { job: lead, call: 2, told: Told::Refused(refusal) };
    assert_eq!(play.open[n_open..], [answer]);
}

/// What a lead may ask for where nothing stands against it.
fn a_builder() -> (Role, Option<StoryId>) {
    (Role::Builder, story("a"))
}

/// The lead delegates, and this is how the session ends.
fn after(play: &mut Play, lead: &Job, end: impl FnOnce(Job) -> Event) {
    play.say(asks(lead, 1, Role::Builder, story("a")));
    let job = play.job(&scope("a"), Task::Session(Role::Builder));
    play.say(end(job));
}

#[test]
fn a_role_and_a_story_that_do_not_go_together_are_refused() {
    let unknown = StoryId::new("x-9").expect("a story id");
    for (role, story, refusal) in [
        (Role::Resolver, None, Refusal::Role(Role::Resolver)),
        (Role::StoryValidator, None, Refusal::StoryMissing(Role::StoryValidator)),
        (Role::EpicValidator, story("a"), Refusal::NoStoryMeant(Role::EpicValidator)),
        (Role::Builder, Some(unknown.clone()), Refusal::NotAsked(unknown)),
    ] {
        refuses(policy(1), |_, _| (), (role, story), refusal);
    }
}

#[test]
fn a_second_session_at_a_time_is_refused() {
    let planner = |play: &mut Play, lead: &Job| play.say(asks(lead, 1, Role::StoryPlanner, story("a")));
    refuses(policy(1), planner, a_builder(), Refusal::Busy(Role::StoryPlanner));
}

#[test]
fn a_lead_that_is_being_ended_is_refused_whoever_ends_it() {
    let epic = || super::epic_id("a");
    for asked in [
        Event::StopAsked { how: Stop::Graceful },
        Event::StopEpicAsked { epic: epic() },
        Event::ResetAsked { epic: epic() },
    ] {
        refuses(policy(1), |play, _| play.say(asked), a_builder(), Refusal::Ending);
    }
    let goes_by = |play: &mut Play, _: &Job| {
        play.at = 10;
        play.say(Event::Tick);
    };
    refuses(Policy { epic_timeout_ms: Some(10), ..policy(1) }, goes_by, a_builder(), Refusal::Ending);
}

#[test]
fn a_count_or_a_budget_that_is_used_up_is_refused() {
    let crashes = |job| ended(job, Some(FailureKind::Crashed));
    let once = Policy { max_attempts: 1, ..policy(1) };
    let used_up = Refusal::UsedUp { role: Role::Builder, of: 1 };
    refuses(once, |play, lead| after(play, lead, crashes), a_builder(), used_up);

    let run = Allowance { max_tokens: Some(5), ..Allowance::default() };
    let spent = Policy { budget: Budget { run, ..Budget::default() }, ..policy(1) };
    let spends = |job| Event::SessionEnded { job, end: consumed(9) };
    refuses(spent, |play, lead| after(play, lead, spends), (Role::StoryValidator, story("a")), Refusal::Budget);
}

#[test]
fn a_role_whose_providers_are_all_away_is_refused_with_the_time_until_the_first_is_back() {
    let programs = backends(&[(Role::TeamLead, &["x"]), (Role::Builder, &["y"])]);
    let away = Refusal::Parked { role: Role::Builder, rest_ms: 500 };
    let limits = Policy { retry_delay_ms: 500, ..programs };
    refuses(limits, |play, lead| after(play, lead, turned_away), a_builder(), away);
}

#[test]
fn who_does_not_lead_an_epic_cannot_delegate() {
    let (mut play, _, builder) = delegated(policy(1));
    play.say(asks(&builder, 9, Role::Builder, story("a")));
    assert_eq!(told(&play), Some(Told::Refused(Refusal::NotALead)));
}

#[test]
fn the_number_of_sessions_is_bounded_for_each_role_and_story() {
    let limits = Policy { max_attempts: 3, max_fix_cycles: 1, ..policy(1) };
    for (role, of) in [(Role::Builder, 3), (Role::StoryPlanner, 3), (Role::StoryValidator, 2)] {
        let (mut play, lead) = lead(limits.clone());
        for call in 1..=of {
            play.say(asks(&lead, call, role, story("a")));
            let job = play.job(&scope("a"), Task::Session(role));
            play.say(ended(job, None));
        }
        play.say(asks(&lead, of + 1, role, story("a")));
        assert_eq!(told(&play), Some(Told::Refused(Refusal::UsedUp { role, of })));
    }
}

#[test]
fn whom_the_provider_turned_away_is_charged_nothing_and_another_program_stands_in_once() {
    let limits = backends(&[(Role::TeamLead, &["x"]), (Role::Builder, &["y", "z"])]);
    let (mut play, _, first) = delegated(Policy { max_attempts: 1, ..limits });
    play.say(turned_away(first.clone()));
    let second = play.job(&scope("a"), Task::Session(Role::Builder));
    assert_ne!(first, second);
    assert_eq!(told(&play), None, "the lead goes on waiting");
    play.say(turned_away(second));
    assert!(matches!(how(&play), Some(Ending::TurnedAway { .. })));
    assert_eq!(play.state("a"), TrackState::Working(Role::TeamLead), "its own program is not parked");
}

#[test]
fn silence_counts_for_the_delegate_and_its_limit_ends_it_alone() {
    let (mut play, lead, builder) = delegated(Policy { idle_timeout_ms: Some(100), ..policy(1) });
    play.at = 90;
    play.say(Event::Active { job: builder.clone(), sign: Sign::Tool });
    assert_eq!(play.scheduler.next_deadline(), Some(190), "the lead is not silent while it waits");
    play.at = 190;
    play.say(Event::Tick);
    assert!(cancelled(&play, &builder) && !cancelled(&play, &lead));
    assert_eq!(play.state("a"), TrackState::Working(Role::TeamLead));
    play.at = 195;
    play.say(Event::SessionEnded { job: builder, end: cut() });
    assert_eq!(how(&play), Some(Ending::Over(Limit::Silence(100))));
    let life = Policy::default().epic_timeout_ms.expect("a limit");
    assert!(life > 295);
    assert_eq!(play.scheduler.next_deadline(), Some(295), "from now on the lead's own silence counts");
}

#[test]
fn a_lead_that_waits_is_not_blamed_for_repeating_itself_but_its_delegate_is() {
    let (mut play, lead, builder) = delegated(policy(1));
    play.ignores(Event::Stagnant { job: lead, turns: 20 });
    play.say(Event::Stagnant { job: builder.clone(), turns: 20 });
    assert!(cancelled(&play, &builder));
    play.ignores(Event::Stagnant { job: builder.clone(), turns: 20 });
    play.say(Event::SessionEnded { job: builder, end: cut() });
    assert_eq!(how(&play), Some(Ending::Over(Limit::Repeats(20))));
}

#[test]
fn a_delegate_never_touches_the_conversation_of_its_lead() {
    let (mut play, lead, builder) = delegated(policy(1));
    let name = |text: &str| SessionId::new(text).expect("an id");
    play.say(Event::SessionIdentified { job: lead.clone(), session: name("of the lead") });
    play.say(Event::SessionIdentified { job: builder.clone(), session: name("of the builder") });
    play.say(Event::SessionEnded { job: builder, end: consumed(9) });
    play.say(Event::StopAsked { how: Stop::Graceful });
    play.say(Event::SessionEnded { job: lead, end: SessionEnd { cut: true, ..consumed(4) } });
    play.open.clear();
    play.say(Event::Resumed { policy: Box::new(policy(1)) });
    let Some(Command::Session { ask, .. }) = play.open.first() else { panic!("{:?}", play.open) };
    assert_eq!((ask.continues.clone(), ask.consumed.output_tokens), (Some(name("of the lead")), 4));
}

#[test]
fn a_program_that_cannot_work_at_all_stops_the_run_also_for_a_delegate() {
    let (mut play, lead, builder) = delegated(policy(1));
    play.say(ended(builder, Some(FailureKind::SignIn)));
    assert!(cancelled(&play, &lead));
    play.say(Event::SessionEnded { job: lead, end: cut() });
    assert!(play.scheduler.ended().is_some());
}

#[test]
fn a_delegate_that_cannot_be_hosted_is_told_and_counts() {
    let (mut play, _, builder) = delegated(policy(1));
    let failure = crate::scheduler::event::Failure { what: "no such program".to_owned(), environment: false };
    play.say(Event::Failed { job: builder, failure });
    assert_eq!(how(&play), Some(Ending::NotStarted("no such program".to_owned())));
    assert_eq!(play.state("a"), TrackState::Working(Role::TeamLead));
}

#[test]
fn a_failure_of_a_delegate_is_told_as_it_is() {
    let (mut play, _, builder) = delegated(policy(1));
    play.say(ended(builder, Some(FailureKind::Crashed)));
    let failure = SessionFailure::new(FailureKind::Crashed, "it broke");
    assert_eq!(how(&play), Some(Ending::Failed(failure)));
}

#[test]
fn a_call_that_is_asked_for_by_a_session_that_is_over_changes_nothing() {
    let (mut play, lead) = lead(policy(1));
    play.end_session("a", None);
    play.ignores(asks(&lead, 1, Role::Builder, story("a")));
    play.ignores(Event::DelegateDropped { job: lead, call: 1 });
}
