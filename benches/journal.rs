//! How long it takes to come back from a journal, and to write to one.

#![expect(clippy::disallowed_methods, reason = "a benchmark makes its own files")]

mod support;

use divan::Bencher;
use ralph_teams::domain::id::RunId;
use ralph_teams::journal::{Header, Journal, read, record};
use ralph_teams::scheduler::{Event, Scheduler};
use support::life::{self, Events};

fn main() {
    divan::main();
}

/// Epics of the run, and signs of life of each session: 100,000 events, mostly `Active`, as after some days of work.
const N_EPICS: usize = 100;
const N_SIGNS: usize = 989;

fn header() -> Header {
    Header::new(RunId::new("20261120-101500-k3f9").expect("a run id"), "1.0.0", "2026-11-20T10:15:00Z")
}

/// The bytes of a journal that holds these events.
fn bytes_of(events: &Events) -> Vec<u8> {
    let mut bytes = record::header_line(&header()).expect("a line");
    for (n, (at, event)) in events.iter().enumerate() {
        bytes.extend(record::record_line(n as u64 + 1, *at, event).expect("a line"));
    }
    bytes
}

/// Reading, verifying, decoding and folding 100,000 events, from the file to the state. The goal is 100 ms.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn fold_100_000_events(bencher: Bencher<'_, '_>) {
    let events = life::events(N_EPICS, N_SIGNS);
    assert!((99_000..101_000).contains(&events.len()), "{} events", events.len());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.jsonl");
    std::fs::write(&path, bytes_of(&events)).expect("written");
    bencher.bench(|| {
        let replayed = read(&path).expect("a journal");
        let mut scheduler = Scheduler::default();
        for (at, event) in &replayed.events {
            scheduler.handle(*at, event);
        }
        assert!(scheduler.ended().is_some());
        scheduler
    });
}

/// Of that, all but the folding.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn read_100_000_events(bencher: Bencher<'_, '_>) {
    let bytes = bytes_of(&life::events(N_EPICS, N_SIGNS));
    bencher.bench(|| record::decode(divan::black_box(&bytes)).expect("a journal").events.len());
}

/// One event written and synced: what the disk takes.
#[divan::bench(sample_count = 50, sample_size = 1)]
fn append_with_sync(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::create(&folder.path().join("journal.jsonl"), &header()).expect("a journal");
    bencher.bench_local(|| journal.append(1, &Event::Tick).expect("written"));
}
