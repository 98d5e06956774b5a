//! `ralph-teams watch` on real runs: one that is over, one that lives in another process, and one that was killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::emulator::Emulator;
use crate::pty::{How, Pty};

/// Protects against a hang; nothing takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run of the demo in a folder of its own.
struct Run {
    folder: tempfile::TempDir,
    runner: Child,
}

impl Run {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runner = program(folder.path(), folder.path(), &["demo", "demo", "--ui", "json"]);
        let run = Self { folder, runner };
        until("the run began", || run.current().join("journal.jsonl").is_file());
        run
    }

    fn finished() -> Self {
        let mut run = Self::start();
        assert_eq!(run.runner.wait().expect("it ends").code(), Some(0));
        run
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("demo")
    }

    fn current(&self) -> PathBuf {
        self.repository().join(".ralph-teams/current")
    }

    /// A command of this program on a terminal, in the environment in which the run began.
    fn on_a_terminal(&self, args: &[&str], variables: &[(&str, &str)]) -> Pty {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ralph-teams"));
        command.args(args).env("HOME", self.folder.path()).env("XDG_STATE_HOME", self.folder.path().join("state"));
        command.envs(variables.iter().copied());
        Pty::start(command, &self.repository(), How::Own)
    }

    fn watch(&self) -> Watched {
        Watched { pty: Pty::ralph(&self.repository(), &["watch"]), screen: Emulator::new(120, 40), seen: 0 }
    }

    /// The last line of the first session of an epic.
    fn last_words(&self, epic: &str) -> String {
        let logs = std::fs::read_dir(self.current().join("logs")).expect("logs").flatten().map(|entry| entry.path());
        let is_wanted = |log: &PathBuf| {
            let name = log.file_name().expect("a name").to_string_lossy().into_owned();
            name.starts_with(epic) && name.ends_with(".team-lead.1.log")
        };
        let log = logs.into_iter().find(is_wanted).expect("it had a session");
        std::fs::read_to_string(log).expect("a log").lines().last().expect("it said something").to_owned()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.runner.kill();
        let _ = self.runner.wait();
    }
}

fn program(home: &Path, directory: &Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_ralph-teams"))
        .args(args)
        .current_dir(directory)
        .env("HOME", home)
        .env("XDG_STATE_HOME", home.join("state"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}: it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A screen that watches.
struct Watched {
    pty: Pty,
    screen: Emulator,
    /// Bytes that the screen was fed with.
    seen: usize,
}

impl Watched {
    /// Waits until the screen is as wanted; its text then.
    fn shows(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let new = self.pty.printed_soon(self.seen, Duration::from_millis(200));
            self.screen.feed(&new);
            self.seen += new.len();
            let text = self.screen.text();
            if wanted(&text) {
                return text;
            }
            assert!(Instant::now() < end, "{what}: it never came:\n{text}");
        }
    }

    fn shows_text(&mut self, text: &str) -> String {
        self.shows(text, |screen| screen.contains(text))
    }

    /// Leaves, and all is as it was.
    fn leave(mut self, keys: &[u8]) {
        self.pty.press(keys);
        assert_eq!(self.pty.exit_code(), Some(0));
        self.pty.assert_modes_are_back();
    }
}

#[test]
fn a_replay_holds_what_was_said_and_a_step_back_holds_less() {
    let run = Run::finished();
    let last = run.last_words("epic-001");
    let mut watched = run.watch();
    watched.shows_text("replay");
    // The transcript of the first epic, over the whole screen.
    watched.pty.press(b"f\r");
    watched.shows_text(&last);
    watched.pty.press(b"[".repeat(400).as_slice());
    watched.shows("the first event", |screen| screen.contains("event 1 of ") && !screen.contains(&last));
    watched.pty.press(b".");
    watched.shows_text(&last);
    watched.leave(b"q");
}

#[test]
fn a_jump_to_a_failure_lands_on_the_red_gate() {
    let run = Run::finished();
    let mut watched = run.watch();
    watched.shows_text("replay");
    watched.pty.press(b"[".repeat(400).as_slice());
    watched.shows_text("event 1 of ");
    let mut found = String::new();
    // The conflict may come first.
    for _ in 0..6 {
        let before = position(&watched.screen.text());
        watched.pty.press(b"}");
        found = watched.shows("the next failure", |screen| position(screen) != before);
        if found.contains("gate nothing-broken is red") {
            break;
        }
    }
    assert!(found.contains("gate nothing-broken is red"), "{found}");
    assert!(!found.contains("6 of 6 epics merged"), "what came later is not told yet:\n{found}");
    watched.leave(b"q");
}

fn position(screen: &str) -> Option<String> {
    let behind = screen.split("event ").nth(1)?;
    behind.split(" of ").next().filter(|number| number.parse::<usize>().is_ok()).map(str::to_owned)
}

#[test]
fn a_run_in_another_process_is_followed_to_its_end() {
    let mut run = Run::start();
    let mut watched = run.watch();
    watched.shows_text("watching");
    watched.shows_text("rehearsal · no model, nothing is asked");
    let card = ["verdict: pass", "6 of 6 epics merged", "report.md"];
    watched.shows("the card at the end", |screen| card.iter().all(|text| screen.contains(text)));
    assert_eq!(run.runner.wait().expect("it ends").code(), Some(0));
    watched.leave(b"q");
}

#[test]
fn a_run_that_was_killed_is_shown_as_gone_and_followed_when_it_is_resumed() {
    let mut run = Run::start();
    let mut watched = run.watch();
    watched.shows_text("working");
    run.runner.kill().expect("killed");
    run.runner.wait().expect("gone");
    watched.shows_text("its runner is gone");
    watched.shows_text("ralph-teams resume 2");
    run.runner = program(run.folder.path(), &run.repository(), &["resume", "--ui", "json"]);
    watched.shows_text("watching");
    watched.shows_text("verdict: pass");
    assert_eq!(run.runner.wait().expect("it ends").code(), Some(0));
    watched.leave(b"q");
}

#[test]
fn a_run_that_is_resumed_shows_what_was_proven_before() {
    let mut run = Run::start();
    let progress = run.repository().join(".ralph-teams/progress.txt");
    until("an epic is merged", || {
        std::fs::read_to_string(&progress).is_ok_and(|told| told.contains("done: merged as"))
    });
    run.runner.kill().expect("killed");
    run.runner.wait().expect("gone");
    let mut resumed = Watched { pty: run.on_a_terminal(&["resume"], &[]), screen: Emulator::new(120, 40), seen: 0 };
    resumed.shows_text("/6 merged");
    resumed.pty.press(b"4");
    // A page is drawn from its top: while something of the one before is there, the end of this one is not.
    let is_whole = |screen: &str| screen.contains("no verdict yet: ") && !screen.contains("loop branch at");
    let verdict = resumed.shows("the page of the verdict", is_whole);
    assert!(verdict.contains("proven by commit"), "{verdict}");
    assert!(!verdict.contains("│     merged as"), "of what is merged it is known what proves it:\n{verdict}");
    resumed.shows_text("the run is over");
    resumed.leave(b"q");
}

#[test]
fn a_terminal_that_cannot_show_a_screen_is_told_so_and_gets_no_screen() {
    let run = Run::finished();
    let mut pty = run.on_a_terminal(&["watch"], &[("TERM", "dumb")]);
    pty.wait_for("TERM is dumb; `ralph-teams status` tells the same without one", 0);
    assert_eq!(pty.exit_code(), Some(2));
    assert!(!pty.printed(0).contains('\u{1B}'), "{:?}", pty.printed(0));
}
