//! Transition tests of the notes that agents leave for each other.

use super::play::{Play, ended, epic_id, policy, scope};
use crate::domain::note::{Note, NoteKind};
use crate::domain::policy::{FinalValidation, Policy};
use crate::scheduler::command::ToldNote;
use crate::scheduler::event::Event;
use crate::scheduler::notes::MOST_NOTES_OF_ONE;
use crate::scheduler::{Role, Scope, Task};

fn note(text: &str) -> Note {
    Note::new(NoteKind::Convention, text).expect("a note")
}

#[test]
fn a_note_is_told_to_the_sessions_after_it_and_to_no_validator() {
    let validation = Some(FinalValidation { max_fix_cycles: 0 });
    let mut play = Play::new(&["a", "b"], Policy { final_validation: validation, ..policy(1) });
    play.prepare("a");
    assert_eq!(play.ask_of(&scope("a")).notes, []);
    let job = play.session("a");
    play.say(Event::Noted { job: job.clone(), note: note("ids are lower case") });
    play.say(Event::Noted { job: job.clone(), note: note("ids are lower case") });
    play.say(ended(job.clone(), None));
    play.ignores(Event::Noted { job, note: note("too late") });
    play.check("a", true, 0);
    play.merge("a", 7);
    play.prepare("b");
    assert_eq!(play.ask_of(&scope("b")).notes, [ToldNote { by: scope("a"), note: note("ids are lower case") }]);
    play.end_session("b", None);
    play.check("b", true, 0);
    play.merge("b", 8);
    assert_eq!(play.ask_of(&Scope::Run).notes, [], "a validator judges by itself");
}

#[test]
fn one_agent_cannot_fill_the_state_with_notes() {
    let mut play = Play::new(&["a", "b"], policy(2));
    play.prepare("a");
    let job = play.session("a");
    for n in 0..3 * MOST_NOTES_OF_ONE {
        play.say(Event::Noted { job: job.clone(), note: note(&format!("note {n}")) });
    }
    play.prepare("b");
    let told = play.ask_of(&scope("b")).notes;
    assert_eq!((told.len(), told[0].note.text.as_str()), (MOST_NOTES_OF_ONE, "note 0"));
}

#[test]
fn a_note_is_a_sign_of_life_and_survives_a_resume() {
    let mut play = Play::new(&["a"], Policy { idle_timeout_ms: Some(100), ..policy(1) });
    play.prepare("a");
    let job = play.session("a");
    play.at = 60;
    play.say(Event::Noted { job, note: note("it takes long") });
    assert_eq!(play.scheduler.next_deadline(), Some(160));
    play.open.clear();
    play.say(Event::Resumed { policy: Box::new(policy(1)) });
    assert_eq!(play.ask_of(&scope("a")).notes.len(), 1);
    assert!(play.open.iter().any(|command| command.job().task == Task::Session(Role::TeamLead)));
}

#[test]
fn an_epic_that_begins_again_takes_its_notes_along() {
    let mut play = Play::new(&["a", "b"], policy(2));
    for name in ["a", "b"] {
        play.prepare(name);
        let job = play.session(name);
        play.say(Event::Noted { job, note: note(&format!("of {name}")) });
    }
    let job = play.session("a");
    play.say(Event::ResetAsked { epic: epic_id("a") });
    play.say(ended(job, None));
    let job = play.job(&scope("a"), Task::Abandon);
    play.say(Event::Abandoned { job, saved: vec![], kept: None });
    play.prepare("a");
    assert_eq!(play.ask_of(&scope("a")).notes, [ToldNote { by: scope("b"), note: note("of b") }]);
}
