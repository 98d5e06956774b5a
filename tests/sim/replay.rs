//! A failure as a file: saved when an invariant breaks, told event by event and played again later.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use ralph_teams::scheduler::{Event, Scheduler};
use serde::{Deserialize, Serialize};

use crate::driver::{Failure, Strike, fold, play};
use crate::generate::Setup;

/// A saved failure.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Saved {
    seed: u64,
    invariant: String,
    what: String,
    step: usize,
    strikes: Vec<Strike>,
    journal: Vec<(u64, Event)>,
}

/// Saves a failure in the temp folder; the text tells people what happened and how to see it again.
pub fn save(seed: u64, strikes: &[Strike], failure: &Failure) -> String {
    let saved = Saved {
        seed,
        invariant: failure.violation.invariant.to_owned(),
        what: failure.violation.what.clone(),
        step: failure.step,
        strikes: strikes.to_vec(),
        journal: failure.journal.clone(),
    };
    let text = serde_json::to_string_pretty(&saved).expect("events can be written");
    let written = tempfile::Builder::new().prefix(&format!("ralph-sim-{seed}-")).suffix(".json").tempfile();
    let path = written.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.into_temp_path().keep().map_err(|kept| kept.error)
    });
    let shown = path.map_or_else(|error| format!("(not saved: {error})"), |path| path.display().to_string());
    format!(
        "invariant {}: {}; seed {seed}, step {}, strikes {strikes:?}; RALPH_SIM_REPLAY={shown} cargo test --test sim replay",
        saved.invariant, saved.what, saved.step
    )
}

#[test]
fn replay_tells_a_saved_failure_event_by_event() {
    let Some(path) = std::env::var_os("RALPH_SIM_REPLAY").map(PathBuf::from) else { return };
    let text = std::fs::read_to_string(&path).expect("the saved failure can be read");
    let saved: Saved = serde_json::from_str(&text).expect("it is a saved failure");
    let mut scheduler = Scheduler::default();
    for (step, (at, event)) in saved.journal.iter().enumerate() {
        let output = scheduler.handle(*at, event);
        println!("{step} at {at}: {event:?}");
        output.commands.iter().for_each(|command| println!("    -> {command:?}"));
    }
    println!("saved: {} at step {}: {}", saved.invariant, saved.step, saved.what);
    if let Err(failure) = play(&Arc::new(Setup::of(saved.seed)), &saved.strikes) {
        panic!("still: {} at step {}: {}", failure.violation.invariant, failure.step, failure.violation.what);
    }
}

#[test]
fn a_journal_that_was_saved_folds_to_the_same_state() {
    let ended = play(&Arc::new(Setup::of(3)), &[]);
    let journal = ended.map_or_else(|failure| failure.journal, |ended| ended.journal);
    let text = serde_json::to_string(&journal).expect("events can be written");
    let read: Vec<(u64, Event)> = serde_json::from_str(&text).expect("events can be read");
    assert_eq!(read, journal);
    assert!(fold(&read) == fold(&journal));
}
