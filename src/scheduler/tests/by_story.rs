//! What is known of an epic's consumption by story: which sessions count for one, and that the parts are all of it.

use super::delegate::{asks, consumed, story};
use super::play::{Play, epic, policy, scope};
use crate::domain::plan::Epic;
use crate::domain::role::Role;
use crate::domain::usage::{ByStory, Usage};
use crate::scheduler::event::{Event, SessionEnd};
use crate::scheduler::fresh::track_of;
use crate::scheduler::job::{Job, Task};

fn tokens(output_tokens: u64) -> Usage {
    Usage { output_tokens, ..Usage::default() }
}

fn lead(epic: &str) -> (Play, Job) {
    let mut play = Play::new(&[epic], policy(1));
    play.prepare("a");
    let lead = play.session("a");
    (play, lead)
}

/// A session works for the lead on its first story, or on all of them, and consumes this.
fn delegates(play: &mut Play, lead: &Job, call: u32, role: Role, first_story: bool, end: SessionEnd) {
    play.say(asks(lead, call, role, if first_story { story("a") } else { None }));
    let job = play.job(&scope("a"), Task::Session(role));
    play.say(Event::SessionEnded { job, end });
}

/// What the view says, which is what the verdict says.
fn told(play: &Play) -> ByStory {
    let verdict = play.scheduler.run.as_ref().expect("a run").verdict();
    let view = play.scheduler.view().expect("a view");
    assert_eq!(view.epics[0].usage_by_story, verdict.epics[0].usage_by_story);
    assert_eq!(view.epics[0].usage_by_story.total(), view.epics[0].usage);
    verdict.epics[0].usage_by_story.clone()
}

fn of_the_first(usage: Usage) -> std::collections::BTreeMap<crate::domain::id::StoryId, Usage> {
    [(story("a").expect("one"), usage)].into()
}

#[test]
fn sessions_that_were_delegated_for_a_story_count_for_it_and_their_lead_of_two_for_none() {
    let (mut play, lead) = lead("a*2");
    assert_eq!(told(&play), ByStory::default());
    delegates(&mut play, &lead, 1, Role::Builder, true, consumed(7));
    delegates(&mut play, &lead, 2, Role::StoryValidator, true, consumed(5));
    assert_eq!(told(&play), ByStory { alone: of_the_first(tokens(12)), shared: None });
    delegates(&mut play, &lead, 3, Role::Builder, false, consumed(20));
    delegates(&mut play, &lead, 4, Role::EpicValidator, false, consumed(30));
    play.say(Event::SessionEnded { job: lead, end: consumed(100) });
    assert_eq!(told(&play), ByStory { alone: of_the_first(tokens(12)), shared: Some(tokens(150)) });
}

#[test]
fn a_lead_with_one_story_to_do_counts_for_it_with_all_who_work_for_it() {
    let (mut play, lead) = lead("a");
    delegates(&mut play, &lead, 1, Role::Builder, false, consumed(7));
    play.say(Event::SessionEnded { job: lead, end: consumed(100) });
    assert_eq!(told(&play), ByStory { alone: of_the_first(tokens(107)), shared: None });
}

#[test]
fn a_delegate_of_which_nobody_knows_what_it_consumed_leaves_a_lower_bound_and_never_nothing() {
    let (mut play, lead) = lead("a*2");
    let unknown = SessionEnd { usage: Usage::UNKNOWN, ..consumed(0) };
    delegates(&mut play, &lead, 1, Role::Builder, true, unknown);
    assert!(!told(&play).alone[&story("a").expect("one")].knows_tokens());
    delegates(&mut play, &lead, 2, Role::StoryValidator, true, consumed(5));
    assert_eq!(told(&play).alone, of_the_first(tokens(5).plus(Usage::UNKNOWN)));
}

#[test]
fn with_one_story_left_by_earlier_runs_only_who_judges_the_whole_epic_counts_for_none() {
    let mut epic: Epic = epic("a*2");
    epic.user_stories[1].passes = true;
    let mut track = track_of(&epic, 1, &policy(1));
    track.count(Role::EpicPlanner, None, tokens(1));
    track.count(Role::TeamLead, None, tokens(2));
    track.count(Role::Resolver, None, tokens(4));
    track.count(Role::EpicValidator, None, tokens(8));
    assert_eq!(track.by_story, ByStory { alone: of_the_first(tokens(7)), shared: Some(tokens(8)) });
}

#[test]
fn an_epic_that_begins_again_has_consumed_nothing_for_any_story() {
    let (mut play, lead) = lead("a");
    play.say(Event::ResetAsked { epic: super::epic_id("a") });
    play.say(Event::SessionEnded { job: lead, end: consumed(9) });
    let job = play.job(&scope("a"), Task::Abandon);
    play.say(Event::Abandoned { job, saved: vec![], kept: None });
    assert_eq!(told(&play), ByStory::default());
    assert_eq!(play.scheduler.view().expect("a view").usage, tokens(9));
}
