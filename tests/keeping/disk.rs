//! A disk that runs full, on file systems of a few megabytes. Mounting them needs root; the tests say so otherwise.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ralph_teams::domain::id::RunId;
use ralph_teams::journal::{self, Header, Journal};
use ralph_teams::scheduler::Event;

use crate::scene::{Scene, eventually};

/// A small file system in memory; unmounted when dropped.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// `None`, and a word about it, where mounting is not allowed.
    fn at(path: PathBuf, options: &str) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        if mount(&path, options) {
            return Some(Self { path });
        }
        eprintln!("skipped: a small file system can be mounted only by root");
        None
    }

    /// Takes all room but what less than a page needs; the file that takes it.
    fn fill(&self) -> PathBuf {
        let file = self.path.join("filler");
        let mut filler = std::fs::File::create(&file).unwrap();
        let block = [b'x'; 4096];
        while std::io::Write::write_all(&mut filler, &block).is_ok() {}
        file
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.path).stderr(Stdio::null()).status();
    }
}

fn mount(path: &Path, options: &str) -> bool {
    let mut command = Command::new("mount");
    command.args(["-t", "tmpfs", "-o", options, "ralph-test"]).arg(path).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn events(scene: &Scene) -> Vec<Event> {
    let Some(run) = scene.state().newest() else { return Vec::new() };
    let journal = journal::read(&scene.state().run(&run).journal());
    journal.map_or_else(|_| Vec::new(), |replayed| replayed.events.into_iter().map(|(_, event)| event).collect())
}

#[test]
fn a_run_waits_while_the_disk_of_its_worktrees_has_too_little_room_and_goes_on_after() {
    let scene = Scene::new(&["A"]);
    let Some(disk) = SmallDisk::at(scene.repo.worktrees(), "size=8m") else { return };
    let yaml = format!("policy: {{ minFreeMb: 32 }}\nworktrees: {{ dir: {:?} }}\n", disk.path.display().to_string());
    scene.configure(&yaml, "{}");
    let run = scene.start(&["run", "--rehearse", "--ui", "plain"]);
    eventually("it says so", || {
        events(&scene).iter().any(|event| matches!(event, Event::DiskLow { .. })).then_some(())
    });
    eventually("the base is proven", || {
        events(&scene).iter().any(|event| matches!(event, Event::Opened { .. })).then_some(())
    });
    assert!(!events(&scene).iter().any(|event| matches!(event, Event::Prepared { .. })));
    assert!(scene.out(&["logs", "--tail", "1"]).contains("nothing new starts"));
    assert!(mount(&disk.path, "remount,size=128m"));
    let ended = run.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stdout));
    assert!(events(&scene).contains(&Event::DiskOk));
}

#[test]
fn a_journal_on_a_full_disk_is_written_on_with_its_reserve() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::at(folder.path().join("disk"), "size=1m") else { return };
    let path = disk.path.join("journal.jsonl");
    let header = Header::new(RunId::new("r1").unwrap(), "1", "now");
    let mut journal = Journal::create(&path, &header).unwrap();
    disk.fill();
    let written = (0..1_000).take_while(|at| journal.append(*at, &Event::Tick).is_ok()).count();
    assert!(written < 1_000, "the disk is full");
    assert!(journal.release_reserve());
    (0..200).for_each(|at| journal.append(at, &Event::Tick).unwrap());
    assert!(!journal.release_reserve());
    assert_eq!(journal::read(&path).unwrap().events.len(), written + 200);
}

#[test]
fn a_disk_that_is_full_stops_the_run_so_that_it_can_be_resumed() {
    let scene = Scene::new(&["A", "B"]);
    std::fs::create_dir_all(scene.state().path()).unwrap();
    let Some(disk) = SmallDisk::at(scene.state().path().join("runs"), "size=4m") else { return };
    scene.configure(
        "policy: { minFreeMb: 0 }\nexecution: { epicPlanning: false, epicValidation: false, backend: rehearsal }\n",
        r#"{ "pause_ms": 1500 }"#,
    );
    let run = scene.start(&["run", "--rehearse", "--ui", "plain"]);
    eventually("a session", || {
        let run_dir = scene.state().run(&scene.state().newest()?);
        let sessions = ralph_teams::effects::session_record::SessionRecord::all(&run_dir);
        sessions.first().map(|_| ())
    });
    let journal = scene.run_dir().journal();
    // The page that the journal ends in has room left, and a full disk is met only behind it.
    let filler = disk.fill();
    let ended = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    let code = ended.status.code();
    assert_eq!(code, Some(4), "{said}");
    journal::read(&journal).unwrap();
    std::fs::remove_file(filler).unwrap();
    let resumed = scene.ralph(&["resume", "--ui", "plain"]);
    assert_eq!(resumed.code, Some(0), "{}{}", resumed.out, resumed.err);
}
