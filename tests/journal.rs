//! What the journal promises: a prefix of it is a prefix of the events, damage is found, and a full disk ends nothing.
#![expect(clippy::disallowed_methods, reason = "tests make files and start processes of their own")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use ralph_teams::domain::id::{CommitId, EpicId, RunId, SessionId};
use ralph_teams::journal::record::decode;
use ralph_teams::journal::{Header, Journal, JournalError, RecordFault, Replayed, read};
use ralph_teams::scheduler::event::{Event, Failure, Sign, Stop};
use ralph_teams::scheduler::{Job, Role, Scope, Task};
use tempfile::TempDir;

fn header() -> Header {
    Header::new(RunId::new("20261120-101500-k3f9").expect("a run id"), "1.2.3", "2026-11-20T10:15:00+01:00")
}

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal.jsonl");
    (directory, path)
}

/// Events of different shapes and sizes, with texts that try to look like the journal's own lines.
fn any_event() -> impl Strategy<Value = Event> {
    let job = ("[A-Z]{1,3}", 1_u32..9).prop_map(|(epic, n)| Job {
        scope: Scope::Epic(EpicId::new(&epic).expect("an id")),
        task: Task::Session(Role::TeamLead),
        n,
    });
    let text = prop_oneof![".{0,40}", Just("\"}\n{\"seq\":1,\"at\":0,\"sum\":\"00000000\"}\n".to_owned())];
    prop_oneof![
        Just(Event::Tick),
        Just(Event::StopAsked { how: Stop::Graceful }),
        job.clone().prop_map(|job| Event::Active { job, sign: Sign::Tool }),
        (job.clone(), "[a-z0-9]{1,20}").prop_map(|(job, session)| Event::SessionIdentified {
            job,
            session: SessionId::new(&session).expect("an id"),
        }),
        (job.clone(), prop::collection::vec(text.clone(), 0..3))
            .prop_map(|(job, files)| Event::Conflicted { job, files }),
        job.clone().prop_map(|job| Event::LoopMoved { job, tip: CommitId::new(&"a".repeat(40)).ok() }),
        (job, text).prop_map(|(job, what)| Event::Failed { job, failure: Failure { what, environment: false } }),
    ]
}

fn write(path: &Path, events: &[Event]) -> Vec<(u64, Event)> {
    let mut journal = Journal::create(path, &header()).expect("created");
    let timed: Vec<(u64, Event)> = events.iter().cloned().enumerate().map(|(n, event)| (n as u64 * 7, event)).collect();
    for (at, event) in &timed {
        journal.append(*at, event).expect("appended");
    }
    timed
}

fn header_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte == b'\n').expect("a line") + 1
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_prefix_of_a_journal_replays_to_a_prefix_of_its_events(events in prop::collection::vec(any_event(), 0..6)) {
        let (_directory, path) = place();
        let events = write(&path, &events);
        let bytes = fs::read(&path).expect("read");
        let mut longest = 0;
        for cut in 0..=bytes.len() {
            let found = decode(&bytes[..cut]);
            if cut < header_len(&bytes) {
                prop_assert_eq!(found, Err(RecordFault::NoHeader));
                continue;
            }
            let found = found.expect("a prefix can be read");
            prop_assert_eq!(&found.events[..], &events[..found.events.len()]);
            prop_assert!(found.events.len() >= longest);
            longest = found.events.len();
            let whole = bytes[..cut].ends_with(b"\n");
            prop_assert_eq!(found.torn.is_none(), whole);
        }
        prop_assert_eq!(longest, events.len());
    }

    #[test]
    fn any_change_of_one_byte_is_found(
        events in prop::collection::vec(any_event(), 1..6),
        at in any::<prop::sample::Index>(),
        change in 1_u8..,
    ) {
        let (_directory, path) = place();
        let events = write(&path, &events);
        let mut bytes = fs::read(&path).expect("read");
        let last_line = bytes[..bytes.len() - 1].iter().rposition(|&byte| byte == b'\n').expect("a line") + 1;
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        fs::write(&path, &bytes).expect("written");
        match Journal::open(&path) {
            // The last record is taken for a torn write: it is given up, and that is said.
            Ok((_, Replayed { events: found, torn, .. })) => {
                prop_assert!(at >= last_line, "byte {at} was not missed");
                prop_assert!(torn.is_some());
                prop_assert_eq!(&found[..], &events[..events.len() - 1]);
            }
            Err(fault) => {
                prop_assert!(matches!(fault, JournalError::Faulty { .. }), "{fault}");
                prop_assert_eq!(fs::read(&path).expect("read"), bytes, "nothing is changed");
            }
        }
    }
}

