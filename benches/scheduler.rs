//! How long the state machine takes to decide, and to draw the picture of a run.

mod support;

use divan::Bencher;
use ralph_teams::scheduler::{Event, Scheduler};
use support::life::{self, Events};

fn main() {
    divan::main();
}

/// The events of a run up to the first sign of life of a session.
fn up_to_a_sign(n_epics: usize) -> (Events, Event) {
    let mut events = life::events(n_epics, 1);
    let first = events.iter().position(|(_, event)| matches!(event, Event::Active { .. })).expect("a sign of life");
    events.truncate(first + 1);
    let (_, sign) = events.pop().expect("it");
    (events, sign)
}

/// A whole run, from its first event to its verdict.
#[divan::bench(args = [10, 100, 1_000], sample_count = 10)]
fn whole_run(bencher: Bencher<'_, '_>, n_epics: usize) {
    let events = life::events(n_epics, 0);
    bencher.bench(|| {
        let mut scheduler = Scheduler::default();
        for (at, event) in divan::black_box(&events) {
            scheduler.handle(*at, event);
        }
        scheduler
    });
}

/// The event that comes most often.
#[divan::bench(args = [10, 1_000])]
fn sign_of_life(bencher: Bencher<'_, '_>, n_epics: usize) {
    let (before, sign) = up_to_a_sign(n_epics);
    let mut scheduler = life::fold(&before);
    bencher.bench_local(move || scheduler.handle(1_000_000, divan::black_box(&sign)));
}

/// The picture that screens get once a second and with each notice.
#[divan::bench(args = [10, 100, 1_000])]
fn view(bencher: Bencher<'_, '_>, n_epics: usize) {
    let (before, _) = up_to_a_sign(n_epics);
    let scheduler = life::fold(&before);
    bencher.bench(|| scheduler.view());
}
