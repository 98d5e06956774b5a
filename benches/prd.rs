//! How long it takes to read, check and edit a PRD.

mod support;

use divan::Bencher;
use ralph_teams::domain::id::EpicId;
use ralph_teams::domain::outcome::{PrdState, Status};
use ralph_teams::domain::prd;

fn main() {
    divan::main();
}

/// Reading and checking; five stories an epic. The goal for 1,000 epics is 5 ms.
#[divan::bench(args = [10, 100, 1_000])]
fn check(bencher: Bencher<'_, '_>, n_epics: usize) {
    let text = support::prd::text(n_epics);
    bencher.bench(|| prd::check(divan::black_box(text.as_bytes())).is_ok());
}

/// Writing one epic's end into the file's text, as after each merge.
#[divan::bench(args = [10, 100, 1_000])]
fn write_one_epic(bencher: Bencher<'_, '_>, n_epics: usize) {
    let text = support::prd::text(n_epics);
    let id = EpicId::new(&support::prd::epic_id(n_epics / 2)).expect("an epic id");
    let states = [PrdState { epic: id, status: Status::Completed, stories: Vec::new() }];
    bencher.bench(|| prd::apply(divan::black_box(&text), &states).is_ok());
}