#[test]
fn a_torn_tail_is_saved_and_cut_off_and_the_journal_goes_on() {
    let (directory, path) = place();
    let events = write(&path, &[Event::Tick, Event::StopAsked { how: Stop::Now }]);
    for n in 1..=2 {
        let whole = fs::read(&path).expect("read");
        fs::write(&path, [&whole[..], b"{\"seq\":3,\"at\""].concat()).expect("written");
        let (journal, replayed) = Journal::open(&path).expect("opened");
        drop(journal);
        let torn = replayed.torn.expect("a torn tail");
        let saved = torn.saved.expect("a file");
        assert_eq!(saved, directory.path().join(format!("journal.torn-{n}")));
        assert_eq!(fs::read(saved).expect("read"), b"{\"seq\":3,\"at\"");
        assert_eq!(fs::read(&path).expect("read"), whole);
    }
    let (mut journal, _) = Journal::open(&path).expect("opened");
    journal.append(99, &Event::Tick).expect("appended");
    let all = read(&path).expect("read").events;
    assert_eq!(all, [events, vec![(99, Event::Tick)]].concat());
}

#[test]
fn a_reader_beside_a_live_run_changes_nothing() {
    let (directory, path) = place();
    write(&path, &[Event::Tick]);
    let bytes = [fs::read(&path).expect("read"), b"{\"seq\":2".to_vec()].concat();
    fs::write(&path, &bytes).expect("written");
    let replayed = read(&path).expect("read");
    assert_eq!((replayed.events.len(), replayed.torn.map(|torn| torn.saved)), (1, Some(None)));
    assert_eq!(fs::read(&path).expect("read"), bytes);
    assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 1);
}

#[test]
fn a_journal_is_never_begun_over_another() {
    let (_directory, path) = place();
    let events = write(&path, &[Event::Tick]);
    assert!(matches!(Journal::create(&path, &header()), Err(JournalError::Disk { .. })));
    assert_eq!(read(&path).expect("read").events, events);
}

#[test]
fn a_fault_names_the_file_and_the_line_and_what_to_do() {
    let (_directory, path) = place();
    write(&path, &[Event::Tick, Event::Tick, Event::Tick]);
    let text = fs::read_to_string(&path).expect("read").replacen("\"at\":7", "\"at\":8", 1);
    fs::write(&path, text).expect("written");
    let message = Journal::open(&path).expect_err("damaged").to_string();
    for part in ["journal.jsonl", "line 3", "nothing was changed", "begin a new run"] {
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
}

/// Set for the child of the next test: the journal that it must fill.
const FILL: &str = "RALPH_TEST_FILL_JOURNAL";

#[test]
fn fills_a_journal_when_it_is_the_child_of_the_next_test() {
    let Some(path) = std::env::var_os(FILL) else { return };
    let (mut journal, _) = Journal::open(Path::new(&path)).expect("opened");
    let mut taken = 0;
    while journal.append(taken, &Event::Tick).is_ok() {
        taken += 1;
        assert!(taken < 100_000, "the limit on the file's size does not work");
    }
    // It was no single bad write: there is still no room, and nothing gets worse.
    journal.append(taken, &Event::Tick).expect_err("still no room");
}

#[test]
fn a_disk_that_is_full_in_truth_leaves_a_journal_that_goes_on_when_there_is_room() {
    let (_directory, path) = place();
    write(&path, &[]);
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", "fills_a_journal_when_it_is_the_child_of_the_next_test"])
        .env(FILL, &path)
        .output()
        .expect("started");
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    let (mut journal, replayed) = Journal::open(&path).expect("opened");
    assert_eq!(replayed.torn, None);
    assert!(replayed.events.len() > 10, "{}", replayed.events.len());
    journal.append(0, &Event::Tick).expect("room again");
    assert_eq!(read(&path).expect("read").events.len(), replayed.events.len() + 1);
}
